"""What an HR system is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from urllib3 import BaseHTTPResponse

WHOLE, NOTHING, PARTIAL, NOT_MODIFIED = 200, 204, 206, 304
IF_NONE_MATCH = "If-None-Match"
_LONGEST_ETAG = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Whatever its method, it changes nothing and may be repeated."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as it came. `url` is where links in it start from; `body` is empty where it went to a sink."""

    url: str
    body: bytes
    content_type: str
    link: str | None = None
    partial: bool = False
    content_range: str | None = None
    beyond: bool = False
    """There is no such page: no content, or a range that begins behind the last record (RFC 9110, 15.5.17)."""
    etag: str | None = None
    unchanged: bool = False
    """It is what it was when it had the ETag that we asked with (RFC 9110, 13.1.2)."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def answer_of(call: Call, response: BaseHTTPResponse, *, beyond: bool) -> Answer:
    """Return what the head of a response says."""
    headers = response.headers
    return Answer(
        url=call.url,
        body=b"",
        content_type=headers.get("Content-Type", ""),
        link=headers.get("Link"),
        partial=response.status == PARTIAL,
        content_range=headers.get("Content-Range"),
        beyond=beyond,
        etag=_etag(headers.get("ETag")),
        unchanged=response.status == NOT_MODIFIED,
        headers=headers,
    )


def _etag(text: str | None) -> str | None:
    """Return an ETag that can be sent back."""
    return text if text and text.isascii() and text.isprintable() and len(text) <= _LONGEST_ETAG else None
