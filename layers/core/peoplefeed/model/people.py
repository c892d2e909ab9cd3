"""People and reference data as the directory holds them."""

from dataclasses import dataclass

from peoplefeed.model.feed import FeedKind

type Position = str

_NUMBER_DIGITS = 10
_ROW_DIGITS = 8


def position_of(age: str, number: int, row: int) -> Position:
    """Return where a row stands in a tenant's history: age, run number, row, comparable as a string (3.10)."""
    return f"{age}#{number:0{_NUMBER_DIGITS}d}#{row:0{_ROW_DIGITS}d}"


def age_of(position: Position) -> str:
    """Return the age that a position was made from."""
    return position.split("#", 1)[0]


def run_and_row_of(position: Position) -> tuple[int, int]:
    """Return the run number and the row that a position was made from."""
    _, number, row = position.rsplit("#", 2)
    return int(number), int(row)


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of a tenant, as the rules see them.

    `email` is the address as given; who it belongs to is decided by its key (2.4). `*_wanted` hold a
    reference that does not exist yet, to be filled in when it appears (4.3, 4.4). `source` is the owner
    (3.13), None for people whom nobody but administrators uploaded. `start_date` is ISO 8601.
    """

    external_id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    job_title: str | None = None
    department: str | None = None
    business_unit_id: str | None = None
    active: bool = True
    start_date: str | None = None
    profile: str = "employee"
    products: tuple[str, ...] = ("mapal-one",)
    source: str | None = None
    department_wanted: str | None = None
    business_unit_wanted: str | None = None

    @property
    def name(self) -> str | None:
        """First and last name, None where neither is known (3.9)."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


@dataclass(frozen=True, slots=True)
class Record:
    """An employee together with what the directory knows of their history.

    `email_key` is that of their address (2.4). `version` counts the changes; `ever_active` says whether they are
    the learning platform's business at all (8.1).
    """

    employee: Employee
    version: int
    position: Position
    email_key: str | None = None
    ever_active: bool = True

    @property
    def held_key(self) -> str | None:
        """The key of the address that this employee claims: only the active do (3.4, 3.7)."""
        return self.email_key if self.employee.active else None


@dataclass(frozen=True, slots=True)
class Reference:
    """A job title, department or business unit. `key` is the name, or a unit's feed ID (4.1, 4.4).

    `aliases` are names that it had before, which feeds may go on using (4.6).
    """

    kind: FeedKind
    key: str
    name: str
    aliases: tuple[str, ...] = ()
