"""How runs, holds and people look in JSON: always all keys, null where there is nothing."""

from typing import Any

from peoplefeed.model import Employee, Hold, Run
from peoplefeed.storage.people import Person

type Document = dict[str, Any]

_EMPLOYEE_KEYS = (
    "external_id",
    "first_name",
    "last_name",
    "email",
    "job_title",
    "department",
    "business_unit_id",
    "active",
    "start_date",
    "profile",
    "products",
    "source",
)


def run_document(run: Run) -> Document:
    """Return a run: what was delivered, how far it has come, and what became of its rows (1.6, 1.10)."""
    error = {"code": run.error.code, "message": run.error.message} if run.error else None
    return {
        "number": run.number,
        "tenant": run.feed.tenant,
        "source": run.feed.source,
        "kind": run.feed.kind.value,
        "mode": run.feed.mode.value,
        "state": run.state.value,
        "counts": run.counts,
        "error": error,
        "age": run.feed.age,
        "registered_at": run.registered_at,
        "finished_at": run.finished_at,
        "uploaded_by": run.feed.uploaded_by,
        "changed": run.changed,
        "ignored_columns": list(run.ignored_columns),
        "codes": dict(run.codes),
        "progress": {"chunks": run.chunks, "done": run.done},
        "purpose": run.feed.purpose.value,
        "of": run.feed.of,
        "released": [safeguard.value for safeguard in run.feed.released],
        "simulate": run.feed.simulate,
    }


def hold_document(hold: Hold) -> Document:
    """Return a hold: whose, why, since when, of which runs, and what it would do (6.3)."""
    notice = hold.notice
    return {
        "id": hold.id,
        "source": hold.source,
        "safeguard": hold.safeguard.value,
        "code": notice.code,
        "message": notice.message,
        "since": hold.since,
        "version": hold.version,
        "runs": list(hold.runs),
        "would": dict(notice.would),
        "examples": list(notice.examples),
    }


def employee_document(employee: Employee) -> Document:
    """Return an employee."""
    document = {key: getattr(employee, key) for key in _EMPLOYEE_KEYS}
    return document | {"products": list(employee.products)}


def person_document(person: Person) -> Document:
    """Return an employee with their version and how far the learning platform is behind (8.1)."""
    delivery = person.delivery
    return employee_document(person.employee) | {
        "version": person.version,
        "delivery": {
            "pending": delivery.pending,
            "due": delivery.due,
            "attempts": delivery.attempts,
            "delivered_version": delivery.delivered_version,
            "delivered_at": delivery.delivered_at,
            "account": delivery.account,
        },
    }
