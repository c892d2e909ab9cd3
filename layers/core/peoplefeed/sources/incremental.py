"""Asking only for what changed: where the last poll ended, and how that is put into a request.

A poll for changes begins a little before the last one ended (look-back), because clocks differ and records are
committed late; whoever comes twice is the same twice. Every few hours a poll asks for everybody all the same.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from peoplefeed.sources.pagination import Paginator
from peoplefeed.sources.parts import Part, Path
from peoplefeed.sources.request import QueryValue, Request

SINCE = "{since}"

_MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138
_NUMBER = re.compile(r"\d{1,16}(?:\.\d+)?")


class Incremental(Part):
    """Full feeds every few hours, and between them feeds of what changed since."""

    query: dict[str, QueryValue] = Field(default_factory=dict)
    """Query parameters that ask for changes, added to those of `request`; `{since}` stands for the time."""
    request: Request | None = None
    """What to ask for changes instead of `request`; `{since}` stands for the time."""
    records: Path | None = None
    """Where an answer holds the list of changed records, if not where `records` says."""
    keyed_by: str | None = None
    """As `keyed_by` of the manifest, for changes."""
    paginator: Paginator | None = None
    """How changes come in pages, if not as `paginator` says."""
    details: Request | None = None
    """What to ask for each changed record that says only who changed; `{id}` stands for the record's `id`."""
    cursor: Path | None = None
    """Where a record says when it was last changed. Without it, changes are asked for since the last poll began."""
    format: Literal["iso", "date", "epoch", "epoch-ms"] = "iso"
    """How `{since}` is written: 2026-11-22T13:20:39Z, 2026-11-22, or seconds or milliseconds since 1970."""
    overlap_minutes: int = Field(10, ge=0, le=7 * 24 * 60)
    """How far before the end of the last poll to begin."""
    full_every_hours: int = Field(24, ge=1, le=31 * 24)
    """How often to ask for everybody."""

    @model_validator(mode="after")
    def _says_since_when(self) -> Self:
        asked = f"{self.query} {self.request.model_dump() if self.request else ''}"
        if SINCE not in asked:
            raise ValueError("put {since} where the HR system wants the time, in a value of query or in request.")
        return self

    def since(self, watermark: datetime) -> str:
        """Return the time to ask for, as the HR system reads it."""
        begin = watermark.astimezone(UTC) - timedelta(minutes=self.overlap_minutes)
        match self.format:
            case "iso":
                return begin.strftime("%Y-%m-%dT%H:%M:%SZ")
            case "date":
                return begin.date().isoformat()
            case "epoch":
                return str(int(begin.timestamp()))
            case "epoch-ms":
                return str(int(begin.timestamp()) * 1000)


def moment_of(value: Any) -> datetime | None:  # noqa: ANN401 - whatever JSON holds
    """Return when a record was changed, None where it does not say: null until the first edit is common.

    Raises:
        ValueError: it says something that is not a time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("not a time")  # noqa: TRY004 - it is the HR system's value that is wrong, not our code
    text = str(value).strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return _from_epoch(number / 1000 if number >= _MILLISECONDS_FROM else number)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _from_epoch(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("not a time") from error


def filled(request: Request, replace: Callable[[str], str]) -> Request:
    """Return a request with its placeholders filled in, wherever a text of it stands."""
    changed = {
        "path": replace(request.path),
        "query": _filled(request.query, replace),
        "body": _filled(request.body, replace),
    }
    return request.model_copy(update=changed)


def _filled(value: Any, replace: Callable[[str], str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    match value:
        case str():
            return replace(value)
        case dict():
            return {name: _filled(inner, replace) for name, inner in value.items()}
        case list():
            return [_filled(inner, replace) for inner in value]
        case _:
            return value
