"""Shows the directory, takes single records and reference data in as feeds of one row, and connects sources."""

from peoplefeed.api import employees, platform, references, sources
from peoplefeed.api.application import make_handler

handler = make_handler(employees.router, references.router, sources.router, platform.router)
