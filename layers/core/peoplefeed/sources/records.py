"""An HR system's answers as lines of a feed: the records as they came, page after page."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from peoplefeed.sources.http import Answer, Client
from peoplefeed.sources.links import next_link
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.paginators import Page, Position, advance, look_up, query_of
from peoplefeed.sources.trouble import malformed


def pages_of(manifest: SourceManifest, client: Client) -> Iterator[tuple[int, bytes]]:
    """Yield each page's number of records and their lines. Ends only when nothing is missing.

    Raises:
        SourceTrouble: the poll cannot see the whole.
    """
    at: Position | None = Position()
    url = client.address(manifest.request.path, manifest.request.query | query_of(manifest.paginator, Position()))
    while at is not None:
        answer = client.get(url)
        document = _document(answer, manifest.encoding)
        records = _records(manifest, document)
        lines = _lines(records)
        yield len(records), lines
        page = Page(len(records), _digest(lines), document, next_link(answer.link), answer.partial)
        at = advance(manifest.paginator, at, page)
        if at is not None:
            url = _next_url(manifest, client, answer, at)


def _next_url(manifest: SourceManifest, client: Client, answer: Answer, at: Position) -> str:
    if at.link is not None:
        return client.same_origin(answer.url, at.link)
    return client.address(manifest.request.path, manifest.request.query | query_of(manifest.paginator, at))


def _document(answer: Answer, encoding: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read JSON: UTF-8 (or UTF-16, UTF-32), else the source's own encoding (2.8)."""
    try:
        try:
            return json.loads(answer.body)
        except UnicodeDecodeError:
            return json.loads(answer.body.decode(encoding))
    except (ValueError, RecursionError) as error:
        kind = answer.content_type.partition(";")[0].strip() or "something"
        raise malformed(f"it answers with {kind[:60]!r} that is not JSON.") from error


def _records(manifest: SourceManifest, document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    found = look_up(manifest.records, document)
    if found is None and _has_nothing(manifest.paginator.total, document):
        return []  # RFC 7644, 3.4.2: `Resources` may be missing where there are none
    if not isinstance(found, list):
        raise malformed(f"there is no list of records at '{manifest.records}'.")
    if not all(isinstance(record, dict) for record in found):
        raise malformed(f"the list at '{manifest.records}' holds something other than records.")
    return found


def _has_nothing(total: str | None, document: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    return total is not None and look_up(total, document) == 0


def _lines(records: list[dict[str, Any]]) -> bytes:
    try:
        return b"".join(map(_line, records))
    except RecursionError as error:
        raise malformed("a record is nested too deeply.") from error


def _line(record: dict[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        return f"{json.dumps(record, separators=(',', ':'))}\n".encode()


def _digest(lines: bytes) -> str:
    return hashlib.blake2b(lines, digest_size=8).hexdigest()
