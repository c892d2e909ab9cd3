"""What administrators mend and who comes back (4.7), what would happen (1.9), renames (4.6), rows to mend (2.8)."""

from __future__ import annotations

import csv

import pytest

from tests.system.office import HEADER, Office, line

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_4_7_who_waited_for_a_job_title_is_there_when_it_is_created(office: Office) -> None:
    assert office.imports(line("E1", title="Sommelier"))["run"]["counts"]["parked"] == 1
    office.imports(line("E1", title="Sommelier"))
    [problem] = office.asks("log", "--unresolved")
    assert (problem["code"], problem["occurrences"]) == ("JOB_TITLE_NOT_FOUND", 2)  # 7.4
    office.creates("job-titles", "Sommelier")
    office.comes("E1 is there", lambda: office.employees().get("E1"))
    office.settled()
    [story] = [entry for entry in office.asks("log", "--external-id", "E1") if entry["code"] == "JOB_TITLE_NOT_FOUND"]
    assert story["resolved_at"] is not None


def test_4_7_one_title_sent_through_the_api_is_enough(office: Office) -> None:
    office.imports(line("E1", title="Sommelier"))
    assert office.sends("POST", "/job-titles", {"name": "Sommelier"})["outcome"] == "created"
    office.comes("E1 is there", lambda: office.employees().get("E1"))
    office.settled()


def test_4_7_who_waited_for_an_address_is_there_when_it_is_free(office: Office) -> None:
    office.imports(line("E1", email="desk@example.com"))
    assert office.imports(line("E2", email="desk@example.com"))["run"]["counts"]["parked"] == 1
    office.imports(line("E1", email="e1@example.com"))
    office.comes("E2 is there", lambda: office.employees().get("E2"))
    office.settled()


def test_4_7_a_department_that_was_missing_is_filled_in(office: Office) -> None:
    office.imports(line("E1", department="Kitchen"))
    assert office.employees()["E1"]["department"] is None
    office.creates("departments", "Kitchen")
    office.comes("the department", lambda: office.employees()["E1"]["department"])
    office.settled()


def test_4_5_one_mistake_of_many_is_one_line_with_what_was_meant_and_what_is_missing_can_be_imported(
    office: Office,
) -> None:
    office.creates("job-titles", "Head Chef", "Bar Staff")
    rows = "".join(line(f"E{n}", title="Head Cheff") for n in range(30))
    office.imports(rows + line("B1", title="bar staff ") + line("S1", title="Sommelier"))
    lines = {one["value"]: one for one in office.asks("problems")}
    assert (lines["Head Cheff"]["people"], lines["Head Cheff"]["suggestion"]) == (30, "Head Chef")
    assert lines["bar staff "]["suggestion"] == "Bar Staff"
    missing = office.folder / "missing.csv"
    missing.write_text(office.says("problems", "--missing", "job-titles", "--csv"))
    office.says("import", str(missing), "--kind", "job-titles")
    office.comes("everybody is there", lambda: len(office.employees()) == 32)
    office.settled()


def test_1_9_what_is_simulated_says_what_would_happen_and_changes_nothing(office: Office) -> None:
    office.imports(line("E1"))
    rows = line("E1", last="Mar") + line("E2") + line("E3", title="Pilot")
    document = office.imports(rows, "--simulate")
    counts = document["run"]["counts"]
    assert (counts["updated"], counts["created"], counts["parked"]) == (1, 1, 1)
    [update] = [entry for entry in document["entries"] if entry["outcome"] == "updated"]
    assert update["changes"] == {"last_name": ["Sol", "Mar"]}
    assert {who: one["last_name"] for who, one in office.employees().items()} == {"E1": "Sol"}
    office.settled()
    file = office.folder / "again.csv"
    file.write_text(HEADER + rows)
    said = office.says("import", str(file), "--simulate")
    assert "nothing was changed" in said
    assert "last_name: Sol → Mar" in said
    number = document["run"]["number"]
    assert {entry["external_id"] for entry in office.asks("log", "--run", str(number))} == {"E1", "E2", "E3"}
    assert number not in {entry["run"] for entry in office.asks("log")}


def test_4_6_a_renamed_title_reaches_its_holders_and_feeds_may_still_say_the_old_one(office: Office) -> None:
    office.imports(line("E1"))
    office.says("rename", "job-titles", "Chef", "Head of Kitchen")
    office.comes("the new title", lambda: office.employees()["E1"]["job_title"] == "Head of Kitchen")
    [entry] = office.imports(line("E2"))["entries"]
    assert (entry["outcome"], entry["code"]) == ("created", "REFERENCE_RENAMED")
    assert office.employees()["E2"]["job_title"] == "Head of Kitchen"
    assert office.types("remove", "job-titles", "Head of Kitchen")[0] == 1  # 4.8: somebody has it
    office.says("remove", "job-titles", "Head of Kitchen", "--alias", "Chef")
    [entry] = office.imports(line("E3"))["entries"]
    assert (entry["outcome"], entry["code"]) == ("parked", "JOB_TITLE_NOT_FOUND")


def test_4_6_a_renamed_title_reaches_the_learning_platform_for_all_holders_and_the_old_name_is_warned_about(
    office: Office,
) -> None:
    office.creates("job-titles", "Waiter")
    holders = [f"E{number}" for number in range(30)]
    office.imports("".join(line(who) for who in holders) + line("W1", title="Waiter"))
    office.comes("everybody has an account", lambda: len(office.on_the_platform()) == len(holders) + 1)
    office.says("rename", "job-titles", "Chef", "Head of Kitchen")

    def titles() -> dict[str, str]:
        return {who: account["title"] for who, account in office.on_the_platform().items()}

    wanted = dict.fromkeys(holders, "Head of Kitchen") | {"W1": "Waiter"}
    office.comes("the new title", lambda: titles() == wanted)
    [entry] = office.imports(line("E1", last="Mar"))["entries"]
    assert (entry["outcome"], entry["severity"], entry["code"]) == ("updated", "warning", "REFERENCE_RENAMED")
    assert ("Chef" in entry["message"], "Head of Kitchen" in entry["message"]) == (True, True)
    office.comes("E1", lambda: office.on_the_platform()["E1"]["name"]["familyName"] == "Mar")
    assert titles() == wanted


def test_2_8_refused_rows_are_mended_and_imported_again(office: Office) -> None:
    number = office.imports(line("E1") + line("E2", email="not an address"))["run"]["number"]
    file = office.folder / "rows.csv"
    office.says("rows", str(number), "--output", str(file))
    with file.open(encoding="utf-8-sig", newline="") as text:
        [row] = csv.DictReader(text)
    assert "not an address" in row["Error"]
    file.write_text(file.read_text("utf-8-sig").replace("not an address", "e2@example.com", 1), "utf-8")
    office.says("import", str(file))
    assert set(office.employees()) == {"E1", "E2"}
    office.settled()


def test_1_11_whoever_is_erased_is_gone_and_stays_away(office: Office) -> None:
    office.imports(line("E1", last="Quimby"))
    code, _, err = office.types("employee", "erase", "E1", "--yes")
    assert code == 1
    assert "This person is active." in err
    office.imports(line("E1", last="Quimby", status="Inactive"))
    assert "Erased on request." in office.says("employee", "erase", "E1", "--yes")
    [entry] = office.imports(line("E1", last="Quimby"))["entries"]
    assert entry["code"] == "PERSON_ERASED"
    assert "Quimby" not in office.says("log", "--json") + office.says("employees", "--json")


ODD_NAMES = ["Chef/Cook", "a%2Fb", "F&B #1?", "100%", "C++ / Küche", "..", "../job-titles", "%2e%2e"]


def test_4_1_a_name_is_found_whatever_it_is_made_of(office: Office) -> None:
    office.creates("job-titles", *ODD_NAMES)
    for name in ODD_NAMES:
        assert f"{name} → New" in office.says("rename", "job-titles", name, "New")
        assert office.says("remove", "job-titles", "New", "--alias", name).startswith("Updated: alias.")
        assert office.says("remove", "job-titles", "New").startswith("Updated: deleted.")


@pytest.mark.parametrize("who", ["a/b", "a%2Fb", "..", "Ü 1+?#"], ids=lambda who: f"3.1-{who}")
def test_one_is_found_and_nobody_else(office: Office, who: str) -> None:
    office.connects()
    everybody = ["a/b", "a%2Fb", "..", "Ü 1+?#", "ab"]
    office.drops("".join(line(one, email=f"e{number}@example.com") for number, one in enumerate(everybody)))
    office.says("deliver", who)
    office.says("employee", "let-go", who)
    assert [one for one, person in office.employees().items() if person["source"] is None] == [who]
