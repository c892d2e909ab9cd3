"""What people see: tables on standard output, progress on standard error.

Values come from customers' files. They are shown as text, never as markup, and control characters are made
visible, so that no name can move the cursor of a terminal.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from command.api import Item
from peoplefeed.model import Outcome, Purpose, empty_counts

SHOWN = 200

_WIDE = 180
_MOST_RAW = 1000
_COLOURS = {"error": "red", "warning": "yellow", "finished": "green", "failed": "red", "held": "yellow"}


def output() -> Console:
    """Return where results go; a pipe is wide, so that nothing is cut off there."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDE, highlight=False)


def notes() -> Console:
    """Return where progress and remarks go."""
    return Console(file=sys.stderr, stderr=True, highlight=False)


def cell(value: object) -> Text:
    """Return a value as text that does nothing but show itself."""
    shown = "" if value is None else str(value)
    visible = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in shown)
    return Text(visible, style=_COLOURS.get(visible, ""))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a plain table of values."""
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold", justify="right" if column in _NUMBERS else "left")
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


_NUMBERS = {"row", "run", "number", "rows", "changed", "seen", "received", "how many", "people"}


def counts(run: Item) -> Table:
    """Return what became of the rows of a run (1.6)."""
    given = empty_counts() | (run.get("counts") or {})
    shown = [(name, number) for name, number in given.items() if number or name == "received"]
    return table("Counts", ("outcome", "rows"), shown)


def problems(entries: Iterable[Item]) -> Table:
    """Return what someone should mend, as found in one run."""
    rows = [(e["row"] or "", e["external_id"], e["severity"], e["code"], advice(e)) for e in entries]
    return table("Problems", ("row", "external ID", "severity", "code", "what and why"), rows)


def advice(entry: Item) -> str:
    """Return the sentence of an entry, with what was probably meant (4.5)."""
    message = entry.get("message") or ""
    if not entry.get("suggestion"):
        return message
    stop = "" if message.endswith((".", "!", "?")) else "."  # the rules' own sentences have none
    return f"{message}{stop} Did you mean '{entry['suggestion']}'?"


def runs(found: Iterable[Item]) -> Table:
    """Return the runs of a tenant."""
    columns = ("number", "feed of", "source", "kind", "mode", "state", "received", "what became of the rows")
    return table("Runs", columns, (_run_row(run) for run in found))


def _run_row(run: Item) -> tuple[object, ...]:
    if folded := run.get("folded"):
        return _numbers(folded), *("",) * 6, "nothing changed"
    became = ", ".join(f"{number} {name}" for name, number in run["counts"].items() if number and name != "received")
    why = f"{run['error']['code']}: {run['error']['message']}" if run["error"] else became
    feed = (moment(run["age"]), run["source"], run["kind"], run["mode"])
    return run["number"], *feed, _state(run), run["counts"]["received"], why


def _state(run: Item) -> str:
    """Return how a run stands, and what it was for where that was not to apply a feed that came."""
    purpose = "simulated" if run["simulate"] else run["purpose"].replace("-", " ")
    if purpose == Purpose.DELIVERY:
        return str(run["state"])
    link = "after" if purpose == Purpose.RETRY else "of"
    return f"{run['state']} ({purpose} {link} {run['of']})" if run["of"] else f"{run['state']} ({purpose})"


def _numbers(folded: Item) -> str:
    first, last = folded["from"], folded["to"]
    return str(first) if first == last else f"{first} to {last}"


def employees(found: Iterable[Item]) -> Table:
    """Return the directory."""
    columns = ("external ID", "name", "e-mail", "job title", "department", "unit", "active", "started", "profile")
    return table("Employees", columns, (_employee_row(person) for person in found))


def _employee_row(person: Item) -> tuple[object, ...]:
    name = " ".join(part for part in (person["first_name"], person["last_name"]) if part)
    place = (person["job_title"], person["department"], person["business_unit_id"])
    active = "yes" if person["active"] else "no"
    return person["external_id"], name, person["email"], *place, active, person["start_date"], person["profile"]


def glance(lines: Iterable[Item]) -> Table:
    """Return what should be mended, one line for each code and value found."""
    columns = ("severity", "code", "found", "did you mean", "people", "since", "last seen", "seen", "who", "what to do",
               "for example")  # fmt: skip
    return table("Problems", columns, (_glance_row(line) for line in lines))


def _glance_row(line: Item) -> tuple[object, ...]:
    found = _with_its_spaces(line["source"] if line["value"] is None else line["value"])
    people, examples = line["people"] or "", ", ".join(line["examples"])
    times = (moment(line["first_seen"]), moment(line["last_seen"]), line["occurrences"])
    suggestion, who, remedy = line["suggestion"], line["mender"], line["remedy"]
    return line["severity"], line["code"], found, suggestion, people, *times, who, remedy, examples


def _with_its_spaces(value: str | None) -> str | None:
    """Return a name in quotes if spaces that nobody sees are a part of it (4.1)."""
    return f"'{value}'" if value and value != " ".join(value.split()) else value


def log(entries: Iterable[Item]) -> Table:
    """Return entries of the feed log."""
    columns = ("at", "run", "row", "external ID", "outcome", "code", "what happened", "seen", "resolved", "delivered")
    return table("Feed log", columns, (_log_row(entry) for entry in entries))


def _log_row(entry: Item) -> tuple[object, ...]:
    place = (moment(entry["at"]), entry["run"], entry["row"] or "", entry["external_id"])
    only_changed = entry["outcome"] == Outcome.UPDATED and not entry["code"]
    what = (entry["outcome"], entry["code"], (only_changed and changes(entry)) or advice(entry))
    times = (moment(entry["resolved_at"]), moment(entry["delivered_at"]))
    return *place, *what, entry["occurrences"] or "", *times


def holds(found: Iterable[Item]) -> Table:
    """Return what safeguards hold back."""
    columns = ("ID/version", "source", "safeguard", "since", "runs", "why", "would do", "for example")
    return table("Held", columns, (_hold_row(hold) for hold in found))


def _hold_row(hold: Item) -> tuple[object, ...]:
    would = ", ".join(f"{number} {outcome}" for outcome, number in hold["would"].items())
    runs = ", ".join(map(str, hold["runs"]))
    seen = f"{hold['id']}/{hold['version']}"
    whose = (hold["source"], hold["safeguard"])
    return seen, *whose, moment(hold["since"]), runs, hold["message"], would, "; ".join(hold["examples"])


def settings(found: Iterable[Item]) -> Table:
    """Return the settings of a tenant."""
    rows = [(one["name"], _written(one["value"]), _written(one["default"]), one["description"]) for one in found]
    return table("Settings", ("key", "value", "default", "meaning"), rows)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def simulated(entries: Iterable[Item]) -> Table:
    """Return what rows would have done, old to new (1.9)."""
    rows = [(e["row"] or "", e["external_id"], e["name"], e["outcome"], changes(e)) for e in entries]
    return table("What would happen", ("row", "external ID", "name", "outcome", "changes"), rows)


def sources(found: Iterable[Item]) -> Table:
    """Return the HR systems of a tenant."""
    columns = ("name", "kind", "address", "every", "state", "last poll", "next poll", "trouble since")
    return table("Sources", columns, (_source_row(source) for source in found))


def _polls(number: int) -> str:
    return "1 poll" if number == 1 else f"{number} polls"


def _source_row(source: Item) -> tuple[object, ...]:
    every = f"{source['poll_every_minutes']} min" if source["poll_every_minutes"] else ""
    times = (moment(source["last_poll"]), moment(source["next_poll"]))
    trouble = source["trouble"]
    since = f"{moment(trouble['since'])} {trouble['code']}, {_polls(trouble['failures'])}" if trouble else ""
    return source["name"], source["kind"], source["base_url"], every, source["state"], *times, since


def samples(preview: Item) -> Table:
    """Return a few records: as they came, what the manifest makes of them, and whether that is valid."""
    columns = ("row", "as it came", "mapped", "valid")
    return table("Records", columns, (_sample_row(record) for record in preview["records"]))


def _sample_row(record: Item) -> tuple[object, ...]:
    raw = record["raw"]
    came = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
    shown = came if len(came) <= _MOST_RAW else f"{came[:_MOST_RAW]}…"
    mapped = ", ".join(f"{field}: {text or '(blank)'}" for field, text in record["mapped"].items())
    verdict = " ".join(["yes" if record["valid"] else "NO", *(problem["message"] for problem in record["problems"])])
    return record["row"], shown, mapped, verdict


def waiting(examples: Iterable[Item]) -> Table:
    """Return who has waited longest for the learning platform, and why."""
    columns = ("external ID", "why", "since", "times tried", "sent again")
    rows = [
        (one["external_id"], one["reason"], moment(one["since"]), one["attempts"], moment(one["due"]))
        for one in examples
    ]
    return table("Longest waiting for the learning platform", columns, rows)


def changes(entry: Item) -> str:
    """Return what a row changed, old to new."""
    return "; ".join(f"{field}: {_told(old)} → {_told(new)}" for field, (old, new) in entry["changes"].items())


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else "(none)"


def moment(iso: str | None) -> str:
    """Return a time as people of this place read it."""
    if not iso:
        return ""
    return f"{datetime.fromisoformat(iso).replace(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def show_list(shape: Callable[[list[Item]], Table], items: Iterator[Item], limit: int | None) -> None:
    """Print the first items as a table, and whether there are more."""
    most = limit or SHOWN
    shown = list(islice(items, most))
    console = output()
    console.print(shape(shown) if shown else "There is nothing to show.")
    if next(items, None) is not None:
        console.print(f"These are the first {most}; there are more (--limit N, or --json for all of them).")
