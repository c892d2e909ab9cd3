"""Callers who would rather wait for what becomes of their request (RFC 7240, `Prefer: wait`)."""

import re
import time

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from peoplefeed.deployment import Deployment
from peoplefeed.model import Run
from peoplefeed.storage.runs import find_run

_LONGEST_WAIT = 10.0
_LOOK_AGAIN_SECONDS = 0.25
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)


def patience_of(event: BaseProxyEvent) -> float:
    """Return for how many seconds the caller would rather wait, at most 10."""
    found = _WAIT.search(event.headers.get("prefer", ""))
    return min(float(found[1]), _LONGEST_WAIT) if found else 0.0


def awaited(deployment: Deployment, tenant: str, number: int, patience: float) -> Run:
    """Return the run as soon as it is over, or as it is when patience ends."""
    until = time.monotonic() + patience
    while True:
        run = find_run(deployment, tenant, number)
        if run is None:
            raise LookupError("a registered run is not there")
        if run.state.is_over or time.monotonic() + _LOOK_AGAIN_SECONDS > until:
            return run
        time.sleep(_LOOK_AGAIN_SECONDS)


def leading_to(run: Run, *, waited: bool) -> dict[str, str]:
    """Return the headers that lead to a run, and say whether it was waited for."""
    return {"Location": f"/runs/{run.number}"} | ({"Preference-Applied": "wait"} if waited else {})
