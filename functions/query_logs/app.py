"""Answers questions about runs, the feed log and one person's story."""

from peoplefeed.api import health, log, run_rows, runs
from peoplefeed.api.application import make_handler

handler = make_handler(runs.router, run_rows.router, log.router, health.router)
