"""Telling the stack of the HR system, and of the reference data that its people need."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from command import feeds
from command.connection import Connection
from command.errors import CommandError
from command.local.hr_server import HrServer
from command.local.people import References
from peoplefeed.dynamo import keys
from peoplefeed.model import FeedKind, FeedMode, RunState

NAME = "hr"

_PER_PAGE = 200


def import_references(connection: Connection, known: References, folder: Path) -> None:
    """Hand in the reference data that are known from the start, as an administrator would: three CSV files."""
    files = (
        (FeedKind.JOB_TITLES, ("Name",), [(name,) for name in known.job_titles]),
        (FeedKind.DEPARTMENTS, ("Name",), [(name,) for name in known.departments]),
        (FeedKind.BUSINESS_UNITS, ("Feed ID", "Name"), list(known.business_units)),
    )
    uploads = [
        feeds.upload(connection, _csv(folder / f"{kind}.csv", header, rows), kind, FeedMode.FULL)
        for kind, header, rows in files
    ]
    for uploaded in uploads:
        run = feeds.follow(connection.api, uploaded)
        if run["state"] != RunState.FINISHED:
            raise CommandError(f"The reference data were not imported: {run['error']}")


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def connect_hr_system(connection: Connection, system: HrServer) -> None:
    """Store the HR system's token as a secret and its manifest as a source of the tenant."""
    secret = f"peoplefeed/sources/{connection.tenant}/{NAME}"
    connection.place.client("secretsmanager").create_secret(Name=secret, SecretString=system.token)
    pk, sk = keys.source(connection.tenant, NAME)
    connection.place.client("dynamodb").put_item(
        TableName=connection.place.directory_table,
        Item={"pk": {"S": pk}, "sk": {"S": sk}, "manifest": {"S": json.dumps(manifest(system.url, secret))}},
    )


def manifest(url: str, secret: str) -> dict[str, object]:
    """Return everything that there is to know about the demo's HR system."""
    return {
        "name": NAME,
        "kind": FeedKind.EMPLOYEES.value,
        "mode": FeedMode.FULL.value,
        "base_url": url,
        "auth": {"type": "bearer", "secret": secret},
        "request": {"path": "/employees"},
        "paginator": {
            "type": "page",
            "param": "page",
            "size_param": "per_page",
            "size": _PER_PAGE,
            "pages": "pages",
        },
        "records": "employees",
        "fields": {
            "external_id": "id",
            "first_name": "givenName",
            "last_name": "familyName",
            "email": "workEmail",
            "job_title": "jobTitle",
            "department": "department",
            "business_unit_id": "businessUnit",
            "status": "status",
            "start_date": "hiredOn",
        },
        "date_format": "DD/MM/YYYY",
    }
