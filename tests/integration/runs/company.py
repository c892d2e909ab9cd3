"""A small company and what happens to it in one feed: something of everything."""

from typing import Any

from tests.worlds.world import World

TENANT = "acme"
HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Department,Status\n"
PROFILES = HEADER.replace("Status", "User Profile")


def line(external_id: str, email: str = "", title: str = "Chef", **more: str) -> str:
    first, last = more.get("first", "Ana"), more.get("last", "Sol")
    return f"{external_id},{first},{last},{email},{title},{more.get('department', '')},{more.get('status', '')}\n"


ZOE = line("E40", "zoe@x.es", first="Zoe", last="Zed")


def founded(people: int = 120, **options: Any) -> World:
    """A world in which a company with some people exists; its next feed is run 3."""
    world = World(**options)
    world.put_feed(TENANT, "Name\nChef\nWaiter\n", kind="job-titles")
    world.put_feed(TENANT, HEADER + "".join(line(f"E{n}", f"p{n}@x.es") for n in range(people)))
    world.run_until_quiet()
    return world


def eventful_feed() -> str:
    """200 rows about the 120 people and some more: every outcome, chains, swaps, rings and quarrels."""
    rows = [line(f"E{n}", f"p{n}@x.es") for n in range(20)]  # unchanged
    rows += [line(f"E{n}", f"p{n}@x.es", title="Waiter") for n in range(20, 40)]  # plain updates
    rows += [line(f"E{n}", f"p{n + 1 if n % 2 == 0 else n - 1}@x.es") for n in range(40, 50)]  # swaps
    rows += [line(f"E{n}", f"p{n + 1}@x.es") for n in range(50, 60)]  # a chain, ending at E60
    rows += [line(f"N{n}", f"p{n}@x.es") for n in range(70, 80)]  # newcomers with addresses of leavers below
    rows += [line("E60", "new60@x.es")]
    rows += [line(f"E{n}", f"p{n}@x.es", status="Inactive") for n in range(70, 80)]
    rows += [line(f"E{80 + n}", f"p{80 + (n + 1) % 8}@x.es") for n in range(8)]  # a ring of 8
    rows += [line(f"E{n}", "p100@x.es") for n in range(90, 93)]  # quarrels: E100 stays
    rows += [line(f"N{n}", f"n{n}@x.es", title="Nobody's") for n in range(10)]  # parked
    rows += [line(f"N{n}", f"n{n}@x.es", department="Bar") for n in range(10, 20)]  # warned about
    rows += [line(f"N{n}", "broken") for n in range(20, 30)] + [line("", f"x{n}@x.es") for n in range(5)]  # rejected
    rows += [line("N30", "n30@x.es", title="Waiter"), line("N30", "n30@x.es")]  # overwritten
    rows += ['N31,"stray,Sol,,Chef,,\n']
    rows += [line(f"N{n}", f"n{n}@x.es") for n in range(100, 100 + 200 - len(rows))]  # newcomers
    return HEADER + "".join(rows)


def renamed(count: int, start: int = 0) -> list[str]:
    return [line(f"E{n}", f"p{n}@x.es", last="Luz") for n in range(start, start + count)]


def leaving(count: int, start: int = 0) -> list[str]:
    return [line(f"E{n}", f"p{n}@x.es", status="Inactive") for n in range(start, start + count)]
