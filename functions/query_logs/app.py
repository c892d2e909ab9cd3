"""Answers questions about runs, the feed log and one person's story."""

from peoplefeed.api import health, log, runs
from peoplefeed.api.application import make_handler

handler = make_handler(runs.router, log.router, health.router)
