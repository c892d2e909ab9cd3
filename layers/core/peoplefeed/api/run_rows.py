"""`/runs/{number}/rows`: the refused rows of a run as they were received, and what is wrong with each.

Mended and handed in again as a list they work: the columns `Error` and `Remedy` are unknown and so ignored (2.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from aws_lambda_powertools.event_handler import Response
from botocore.exceptions import ClientError

from peoplefeed.api.application import make_router
from peoplefeed.api.cursors import Mark, from_cursor, refused_cursor, to_cursor
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import next_page
from peoplefeed.api.parameters import MOST, parameters_of, run_number_in_path
from peoplefeed.api.runs import unknown_run
from peoplefeed.api.spreadsheets import rows_to_csv
from peoplefeed.api.tenant import caller_of
from peoplefeed.api.views import Document
from peoplefeed.codes import TABLE, Code
from peoplefeed.deployment import here
from peoplefeed.feed_log.queries import ForeignMark, LogFilter, log_page
from peoplefeed.model import Outcome, Purpose, Run, RunState
from peoplefeed.storage.employees import find_people
from peoplefeed.storage.runs import find_run

if TYPE_CHECKING:
    from peoplefeed.readers import Original, Originals

router = make_router()

_REFUSED = (Outcome.REJECTED, Outcome.PARKED, Outcome.HELD)
_ADDED = ("Error", "Remedy")
_WITH_FILES = frozenset({Purpose.DELIVERY, Purpose.RELEASE})
_MOST_BYTES = 3_000_000
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "AccessDenied"})  # who may not list is told 403 of what is not there


class _Advice(NamedTuple):
    """What is wrong with a row, and what to do."""

    error: str
    remedy: str


@router.get("/runs/<number>/rows")
def list_refused_rows(number: str) -> Response[str]:
    """Return the rows that a run refused and that nobody has mended since, as CSV.

    Pages put together are one file: those behind the first have no header.
    """
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event)
    run = _finished_run(tenant, number)
    question = ("rows", tenant, run.number)
    after = from_cursor(question, query.cursor)
    limit = query.limit if "limit" in query.given else MOST
    body, mark = _page(run, limit, after)
    headers = {
        "Content-Disposition": f'attachment; filename="run-{run.number}-refused-rows.csv"',
        "Cache-Control": "no-store",
        **next_page(to_cursor(question, mark), query.given),
    }
    present = "absent" if after else "present"
    return Response(int(HTTPStatus.OK), f"text/csv; charset=utf-8; header={present}", body, headers)


def _finished_run(tenant: str, number: str) -> Run:
    known = run_number_in_path(number)
    run = find_run(here(), tenant, known) if known else None
    if run is None:
        raise unknown_run(number)
    if not run.state.is_over:
        raise Refusal(Reason.RUN_NOT_OVER, f"Run {run.number} is still {run.state}. Try again when it is finished.")
    if run.state is not RunState.FINISHED:
        why = f": {run.error.message}" if run.error else "."
        raise Refusal(Reason.RUN_WITHOUT_ROWS, f"Run {run.number} is {run.state} as a whole, not row by row{why}")
    if run.feed.purpose not in _WITH_FILES:
        sentence = (
            f"Run {run.number} received no file ({run.feed.purpose}). Ask for the rows of the run that refused them."
        )
        raise Refusal(Reason.RUN_WITHOUT_ROWS, sentence)
    return run


def _page(run: Run, limit: int, after: Mark | None) -> tuple[str, Mark | None]:
    """Return a part of the file, and where the next one begins. Rows are as long as they like, answers are not."""
    originals = _originals(run)
    while True:
        entries, mark = _entries(run, limit, after)
        advice = _advice(_without_erased(run, entries))
        rows = _mendable(originals, advice)
        body = rows_to_csv(None if after else _header(originals), rows, originals.delimiter)
        if len(body.encode()) <= _MOST_BYTES or limit == 1:
            return body, mark
        limit = max(1, min(limit, len(entries)) // 2)


def _entries(run: Run, limit: int, after: Mark | None) -> tuple[list[Document], Mark | None]:
    """Return the entries of refused rows, outcome by outcome, and the mark behind the last."""
    first, place = _outcome_and_place(after)
    found: list[Document] = []
    for at in range(first, len(_REFUSED)):
        if not run.counts[_REFUSED[at]]:
            continue
        if len(found) == limit:
            return found, (at,)
        wanted = LogFilter(run=run.number, outcome=_REFUSED[at])
        try:
            page = log_page(here(), run.feed.tenant, wanted, limit - len(found), place)
        except ForeignMark as error:
            raise refused_cursor() from error
        found += page.entries
        if page.mark:
            return found, (at, *page.mark)
        place = None
    return found, None


def _outcome_and_place(after: Mark | None) -> tuple[int, Mark | None]:
    match after:
        case None:
            return 0, None
        case (int(at), *place) if 0 <= at < len(_REFUSED):
            return at, tuple(place) or None
        case _:
            raise refused_cursor()


def _without_erased(run: Run, entries: Sequence[Document]) -> list[Document]:
    """1.11: the file may be kept still; what it says of somebody who was erased is not shown."""
    whom = {entry["external_id"] for entry in entries if entry["external_id"]}
    erased = find_people(here(), run.feed.tenant, whom).erased
    return [entry for entry in entries if entry["external_id"] not in erased]


def _advice(entries: Sequence[Document]) -> dict[int, _Advice]:
    """Return what is to be said of each row: why it was refused, unless that is over. Warnings are left out."""
    return {
        entry["row"]: _Advice(_without_remedy(entry), _remedy(entry))
        for entry in entries
        if entry["row"] and not entry["resolved_at"] and _is_reason(entry)
    }


def _is_reason(entry: Document) -> bool:
    code = entry["code"]
    return code not in set(Code) or TABLE[Code(code)].effect == entry["outcome"]


def _without_remedy(entry: Document) -> str:
    return str(entry["message"]).removesuffix(entry["remedy"] or "").rstrip()


def _remedy(entry: Document) -> str:
    """4.5: what was probably meant stands where somebody mends it."""
    meant = entry["suggestion"] and f"Did you mean '{entry['suggestion']}'?"
    return " ".join(filter(None, (entry["remedy"], meant)))


def _originals(run: Run) -> Originals:
    """Open the run's feed once more."""
    # Other questions need no reading, and are not to wait for its modules.
    from peoplefeed.readers import FeedReader, Originals, UnreadableFeed  # noqa: PLC0415
    from peoplefeed.runs.reading import form_of_feed, reading  # noqa: PLC0415
    from peoplefeed.sources.store import manifest_of  # noqa: PLC0415
    from peoplefeed.storage.settings import find_settings  # noqa: PLC0415

    manifest = manifest_of(here(), run.feed.tenant, run.feed.source)
    form = form_of_feed(run.feed, manifest, find_settings(here(), run.feed.tenant))
    try:
        reader = reading(here(), run.feed, form)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        raise Refusal(Reason.FEED_NOT_KEPT, f"The file of run {run.number} is not kept any more.") from error
    except UnreadableFeed as error:  # its source was set up otherwise since then
        raise Refusal(Reason.RUN_WITHOUT_ROWS, error.error.message) from error
    fields = tuple(manifest.fields) if manifest else ()
    return Originals(
        reader if isinstance(reader, FeedReader) else reader.reader, run.feed.kind, fields, form.rows.date_format
    )


def _header(originals: Originals) -> list[str]:
    return [*(originals.header[at] for at in _places(originals)), *_ADDED]


def _places(originals: Originals) -> list[int]:
    """Return which columns are given back: those that an earlier mending added are not."""
    added = {name.casefold() for name in _ADDED}
    return [at for at, name in enumerate(originals.header) if name.casefold() not in added]


def _mendable(originals: Originals, advice: Mapping[int, _Advice]) -> Iterator[list[str]]:
    places = _places(originals)
    for row in originals.rows(advice):
        yield [*_cells(row, places), _error(row, advice[row.number]), advice[row.number].remedy]


def _cells(row: Original, places: Sequence[int]) -> list[str]:
    """Return a row's cells; none of a broken line, lest it be taken for a sound one as it stands (2.5)."""
    return [row.cells[at] for at in places] if row.cells else [""] * len(places)


def _error(row: Original, advice: _Advice) -> str:
    return advice.error if row.cells else f"{advice.error} The whole line: {row.line}"
