"""Shows the directory and what is held, and takes what administrators change in as feeds of a few rows."""

from peoplefeed.api import employees, holds, references, settings
from peoplefeed.api.application import make_handler

handler = make_handler(employees.router, references.router, holds.router, settings.router)
