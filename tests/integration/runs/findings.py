"""How things stand in a world: what an administrator would find there, and how it was come by."""

from typing import Any

from peoplefeed.model import Hold
from peoplefeed.storage.holds import find_holds
from tests.integration.runs.company import TENANT
from tests.worlds.world import World

# When something happened may differ from one way of getting there to another; what happened may not.
_MOMENTS = frozenset(
    {
        "at",
        "attempts",
        "compared_at",
        "due",
        "expires",
        "finished_at",
        "first_seen",
        "last_seen",
        "left_at",
        "planned_at",
        "planner",
        "planning_until",
        "registered_at",
        "resolved_at",
        "seen_sk",
        "story_sk",
    }
)


def runs(world: World) -> list[tuple[int, str]]:
    items = world.items(world.names.directory_table)
    return [(item["number"], item["state"]) for item in items if item["sk"].startswith("RUN#")]


def run_item(world: World, number: int) -> dict[str, Any]:
    key = f"RUN#{number:010d}"
    return next(item for item in world.items(world.names.directory_table) if item["sk"] == key)


def next_number(world: World) -> int:
    items = world.items(world.names.directory_table)
    return next((item["next"] for item in items if item["sk"] == "META"), 1)


def holds(world: World) -> list[Hold]:
    return find_holds(world.deployment, TENANT)


def people(world: World) -> dict[str, dict[str, object]]:
    found = [item for item in world.items(world.names.directory_table) if item["sk"] == "U" and "active" in item]
    return {str(item["external_id"]): item for item in found}


def active(world: World) -> set[str]:
    return {who for who, item in people(world).items() if item["active"]}


def references(world: World) -> dict[str, str]:
    """Sort key to name of the reference data."""
    kinds = ("JOB#", "DEP#", "UNIT#")
    items = world.items(world.names.directory_table)
    return {item["sk"]: item["name"] for item in items if item["sk"].startswith(kinds) and "name" in item}


def entries(world: World, number: int) -> list[dict[str, object]]:
    prefix = f"T#{TENANT}#L#{number:010d}"
    found = [item for item in world.items(world.names.feed_log_table) if item["pk"].startswith(prefix)]
    return [item for item in found if "repeats" not in item]


def codes(world: World, number: int) -> list[str]:
    return sorted(str(entry["code"]) for entry in entries(world, number) if "code" in entry)


def problems(world: World) -> list[dict[str, object]]:
    return [item for item in world.items(world.names.feed_log_table) if "#Q#" in item["pk"]]


def still_open(world: World) -> list[dict[str, object]]:
    return [problem for problem in problems(world) if "open_pk" in problem]


def open_codes(world: World) -> list[str]:
    return sorted(str(problem["code"]) for problem in still_open(world))


def open_now(world: World) -> list[tuple[str, str]]:
    return sorted((str(problem["external_id"]), str(problem["code"])) for problem in still_open(world))


def story(world: World, who: str) -> list[dict[str, object]]:
    return [item for item in world.items(world.names.feed_log_table) if item.get("story_pk", "").endswith(f"#{who}")]


def directory_reads(world: World, since: int) -> int:
    """Requests to the Directory table that look at people."""
    looked = 0
    for call in world.faults.log[since:]:
        if call.operation == "batch_get_item":
            looked += sum(len(part["Keys"]) for part in call.request["RequestItems"].values())
    return looked


def timeless(world: World) -> dict[str, list[dict[str, Any]]]:
    """Both tables, without when things happened."""
    return {
        table: [{name: value for name, value in item.items() if name not in _MOMENTS} for item in world.items(table)]
        for table in (world.names.directory_table, world.names.feed_log_table)
    }
