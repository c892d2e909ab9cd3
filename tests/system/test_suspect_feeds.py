"""6.2 on the local stack: a full feed that looks wrong waits whole until it is released, discarded or replaced."""

from __future__ import annotations

import pytest

from tests.system.office import Item, Office, people

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

EVERYBODY = tuple(range(50))
FEWER = tuple(range(30, 50))


@pytest.fixture
def company(office: Office) -> Office:
    """Fifty people whom an HR system owns; it drops full lists, in which nobody's absence means anything."""
    return connected(office, leavers="keep")


def connected(office: Office, **manifest: object) -> Office:
    office.creates("departments", "Kitchen")
    office.connects(**manifest)
    assert office.drops(people(*EVERYBODY, department="Kitchen"))["counts"]["created"] == len(EVERYBODY)
    return office


def states(office: Office) -> dict[int, str]:
    return {run["number"]: run["state"] for run in office.asks("runs", "--all")}


def is_held(run: Item, reason: str) -> None:
    assert (run["state"], run["error"]["code"]) == ("held", "FEED_SUSPECT")
    assert reason in run["error"]["message"]


def test_6_3_a_suspect_feed_is_applied_when_it_is_released_and_its_run_is_superseded(company: Office) -> None:
    rows = people(30, last="Mar", department="Kitchen") + people(*FEWER[1:], 90, department="Kitchen")
    run = company.drops(rows)
    is_held(run, "it has 21 rows, the full feed before had 50")
    [hold] = company.holds()
    assert (hold["safeguard"], hold["code"], hold["runs"]) == ("feed", "FEED_SUSPECT", [run["number"]])
    assert (hold["would"]["created"], hold["would"]["updated"]) == (1, 1)
    assert "E90" not in company.employees()
    [entry] = company.asks("log", "--run", str(run["number"]))  # 7.1: one for a feed that is held whole
    assert entry["code"] == "FEED_SUSPECT"
    company.says("release", company.seen())
    found = company.employees()
    assert ("E90" in found, found["E30"]["last_name"], found["E3"]["last_name"]) == (True, "Mar", "Sol")
    assert (states(company)[run["number"]], company.holds()) == ("superseded", [])
    company.settled()


def test_6_3_what_is_released_is_judged_anew_and_another_safeguard_may_hold_it(office: Office) -> None:
    company = connected(office, leavers="deactivate")
    company.drops(people(*FEWER, 90, department="Kitchen"))
    code, out, err = company.types("release", company.seen())
    assert code == 0, err
    [hold] = company.holds()
    assert (hold["code"], hold["would"]) == ("LEAVERS_HELD", {"leavers": 30})
    assert hold["id"] in out
    assert len(company.active()) == 51  # who joined is there, nobody has left
    company.says("release", company.seen())
    assert len(company.active()) == 21
    company.settled()


def test_6_3_a_suspect_feed_that_is_discarded_changes_nothing_and_may_come_again(company: Office) -> None:
    run = company.drops(people(*FEWER, last="Mar", department="Kitchen"))
    company.says("discard", company.seen())
    assert (states(company)[run["number"]], company.holds()) == ("discarded", [])
    assert {person["last_name"] for person in company.employees().values()} == {"Sol"}
    company.settled()
    is_held(company.drops(people(*FEWER, department="Kitchen")), "it has 20 rows, the full feed before had 50")
    assert company.holds()[0]["version"] == 1


def test_6_3_a_later_suspect_feed_takes_the_place_of_the_one_that_is_held(company: Office) -> None:
    first = company.drops(people(*FEWER, last="Mar", department="Kitchen"))
    seen = company.seen()
    second = company.drops(people(*FEWER, 90, department="Kitchen"))
    code, _, err = company.types("release", seen)
    assert (code, "E90" in company.employees()) == (1, False)
    assert "It changed after you saw it; nothing is done. To apply it: peoplefeed release payroll.feed.4/2" in err
    assert "it has 21 rows, the full feed before had 50" in err
    assert company.types("discard", seen)[0] == 1
    [hold] = company.holds()
    assert (hold["version"], hold["runs"], hold["id"]) == (2, [second["number"]], seen.partition("/")[0])
    company.says("release", company.seen())
    found = company.employees()
    assert ("E90" in found, found["E30"]["last_name"]) == (True, "Sol")
    assert states(company)[first["number"]] == "superseded"


def test_6_3_a_later_feed_that_is_sound_ends_the_hold(company: Office) -> None:
    company.drops(people(*FEWER, department="Kitchen"))
    seen = company.seen()
    company.drops(people(*EVERYBODY, 90, department="Kitchen"))
    assert (company.holds(), len(company.active())) == ([], 51)
    code, _, err = company.types("release", seen)
    assert code == 1
    assert "There is no such hold. It may have been released or discarded, or a later feed ended it." in err
    company.settled()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            people(*EVERYBODY[11:], department="Kitchen") + people(*EVERYBODY[:11], email="nobody"),
            "11 of its 50 rows are rejected",
        ),
        (people(*EVERYBODY[11:], department="Kitchen") + people(*EVERYBODY[:11]), "clear Department for 11 employees"),
    ],
    ids=["many rejected", "one field cleared for many"],
)
def test_6_2_other_signs_of_a_broken_list_hold_it_too(company: Office, rows: str, reason: str) -> None:
    is_held(company.drops(rows), reason)
    assert {person["department"] for person in company.employees().values()} == {"Kitchen"}


def test_6_2_a_list_that_lost_a_column_is_held(company: Office) -> None:
    header = "External Identifier,First Name,Last Name,Email,Job Title\n"
    rows = "".join(f"E{number},Ana,Sol,e{number}@example.com,Chef\n" for number in EVERYBODY)
    is_held(company.drops(rows, header=header), "Department")
