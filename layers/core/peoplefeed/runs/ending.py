"""The end of a run: its last state, what it leaves behind, and the line that goes on, in one transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from peoplefeed import telemetry
from peoplefeed.attention import ask_for_attention
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import ConditionFailed, Write, transact
from peoplefeed.feed_log.documents import what_next
from peoplefeed.model import PlanHead, Run, RunState
from peoplefeed.runs.queues import wake
from peoplefeed.storage.runs import closing, find_run
from peoplefeed.storage.tenants import find_tenant, pass_number
from peoplefeed.times import seconds, stamp


@dataclass(frozen=True, slots=True)
class End:
    """What becomes of a run: its state, what its item says from then on, and its plan if it was applied."""

    state: RunState
    values: Mapping[str, Value]
    head: PlanHead | None = None


def end_run(
    deployment: Deployment,
    run: Run,
    end: End,
    now: datetime,
    more: Callable[[], Iterable[Write]],
) -> Run:
    """Write the end of a run, move the line past it at once, and wake the next feed; return the run as it ended.

    `more` are writes of the same transaction, made anew for each attempt. Where someone else ended the run, nothing is
    written, and it is returned as it was.
    """
    last_write = closing(deployment, run, end.state, {**end.values, "finished_at": stamp(now)})
    ours = _pass_by(deployment, run, last_write, more)
    wake(deployment, run.feed.tenant)
    ended = find_run(deployment, run.feed.tenant, run.number) if ours else None
    if ended:
        telemetry.run_over(ended, end.head, now.timestamp() - seconds(ended.registered_at))
    return ended or run


def _pass_by(deployment: Deployment, run: Run, end: Write, more: Callable[[], Iterable[Write]]) -> bool:
    for _ in pauses():
        tenant = find_tenant(deployment, run.feed.tenant)
        if tenant is None or tenant.applied >= run.number:
            return False
        try:
            transact(deployment.dynamodb, [end, *more(), pass_number(deployment, tenant, run.number)])
        except ConditionFailed as failed:
            if any(failure.write is end for failure in failed.failures):
                return False  # the run's state moved on
            continue  # another feed came in, or a hold was released
        return True
    return False


def ask_to_look(deployment: Deployment, run: Run, state: str, code: str, message: str) -> None:
    """Call somebody. The message may quote the file, and so a person, but not what is to be done about it (7.5)."""
    remedy = what_next(code, message)["remedy"]
    sentence = f"Run {run.number} of source {run.feed.source} is {state}. {remedy}"
    ask_for_attention(deployment, run.feed.tenant, code, sentence, run=run.number)
