"""How long the decision about 50,000 changed rows takes, chains and rings of addresses included (budget: 3 s).

`uv run python -m benchmarks.planning [ROWS]` prints the median and the minimum of seven rounds, and the same for
checking the rows alone, which is the floor.
"""

import random
import statistics
import sys
import time

from peoplefeed.model import Employee, FeedKind, Record, Reference, position_of
from peoplefeed.planner.employees import Sheet, plan_employees
from peoplefeed.planner.knowledge import Knowledge, Occasion
from peoplefeed.rules.references import References
from peoplefeed.rules.rows import Candidate, RowSettings, check_row

_ROUNDS = 7
_OCCASION = Occasion(2, "2026-03-01T10:00:00.000Z", "hr", "hr")


def _knowledge(people: int) -> Knowledge:
    position = position_of("2026-02-01T10:00:00.000Z", 1, 1)
    records = {
        f"E{number}": Record(
            Employee(f"E{number}", "Ana", "Sol", f"p{number}@x.es", "Chef"), 1, position, f"p{number}@x.es"
        )
        for number in range(people)
    }
    holders = {record.email_key or "": who for who, record in records.items()}
    return Knowledge(records, holders, references=References.of([Reference(FeedKind.JOB_TITLES, "Chef", "Chef")]))


def _rows(people: int) -> list[dict[str, str]]:
    """Everybody takes the address of somebody else: rings of up to 30, long chains, leavers, quarrels."""
    order = random.Random(7).sample(range(people), people)  # noqa: S311 - the same feed every time
    rows = []
    for place, number in enumerate(order):
        ring, position = divmod(place, 30)
        following = order[min(ring * 30 + (position + 1) % 30, people - 1)] if ring % 3 else order[place - 1]
        rows.append(
            {
                "external_id": f"E{number}",
                "first_name": "Ana",
                "last_name": "Luz",
                "job_title": "Chef",
                "email": f"p{following}@x.es",
                "status": "Inactive" if place % 997 == 0 else "Active",
            }
        )
    return rows


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    knowledge, rows = _knowledge(people), _rows(people)
    checking, planning = [], []
    for _ in range(_ROUNDS):
        began = time.process_time()
        judged = [check_row(number, cells, RowSettings()) for number, cells in enumerate(rows, 1)]
        checked = time.process_time()
        decision = plan_employees(_OCCASION, Sheet([row for row in judged if isinstance(row, Candidate)]), knowledge)
        checking.append(checked - began)
        planning.append(time.process_time() - checked)
    for name, seconds in (("checking", checking), ("planning", planning)):
        print(f"{name:10} median {statistics.median(seconds):.2f} s, minimum {min(seconds):.2f} s")
    print(f"{people} rows: {decision.counts}")


if __name__ == "__main__":
    main()
