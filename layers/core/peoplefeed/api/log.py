"""`/log` and `/employees/{external_id}/story`: what became of every row, and of one person."""

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router
from peoplefeed.api.cursors import Question, from_cursor, refused_cursor, to_cursor
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import listed, next_page
from peoplefeed.api.media import wants_csv
from peoplefeed.api.parameters import Parameters, external_id_in_path, parameters_of
from peoplefeed.api.runs import unknown_run
from peoplefeed.api.spreadsheets import to_csv
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import here
from peoplefeed.feed_log.queries import ForeignMark, LogFilter, LogPage, UnknownRun, log_page
from peoplefeed.model import Outcome, Severity
from peoplefeed.storage.people import find_person

router = make_router()

_FILTERS = ("run", "outcome", "severity", "external_id", "unresolved", "day")


@router.get("/log")
def list_log() -> Response[str]:
    """Return entries, newest first, as JSON or CSV."""
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event, _FILTERS)
    wanted = LogFilter(
        run=query.number("run"),
        outcome=query.choice("outcome", Outcome),
        severity=query.choice("severity", Severity),
        external_id=query.external_id("external_id"),
        unresolved=query.flag("unresolved"),
        day=query.day("day"),
    )
    page, cursor = _page("log", tenant, wanted, query)
    return _answer(page, cursor, query)


@router.get("/employees/<external_id>/story")
def tell_story(external_id: str) -> Response[str]:
    """Return everything that was logged about one person, newest first."""
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event)
    known = external_id_in_path(external_id)
    if known is None:
        raise unknown_employee()
    page, cursor = _page("story", tenant, LogFilter(external_id=known), query)
    if not page.entries and query.cursor is None and find_person(here(), tenant, known) is None:
        raise unknown_employee()
    return _answer(page, cursor, query)


def unknown_employee() -> Refusal:
    """Return the refusal of an employee who is not there; the answer is no place for the ID, which may be anything."""
    return Refusal(Reason.EMPLOYEE_UNKNOWN, "There is no employee with this External Identifier.", field="external_id")


def _page(noun: str, tenant: str, wanted: LogFilter, query: Parameters) -> tuple[LogPage, str | None]:
    question: Question = (noun, tenant, *(getattr(wanted, name) for name in _FILTERS))
    after = from_cursor(question, query.cursor)
    try:
        page = log_page(here(), tenant, wanted, query.limit, after)
    except UnknownRun as error:
        raise unknown_run(wanted.run) from error
    except ForeignMark as error:
        raise refused_cursor() from error
    return page, to_cursor(question, page.mark)


def _answer(page: LogPage, cursor: str | None, query: Parameters) -> Response[str]:
    if not wants_csv(router.current_event):
        return listed("entries", page.entries, cursor, query.given)
    headers = {
        "Content-Disposition": 'attachment; filename="feed-log.csv"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
        **next_page(cursor, query.given),
    }
    return Response(200, "text/csv; charset=utf-8; header=present", to_csv(page.entries), headers)
