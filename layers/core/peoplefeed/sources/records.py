"""An HR system's answers as lines of a feed: the records as they came, page after page."""

import hashlib
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from tempfile import TemporaryFile

from peoplefeed.sources.answers import Record, Spooled, document_of, records_in
from peoplefeed.sources.batches import batches_of
from peoplefeed.sources.exchange import IF_NONE_MATCH, Answer, Call
from peoplefeed.sources.http import Client
from peoplefeed.sources.incremental import moment_of
from peoplefeed.sources.inquiry import Inquiry, details_of
from peoplefeed.sources.links import next_link
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.pagination import NoPages
from peoplefeed.sources.paginators import Page, Position, advance, headers_of, look_up, parameters_of
from peoplefeed.sources.places import with_parameters
from peoplefeed.sources.request import Request
from peoplefeed.sources.trouble import incomplete, malformed


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page, or a part of it: its records that count, when the latest was changed, and where to go on."""

    records: list[Record]
    lines: bytes
    latest: datetime | None
    following: Position | None


def pages_of(manifest: SourceManifest, inquiry: Inquiry, client: Client, at: Position | None) -> Iterator[Fetched]:
    """Yield page after page from a position on. Ends only when nothing is missing.

    Raises:
        SourceTrouble: the poll cannot see the whole.
    """
    at = Position() if at is None else at
    if isinstance(inquiry.paginator, NoPages):
        yield from _only_answer(manifest, inquiry, client, at)
        return
    while at is not None:
        at = yield from _page(manifest, inquiry, client, at)


def whole_call(client: Client, inquiry: Inquiry) -> Call:
    """Return the call for an answer that holds everything; none is sent if it is what we have already."""
    call = call_of(client, inquiry.request)
    return replace(call, headers={**call.headers, IF_NONE_MATCH: inquiry.etag}) if inquiry.etag else call


def call_of(client: Client, request: Request, at: Position | None = None, inquiry: Inquiry | None = None) -> Call:
    """Return the call that a request makes, for a page of an inquiry."""
    at = at or Position()
    paging = parameters_of(inquiry.paginator, at) if inquiry and not at.link else {}
    headers = dict(request.headers) | (headers_of(inquiry.paginator, at) if inquiry else {})
    query, in_body = dict(request.query), dict[str, str | int](client.credentials.body)
    if request.pages_in_body:
        in_body |= paging
    else:
        query |= {name: str(value) for name, value in paging.items()}
    body = with_parameters(request.body or {}, in_body) if in_body else request.body
    if request.method == "POST":
        headers = {"Content-Type": "application/json"} | headers
    content = None if body is None else json.dumps(body).encode()
    return Call(at.link or client.address(request.path, query), request.method, headers, content)


def _page(
    manifest: SourceManifest, inquiry: Inquiry, client: Client, at: Position
) -> Generator[Fetched, None, Position | None]:
    """Yield a page, in parts if its records have details; the generator's own value is where the next page is."""
    answer = client.send(call_of(client, inquiry.request, at, inquiry))
    document = None if answer.beyond else document_of(answer, manifest.encoding)
    found = [] if answer.beyond else records_in(inquiry, document, manifest.error)
    page = Page(
        count=len(found),
        digest=_digest(_lines(found)),
        document=document,
        link=next_link(answer.link),
        partial=answer.partial,
        content_range=answer.content_range,
        headers=answer.headers,
    )
    following = _absolute(client, answer, at, advance(inquiry.paginator, at, page))
    if inquiry.details is None:
        yield replace(_kept(manifest, inquiry, client, found), following=following)
        return following
    for some, here in batches_of(inquiry.details, found, at):
        yield replace(_kept(manifest, inquiry, client, some), following=here)
    yield Fetched([], b"", None, following)
    return following


def _kept(manifest: SourceManifest, inquiry: Inquiry, client: Client, found: list[Record]) -> Fetched:
    """Return the records that count, completed by their details."""
    kept = [_detailed(inquiry, manifest, client, record) for record in found if _counts(manifest, record)]
    return Fetched(kept, client.credentials.redacted(_lines(kept)), _latest(manifest, kept), None)


def _only_answer(manifest: SourceManifest, inquiry: Inquiry, client: Client, at: Position) -> Iterator[Fetched]:
    """Yield the one answer of a system without pages, some records at a time: it may hold all there are."""
    with TemporaryFile() as file:
        answer = client.send(whole_call(client, inquiry), file=file)
        if answer.beyond or answer.unchanged:
            return
        spooled = Spooled(answer, file, manifest.encoding, inquiry, manifest.error)
        count = at.within
        for some, here in batches_of(inquiry.details, spooled.records(client.safety.answer_bytes), at):
            count = here.within
            yield replace(_kept(manifest, inquiry, client, some), following=here if inquiry.details else None)
        page = Page(count, "the only one", spooled.rest, next_link(answer.link), partial=answer.partial)
        advance(inquiry.paginator, Position(), page)


def _absolute(client: Client, answer: Answer, at: Position, following: Position | None) -> Position | None:
    """Return the next position with a link that means the same wherever the poll goes on."""
    if following is None or following.link is None:
        return following
    link = client.same_origin(answer.url, following.link)
    if link == at.link:
        raise incomplete(f"page {following.number} names itself as the next one.")
    return replace(following, link=link)


def _counts(manifest: SourceManifest, record: Record) -> bool:
    """Whether a record is kept. Someone who is gone may lack what the filter looks at."""
    return manifest.filter is None or bool(look_up(manifest.filter, record)) or _is_deleted(manifest, record)


def _is_deleted(manifest: SourceManifest, record: Record) -> bool:
    return manifest.deleted is not None and bool(look_up(manifest.deleted, record))


def _detailed(inquiry: Inquiry, manifest: SourceManifest, client: Client, record: Record) -> Record:
    if inquiry.details is None or _is_deleted(manifest, record):
        return record
    document = document_of(client.send(call_of(client, details_of(inquiry.details, record))), manifest.encoding)
    if not isinstance(document, dict):
        raise malformed("the details of a record are not an object.")
    return document | {key: value for key, value in record.items() if value is not None}


def _latest(manifest: SourceManifest, records: list[Record]) -> datetime | None:
    path = manifest.incremental.cursor if manifest.incremental else None
    if path is None:
        return None
    try:
        moments = [moment_of(look_up(path, record)) for record in records]
    except ValueError as error:
        raise malformed(f"a record has something at '{path}' that is not a time.") from error
    return max((moment for moment in moments if moment is not None), default=None)


def _lines(records: list[Record]) -> bytes:
    try:
        return b"".join(map(_line, records))
    except RecursionError as error:
        raise malformed("a record is nested too deeply.") from error


def _line(record: Record) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        return f"{json.dumps(record, separators=(',', ':'))}\n".encode()


def _digest(lines: bytes) -> str:
    return hashlib.blake2b(lines, digest_size=8).hexdigest()
