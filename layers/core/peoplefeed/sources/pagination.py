"""The ways in which HR systems hand out their records in pages, as a manifest describes them."""

from typing import Annotated, Literal

from pydantic import Field

from peoplefeed.sources.parts import Part, Path
from peoplefeed.sources.request import Header


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
    next: Path | None = None
    """Where the page holds the token or the address of the next one."""
    header: Header | None = None
    """The header of the answer that holds it instead, like X-Next-Cursor."""
    param: str | None = None
    """The parameter that takes the token; without it `next` is an address to follow."""
    total: Path | None = None
    """Where each page says how many records there are in all."""


class Numbered(Part):
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


class PageNumber(Numbered):
    """Pages are counted."""

    type: Literal["page"]
    param: str = "page"
    """The parameter that takes the page's number."""
    first: int = 1
    """The number of the first page."""
    size_param: str | None = None
    """The parameter that takes `size`."""


class Offset(Numbered):
    """Records are counted from 0."""

    type: Literal["offset"]
    param: str = "offset"
    """The parameter that takes the number of records to skip."""
    size_param: str | None = "limit"
    """The parameter that takes `size`."""


class StartIndex(Numbered):
    """Records are counted from 1, as SCIM 2.0 does (RFC 7644, 3.4.2.4)."""

    type: Literal["start-index"]
    param: str = "startIndex"
    """The parameter that takes the number of the first record wanted."""
    size_param: str | None = "count"
    """The parameter that takes `size`."""
    total: Path | None = "totalResults"
    """Where each page says how many records there are in all."""


class ContentRange(Part):
    """Each answer says in the header `Content-Range` which records it holds, of how many (`items 0-99/250`)."""

    type: Literal["content-range"]
    size: int = Field(100, ge=1, le=10_000)
    """How many records to ask for at once."""
    unit: str = Field("items", pattern=r"^[A-Za-z-]*$")
    """What the header `Range: items=0-99` counts; empty for systems that want `Range: 0-99`."""
    param: str | None = None
    """The parameter that takes the number of records to skip, where the system does not read the header `Range`."""
    size_param: str | None = None
    """The parameter that takes `size`, beside `param`."""


type AnyPaginator = NoPages | LinkHeader | Cursor | PageNumber | Offset | StartIndex | ContentRange

Paginator = Annotated[AnyPaginator, Field(discriminator="type")]
