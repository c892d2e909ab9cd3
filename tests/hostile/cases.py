"""A file of a campaign, and the tables that files are made of."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

type Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A file. `expected` are the cells of all rows of the sound one, if the others must come out unharmed.

    `damaged` is the index of the row that was damaged, `pieces` how many rows it may have become at most.
    """

    mutation: str
    data: bytes
    options: Mapping[str, Any] = field(default_factory=dict)
    expected: Sequence[Cells] | None = None
    damaged: int | None = None
    pieces: int = 1


COLUMNS = {
    "External Identifier": "external_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Job Title": "job_title",
    "Status": "status",
    "Start Date": "start_date",
}

_CELLS = (
    "Chef",
    "Head Waiter",
    "José «Pepe»",
    "O'Hara",
    "a;b",
    "a,b",
    "a|b",
    "a\tb",
    'say "hi"',
    "Straße",
    "two\nlines",
)


def people(chance: random.Random) -> list[list[str]]:
    """Return a table of made-up employees, accents in every row, without header."""
    return [
        [
            str(100 + number),
            "José",
            f"Muñoz {number}",
            f"jose{number}@hotel.example",
            chance.choice(_CELLS),
            *_rest(chance),
        ]
        for number in range(chance.randint(3, 24))
    ]


def _rest(chance: random.Random) -> list[str]:
    return [chance.choice(("Active", "Inactive", "")), chance.choice(("", "01/03/2024", "1/3/2024"))]


def cells_of(table: Sequence[Sequence[str]]) -> list[Cells]:
    """Return what a reader must make of a table."""
    return [dict(zip(COLUMNS.values(), row, strict=True)) for row in table]
