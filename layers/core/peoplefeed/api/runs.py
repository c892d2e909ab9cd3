"""`/runs`: what was delivered, and how far it has come."""

from collections.abc import Mapping

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.cursors import from_cursor, refused_cursor, to_cursor
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import listed
from peoplefeed.api.parameters import parameters_of, run_number_in_path
from peoplefeed.api.tenant import caller_of
from peoplefeed.api.views import Document, run_document
from peoplefeed.deployment import here
from peoplefeed.dynamo import keys
from peoplefeed.storage.run_pages import Folded, Line, run_lines
from peoplefeed.storage.runs import find_number, find_run

router = make_router()


@router.get("/runs")
def list_runs() -> Response[str]:
    """Return runs, newest first; those that changed nothing are folded into one line unless all are asked for.

    `key` and `version_id` ask for the run of one delivered object: a list of one, or of none so far.
    """
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event, {"all", "key", "version_id"})
    if "version_id" in query.given:
        return listed("runs", _run_of_object(tenant, query.given), None, query.given)
    everything = query.flag("all")
    question = ("runs", tenant, everything)
    before = _before(from_cursor(question, query.cursor))
    lines, last = run_lines(here(), tenant, query.limit, before, fold=not everything)
    cursor = to_cursor(question, (last,) if last else None)
    return listed("runs", [_line(line) for line in lines], cursor, query.given)


def _run_of_object(tenant: str, query: Mapping[str, str]) -> list[Document]:
    digest = keys.delivery_digest(query.get("key", ""), query["version_id"])
    number = find_number(here(), tenant, digest)
    run = find_run(here(), tenant, number) if number else None
    return [run_document(run)] if run else []


@router.get("/runs/<number>")
def show_run(number: str) -> Response[str]:
    """Return one run."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    known = run_number_in_path(number)
    run = find_run(here(), tenant, known) if known else None
    if run is None:
        raise unknown_run(number)
    return to_json(run_document(run))


def unknown_run(number: object) -> Refusal:
    """Return the refusal of a run that is not there."""
    return Refusal(Reason.RUN_UNKNOWN, f"There is no run {str(number)[:20]}.", field="run")


def _before(mark: tuple[str | int, ...] | None) -> int | None:
    match mark:
        case None:
            return None
        case (int(number),) if number > 0:
            return number
        case _:
            raise refused_cursor()


def _line(line: Line) -> Document:
    if isinstance(line, Folded):
        return {"folded": {"from": line.first, "to": line.last, "runs": line.runs}}
    return run_document(line)
