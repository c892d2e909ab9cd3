"""Section 6 on the local stack, as an administrator meets it: what is held, released, discarded, and set."""

from __future__ import annotations

import pytest

from tests.system.office import HEADER, Office, line, people

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

EVERYBODY = tuple(range(50))


@pytest.fixture
def company(office: Office) -> Office:
    """Fifty people whom an HR system owns, which drops full lists."""
    office.connects()
    assert office.drops(people(*EVERYBODY))["counts"]["created"] == len(EVERYBODY)
    return office


def test_6_1_when_too_many_leave_they_stay_until_an_administrator_says_so(company: Office) -> None:
    run = company.drops(people(*EVERYBODY[11:], 90))
    assert (run["state"], run["counts"]["created"], run["counts"]["leavers"]) == ("finished", 1, 0)
    assert len(company.active()) == 51  # joiners flow
    [hold] = company.holds()
    assert (hold["code"], hold["would"], hold["runs"]) == ("LEAVERS_HELD", {"leavers": 11}, [run["number"]])
    assert "11 of 50" in company.says("holds")
    assert "11 leavers" in company.says("release", company.seen())
    assert (len(company.active()), company.holds()) == (40, [])
    company.settled()


def test_6_1_a_tenth_leaving_in_every_feed_is_stopped(company: Office) -> None:
    for gone in (5, 10):
        assert company.drops(people(*EVERYBODY[gone:]))["counts"]["leavers"] == 5
    assert company.drops(people(*EVERYBODY[15:]))["counts"]["leavers"] == 0
    assert (len(company.active()), company.holds()[0]["would"]) == (40, {"leavers": 5})


def test_6_3_a_hold_that_a_later_full_feed_refreshed_is_refused_as_it_was_seen(company: Office) -> None:
    company.drops(people(*EVERYBODY[11:]))
    seen = company.seen()
    company.drops(people(*EVERYBODY[12:]))
    code, _, err = company.types("release", seen)
    assert (code, len(company.active())) == (1, 50)
    assert "It changed after you saw it; nothing is done. To apply it: peoplefeed release" in err
    assert company.seen() in err
    assert "Would do: 12 leavers." in err
    company.says("release", company.seen())
    assert len(company.active()) == 38


def test_6_3_held_leavers_are_never_forgotten(company: Office) -> None:
    company.drops(people(*EVERYBODY[11:]))
    company.drops(people(*EVERYBODY[11:]))
    assert company.holds()[0]["would"] == {"leavers": 11}
    company.says("discard", company.seen())
    assert (company.holds(), len(company.active())) == ([], 50)
    company.drops(people(*EVERYBODY[11:]))  # they are missing still
    assert company.holds()[0]["would"] == {"leavers": 11}
    company.drops(people(*EVERYBODY))  # all are back
    assert company.holds() == []
    company.settled()


def test_6_1_an_upload_that_deactivates_too_many_is_held_and_says_how_to_go_on(company: Office) -> None:
    company.imports(line("U1"))  # a source's first feed is exempt
    leaving = company.folder / "leaving.csv"
    leaving.write_text(HEADER + people(*EVERYBODY[:11], status="Inactive"))
    code, out, _ = company.types("import", str(leaving))
    assert code == 0
    assert f"peoplefeed release {company.seen()} --tenant {company.tenant}" in out
    assert len(company.active()) == 51


def test_6_2_a_suspect_list_is_held_whole(company: Office) -> None:
    run = company.drops(people(*EVERYBODY[30:], 90))
    assert (run["state"], run["error"]["code"]) == ("held", "FEED_SUSPECT")
    assert "it has 21 rows, the full feed before had 50" in run["error"]["message"]
    assert (len(company.active()), run["counts"]["held"]) == (50, 21)
    company.says("discard", company.seen())
    states = {one["number"]: one["state"] for one in company.asks("runs", "--all")}
    assert states[run["number"]] == "discarded"


def test_6_4_many_new_last_names_are_held_with_examples(company: Office) -> None:
    run = company.drops(people(*EVERYBODY[:11], last="Mar"), mode="changes")
    assert (run["state"], run["error"]["code"]) == ("held", "MASS_IDENTITY_CHANGE")
    [hold] = company.holds()
    assert len(hold["examples"]) == 5
    assert "Sol → Mar" in hold["examples"][0]
    company.says("release", company.seen())
    assert company.employees()["E3"]["last_name"] == "Mar"


def test_6_5_a_line_that_is_too_long_is_rejected_and_the_others_are_applied(company: Office) -> None:
    document = company.imports(line("N1") + line("N2", last="x" * 70_000) + line("N3"))
    assert document["run"]["counts"]["created"] == 2
    [entry] = [entry for entry in document["entries"] if entry["outcome"] == "rejected"]
    assert entry["row"] == 2


def test_6_6_a_limit_that_an_administrator_sets_counts_from_then_on_and_is_in_the_log(company: Office) -> None:
    said = company.says("settings", "leavers_minimum=20", "leavers_percent=30")
    assert "leavers_minimum: 10 → 20" in said
    assert company.drops(people(*EVERYBODY[15:]))["counts"]["leavers"] == 15
    code, _, err = company.types("settings", "leavers_percent=200")
    assert code == 1
    assert "leavers_percent" in err
    logged = [entry["changes"] for entry in company.asks("log") if "leavers_percent" in entry["changes"]]
    assert logged == [{"leavers_percent": ["10", "30"]}]


def test_3_3_a_row_that_looks_like_another_person_is_held_where_the_tenant_wants_that(company: Office) -> None:
    company.says("settings", "identity_change=hold")
    document = company.imports("E1,Bob,Mar,bob@example.com,Chef,,\n")
    assert document["run"]["counts"]["held"] == 1
    assert company.employees()["E1"]["first_name"] == "Ana"
    company.says("release", company.seen())
    assert company.employees()["E1"]["first_name"] == "Bob"
