"""How an HR system hands out its records in pages, and when a poll has seen them all.

The logic is pure: a `Position` and the page found there give the next position. A position is a few short
values whatever the number of pages, so that a poll could be put down and taken up again. Whatever hints
that records were missed ends the poll: an incomplete full feed would make leavers of those who are missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jmespath

from peoplefeed.sources.pagination import (
    AnyPaginator,
    ContentRange,
    Cursor,
    LinkHeader,
    NoPages,
    Numbered,
    Offset,
    PageNumber,
    StartIndex,
)
from peoplefeed.sources.selection import UNFIT
from peoplefeed.sources.trouble import incomplete, malformed

_CONTENT_RANGE = re.compile(r"\s*(?:[A-Za-z-]+\s+)?(?:(\d{1,12})-(\d{1,12})|\*)/(?:(\d{1,12})|\*)\s*")


@dataclass(frozen=True, slots=True)
class Page:
    """What the paginator needs of a page: how many records, what they are (a digest), and what stands around them."""

    count: int
    digest: str
    document: Any
    link: str | None = None
    partial: bool = False
    content_range: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a poll stands. `cursor` or `link` lead to the next page; digests tell pages that repeat.

    Of this page, `within` records have their details already, and `done` is a digest of who they are.
    """

    number: int = 0
    seen: int = 0
    total: int | None = None
    pages: int | None = None
    cursor: str | None = None
    link: str | None = None
    previous: str = ""
    mark: str = ""
    within: int = 0
    done: str = ""


def parameters_of(paginator: AnyPaginator, at: Position) -> dict[str, str | int]:
    """Return the parameters that ask for the page at a position."""
    match paginator:
        case PageNumber():
            return {paginator.param: paginator.first + at.number} | _size(paginator)
        case Offset() | ContentRange(param=str()):
            return {str(paginator.param): at.seen} | _size(paginator)
        case StartIndex():
            return {paginator.param: at.seen + 1} | _size(paginator)
        case Cursor(param=str(param)) if at.cursor is not None:
            return {param: at.cursor}
        case _:
            return {}


def headers_of(paginator: AnyPaginator, at: Position) -> dict[str, str]:
    """Return the headers that ask for the page at a position (RFC 9110, 14.2)."""
    match paginator:
        case ContentRange(param=None, unit=unit, size=size):
            wanted = f"{at.seen}-{at.seen + size - 1}"
            return {"Range": f"{unit}={wanted}" if unit else wanted}
        case _:
            return {}


def _size(paginator: PageNumber | Offset | StartIndex | ContentRange) -> dict[str, str | int]:
    return {paginator.size_param: paginator.size} if paginator.size_param and paginator.size else {}


def advance(paginator: AnyPaginator, at: Position, page: Page) -> Position | None:
    """Return where the page after this one is, None if this was the last and nothing is missing.

    Raises:
        SourceTrouble: the page shows that records were missed or will be.
    """
    here = _arrived(paginator, at, page)
    match paginator:
        case NoPages():
            _refuse_more(page)
            following = None
        case LinkHeader():
            following = replace(here, link=page.link) if page.link else None
        case Cursor():
            following = _after_cursor(paginator, at, here, page)
        case ContentRange():
            here = replace(here, total=_range_total(paginator, at, page))
            following = here if page.count and (here.total is None or here.seen < here.total) else None
        case _:
            following = here if _more(paginator, here, page) else None
    if following is None and here.total is not None and here.seen < here.total:
        raise incomplete(f"it says that it has {here.total} records and sent {here.seen}.")
    return following


def _arrived(paginator: AnyPaginator, at: Position, page: Page) -> Position:
    """Count the page in. A page seen before means that the one in its place was not sent."""
    if page.count and page.digest in {at.previous, at.mark}:
        raise incomplete(f"page {at.number + 1} repeats an earlier one.")
    number = at.number + 1
    # Brent's cycle finding: the mark moves at powers of two, so every cycle is found and nothing piles up.
    mark = page.digest if number.bit_count() == 1 else at.mark
    pages = paginator.pages if isinstance(paginator, Numbered) else None
    total = None if isinstance(paginator, ContentRange) else paginator.total
    return Position(
        number,
        at.seen + page.count,
        total=_count(total, page, at.total, "records"),
        pages=_count(pages, page, at.pages, "pages"),
        previous=page.digest,
        mark=mark,
    )


def _count(path: str | None, page: Page, before: int | None, what: str) -> int | None:
    """Read how much there is. Less than a page ago means that what followed has moved up, past the poll."""
    if path is None:
        return None
    found = look_up(path, page.document)
    try:
        now = int(found) if not isinstance(found, bool) else None
    except (TypeError, ValueError):
        now = None
    if now is None:
        raise malformed(f"there is no number of {what} at '{path}'.")
    return _not_fewer(before, now, what)


def _not_fewer(before: int | None, now: int, what: str) -> int:
    if before is not None and now < before:
        raise incomplete(f"the number of {what} shrank from {before} to {now} between two pages.")
    return now


def _range_total(paginator: ContentRange, at: Position, page: Page) -> int | None:
    """Read how many records there are, and see that these are the ones that were asked for."""
    found = _CONTENT_RANGE.fullmatch(page.content_range or "")
    if found is None:
        if at.number or page.partial or paginator.param:
            raise malformed("it does not say in the header Content-Range which records these are.")
        return page.count  # RFC 9110, 14.2: who does not know ranges answers with everything
    first, last, total = (int(text) if text else None for text in found.groups())
    if first is not None and last is not None and (first, last + 1 - first) != (at.seen, page.count):
        raise incomplete(f"it sent {page.count} records and calls them {first} to {last}; {at.seen} were seen before.")
    return at.total if total is None else _not_fewer(at.total, total, "records")


def _refuse_more(page: Page) -> None:
    if page.link or page.partial:
        raise incomplete("it answers in pages, but the manifest's paginator is 'none'.")


def _after_cursor(paginator: Cursor, at: Position, here: Position, page: Page) -> Position | None:
    place = paginator.header or paginator.next or ""
    found = page.headers.get(place) if paginator.header else look_up(place, page.document)
    if found in (None, "", False):
        return None
    if not isinstance(found, str | int):
        raise malformed(f"there is neither a token nor an address at '{place}'.")
    if str(found) in {at.cursor, at.link}:
        raise incomplete(f"page {here.number} names itself as the next one.")
    return replace(here, cursor=str(found)) if paginator.param else replace(here, link=str(found))


def _more(paginator: Numbered, here: Position, page: Page) -> bool:
    if here.pages is not None:
        more = here.number < here.pages
    elif here.total is not None:
        more = here.seen < here.total
    elif paginator.more is not None:
        more = bool(look_up(paginator.more, page.document))
    elif paginator.stop == "short-page" and paginator.size is not None:
        return page.count >= paginator.size
    else:
        return page.count > 0
    if more and not page.count:
        raise incomplete(f"page {here.number} is empty, but it says that there are more.")
    return more


def look_up(path: str, document: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what an expression finds in an answer.

    Raises:
        SourceTrouble: the expression does not fit the answer.
    """
    try:
        return jmespath.search(path, document)
    except UNFIT as error:
        raise malformed(f"'{path}' does not fit the answer.") from error
