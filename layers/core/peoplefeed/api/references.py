"""`/job-titles`, `/departments`, `/business-units`: the reference data (section 4)."""

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router
from peoplefeed.api.bodies import read_object, reference_row
from peoplefeed.api.cursors import from_cursor, refused_cursor, to_cursor
from peoplefeed.api.listings import listed
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.single_rows import SingleRow, accept, idempotency_key_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import here
from peoplefeed.model import FeedKind, Reference
from peoplefeed.storage.reference_pages import references_page

router = make_router()


@router.get("/job-titles")
def list_job_titles() -> Response[str]:
    """Return the job titles."""
    return _list(FeedKind.JOB_TITLES)


@router.post("/job-titles")
def create_job_title() -> Response[str]:
    """Create a job title: a feed of one row."""
    return _create(FeedKind.JOB_TITLES)


@router.get("/departments")
def list_departments() -> Response[str]:
    """Return the departments."""
    return _list(FeedKind.DEPARTMENTS)


@router.post("/departments")
def create_department() -> Response[str]:
    """Create a department: a feed of one row."""
    return _create(FeedKind.DEPARTMENTS)


@router.get("/business-units")
def list_business_units() -> Response[str]:
    """Return the business units."""
    return _list(FeedKind.BUSINESS_UNITS)


@router.post("/business-units")
def create_business_unit() -> Response[str]:
    """Create a business unit: a feed of one row."""
    return _create(FeedKind.BUSINESS_UNITS)


def _list(kind: FeedKind) -> Response[str]:
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event)
    question = (kind.value, tenant)
    after = _after(from_cursor(question, query.cursor))
    references, last = references_page(here(), tenant, kind, query.limit, after)
    cursor = to_cursor(question, (last,) if last else None)
    return listed(kind.replace("-", "_"), [_document(reference) for reference in references], cursor, query.given)


def _create(kind: FeedKind) -> Response[str]:
    event = router.current_event
    caller = caller_of(event)
    parameters_of(event)
    row = reference_row(kind, read_object(event))
    return accept(here(), event, SingleRow(caller, kind, row, idempotency_key_of(event)))


def _document(reference: Reference) -> dict[str, str]:
    named = {"name": reference.name}
    return {"feed_id": reference.key} | named if reference.kind is FeedKind.BUSINESS_UNITS else named


def _after(mark: tuple[str | int, ...] | None) -> str | None:
    match mark:
        case None:
            return None
        case (str(key),):
            return key
        case _:
            raise refused_cursor()
