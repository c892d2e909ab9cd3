"""The model says what the examples in the rules say: one line for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.model import holds, line
from tests.model.state import Cells, Feed, Manifest, Settings, Tenant, Told

type Rows = list[Cells]

DEACTIVATES = Manifest(leavers="deactivate")


class Line:
    """Feeds to one tenant with the titles Chef and Waiter; each is a minute younger than the one before."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.tenant, self.number = Tenant(settings=settings or Settings()), 0
        self.send([{"name": "Chef"}, {"name": "Waiter"}], kind="job-titles", columns=("name",))

    def send(self, rows: Rows, retried: frozenset[tuple[str, str]] = frozenset(), **how: Any) -> Told:
        self.number += 1
        told = {"age": f"12:{self.number:02d}", "at": f"2 12:{self.number:02d}", "last_day": "1 12:00"} | how
        return line.process(self.tenant, Feed(self.number, rows=tuple(rows), **told), retried)

    def emails(self) -> dict[str, str | None]:
        return {who: person["email"] for who, person in self.tenant.active().items()}


def row(who: str, email: str = "", **more: str) -> Cells:
    return {"external_id": who, "first_name": "Ana", "last_name": "Sol", "email": email, "job_title": "Chef"} | more


def gone(who: str, email: str = "") -> Cells:
    return row(who, email, status="Inactive")


def outcomes(told: Told) -> list[tuple[str, ...]]:
    return [(str(row.outcome), *sorted(finding.code for finding in row.findings)) for row in told.rows]


@pytest.mark.parametrize(
    ("before", "feed", "expected", "emails"),
    [
        pytest.param(
            [row("A", "x@x.es")],
            [row("B", "x@x.es"), row("A", "y@x.es")],
            [("created",), ("updated",)],
            {"A": "y@x.es", "B": "x@x.es"},
            id="3.5-chain",
        ),
        pytest.param(
            [row("A", "x@x.es"), row("B", "y@x.es")],
            [row("A", "y@x.es"), row("B", "x@x.es")],
            [("updated",), ("updated",)],
            {"A": "y@x.es", "B": "x@x.es"},
            id="3.5-swap-in-one-feed",
        ),
        pytest.param(
            [row("A", "x@x.es")],
            [row("N", "x@x.es"), gone("A", "x@x.es")],
            [("created", "EMAIL_REUSED"), ("deactivated",)],
            {"N": "x@x.es"},
            id="3.5-newcomer-above-the-leaver",
        ),
        pytest.param(
            [row("A", "x@x.es")],
            [row("N", "x@x.es"), row("A", "x@x.es")],
            [("parked", "EMAIL_IN_USE"), ("unchanged",)],
            {"A": "x@x.es"},
            id="3.6-whoever-holds-it-and-stays-keeps-it",
        ),
        pytest.param(
            [],
            [row("N", "X@x.es"), row("M", "x@x.es")],
            [("created",), ("parked", "EMAIL_IN_USE")],
            {"N": "X@x.es"},
            id="3.6-the-row-higher-in-the-file-wins",
        ),
        pytest.param(
            [row("A", "x@x.es"), row("B", "y@x.es")],
            [row("A", "y@x.es"), row("N", "x@x.es"), row("B", "y@x.es", last_name="Mar")],
            [("parked", "EMAIL_IN_USE"), ("parked", "EMAIL_IN_USE"), ("updated",)],
            {"A": "x@x.es", "B": "y@x.es"},
            id="3.6-who-cannot-move-stays-and-so-on-along-the-chain",
        ),
        pytest.param(
            [],
            [row("N", "x@x.es", job_title="Pilot"), row("M", "x@x.es")],
            [("parked", "JOB_TITLE_NOT_FOUND"), ("created",)],
            {"M": "x@x.es"},
            id="3.6-who-is-refused-for-another-reason-does-not-compete",
        ),
        pytest.param(
            [row("A", "x@x.es"), gone("A", "x@x.es")],
            [row("N", "x@x.es")],
            [("created", "EMAIL_REUSED")],
            {"N": "x@x.es"},
            id="3.7-the-address-of-a-deactivated-employee",
        ),
        pytest.param(
            [row("A", "x@x.es"), gone("A", "x@x.es"), row("N", "x@x.es")],
            [row("A", "x@x.es", status="Active"), row("A2")],
            [("parked", "EMAIL_IN_USE"), ("created",)],
            {"N": "x@x.es", "A2": None},
            id="3.8-the-address-was-taken-meanwhile",
        ),
        pytest.param(
            [row("A", "x@x.es"), gone("A", "x@x.es")],
            [row("A", "x@x.es", status="Active")],
            [("reactivated",)],
            {"A": "x@x.es"},
            id="3.8-someone-comes-back",
        ),
        pytest.param([], [gone("Z")], [("created",)], {}, id="3.9-deactivating-someone-unknown"),
        pytest.param(
            [],
            [row("A", "x@x.es"), row("A", "y@x.es")],
            [("overwritten", "EXTERNAL_ID_DUPLICATE_IN_RUN"), ("created",)],
            {"A": "y@x.es"},
            id="3.2-the-last-valid-row-counts",
        ),
        pytest.param(
            [],
            [row("A", "x@x.es"), row("A", "bad")],
            [("created",), ("rejected", "EMAIL_INVALID")],
            {"A": "x@x.es"},
            id="3.2-an-invalid-row-overwrites-nothing",
        ),
        pytest.param(
            [row("A", "x@x.es")],
            [row("A", "y@x.es", first_name="Ben", last_name="Rey")],
            [("updated", "EXTERNAL_ID_IDENTITY_CHANGED")],
            {"A": "y@x.es"},
            id="3.3-another-person",
        ),
        pytest.param(
            [row("A", "x@x.es")],
            [row("A", "y@x.es", last_name="Rey")],
            [("updated", "NAME_CHANGED")],
            {"A": "y@x.es"},
            id="3.3-a-marriage",
        ),
        pytest.param(
            [row("007")],
            [row("7")],
            [("created", "EXTERNAL_ID_NEAR_DUPLICATE")],
            {"007": None, "7": None},
            id="3.14-leading-zeros-lost",
        ),
        pytest.param(
            [row("A", "x@x.es")],
            [row("A", "bad", status="Inactive", job_title="Pilot")],
            [("deactivated", "EMAIL_INVALID", "JOB_TITLE_NOT_FOUND")],
            {},
            id="2.6-inactive-always-deactivates",
        ),
        pytest.param(
            [],
            [row("A", department="Bar", business_unit_id="u9")],
            [("created", "BUSINESS_UNIT_NOT_FOUND", "DEPARTMENT_NOT_FOUND")],
            {"A": None},
            id="4.3-applied-without-the-department",
        ),
        pytest.param(
            [],
            [row("A", profile="manager"), row("B", profile="king"), row("C", profile="employee")],
            [("created", "PROFILE_EXCEEDS_GRANT"), ("created", "PROFILE_NOT_FOUND"), ("created",)],
            {"A": None, "B": None, "C": None},
            id="5.2-profiles-of-an-upload-by-nobody",
        ),
    ],
)
def test_one_feed(before: Rows, feed: Rows, expected: list[tuple[str, ...]], emails: dict[str, str | None]) -> None:
    company = Line()
    for earlier in before:
        company.send([earlier])
    assert outcomes(company.send(feed)) == expected
    assert company.emails() == emails


def test_1_4_a_full_feed_older_than_the_last_is_superseded_whole() -> None:
    company = Line()
    company.send([row("A")], source="hr", mode="full", age="12:30")
    told = company.send([row("B")], source="hr", mode="full", age="12:29")
    assert (told.state, told.code, set(company.tenant.people)) == ("superseded", "FEED_OLDER", {"A"})


def test_1_5_who_is_missing_has_left_and_what_was_parked_about_them_is_dropped() -> None:
    company = Line()
    company.send([row("A"), row("B")], source="hr", mode="full", manifest=DEACTIVATES)
    company.send([row("N", job_title="Pilot")], source="hr")
    told = company.send([row("A")], source="hr", mode="full", manifest=DEACTIVATES, off=frozenset({"feed"}))
    assert (told.counts["leavers"], set(company.tenant.active())) == (1, {"A"})
    assert (company.tenant.parked, company.tenant.problems) == ({}, {})


def test_1_5_nobody_leaves_while_nobody_knows_who_is_missing() -> None:
    company = Line()
    company.send([row("A"), row("B")], source="hr", mode="full", manifest=DEACTIVATES)
    told = company.send([row("A"), row("")], source="hr", mode="full", manifest=DEACTIVATES)
    assert (told.codes, set(company.tenant.active())) == (["LEAVERS_UNCERTAIN"], {"A", "B"})
    assert ("hr", "leavers") in company.tenant.holds


def test_1_9_simulating_changes_nothing() -> None:
    company = Line()
    assert outcomes(company.send([row("A")], simulate=True)) == [("created",)]
    assert company.tenant.people == {}


def test_2_7_presence_means_active_where_absence_means_leaving() -> None:
    company = Line()
    company.send([gone("A")], source="hr")
    assert outcomes(company.send([row("A", last_name="Mar")], source="hr")) == [("updated",)]
    assert outcomes(company.send([row("A")], source="hr", mode="full", manifest=DEACTIVATES)) == [("reactivated",)]


def test_3_10_what_is_older_than_the_directory_is_superseded() -> None:
    company = Line()
    company.send([gone("Z")], age="12:30")
    assert outcomes(company.send([row("Z")], age="12:29")) == [("superseded", "STALE_ROW")]  # 3.9
    assert outcomes(company.send([row("Z", status="Active")], age="12:30")) == [("reactivated",)]


def test_3_11_rings() -> None:
    for people, outcome in ((24, "updated"), (25, "parked")):
        company = Line()
        company.send([row(f"r{n}", f"r{n}@x.es") for n in range(people)])
        ring = [row(f"r{n}", f"r{(n + 1) % people}@x.es") for n in range(people)]
        told = company.send(ring, source="hr")
        assert {row.outcome for row in told.rows} == {outcome}


def test_3_12_shared_addresses_count_as_blank() -> None:
    company = Line(Settings(shared=frozenset({"bar@x.es"})))
    told = company.send([row("A", "bar@x.es"), row("B", "Bar@x.es")])
    assert outcomes(told) == [("created", "EMAIL_SHARED")] * 2
    assert company.emails() == {"A": None, "B": None}


def test_3_13_who_owns_whom() -> None:
    company = Line()
    company.send([row("A")], source="hr-a")
    assert outcomes(company.send([gone("A")], source="hr-b")) == [("rejected", "OWNED_BY_OTHER_SOURCE")]
    assert outcomes(company.send([gone("A")])) == [("deactivated", "UPLOAD_OVER_SOURCE")]
    assert outcomes(company.send([row("A", status="Active")], source="hr-b")) == [("reactivated",)]
    assert company.tenant.people["A"]["source"] == "hr-b"


def test_4_7_parked_rows_and_missing_references_come_back() -> None:
    company = Line()
    company.send([row("A", department="Bar"), row("N", job_title="Pilot")])
    due = company.send([{"name": "Bar"}], kind="departments", columns=("name",)).freed
    assert outcomes(company.send([], due, purpose="retry")) == [("updated",)]
    told = company.send([{"name": "Pilot"}], kind="job-titles", columns=("name",))
    assert told.retry == {"N"}
    assert outcomes(company.send([], told.freed, purpose="retry")) == [("created",)]
    assert (company.tenant.people["A"]["department"], company.tenant.problems) == ("Bar", {})


def test_4_7_a_freed_address_brings_its_claimants_back_the_older_one_first() -> None:
    company = Line()
    company.send([row("A", "x@x.es")])
    company.send([row("N", "x@x.es")])
    company.send([row("M", "x@x.es")], age="12:01")
    due = company.send([row("A", "")]).freed
    assert outcomes(company.send([], due, purpose="retry")) == [("created",), ("parked", "EMAIL_IN_USE")]
    assert company.emails() == {"A": None, "M": "x@x.es"}


@pytest.mark.parametrize(
    ("left", "held"),
    [
        pytest.param(1, 0, id="6.1-one-of-four"),
        pytest.param(4, 4, id="6.1-all-of-more-than-three"),
    ],
)
def test_6_1_too_many_leavers_are_held(left: int, held: int) -> None:
    company = Line()
    company.send([row(f"p{n}") for n in range(4)], source="hr")
    told = company.send([gone(f"p{n}") for n in range(left)], source="hr")
    assert told.counts["held"] == held


def test_6_1_a_tenth_every_five_minutes_is_stopped() -> None:
    company = Line()
    company.send([row(f"p{n:03d}") for n in range(200)], source="hr")
    kept = [company.send([gone(f"p{n:03d}") for n in range(k, k + 15)], source="hr").counts for k in (0, 15, 30)]
    assert [(counts["deactivated"], counts["held"]) for counts in kept] == [(15, 0), (0, 15), (0, 15)]


def test_6_2_a_feed_that_shrank_is_held_and_released_as_it_was() -> None:
    company = Line()
    company.send([row("A"), row("B"), row("C")], source="hr", mode="full")
    told = company.send([row("A", last_name="Mar"), row("B")], source="hr", mode="full")
    assert (told.state, told.code) == ("held", "FEED_SUSPECT")
    (again,) = holds.release(company.tenant, "hr", "feed", 1)
    assert company.tenant.states[company.number] == "superseded"
    assert outcomes(line.process(company.tenant, again)) == [("updated",), ("unchanged",)]


def test_6_3_a_later_full_feed_refreshes_a_hold_or_removes_it() -> None:
    company = Line()
    full = [row("A"), row("B"), row("C")]
    company.send(full, source="hr", mode="full")
    company.send(full[:1], source="hr", mode="full")
    company.send(full[:1], source="hr", mode="full")
    assert company.tenant.holds["hr", "feed"].version == 2
    with pytest.raises(holds.Refused):
        holds.release(company.tenant, "hr", "feed", 1)
    company.send(full, source="hr", mode="full")
    assert company.tenant.holds == {}


def test_6_4_many_renamed_at_once_are_held_whole() -> None:
    company = Line()
    company.send([row(f"p{n}") for n in range(11)], source="hr")
    told = company.send([row(f"p{n}", last_name="Mar") for n in range(11)], source="hr")
    assert (told.state, told.code) == ("held", "MASS_IDENTITY_CHANGE")


def test_7_4_the_same_refusal_counts_up_until_its_cause_is_gone() -> None:
    company = Line()
    for _ in range(3):
        company.send([row("N", job_title="Pilot")])
    assert [problem.occurrences for problem in company.tenant.problems.values()] == [3]
    company.send([row("N")])
    assert company.tenant.problems == {}


def test_3_3_a_stolen_identity_is_held_where_the_tenant_says_so() -> None:
    company = Line(replace(Settings(), identity="hold"))
    company.send([row("A", "x@x.es")])
    told = company.send([row("A", "y@x.es", first_name="Ben", last_name="Rey")])
    assert outcomes(told) == [("held", "IDENTITY_HELD")]
    assert company.emails() == {"A": "x@x.es"}
