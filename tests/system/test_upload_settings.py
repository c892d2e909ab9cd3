"""How uploads are written, by `peoplefeed settings` (6.6): each setting on a file, and each change in the log."""

from __future__ import annotations

import pytest

from tests.system.office import Office, line

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

TEMPLATE = "External Identifier,First Name,Last Name,Email,Job Title,Start Date\n"


def changes(office: Office) -> list[dict[str, list[str]]]:
    """What the log says of settings, the newest first."""
    names = {setting["name"] for setting in office.asks("settings")}
    return [entry["changes"] for entry in office.asks("log") if names & entry["changes"].keys()]


def test_2_2_columns_may_have_names_of_their_own_until_the_setting_is_taken_back(office: Office) -> None:
    header, row = "Personalnr;Vorname;Nachname;Mail;Stelle;Schuhgröße\n", "E1;Zoë;Núñez;zoe@example.com;Chef;38\n"
    refused = office.imports(row, header=header)["run"]
    assert (refused["state"], refused["error"]["code"]) == ("failed", "FEED_UNREADABLE")
    assert (
        "none of the expected columns is named in its first line, which has: Personalnr" in refused["error"]["message"]
    )
    names = "Personalnr:External Identifier,Vorname:first_name,Nachname:Last Name,mail:Email,Stelle:Job Title"
    office.says("settings", f"columns={names}")
    file = office.folder / "mitarbeiter.csv"
    file.write_text(header + row)
    assert "Columns that are not known were ignored: Schuhgröße." in office.says("import", str(file))
    person = office.employees()["E1"]
    assert (person["first_name"], person["last_name"], person["email"]) == ("Zoë", "Núñez", "zoe@example.com")
    error = office.imports(line("E2"))["run"]["error"]  # they stand instead of the template's names
    assert (error["code"], "column Personalnr, Vorname" in error["message"]) == ("COLUMN_MISSING", True)
    office.says("settings", "columns=")
    assert office.imports(row, header=header)["run"]["error"]["code"] == "FEED_UNREADABLE"
    taken_back, made = changes(office)
    assert made["columns"][0] != made["columns"][1]
    assert taken_back["columns"] == made["columns"][::-1]


def test_2_8_uploads_that_are_not_utf_8_are_read_in_the_encoding_that_is_set(office: Office) -> None:
    row = line("E1", last="Núñez")
    office.says("settings", "encoding=mac_roman")
    office.imports(row, encoding="mac_roman")
    assert office.employees()["E1"]["last_name"] == "Núñez"
    office.imports(line("E2", last="Öz"))  # UTF-8 stays UTF-8
    assert office.employees()["E2"]["last_name"] == "Öz"
    office.says("settings", "encoding=")
    office.imports(row.replace("E1", "E3").replace("e1@", "e3@"), encoding="cp1252")
    assert office.employees()["E3"]["last_name"] == "Núñez"
    assert changes(office) == [{"encoding": ["mac-roman", "cp1252"]}, {"encoding": ["cp1252", "mac-roman"]}]


def test_2_1_dates_are_read_as_they_are_set_and_never_guessed(office: Office) -> None:
    office.imports("E1,Ana,Sol,,Chef,03/04/2026\n", header=TEMPLATE)
    office.says("settings", "date_format=MM/DD/YYYY")
    office.imports("E2,Ana,Sol,,Chef,03/04/2026\n", header=TEMPLATE)
    found = office.employees()
    assert (found["E1"]["start_date"], found["E2"]["start_date"]) == ("2026-04-03", "2026-03-04")
    [entry] = office.imports("E3,Ana,Sol,,Chef,31/12/2026\n", header=TEMPLATE)["entries"]
    assert (entry["outcome"], entry["code"], entry["field"]) == ("rejected", "DATE_INVALID", "start_date")
    assert changes(office) == [{"date_format": ["DD/MM/YYYY", "MM/DD/YYYY"]}]


def test_2_3_blank_cells_clear_a_field_or_leave_it_as_is_set(office: Office) -> None:
    office.creates("departments", "Kitchen")
    office.imports(line("E1", department="Kitchen"))
    office.says("settings", "blanks=keep")
    office.imports(line("E1", last="Mar"))
    person = office.employees()["E1"]
    assert (person["last_name"], person["department"]) == ("Mar", "Kitchen")
    office.says("settings", "blanks=")
    office.imports(line("E1", last="Mar"))  # the same cells mean something else now
    assert office.employees()["E1"]["department"] is None
    assert changes(office) == [{"blanks": ["keep", "clear"]}, {"blanks": ["clear", "keep"]}]


def test_3_12_shared_addresses_count_as_none(office: Office) -> None:
    rows = line("E1", email="bar@example.com") + line("E2", email="bar@example.com")
    assert office.imports(rows)["run"]["counts"]["parked"] == 1
    office.says("settings", "shared_addresses=Bar@Example.com,desk@example.com")
    office.comes("E2 is there", lambda: "E2" in office.active())
    office.imports(rows)
    assert {person["email"] for person in office.employees().values()} == {None}
    assert {entry["code"] for entry in office.asks("log", "--external-id", "E1")} >= {"EMAIL_SHARED"}
    [change] = changes(office)
    assert "bar@example.com" in change["shared_addresses"][1]


def test_3_3_what_looks_like_another_person_is_held_only_where_that_is_set(office: Office) -> None:
    office.imports(line("E1"))
    other = "E1,Bob,Mar,bob@example.com,Chef,,\n"
    office.says("settings", "identity_change=hold")
    assert office.imports(other)["run"]["counts"]["held"] == 1
    office.says("discard", office.seen())
    office.says("settings", "identity_change=")
    [entry] = office.imports(other)["entries"]
    assert (entry["outcome"], entry["code"]) == ("updated", "EXTERNAL_ID_IDENTITY_CHANGED")
    assert office.employees()["E1"]["first_name"] == "Bob"
    assert changes(office) == [{"identity_change": ["hold", "apply"]}, {"identity_change": ["apply", "hold"]}]


def test_6_6_a_change_of_which_one_part_cannot_be_changes_nothing_and_says_what_can(office: Office) -> None:
    before = office.asks("settings")
    for wrong, said in (
        ("date_format=YYYY", "DD, MM and YYYY once each"),
        ("encoding=base64", "common ones are cp1252"),
        ("blanks=maybe", "'clear' or 'keep'"),
        ("columns=Mail:E-Mail", "there is no column 'E-Mail'"),
        ("shared_addresses=nobody", "not an e-mail address"),
        ("identity_change=ask", "'apply' or 'hold'"),
    ):
        code, _, err = office.types("settings", "leavers_minimum=99", wrong)
        assert (code, said in err) == (1, True), err
    assert office.asks("settings") == before
