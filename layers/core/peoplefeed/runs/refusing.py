"""Runs whose feed is not applied at all: it cannot be read (1.7), is held (6.2, 6.4), or is too old (1.4)."""

from dataclasses import dataclass
from datetime import datetime

from peoplefeed.codes import TABLE, Code
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.feed_log.entries import Moment, feed_entry
from peoplefeed.model import FeedError, Notice, Outcome, Run, RunState, Severity, empty_counts
from peoplefeed.runs.ending import End, ask_to_look, end_run
from peoplefeed.runs.holding import beginning, go_on, hold_writes
from peoplefeed.storage.runs import due_again
from peoplefeed.times import seconds


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a whole feed: why, and how many rows it has (6.2, 6.4)."""

    notice: Notice
    rows: int


class FeedRefused(Exception):
    """The feed is not applied at all. `state` is what its run ends in, `held` what is held of it (6.2, 6.4).

    `again` is when a retry is made again that was given up (9.2).
    """

    def __init__(self, state: RunState, error: FeedError, held: Held | None = None, again: str | None = None) -> None:
        """Keep the state and the reason."""
        super().__init__(error.message)
        self.state, self.error, self.held, self.again = state, error, held, again


def close_refused(deployment: Deployment, run: Run, refused: FeedRefused, now: datetime) -> Run:
    """End a run whose feed is not applied: one entry says why (7.1), and the line goes on; all at once, or not at all.

    Another planner may have made a plan of it meanwhile: then it is applied.
    """
    error, held = refused.error, refused.held
    go_on(deployment, run, now)
    moment = Moment(run.feed.tenant, run.number, run.registered_at, seconds(run.registered_at), run.feed.simulate)
    severity = TABLE[Code(error.code)].severity
    entry = feed_entry(deployment, moment, error, severity)
    notices = [held.notice] if held else []
    is_first = not run.feed.tried  # 9.2: of a retry that is given up again they were told
    is_news = beginning(deployment, run, notices) if held else severity is Severity.ERROR and is_first
    if is_news and not run.feed.simulate:
        ask_to_look(deployment, run, refused.state, error.code, error.message)
    end = End(refused.state, _values(run, refused))
    return end_run(deployment, run, end, now, lambda: [entry, *hold_writes(deployment, run, notices, whole=True)])


def _values(run: Run, refused: FeedRefused) -> dict[str, Value]:
    values: dict[str, Value] = {
        "error_code": refused.error.code,
        "error_message": refused.error.message,
        "changed": True,
    }
    if refused.held:  # 1.6: its rows are accounted for
        rows = refused.held.rows
        values["counts"] = empty_counts() | {"received": rows, Outcome.HELD.value: rows}
    return values | due_again(run, refused.again) if refused.again else values
