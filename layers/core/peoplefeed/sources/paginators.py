"""How an HR system hands out its records in pages, and when a poll has seen them all.

The logic is pure: a `Position` and the page found there give the next position. A position is a few short
values whatever the number of pages, so that a poll could be put down and taken up again. Whatever hints
that records were missed ends the poll: an incomplete full feed would make leavers of those who are missing.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import Field

from peoplefeed.sources.parts import Part, Path
from peoplefeed.sources.trouble import incomplete, malformed


class NoPages(Part):
    """Everything comes in one answer."""

    type: Literal["none"] = "none"
    total: Path | None = None
    """Where the answer says how many records there are, to compare with what it holds."""


class LinkHeader(Part):
    """The header `Link` names the next page (RFC 8288), as GitHub and json-server do."""

    type: Literal["link-header"]
    total: Path | None = None
    """Where each page says how many records there are in all."""


class Cursor(Part):
    """Each page holds a token or an address of the next one; the last page holds none."""

    type: Literal["cursor"]
    next: Path
    """Where the page holds the token or the address of the next one."""
    param: str | None = None
    """The query parameter that takes the token; without it `next` is an address to follow."""
    total: Path | None = None
    """Where each page says how many records there are in all."""


class _Numbered(Part):
    """Pages that are asked for by a number.

    They end where the first of these says so that is given: `pages`, `total`, `more`, a short page (only if
    `stop` says so), an empty page.
    """

    size: int | None = Field(None, ge=1, le=10_000)
    """How many records a page has at most; sent as `size_param`."""
    pages: Path | None = None
    """Where each page says how many pages there are."""
    total: Path | None = None
    """Where each page says how many records there are in all."""
    more: Path | None = None
    """Where each page says whether there are more."""
    stop: Literal["empty-page", "short-page"] = "empty-page"
    """`short-page` saves a request, but loses people if the system gives fewer records than it was asked for."""


class PageNumber(_Numbered):
    """Pages are counted."""

    type: Literal["page"]
    param: str = "page"
    """The query parameter that takes the page's number."""
    first: int = 1
    """The number of the first page."""
    size_param: str | None = None
    """The query parameter that takes `size`."""


class Offset(_Numbered):
    """Records are counted from 0."""

    type: Literal["offset"]
    param: str = "offset"
    """The query parameter that takes the number of records to skip."""
    size_param: str | None = "limit"
    """The query parameter that takes `size`."""


class StartIndex(_Numbered):
    """Records are counted from 1, as SCIM 2.0 does (RFC 7644, 3.4.2.4)."""

    type: Literal["start-index"]
    param: str = "startIndex"
    """The query parameter that takes the number of the first record wanted."""
    size_param: str | None = "count"
    """The query parameter that takes `size`."""
    total: Path | None = "totalResults"
    """Where each page says how many records there are in all."""


type AnyPaginator = NoPages | LinkHeader | Cursor | PageNumber | Offset | StartIndex

Paginator = Annotated[AnyPaginator, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class Page:
    """What the paginator needs of a page: how many records, what they are (a digest), and what stands around them."""

    count: int
    digest: str
    document: Any
    link: str | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a poll stands. `cursor` or `link` lead to the next page; digests tell pages that repeat."""

    number: int = 0
    seen: int = 0
    total: int | None = None
    pages: int | None = None
    cursor: str | None = None
    link: str | None = None
    previous: str = ""
    mark: str = ""


def query_of(paginator: AnyPaginator, at: Position) -> dict[str, str]:
    """Return the query parameters that ask for the page at a position."""
    match paginator:
        case PageNumber():
            return {paginator.param: str(paginator.first + at.number)} | _size(paginator)
        case Offset():
            return {paginator.param: str(at.seen)} | _size(paginator)
        case StartIndex():
            return {paginator.param: str(at.seen + 1)} | _size(paginator)
        case Cursor(param=str(param)) if at.cursor is not None:
            return {param: at.cursor}
        case _:
            return {}


def _size(paginator: PageNumber | Offset | StartIndex) -> dict[str, str]:
    return {paginator.size_param: str(paginator.size)} if paginator.size_param and paginator.size else {}


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
    pages = paginator.pages if isinstance(paginator, _Numbered) else None
    return Position(
        number,
        at.seen + page.count,
        total=_count(paginator.total, page, at.total, "records"),
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
    if before is not None and now < before:
        raise incomplete(f"the number of {what} shrank from {before} to {now} between two pages.")
    return now


def _refuse_more(page: Page) -> None:
    if page.link or page.partial:
        raise incomplete("it answers in pages, but the manifest's paginator is 'none'.")


def _after_cursor(paginator: Cursor, at: Position, here: Position, page: Page) -> Position | None:
    found = look_up(paginator.next, page.document)
    if found in (None, "", False):
        return None
    if not isinstance(found, str | int):
        raise malformed(f"there is neither a token nor an address at '{paginator.next}'.")
    if str(found) in {at.cursor, at.link}:
        raise incomplete(f"page {here.number} names itself as the next one.")
    return replace(here, cursor=str(found)) if paginator.param else replace(here, link=str(found))


def _more(paginator: _Numbered, here: Position, page: Page) -> bool:
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
    except JMESPathError as error:
        raise malformed(f"'{path}' does not fit the answer.") from error
