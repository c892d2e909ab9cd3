"""Answers questions about runs, the feed log, open problems and one person's story."""

from peoplefeed.api import health, log, problems, run_rows, runs
from peoplefeed.api.application import make_handler
from peoplefeed.deployment import ready

ready("dynamodb")
handler = make_handler(runs.router, log.router, problems.router, health.router, run_rows.router)
