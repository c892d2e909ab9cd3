"""What operators see in CloudWatch: one JSON line per run and per chunk, and metrics. No personal data (7.5).

The tenant is a field of lines, never a dimension of metrics: each would cost, and there may be thousands.
"""

import os
from collections.abc import Mapping

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from peoplefeed.model import PlanHead, Run

NAMESPACE = "peoplefeed"

logger = Logger()


def count(name: str, value: float, unit: MetricUnit = MetricUnit.Count, **dimensions: str) -> None:
    """Emit one metric. The service is the stage's name, so that stages of one account keep their alarms apart."""
    service = {"service": os.environ.get("POWERTOOLS_SERVICE_NAME", NAMESPACE)}
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE, default_dimensions=service) as metric:
        for dimension, text in dimensions.items():
            metric.add_dimension(dimension, text)


def run_over(run: Run, head: PlanHead | None, seconds: float) -> None:
    """Tell that a run is over: its counts, and how often each code was found in which rows (the first 20)."""
    feed = run.feed
    about = {"tenant": feed.tenant, "run": run.number}
    logger.info(
        "run %s is %s",
        run.number,
        run.state,
        extra=about
        | {
            "event": "run",
            "source": feed.source,
            "kind": feed.kind,
            "mode": feed.mode,
            "state": run.state,
            "counts": run.counts,
            "seconds": round(seconds, 3),
            "error": run.error.code if run.error else None,
        },
    )
    for code, (times, rows) in (head.codes if head else {}).items():
        extra = about | {"event": "problem-code", "code": code, "count": times, "rows": list(rows)}
        logger.info("code %s", code, extra=extra)
    for outcome, rows_of_it in run.counts.items():
        if rows_of_it and outcome not in {"received", "leavers"}:
            count("Rows", rows_of_it, outcome=outcome)


def chunk_done(run: Run, chunk: int, groups: int, seconds: float) -> None:
    """Tell that a chunk was applied."""
    logger.info(
        "chunk %s of run %s",
        chunk,
        run.number,
        extra={
            "event": "chunk",
            "tenant": run.feed.tenant,
            "run": run.number,
            "chunk": chunk,
            "groups": groups,
            "seconds": round(seconds, 3),
        },
    )


def fault(about: str, error: BaseException, facts: Mapping[str, object]) -> None:
    """Tell of a fault of ours: an alarm rings on `InternalErrors`."""
    logger.error(about, extra={"event": "internal-error", "error_type": type(error).__name__, **facts})
    count("InternalErrors", 1)
