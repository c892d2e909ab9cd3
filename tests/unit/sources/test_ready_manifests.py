"""Every manifest in sources/ makes the right cells of what its kind of system sends, made up in that form."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from peoplefeed.model import FeedKind
from peoplefeed.rules.rows import Candidate, RowSettings, check_row
from peoplefeed.runs.reading import open_feed_of
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.mistakes import parse_manifest

SOURCES = Path(__file__).parents[3] / "sources"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ANA = {
    "external_id": "17",
    "first_name": "Ana",
    "last_name": "Núñez",
    "email": "ana@hotel.es",
    "job_title": "Chef",
    "department": "Kitchen",
    "business_unit_id": "BCN",
    "status": "Active",
    "start_date": "2024-03-01",
}
GONE = ANA | {"status": "Inactive"}

BAMBOO: dict[str, Any] = {
    "employeeId": "17",
    "firstName": "Ana",
    "lastName": "Núñez",
    "preferredName": None,
    "photoUrl": None,
    "jobTitleName": "Chef",
    "status": "Active",
    "workEmail": "ana@hotel.es",
    "department": "Kitchen",
    "locationId": "BCN",
    "hireDate": "2024-03-01",
    "_restrictedFields": [],
}
SCIM = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "id": "17",
    "userName": "ana",
    "name": {"givenName": "Ana", "familyName": "Núñez"},
    "emails": [{"value": "home@x.es"}, {"value": "ana@hotel.es", "primary": True}],
    "title": "Chef",
    "active": True,
    ENTERPRISE: {"department": "Kitchen", "division": "BCN"},
}
WITHOUT_START = {field: text for field, text in ANA.items() if field != "start_date"}
LIST = {
    "id": 17,
    "firstName": "Ana",
    "lastName": "Núñez",
    "email": "ana@hotel.es",
    "jobTitle": "Chef",
    "department": "Kitchen",
    "businessUnitId": "BCN",
    "startDate": "2024-03-01T00:00:00Z",
}
PAGED = {
    "id": "17",
    "givenName": "Ana",
    "familyName": "Núñez",
    "workEmail": "ana@hotel.es",
    "jobTitle": "Chef",
    "department": "Kitchen",
    "businessUnit": "BCN",
    "status": "On leave",
    "hiredOn": "01/03/2024",
}
GERMAN = "Pers.-Nr.;Nachname;Vorname;E-Mail;Stelle;Abteilung;Betrieb;Status;Eintritt;Gehalt\r\n"
ENGLISH = "Employee No,Surname,First Name,Email,Position,Department,Site,Left,Start\n"


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def read(name: str, content: bytes) -> tuple[SourceManifest, list[dict[str, str]]]:
    """The manifest, and the cells that it makes of a feed."""
    manifest = parse_manifest((SOURCES / f"{name}.json").read_bytes())
    reader = open_feed_of(manifest, BytesIO(content), manifest.kind, "feed")
    found = [reader.cells(row) for row in reader.rows()]
    return manifest, [cells for cells in found if isinstance(cells, dict)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("bamboohr", lines(BAMBOO, {**BAMBOO, "status": "Inactive"}), [ANA, GONE]),
        ("scim", lines(SCIM, {**SCIM, "active": False}), [WITHOUT_START, WITHOUT_START | {"status": "Inactive"}]),
        ("plain-json-list", lines(LIST, {**LIST, "active": False}), [ANA, GONE]),
        ("paged-rest", lines(PAGED, {**PAGED, "status": "Left"}), [ANA, GONE]),
        (
            "csv-over-https",
            (
                f"{GERMAN}17;Núñez;Ana;ana@hotel.es;Chef;Kitchen;BCN;;01.03.2024;1\r\n"
                "17;Núñez;Ana;ana@hotel.es;Chef;Kitchen;BCN;ausgetreten;01.03.2024;1\r\n"
            ).encode("cp1252"),
            [ANA, GONE],
        ),
        (
            "sftp-drop",
            (
                f"{ENGLISH}17,Núñez,Ana,ana@hotel.es,Chef,Kitchen,BCN,N,2024-03-01\n"
                "17,Núñez,Ana,ana@hotel.es,Chef,Kitchen,BCN,Y,2024-03-01\n"
            ).encode("iso-8859-1"),
            [ANA, GONE],
        ),
    ],
)
def test_a_ready_manifest_makes_valid_rows_of_what_its_system_sends(
    name: str, content: bytes, expected: list[dict[str, str]]
) -> None:
    manifest, cells = read(name, content)
    settings = RowSettings(manifest.date_format)
    judged = [check_row(number, each, settings) for number, each in enumerate(cells, start=1)]
    assert all(isinstance(row, Candidate) and not row.findings for row in judged), judged
    as_rows = [{**each, **_dates(row)} for each, row in zip(cells, judged, strict=True)]
    assert as_rows == expected


def _dates(row: object) -> dict[str, str]:
    assert isinstance(row, Candidate)
    return {field: text for field, text in row.given.items() if field == "start_date" and text}


def test_every_manifest_in_sources_is_tested_here() -> None:
    (marked,) = test_a_ready_manifest_makes_valid_rows_of_what_its_system_sends.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marked.args[1]} == {path.stem for path in SOURCES.glob("*.json")}


def test_2_6_someone_deleted_in_bamboohr_is_deactivated_and_nothing_else() -> None:
    _, cells = read(
        "bamboohr", lines({"id": "17", "employeeId": "17", "action": "Deleted", "lastChanged": "2026-11-22T10:00:00Z"})
    )
    assert cells == [{"external_id": "17", "status": "Inactive"}]


def test_2_3_what_bamboohr_does_not_let_us_see_clears_nothing() -> None:
    manifest, _ = read("bamboohr", lines(BAMBOO))
    assert manifest.blanks == "keep"


def test_2_2_a_files_unknown_columns_are_named_and_a_missing_one_by_the_files_own_name() -> None:
    manifest = parse_manifest((SOURCES / "csv-over-https.json").read_bytes())
    reader = open_feed_of(manifest, BytesIO(GERMAN.encode() + b"1;A;B;;C;;;;;9\n"), manifest.kind, "x.csv")
    assert reader.ignored == ("Gehalt",)
    with pytest.raises(Exception, match=r"Pers\.-Nr\."):
        open_feed_of(manifest, BytesIO(b"Nachname;Vorname;Stelle\nA;B;C\n"), manifest.kind, "x.csv")


def test_an_upload_is_read_as_the_rules_say() -> None:
    content = b"External Identifier,First Name,Last Name,Job Title\n7,Ana,Sol,Chef\n"
    reader = open_feed_of(None, BytesIO(content), FeedKind.EMPLOYEES, "x.csv")
    (row,) = reader.rows()
    assert reader.cells(row) == {"external_id": "7", "first_name": "Ana", "last_name": "Sol", "job_title": "Chef"}
