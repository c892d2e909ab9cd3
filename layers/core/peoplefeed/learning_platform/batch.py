"""Delivering the people of one batch at once: in order within a group, side by side otherwise.

The time goes by while the platform and the tables answer, so that threads help although there is one interpreter.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from botocore.exceptions import ClientError

from peoplefeed.learning_platform.connection import AT_ONCE
from peoplefeed.learning_platform.delivery import handle
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.verdicts import Verdict, Waits
from peoplefeed.storage.outbox import parse_message

type Verdicts = dict[str, Verdict | Exception]

_RETURNS = 5
"""So often a message may come back for its turn; the queue gives those up that come too often."""


@dataclass(frozen=True, slots=True)
class QueueRecord:
    """A message as the queue brought it, for the how manieth time. `receipt` is what the queue knows this time by."""

    id: str
    group: str
    body: str
    received: int = 1
    receipt: str = ""


def deliver_batch(errand: Errand, records: Iterable[QueueRecord]) -> Verdicts:
    """Return what became of each message by its id; an exception is a fault that concerns its group only.

    What follows in the group of a message that failed, or waits for its turn, comes again with it.
    """
    verdicts: Verdicts = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for some in pool.map(lambda group: _in_order(errand, group), _groups(records).values()):
            verdicts |= some
    return verdicts


def _groups(records: Iterable[QueueRecord]) -> Mapping[str, list[QueueRecord]]:
    groups: dict[str, list[QueueRecord]] = {}
    for record in records:
        groups.setdefault(record.group, []).append(record)
    return groups


def _in_order(errand: Errand, records: Sequence[QueueRecord]) -> Verdicts:
    verdicts: Verdicts = {}
    for place, record in enumerate(records):
        try:
            verdict = handle(errand, parse_message(record.body, record.received), may_return=_may_return(record))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other groups go on (9.2)
            verdicts[record.id] = error
            break
        verdicts[record.id] = verdict
        if isinstance(verdict, Waits):
            _send_back(errand, records[place:], verdict.seconds)
            break
    return verdicts


def _may_return(record: QueueRecord) -> bool:
    return bool(record.receipt) and record.received <= _RETURNS


def _send_back(errand: Errand, records: Iterable[QueueRecord], seconds: int) -> None:
    """Have the queue bring messages again at their time; if that fails, it does so when it would after a fault.

    All of a group, for while one of them is out of sight the queue keeps the others to itself.
    """
    deployment = errand.deployment
    for record in records:
        with suppress(ClientError):
            deployment.sqs.change_message_visibility(
                QueueUrl=deployment.names.delivery_queue_url, ReceiptHandle=record.receipt, VisibilityTimeout=seconds
            )
