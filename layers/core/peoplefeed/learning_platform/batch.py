"""Delivering the people of one batch at once: in order within a group, side by side otherwise.

The time goes by while the platform and the tables answer, so that threads help although there is one interpreter.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from peoplefeed.learning_platform.connection import AT_ONCE
from peoplefeed.learning_platform.delivery import handle
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.verdicts import Verdict
from peoplefeed.storage.outbox import parse_message

type Verdicts = dict[str, Verdict | Exception]


@dataclass(frozen=True, slots=True)
class QueueRecord:
    """A message as the queue brought it, for the how manieth time."""

    id: str
    group: str
    body: str
    received: int = 1


def deliver_batch(errand: Errand, records: Iterable[QueueRecord]) -> Verdicts:
    """Return what became of each message by its id; an exception is a fault that concerns its group only."""
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


def _in_order(errand: Errand, records: Iterable[QueueRecord]) -> Verdicts:
    verdicts: Verdicts = {}
    for record in records:
        try:
            verdicts[record.id] = handle(errand, parse_message(record.body, record.received))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other groups go on (9.2)
            verdicts[record.id] = error
            break
    return verdicts
