"""What an administrator sends as a feed of a few rows (1.8): put down, registered, and if they like, waited for."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from botocore.exceptions import ClientError

from peoplefeed.api.application import to_json
from peoplefeed.api.bodies import Row
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.tenant import Caller
from peoplefeed.api.views import Document, run_document
from peoplefeed.api.waiting import awaited, leading_to, patience_of
from peoplefeed.codes import Code
from peoplefeed.deployment import Deployment
from peoplefeed.feed_log.documents import entry_document
from peoplefeed.feed_log.queries import run_entries
from peoplefeed.model import BY_API, Feed, FeedKind, FeedMode, Outcome, Run, RunState, Severity
from peoplefeed.readers.limits import MAX_LINE
from peoplefeed.runs.register import UnknownTenant, register_and_wake
from peoplefeed.storage.tenants import find_tenant
from peoplefeed.times import arrival

_LONGEST_KEY = 255
_MOST_ENTRIES = 50
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_REFUSED = {
    Code.REFERENCE_UNKNOWN: HTTPStatus.NOT_FOUND,
    Code.REFERENCE_EXISTS: HTTPStatus.CONFLICT,
    Code.REFERENCE_IN_USE: HTTPStatus.CONFLICT,
    Code.SETTING_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
}


@dataclass(frozen=True, slots=True)
class Edit:
    """Rows that somebody sends, judged as one feed. `idempotency_key` makes sending them again the same delivery."""

    caller: Caller
    kind: FeedKind
    rows: Sequence[Row]
    idempotency_key: str | None = None


def accept(deployment: Deployment, event: BaseProxyEvent, edit: Edit) -> Response[str]:
    """Take an edit in; answer with its run, or with what became of it if that is known soon enough."""
    number = deliver(deployment, edit, datetime.now(UTC))
    return answered(deployment, event, edit.caller.tenant, number)


def answered(deployment: Deployment, event: BaseProxyEvent, tenant: str, number: int) -> Response[str]:
    """Answer with a run that somebody asked for, or with what became of it if that is known soon enough."""
    patience = patience_of(event)
    run = awaited(deployment, tenant, number, patience)
    if patience and run.state.is_over:
        return _outcome(deployment, run)
    return to_json({"run": run_document(run)}, HTTPStatus.ACCEPTED, leading_to(run, waited=False))


def deliver(deployment: Deployment, edit: Edit, now: datetime) -> int:
    """Put an edit down as a feed object and return the number of its run.

    Raises:
        Refusal: there is no such tenant, a row is too long, or the idempotency key stands for something else.
    """
    tenant = edit.caller.tenant
    if not deployment.names.open_tenants and find_tenant(deployment, tenant) is None:
        raise _unknown_tenant(tenant)
    try:
        return register_and_wake(deployment, _land(deployment, edit, arrival(now)), now)
    except UnknownTenant as error:
        raise _unknown_tenant(tenant) from error


def idempotency_key_of(event: BaseProxyEvent) -> str | None:
    """Return the key by which a caller makes its requests safe to repeat."""
    key = event.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= _LONGEST_KEY):
        sentence = f"Idempotency-Key has 1 to {_LONGEST_KEY} characters."
        raise Refusal(Reason.HEADER_INVALID, sentence, field="Idempotency-Key")
    return key


def _unknown_tenant(tenant: str) -> Refusal:
    return Refusal(Reason.TENANT_UNKNOWN, f"The tenant {tenant} has not been set up. Ask the operator to add it.")


def _land(deployment: Deployment, edit: Edit, age: str) -> Feed:
    """Put the object down; sent again with the same key it is the one that lies there."""
    body = b"".join(_line(row) for row in edit.rows)
    digest, key = hashlib.sha256(body).hexdigest(), _object_key(edit)
    metadata = {"age": age, "uploaded-by": edit.caller.subject, "content-sha256": digest}
    try:
        answer = deployment.s3.put_object(
            Bucket=deployment.names.feed_bucket,
            Key=key,
            Body=body,
            ContentType="application/x-ndjson",
            Metadata=metadata,
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TAKEN or edit.idempotency_key is None:
            raise
        return _landed_before(deployment, edit, key, digest)
    return _feed(edit, key, answer["VersionId"], metadata)


def _line(row: Row) -> bytes:
    """Return a row as a line of the feed; 6.5 would refuse a longer one when nobody listens any more."""
    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
    if len(line) > MAX_LINE:
        raise Refusal(Reason.BODY_TOO_LARGE, f"A row has {len(line)} bytes; {MAX_LINE} are allowed.")
    return line


def _landed_before(deployment: Deployment, edit: Edit, key: str, digest: str) -> Feed:
    found = deployment.s3.head_object(Bucket=deployment.names.feed_bucket, Key=key)
    if found["Metadata"].get("content-sha256") != digest:
        sentence = "This Idempotency-Key was used for another record. Take a new one."
        raise Refusal(Reason.IDEMPOTENCY_KEY_REUSED, sentence, field="Idempotency-Key")
    return _feed(edit, key, found["VersionId"], found["Metadata"])


def _object_key(edit: Edit) -> str:
    name = uuid.uuid4().hex
    if edit.idempotency_key is not None:
        name = f"key-{hashlib.sha256(edit.idempotency_key.encode(errors='replace')).hexdigest()[:32]}"
    return f"feeds/{edit.caller.tenant}/{BY_API}/{edit.kind}/{FeedMode.CHANGES}/{name}.jsonl"


def _feed(edit: Edit, key: str, version_id: str, metadata: dict[str, str]) -> Feed:
    return Feed(
        tenant=edit.caller.tenant,
        source=BY_API,
        kind=edit.kind,
        mode=FeedMode.CHANGES,
        key=key,
        version_id=version_id,
        age=metadata["age"],
        uploaded_by=metadata["uploaded-by"],
    )


def _outcome(deployment: Deployment, run: Run) -> Response[str]:
    """Answer with what became of the rows: the worst entry, and beside it the others."""
    headers = leading_to(run, waited=True)
    if run.state is not RunState.FINISHED and run.error:
        failure = {"code": run.error.code, "message": run.error.message}
        return to_json(failure, HTTPStatus.UNPROCESSABLE_ENTITY, headers)
    found = run_entries(deployment, run, _MOST_ENTRIES) or [_silent(run)]
    first, *others = sorted(found, key=lambda entry: _WORST_FIRST.index(Severity(entry["severity"])))
    document: Document = first | ({"others": others} if others else {})
    return to_json(document, _status(first), headers)


def _status(entry: Document) -> HTTPStatus:
    """What was not done of reference data or settings is an error; a refused row of a person is news like others."""
    if entry["outcome"] == Outcome.REJECTED and entry["code"] in _REFUSED:
        return _REFUSED[Code(entry["code"])]
    return HTTPStatus.CREATED if entry["outcome"] == Outcome.CREATED else HTTPStatus.OK


def _silent(run: Run) -> Document:
    """Return the entry of a row that made none: it changed nothing (7.1)."""
    at = run.finished_at or run.registered_at
    return entry_document({"row": 1, "outcome": Outcome.UNCHANGED.value, "run": run.number, "at": at}, None)
