"""One record as a feed of one row (1.8): put down, registered, and if the caller likes, waited for."""

import hashlib
import json
import re
import time
import uuid
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
from peoplefeed.deployment import Deployment
from peoplefeed.feed_log.documents import entry_document
from peoplefeed.feed_log.queries import run_entries
from peoplefeed.model import Feed, FeedKind, FeedMode, Outcome, Run, RunState, Severity
from peoplefeed.runs.register import UnknownTenant, register_and_wake
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import find_tenant
from peoplefeed.times import stamp

SOURCE = "api"

_LONGEST_WAIT = 10.0
_LOOK_AGAIN_SECONDS = 0.25
_LONGEST_KEY = 255
_MOST_ENTRIES = 20
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class SingleRow:
    """A record that somebody sends. `idempotency_key` makes sending it again the same delivery."""

    caller: Caller
    kind: FeedKind
    row: Row
    idempotency_key: str | None = None


def accept(deployment: Deployment, event: BaseProxyEvent, single: SingleRow) -> Response[str]:
    """Take a record in; answer with its run, or with what became of it if that is known soon enough."""
    patience = _patience(event)
    number = deliver(deployment, single, datetime.now(UTC))
    run = _awaited(deployment, single.caller.tenant, number, patience)
    if patience and run.state.is_over:
        return _outcome(deployment, run)
    return to_json({"run": run_document(run)}, HTTPStatus.ACCEPTED, {"Location": f"/runs/{number}"})


def deliver(deployment: Deployment, single: SingleRow, now: datetime) -> int:
    """Put a record down as a feed object and return the number of its run.

    Raises:
        Refusal: there is no such tenant, or the idempotency key stands for something else.
    """
    tenant = single.caller.tenant
    if not deployment.names.open_tenants and find_tenant(deployment, tenant) is None:
        raise _unknown_tenant(tenant)
    try:
        return register_and_wake(deployment, _land(deployment, single, _age(now)), now)
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


def _age(now: datetime) -> str:
    """Return when the record was accepted (1.4), in whole seconds like the arrival of a file.

    Else a file that comes within the same second, but later, would be the older of the two.
    """
    return stamp(now.replace(microsecond=0))


def _land(deployment: Deployment, single: SingleRow, age: str) -> Feed:
    """Put the object down; sent again with the same key it is the one that lies there."""
    body = json.dumps(single.row, ensure_ascii=False).encode() + b"\n"
    digest, key = hashlib.sha256(body).hexdigest(), _object_key(single)
    metadata = {"age": age, "uploaded-by": single.caller.subject, "content-sha256": digest}
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
        if error.response["Error"]["Code"] not in _TAKEN or single.idempotency_key is None:
            raise
        return _landed_before(deployment, single, key, digest)
    return _feed(single, key, answer["VersionId"], metadata)


def _landed_before(deployment: Deployment, single: SingleRow, key: str, digest: str) -> Feed:
    found = deployment.s3.head_object(Bucket=deployment.names.feed_bucket, Key=key)
    if found["Metadata"].get("content-sha256") != digest:
        sentence = "This Idempotency-Key was used for another record. Take a new one."
        raise Refusal(Reason.IDEMPOTENCY_KEY_REUSED, sentence, field="Idempotency-Key")
    return _feed(single, key, found["VersionId"], found["Metadata"])


def _object_key(single: SingleRow) -> str:
    name = uuid.uuid4().hex
    if single.idempotency_key is not None:
        name = f"key-{hashlib.sha256(single.idempotency_key.encode(errors='replace')).hexdigest()[:32]}"
    return f"feeds/{single.caller.tenant}/{SOURCE}/{single.kind}/{FeedMode.CHANGES}/{name}.jsonl"


def _feed(single: SingleRow, key: str, version_id: str, metadata: dict[str, str]) -> Feed:
    return Feed(
        tenant=single.caller.tenant,
        source=SOURCE,
        kind=single.kind,
        mode=FeedMode.CHANGES,
        key=key,
        version_id=version_id,
        age=metadata["age"],
        uploaded_by=metadata["uploaded-by"],
    )


def _patience(event: BaseProxyEvent) -> float:
    """Return for how many seconds the caller would rather wait (RFC 7240), at most 10."""
    found = _WAIT.search(event.headers.get("prefer", ""))
    return min(float(found[1]), _LONGEST_WAIT) if found else 0.0


def _awaited(deployment: Deployment, tenant: str, number: int, patience: float) -> Run:
    """Return the run as soon as it is over, or as it is when patience ends."""
    until = time.monotonic() + patience
    while True:
        run = find_run(deployment, tenant, number)
        if run is None:
            raise LookupError("a registered run is not there")
        if run.state.is_over or time.monotonic() + _LOOK_AGAIN_SECONDS > until:
            return run
        time.sleep(_LOOK_AGAIN_SECONDS)


def _outcome(deployment: Deployment, run: Run) -> Response[str]:
    """Answer with what became of the row: its worst entry, and beside it the others that it made."""
    if run.state is not RunState.FINISHED and run.error:
        failure = {"code": run.error.code, "message": run.error.message}
        return to_json(failure, HTTPStatus.UNPROCESSABLE_ENTITY, _headers(run))
    found = run_entries(deployment, run, _MOST_ENTRIES) or [_silent(run)]
    first, *others = sorted(found, key=lambda entry: _WORST_FIRST.index(Severity(entry["severity"])))
    status = HTTPStatus.CREATED if first["outcome"] == Outcome.CREATED else HTTPStatus.OK
    document: Document = first | ({"others": others} if others else {})
    return to_json(document, status, _headers(run))


def _headers(run: Run) -> dict[str, str]:
    return {"Location": f"/runs/{run.number}", "Preference-Applied": "wait"}


def _silent(run: Run) -> Document:
    """Return the entry of a row that made none: it changed nothing (7.1)."""
    at = run.finished_at or run.registered_at
    return entry_document({"row": 1, "outcome": Outcome.UNCHANGED.value, "run": run.number, "at": at}, None)
