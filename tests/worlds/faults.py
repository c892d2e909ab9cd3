"""Faults at any call of any client: a worker killed before or after it, refusals, answers that get lost.

    faults = Faults()
    faults.at(17, KILL_AFTER)                  # the 17th call over all clients
    faults.decide = lambda call: ...           # or whatever comes to mind, call by call
    client = faults.around("dynamodb", client)

A worker that was killed makes no further call: whatever it does next kills it again, until `revive`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.worlds.dynamodb.writes import cancelled
from tests.worlds.errors import Refused, client_error
from tests.worlds.partial import BATCHES, do_partly

_WRITES_OF_ITEMS = frozenset({"put_item", "update_item", "delete_item"})


class Killed(BaseException):
    """The worker is gone. No `except Exception` may notice, and no `finally` may reach a service."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client. `number` counts from 1 over all clients."""

    number: int
    service: str
    operation: str
    request: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.number}: {self.service}.{self.operation}"

    @property
    def about(self) -> str:
        """What it is about, briefly: the keys, where it has some."""
        if "TransactItems" in self.request:
            parts = [(kind, one) for part in self.request["TransactItems"] for kind, one in part.items()]
            return "; ".join(f"{kind} {_key_of(one)}" for kind, one in parts)
        return _key_of(self.request) or str(self.request)[:160]


def _key_of(request: Mapping[str, Any]) -> str:
    """Return the key of an item, or of an object, that a request names; nothing if it names none."""
    key = request.get("Key") or request.get("Item") or ""
    return key if isinstance(key, str) else f"{key['pk']['S']} {key['sk']['S']}"


type Perform = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Kill:
    """The worker dies, before the call or after it."""

    after: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """The service refuses and does nothing: throttling, a conflict, a fault of its own."""

    code: str

    def error(self, call: Call) -> ClientError:
        return client_error(self._refusal(call), call.operation)

    def _refusal(self, call: Call) -> Refused:
        if call.operation == "transact_write_items" and self.code in {"TransactionConflict", "ThrottlingError"}:
            others = [{"Code": "None"}] * (len(call.request["TransactItems"]) - 1)
            return cancelled([{"Code": self.code, "Message": "Transaction is ongoing for the item"}, *others])
        if self.code == "TransactionConflict":
            return Refused("TransactionConflictException", "Transaction is ongoing for the item")
        return Refused(self.code, "by the will of the test", 500 if "Internal" in self.code else 400)


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """The call is done and its answer does not come: a time-out, or an error of this code."""

    code: str | None = None

    def error(self, call: Call) -> Exception:
        if self.code is None:
            return ReadTimeoutError(endpoint_url=f"https://{call.service}.test")
        return client_error(Refused(self.code, "after it was done", 500), call.operation)


@dataclass(frozen=True, slots=True)
class DoTwice:
    """The call is done, its answer is lost, and the SDK sends it again by itself: the second answer counts."""


@dataclass(frozen=True, slots=True)
class DoPartly:
    """Of a batch the first few are done; the service gives the others back."""

    done: int = 1


type Fault = Kill | Refuse | LoseAnswer | DoTwice | DoPartly

KILL_BEFORE, KILL_AFTER = Kill(), Kill(after=True)
THROTTLED = Refuse("ThrottlingException")
CONFLICT = Refuse("TransactionConflict")
INTERNAL_ERROR = Refuse("InternalServerError")
ANSWER_LOST = LoseAnswer()
DONE_TWICE = DoTwice()
DONE_PARTLY = DoPartly()
_TROUBLES: dict[str, tuple[Fault, Fault]] = {"s3": (Refuse("SlowDown"), Refuse("InternalError"))}


def possible(call: Call) -> list[Fault]:
    """Return every fault that can befall a call."""
    throttled, broken = _TROUBLES.get(call.service, (THROTTLED, INTERNAL_ERROR))
    faults: list[Fault] = [KILL_BEFORE, KILL_AFTER, throttled, broken, ANSWER_LOST, DONE_TWICE]
    if call.operation == "transact_write_items" or call.operation in _WRITES_OF_ITEMS:
        faults.append(CONFLICT)
    if call.operation in BATCHES:
        faults.append(DONE_PARTLY)
    return faults


@dataclass
class Faults:
    """The faults of one worker, and the log of its calls.

    `decide` is asked about every call that no fault was planned `at`. `watch` is told of every call before it
    is made; a scheduler lets another worker go on there.
    """

    decide: Callable[[Call], Fault | None] = lambda _call: None
    watch: Callable[[Call], None] = lambda _call: None
    log: list[Call] = field(default_factory=list)
    befell: list[tuple[Call, Fault]] = field(default_factory=list)
    dead: bool = False
    _planned: dict[int, Fault] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def at(self, number: int, fault: Fault) -> None:
        """Plan a fault for the call with this number."""
        self._planned[number] = fault

    def stop(self) -> None:
        """From now on all goes well."""
        self._planned.clear()
        self.decide = lambda _call: None

    def revive(self) -> None:
        """Let a new worker take the place of one that was killed."""
        self.dead = False

    def around(self, service: str, client: Any) -> Any:
        """Return a client whose every call may go wrong."""
        return _Proxy(self, service, client)

    def perform(self, service: str, operation: str, method: Callable[..., Any], request: dict[str, Any]) -> Any:
        """Make a call, with what befalls it."""
        with self._lock:
            if self.dead:
                raise Killed(f"{service}.{operation} by a worker that is dead")
            call = Call(len(self.log) + 1, service, operation, request)
            self.log.append(call)
        self.watch(call)
        fault = self._planned.pop(call.number, None) or self.decide(call)
        if fault is None:
            return method(**request)
        self.befell.append((call, fault))
        return self._suffer(fault, call, method)

    def _suffer(self, fault: Fault, call: Call, method: Callable[..., Any]) -> Any:
        request = dict(call.request)
        match fault:
            case Kill(after):
                if after:
                    _whatever_comes_of_it(method, request)
                self.dead = True
                raise Killed(str(call))
            case Refuse():
                raise fault.error(call)
            case LoseAnswer():
                _whatever_comes_of_it(method, request)
                raise fault.error(call)
            case DoTwice():
                return _twice(call, method, request)
            case DoPartly(done):
                return do_partly(call.operation, method, request, done)


class _Proxy:
    """Stands in for a client."""

    def __init__(self, faults: Faults, service: str, client: Any) -> None:
        self._faults, self._service, self._client = faults, service, client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(*given: Any, **request: Any) -> Any:
            named = dict(zip(("Fileobj", "Bucket", "Key", "ExtraArgs"), given, strict=False)) | request
            return self._faults.perform(self._service, name, found, named)

        setattr(self, name, call)
        return call


def _whatever_comes_of_it(method: Callable[..., Any], request: dict[str, Any]) -> None:
    try:
        method(**request)
    except ClientError:
        return  # it was refused, and nobody is told


def _twice(call: Call, method: Callable[..., Any], request: dict[str, Any]) -> Any:
    if call.operation == "transact_write_items":
        request.setdefault("ClientRequestToken", uuid4().hex)  # as botocore does
    body: Any = request.get("Body")
    begin = body.tell() if hasattr(body, "tell") else None
    _whatever_comes_of_it(method, request)
    if begin is not None:
        body.seek(begin)
    return method(**request)
