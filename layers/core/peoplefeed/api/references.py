"""`/job-titles`, `/departments`, `/business-units`: the reference data (section 4)."""

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router
from peoplefeed.api.bodies import action_row, new_name_in, read_object, reference_row
from peoplefeed.api.cursors import from_cursor, refused_cursor, to_cursor
from peoplefeed.api.edits import Edit, accept, idempotency_key_of
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import listed
from peoplefeed.api.parameters import parameters_of, reference_in_path
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import here
from peoplefeed.model import FeedKind, Reference
from peoplefeed.planner.renaming import Action
from peoplefeed.rules.fields import LIMITS
from peoplefeed.rules.references import NOUNS
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


@router.patch("/job-titles/<name>")
def rename_job_title(name: str) -> Response[str]:
    """Rename a job title: whoever has it follows, and the old name stays an alias."""
    return _rename(FeedKind.JOB_TITLES, name)


@router.delete("/job-titles/<name>")
def delete_job_title(name: str) -> Response[str]:
    """Delete a job title that no active employee has."""
    return _act(FeedKind.JOB_TITLES, name, Action.DELETE)


@router.delete("/job-titles/<name>/aliases/<alias>")
def remove_alias_of_job_title(name: str, alias: str) -> Response[str]:
    """Let feeds not use an old name any more."""
    return _remove_alias(FeedKind.JOB_TITLES, name, alias)


@router.patch("/departments/<name>")
def rename_department(name: str) -> Response[str]:
    """Rename a department: whoever has it follows, and the old name stays an alias."""
    return _rename(FeedKind.DEPARTMENTS, name)


@router.delete("/departments/<name>")
def delete_department(name: str) -> Response[str]:
    """Delete a department that no active employee has."""
    return _act(FeedKind.DEPARTMENTS, name, Action.DELETE)


@router.delete("/departments/<name>/aliases/<alias>")
def remove_alias_of_department(name: str, alias: str) -> Response[str]:
    """Let feeds not use an old name any more."""
    return _remove_alias(FeedKind.DEPARTMENTS, name, alias)


@router.patch("/business-units/<feed_id>")
def rename_business_unit(feed_id: str) -> Response[str]:
    """Rename a business unit; its feed ID stays."""
    return _rename(FeedKind.BUSINESS_UNITS, feed_id)


@router.delete("/business-units/<feed_id>")
def delete_business_unit(feed_id: str) -> Response[str]:
    """Delete a business unit that no active employee has."""
    return _act(FeedKind.BUSINESS_UNITS, feed_id, Action.DELETE)


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
    return accept(here(), event, Edit(caller, kind, [row], idempotency_key_of(event)))


def _rename(kind: FeedKind, encoded: str) -> Response[str]:
    return _act(kind, encoded, Action.RENAME, new_name_in(read_object(router.current_event)))


def _remove_alias(kind: FeedKind, encoded: str, alias: str) -> Response[str]:
    return _act(kind, encoded, Action.REMOVE_ALIAS, _named(kind, alias))


def _act(kind: FeedKind, encoded: str, action: Action, new_name: str = "") -> Response[str]:
    """Rename or delete a reference, or take an alias from it: a feed of one row (4.6)."""
    event = router.current_event
    caller = caller_of(event)
    parameters_of(event)
    row = action_row(kind, _named(kind, encoded), action, new_name)
    return accept(here(), event, Edit(caller, kind, [row], idempotency_key_of(event)))


def _named(kind: FeedKind, encoded: str) -> str:
    name = reference_in_path(encoded)
    if name is None:
        sentence = f"A {NOUNS[kind]} has 1 to {LIMITS['job_title']} characters."
        raise Refusal(Reason.REFERENCE_UNKNOWN, sentence, field="name")
    return name


def _document(reference: Reference) -> dict[str, object]:
    if reference.kind is FeedKind.BUSINESS_UNITS:
        return {"feed_id": reference.key, "name": reference.name}
    return {"name": reference.name, "aliases": list(reference.aliases)}


def _after(mark: tuple[str | int, ...] | None) -> str | None:
    match mark:
        case None:
            return None
        case (str(key),):
            return key
        case _:
            raise refused_cursor()
