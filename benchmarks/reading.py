"""What reading costs, against `csv.reader` alone on the same file (design, section 10).

Usage: `uv run python benchmarks/reading.py [ROWS]`. Rounds are interleaved and count CPU time; a budget is missed
only if the smallest of the rounds' ratios exceeds it. Exit code 1 then.
"""

import csv
import io
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from peoplefeed.model import FeedKind
from peoplefeed.readers import open_feed
from peoplefeed.readers.columns import COLUMNS

ROUNDS = 7
ROWS = 50_000
HEADER = [column.name for column in COLUMNS[FeedKind.EMPLOYEES]]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way of writing the same table."""

    name: str
    encoding: str = "utf-8"
    quoting: int = csv.QUOTE_MINIMAL
    title: str = "Head Waiter"
    budget: float = 1.5


LAYOUTS = (
    Layout("UTF-8"),
    Layout("cp1252", encoding="cp1252"),
    Layout("UTF-16", encoding="utf-16"),
    Layout("a quoted cell", title="Head Waiter, Bar"),
    Layout("all quoted", quoting=csv.QUOTE_ALL),
    # Two lines a row, put together again: no budget was set for a file in which every row is like that.
    Layout("two-line cells", title="Head\nWaiter", budget=float("inf")),
)


def table(rows: int, title: str) -> Iterator[list[str]]:
    """Yield made-up employees."""
    for number in range(rows):
        person = [str(100_000 + number), "José", "García Pérez", f"jose.garcia{number}@hotel-sol.example", title]
        yield [*person, "Food & Beverage", f"BU-{number % 90}", "Active", "24/03/2019", "employee"]


def write(path: Path, layout: Layout, rows: int) -> None:
    """Write the table as one layout has it."""
    with path.open("w", encoding=layout.encoding, newline="") as file:
        writer = csv.writer(file, quoting=layout.quoting)  # type: ignore[arg-type] # any of the module's constants
        writer.writerow(HEADER)
        writer.writerows(table(rows, layout.title))


def floor(path: Path, layout: Layout) -> None:
    """Do what every reader must: decode, and tell the cells apart."""
    with path.open(encoding=layout.encoding, newline="") as file:
        for _ in csv.reader(file):
            pass


def unchanged(path: Path, known: set[bytes]) -> int:
    """Read a feed whose rows are known, file to verdict; return how many are not."""
    changed = 0
    with path.open("rb") as file:
        reader = open_feed(file, kind=FeedKind.EMPLOYEES)
        salted = blake2b(reader.salt, digest_size=16)
        for row in reader.rows():
            fingerprint = salted.copy()
            fingerprint.update(row.raw)
            changed += fingerprint.digest() not in known
    return changed


def parsed(path: Path) -> None:
    """Read a feed in which every row is new, file to cells."""
    with path.open("rb") as file:
        reader = open_feed(file, kind=FeedKind.EMPLOYEES)
        for row in reader.rows():
            reader.cells(row)


def fingerprints(path: Path) -> set[bytes]:
    """Return what the last run of a feed left behind."""
    reader = open_feed(io.BytesIO(path.read_bytes()), kind=FeedKind.EMPLOYEES)
    return {blake2b(reader.salt + row.raw, digest_size=16).digest() for row in reader.rows()}


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one round."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(path: Path, layout: Layout, rows: int) -> bool:
    """Print one layout's figures; return whether it stays within its budget."""
    write(path, layout, rows)
    known = fingerprints(path)
    if unchanged(path, known):
        raise SystemExit(f"{layout.name}: rows that did not change were taken for changed ones.")
    rounds = [
        (seconds(lambda: floor(path, layout)), seconds(lambda: unchanged(path, known)), seconds(lambda: parsed(path)))
        for _ in range(ROUNDS)
    ]
    same = [ours / base for base, ours, _ in rounds]
    new = [ours / base for base, _, ours in rounds]
    base = min(base for base, _, _ in rounds) / rows * 1e6
    print(
        f"{layout.name:16} csv.reader {base:5.2f} µs a row   unchanged x {median(same):.2f} (min {min(same):.2f})   "
        f"file to cells x {median(new):.2f} (min {min(new):.2f})"
    )
    return min(same) <= layout.budget


def main() -> int:
    """Measure every layout."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with TemporaryDirectory() as folder:
        kept = [measure(Path(folder, "feed.csv"), layout, rows) for layout in LAYOUTS]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
