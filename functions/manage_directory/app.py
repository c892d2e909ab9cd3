"""Shows the directory and what is held, takes what administrators change in as feeds, and connects systems."""

from peoplefeed.api import employees, holds, platform, references, settings, sources
from peoplefeed.api.application import make_handler
from peoplefeed.deployment import ready

ready("dynamodb")
handler = make_handler(
    employees.router, references.router, holds.router, settings.router, sources.router, platform.router
)
