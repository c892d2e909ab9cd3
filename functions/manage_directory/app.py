"""Shows the directory, and takes single records and reference data in as feeds of one row."""

from peoplefeed.api import employees, platform, references
from peoplefeed.api.application import make_handler

handler = make_handler(employees.router, references.router, platform.router)
