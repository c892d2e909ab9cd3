"""What a lost message left behind is found and sent again (8.4, 9.1): every five minutes."""

from datetime import datetime

from peoplefeed import telemetry
from peoplefeed.deployment import Deployment
from peoplefeed.model import Run, RunState
from peoplefeed.runs.finish import finish_if_done
from peoplefeed.runs.queues import send_chunks, wake
from peoplefeed.storage import plans
from peoplefeed.storage.runs import chunk_marks, find_run
from peoplefeed.storage.tenants import find_tenant, waiting_tenants
from peoplefeed.times import seconds


def sweep_line(deployment: Deployment, now: datetime) -> int:
    """Send again whatever may have been lost; return how many feeds wait over all tenants.

    Sending a message twice does no harm (9.1), so nothing here asks whether one is still on its way.
    """
    waiting, oldest = 0, 0.0
    for slug in waiting_tenants(deployment):
        tenant = find_tenant(deployment, slug)
        if tenant is None or not tenant.waits:
            continue
        waiting += tenant.next - tenant.applied - 1
        run = find_run(deployment, slug, tenant.applied + 1)
        if run:
            oldest = max(oldest, now.timestamp() - seconds(run.registered_at))
            _send_again(deployment, run, now)
    telemetry.count("OldestWaitingSeconds", max(oldest, 0.0))
    return waiting


def _send_again(deployment: Deployment, run: Run, now: datetime) -> None:
    if run.state is not RunState.APPLYING:
        wake(deployment, run.feed.tenant)
        return
    head = plans.head_of(deployment, run.feed.tenant, run.number)
    complete = {mark["chunk"] for mark in chunk_marks(deployment, run.feed.tenant, run.number)}
    missing = [
        index
        for index, chunk in enumerate(head.chunks)
        if index not in complete and (chunk.after is None or chunk.after in complete)
    ]
    send_chunks(deployment, run.feed.tenant, run.number, missing)
    if not missing:
        finish_if_done(deployment, run.feed.tenant, run.number, now)
