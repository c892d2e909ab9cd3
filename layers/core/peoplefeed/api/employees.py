"""`/employees`: the directory, and one record sent by hand."""

from datetime import UTC, datetime

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.bodies import Row, employee_row, read_object
from peoplefeed.api.cursors import from_cursor, refused_cursor, to_cursor
from peoplefeed.api.edits import Edit, accept, answered, idempotency_key_of
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import listed
from peoplefeed.api.log import unknown_employee
from peoplefeed.api.parameters import external_id_in_path, parameters_of
from peoplefeed.api.tenant import Caller, caller_of
from peoplefeed.api.views import employee_document, person_document
from peoplefeed.deployment import here
from peoplefeed.dynamo.pages import Place
from peoplefeed.feed_log.queries import is_known_to_log
from peoplefeed.model import FeedKind
from peoplefeed.rules.fields import COLUMNS, LIMITS, REQUIRED
from peoplefeed.runs.by_hand import erase, let_go
from peoplefeed.storage.people import Person, find_person, people_page

router = make_router()


@router.get("/employees")
def list_employees() -> Response[str]:
    """Return the employees of a tenant by name."""
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event)
    question = ("employees", tenant)
    people, place = people_page(here(), tenant, query.limit, _place(from_cursor(question, query.cursor)))
    return listed(
        "employees", [employee_document(person) for person in people], to_cursor(question, place), query.given
    )


@router.get("/employees/<external_id>")
def show_employee(external_id: str) -> Response[str]:
    """Return one employee, and how far the learning platform is behind."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    known = external_id_in_path(external_id)
    person = find_person(here(), tenant, known) if known else None
    if person is None:
        raise unknown_employee()
    return to_json(person_document(person))


@router.put("/employees/<external_id>")
def put_employee(external_id: str) -> Response[str]:
    """Take in one record: a feed of changes of one row."""
    event = router.current_event
    caller = caller_of(event)
    parameters_of(event)
    named = external_id_in_path(external_id)
    if named is None:
        sentence = f"An External Identifier has 1 to {LIMITS['external_id']} characters."
        raise Refusal(Reason.FIELD_INVALID, sentence, field="external_id")
    row, key = _completed(caller.tenant, named, employee_row(read_object(event), named)), idempotency_key_of(event)
    if key is None:  # with a key it may be the request that made the employee, sent again
        _refuse_another_profile(caller.tenant, named, row.get(COLUMNS["profile"]))
    return accept(here(), event, Edit(caller, FeedKind.EMPLOYEES, [row], key))


@router.delete("/employees/<external_id>/source")
def let_go_of_employee(external_id: str) -> Response[str]:
    """Take someone's source off them: any source may speak of them then (3.13)."""
    event, caller, person = _asked_about(external_id)
    if person is None:
        raise unknown_employee()
    number = let_go(here(), caller.tenant, person.employee.external_id, datetime.now(UTC), caller.subject)
    return answered(here(), event, caller.tenant, number)


@router.delete("/employees/<external_id>")
def erase_employee(external_id: str) -> Response[str]:
    """Erase someone who has left: nothing stays but the external ID, which is refused from then on (1.11)."""
    event, caller, person = _asked_about(external_id)
    known = external_id_in_path(external_id)
    if known is None or (person is None and not is_known_to_log(here(), caller.tenant, known)):
        raise unknown_employee()
    if person and person.employee.active:
        sentence = "This person is active. Deactivate them first, in the HR system or here; then erase them."
        raise Refusal(Reason.EMPLOYEE_ACTIVE, sentence, field="external_id")
    number = erase(here(), caller.tenant, known, datetime.now(UTC), caller.subject)
    return answered(here(), event, caller.tenant, number)


def _asked_about(external_id: str) -> tuple[BaseProxyEvent, Caller, Person | None]:
    event = router.current_event
    caller = caller_of(event)
    parameters_of(event)
    known = external_id_in_path(external_id)
    return event, caller, find_person(here(), caller.tenant, known) if known else None


def _refuse_another_profile(tenant: str, external_id: str, wanted: str | None) -> None:
    """5.2: a row names a profile for somebody new; of anybody else it would be passed over in silence."""
    person = find_person(here(), tenant, external_id) if wanted else None
    if person and wanted != person.employee.profile:
        sentence = f"A row gives a profile to new employees only; this one is there, as {person.employee.profile}."
        raise Refusal(Reason.FIELD_INVALID, sentence, field="profile")


def _completed(tenant: str, external_id: str, row: Row) -> Row:
    """Return a row with all required columns (2.1): what the body does not speak of stays as it is (2.3).

    The rules decide about what is blank then, not the API.
    """
    missing = [field for field in REQUIRED if COLUMNS[field] not in row]
    person = find_person(here(), tenant, external_id) if missing else None
    return {COLUMNS[field]: getattr(person.employee, field) or "" if person else "" for field in missing} | row


def _place(mark: tuple[str | int, ...] | None) -> Place | None:
    match mark:
        case None:
            return None
        case (str(sk), str(shard)):
            return Place(sk, shard)
        case _:
            raise refused_cursor()
