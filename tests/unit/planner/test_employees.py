"""The decision about a whole feed of employees, clause by clause."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peoplefeed.model import Employee, Entry, FeedKind, Outcome, Pending, Record, Reference, position_of
from peoplefeed.planner.employees import Sheet, plan_employees
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.rules.references import References
from peoplefeed.rules.rows import Candidate, Rejection, RowSettings, check_row

AGE, EARLIER, LATER = "2026-03-01T10:00:00.000Z", "2026-02-01T10:00:00.000Z", "2026-04-01T10:00:00.000Z"
OCCASION = Occasion(number=7, age=AGE, source="hr", owner="hr")
TITLES = [Reference(FeedKind.JOB_TITLES, name, name) for name in ("Chef", "Waiter")]
REFERENCES = References.of(
    [
        *TITLES,
        Reference(FeedKind.DEPARTMENTS, "Kitchen", "Kitchen"),
        Reference(FeedKind.BUSINESS_UNITS, "BU1", "Madrid Centro"),
    ]
)


def row(external_id: str, first: str = "Ana", last: str = "Sol", **cells: str) -> dict[str, str]:
    return {"external_id": external_id, "first_name": first, "last_name": last, "job_title": "Chef", **cells}


def record(external_id: str, email: str | None = None, *, age: str = EARLIER, **fields: Any) -> Record:
    person = Employee(
        external_id, **{"first_name": "Ana", "last_name": "Sol", "job_title": "Chef", "email": email} | fields
    )
    return Record(person, version=1, position=position_of(age, 3, 1), email_key=email)


def knowing(*records: Record, pending: Sequence[Pending] = (), former: dict[str, str] | None = None) -> Knowledge:
    return Knowledge(
        records={known.employee.external_id: known for known in records},
        holders={known.held_key: known.employee.external_id for known in records if known.held_key},
        former=former or {},
        pending={open_now.subject: open_now for open_now in pending},
        references=REFERENCES,
    )


def decide(rows: Sequence[dict[str, str]], knowledge: Knowledge | None = None) -> Decision:
    judged = [check_row(number, cells, RowSettings()) for number, cells in enumerate(rows, start=1)]
    candidates = [one for one in judged if isinstance(one, Candidate)]
    rejections = [one for one in judged if isinstance(one, Rejection)]
    return plan_employees(OCCASION, Sheet(candidates, rejections), knowledge or knowing())


def entries(decision: Decision) -> list[Entry]:
    found = [entry for group in decision.groups for entry in group.entries]
    return sorted(found, key=lambda entry: (entry.row, entry.index))


def told(decision: Decision) -> list[tuple[int, str, str | None]]:
    return [(entry.row, entry.outcome, entry.finding.code if entry.finding else None) for entry in entries(decision)]


ANA, BO = record("1", "a@x.es"), record("2", "b@x.es", first_name="Bo", last_name="Li")
GONE = record("9", "old@x.es", active=False, first_name="Old", last_name="Hand")

CASES = [
    pytest.param([row("1")], knowing(), [(1, "created", None)], id="1.6-someone-new-is-created"),
    pytest.param([row("1", email="a@x.es")], knowing(ANA), [], id="1.6-someone-as-they-were-is-unchanged"),
    pytest.param(
        [row("1", email="A@X.es")], knowing(ANA), [(1, "updated", None)], id="2.4-other-capitals-no-new-address"
    ),
    pytest.param([row("1", email="")], knowing(ANA), [(1, "updated", None)], id="2.3-a-blank-cell-clears"),
    pytest.param([row("1")], knowing(ANA), [], id="2.3-a-missing-column-leaves-the-field"),
    pytest.param(
        [row("1", status="Inactive")], knowing(ANA), [(1, "deactivated", None)], id="2.6-inactive-deactivates"
    ),
    pytest.param(
        [row("1", status="Inactive", email="no address", job_title="Nobody's")],
        knowing(ANA),
        [(1, "deactivated", "EMAIL_INVALID"), (1, "deactivated", "JOB_TITLE_NOT_FOUND")],
        id="2.6-inactive-deactivates-whatever-else-is-wrong",
    ),
    pytest.param([row("9", "Old", "Hand")], knowing(GONE), [], id="2.7-no-status-leaves-the-deactivated-so"),
    pytest.param(
        [row("1"), row("1", last="Luz")],
        knowing(),
        [(1, "overwritten", "EXTERNAL_ID_DUPLICATE_IN_RUN"), (2, "created", None)],
        id="3.2-the-last-of-several-rows-counts",
    ),
    pytest.param(
        [row("1"), row("1", email="no address")],
        knowing(),
        [(1, "created", None), (2, "rejected", "EMAIL_INVALID")],
        id="3.2-an-invalid-row-overwrites-nothing",
    ),
    pytest.param(
        [row("1", "Eva", "Luz", email="e@x.es")],
        knowing(ANA),
        [(1, "updated", "EXTERNAL_ID_IDENTITY_CHANGED")],
        id="3.3-another-person-under-the-same-id",
    ),
    pytest.param(
        [row("1", last="Luz", email="e@x.es")], knowing(ANA), [(1, "updated", "NAME_CHANGED")], id="3.3-a-marriage"
    ),
    pytest.param(
        [row("1", last="Luz", email="a@x.es")], knowing(ANA), [(1, "updated", None)], id="3.3-a-new-name-alone"
    ),
    pytest.param(
        [row("1", email="b@x.es"), row("2", "Bo", "Li", email="a@x.es")],
        knowing(ANA, BO),
        [(1, "updated", None), (2, "updated", None)],
        id="3.5-swap-in-one-feed",
    ),
    pytest.param(
        [row("3", email="a@x.es"), row("1", status="Inactive")],
        knowing(ANA),
        [(1, "created", "EMAIL_REUSED"), (2, "deactivated", None)],
        id="3.5-a-newcomer-with-the-address-of-a-leaver-below",
    ),
    pytest.param(
        [row("3", email="a@x.es")], knowing(ANA), [(1, "parked", "EMAIL_IN_USE")], id="3.6-the-holder-keeps-it"
    ),
    pytest.param(
        [row("3", email="a@x.es"), row("1", job_title="Nobody's", email="n@x.es")],
        knowing(ANA),
        [(1, "parked", "EMAIL_IN_USE"), (2, "parked", "JOB_TITLE_NOT_FOUND")],
        id="3.6-who-is-refused-for-another-reason-stays",
    ),
    pytest.param(
        [row("3", job_title="Nobody's", email="n@x.es"), row("4", email="n@x.es")],
        knowing(),
        [(1, "parked", "JOB_TITLE_NOT_FOUND"), (2, "created", None)],
        id="3.6-who-is-refused-does-not-compete",
    ),
    pytest.param(
        [row("3", email="old@x.es")],
        knowing(GONE, former={"old@x.es": "9"}),
        [(1, "created", "EMAIL_REUSED")],
        id="3.7-the-address-of-a-deactivated-employee",
    ),
    pytest.param(
        [row("9", "Old", "Hand", status="Active")],
        knowing(GONE, former={"old@x.es": "9"}),
        [(1, "reactivated", None)],
        id="3.8-back-with-the-own-address",
    ),
    pytest.param(
        [row("9", "Old", "Hand", status="Active")],
        knowing(GONE, record("1", "old@x.es")),
        [(1, "parked", "EMAIL_IN_USE")],
        id="3.8-back-but-the-address-is-taken",
    ),
    pytest.param(
        [row("5", status="Inactive")], knowing(), [(1, "created", None)], id="3.9-deactivating-someone-unknown"
    ),
    pytest.param(
        [row("1", last="Luz")],
        knowing(record("1", "a@x.es", age=LATER)),
        [(1, "superseded", "STALE_ROW")],
        id="3.10-the-directory-knows-something-newer",
    ),
    pytest.param(
        [row("1", job_title="chef")], knowing(), [(1, "parked", "JOB_TITLE_NOT_FOUND")], id="4.1-capitals-count"
    ),
    pytest.param(
        [row("1", job_title="Chef ")], knowing(), [(1, "parked", "JOB_TITLE_NOT_FOUND")], id="4.1-spaces-count"
    ),
    pytest.param(
        [row("1", department="Bar", business_unit_id="BU9")],
        knowing(),
        [(1, "created", "DEPARTMENT_NOT_FOUND"), (1, "created", "BUSINESS_UNIT_NOT_FOUND")],
        id="4.3-4.4-unknown-references-are-left-out",
    ),
    pytest.param(
        [row("1", business_unit_id="Madrid Centro")],
        knowing(),
        [(1, "created", "BUSINESS_UNIT_WRONG_ID_KIND")],
        id="4.4-a-name-where-the-feed-id-belongs",
    ),
]


@pytest.mark.parametrize(("rows", "knowledge", "expected"), CASES)
def test_a_feed_has_these_outcomes(
    rows: list[dict[str, str]], knowledge: Knowledge, expected: list[tuple[int, str, str | None]]
) -> None:
    decision = decide(rows, knowledge)
    assert told(decision) == expected
    assert sum(decision.counts.values()) == len(rows)


def test_4_2_an_unknown_job_title_is_said_in_the_rules_own_words() -> None:
    (entry,) = entries(decide([row("E7", job_title="Sommelier")]))
    assert entry.finding is not None
    assert entry.finding.message == (
        "Employee with external Identifier E7 not processed, Job Title with name Sommelier does not exist"
    )


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        pytest.param(
            {"department": "Bar"},
            "Unable to add user to Department, Department with name Bar does not exist",
            id="4.3-in-the-rules-own-words",
        ),
        pytest.param(
            {"business_unit_id": "BU9"},
            "Unable to add user to Business Unit, Business Unit with Feed id BU9 does not exist",
            id="4.4-in-the-rules-own-words",
        ),
    ],
)
def test_an_unknown_reference_is_said_in_the_rules_own_words(cells: dict[str, str], sentence: str) -> None:
    (entry,) = entries(decide([row("E7", **cells)]))
    assert entry.finding is not None
    assert (entry.outcome, entry.finding.message) == ("created", sentence)


def test_3_11_everyone_in_a_ring_that_is_too_long_is_parked() -> None:
    ring = [record(f"R{n}", f"r{n}@x.es") for n in range(25)]
    moves = [row(f"R{n}", email=f"r{(n + 1) % 25}@x.es") for n in range(25)]
    assert told(decide(moves, knowing(*ring))) == [(n + 1, "parked", "EMAIL_RING_TOO_LONG") for n in range(25)]


def test_4_3_the_name_of_an_unknown_department_is_kept() -> None:
    (group,) = decide([row("1", department="Bar")]).groups
    assert (group.changes[0].after.department, group.changes[0].after.department_wanted) == (None, "Bar")


def test_4_3_a_row_without_the_column_leaves_the_problem_open() -> None:
    first = decide([row("1", department="Bar")])
    (change,) = [change for group in first.groups for change in group.changes]
    known = Record(change.after, change.version, position_of(EARLIER, 3, 1))
    again = decide([row("1", last="Luz")], knowing(known, pending=[parked(first)]))
    assert [group.resolved for group in again.groups] == [{}]
    assert again.groups[0].changes[0].after.department_wanted == "Bar"


def test_4_3_a_wanted_department_that_exists_now_is_filled_in_by_any_row() -> None:
    known = record("1", department_wanted="Kitchen")
    (group,) = decide([row("1")], knowing(known)).groups
    assert (group.changes[0].after.department, group.changes[0].after.department_wanted) == ("Kitchen", None)


def test_5_1_everyone_starts_as_employee_with_access_to_mapal_one() -> None:
    (group,) = decide([row("1")]).groups
    assert (group.changes[0].after.profile, group.changes[0].after.products) == ("employee", ("mapal-one",))


def test_3_6_a_parked_row_names_the_holder() -> None:
    (entry,) = entries(decide([row("3", email="b@x.es")], knowing(BO)))
    assert entry.finding is not None
    assert "Bo Li (external Identifier 2)" in entry.finding.message


@pytest.mark.parametrize(
    ("rows", "is_suggested"),
    [
        pytest.param([row("3", email="b@x.es")], False, id="3.12-two-want-it"),
        pytest.param([row("3", email="b@x.es"), row("4", email="b@x.es")], True, id="3.12-its-holder-and-two"),
        pytest.param([row(one, email="n@x.es") for one in "345"], True, id="3.12-three-newcomers"),
        pytest.param(
            [row("2", "Bo", "Li", email="b@x.es"), row("3", email="b@x.es")], False, id="3.12-its-holder-counts-once"
        ),
        pytest.param(
            [row("2", "Bo", "Li", email="c@x.es"), row("3", email="b@x.es"), row("4", email="b@x.es")],
            False,
            id="3.12-its-holder-moves-off",
        ),
    ],
)
def test_an_address_that_three_want_is_suggested_for_sharing(
    rows: list[dict[str, str]],
    *,
    is_suggested: bool,
) -> None:
    messages = [entry.finding.message for entry in entries(decide(rows, knowing(BO))) if entry.finding]
    assert messages
    assert all((said.endswith("list it among the shared addresses.")) is is_suggested for said in messages)


def test_7_2_an_entry_shows_the_changed_fields_old_and_new() -> None:
    (entry,) = entries(decide([row("1", last="Luz", email="a@x.es")], knowing(ANA)))
    assert entry.changes == {"last_name": ("Sol", "Luz")}


def parked(decision: Decision) -> Pending:
    return next(pending for group in decision.groups for pending in group.pending)


def test_7_4_the_same_refusal_again_counts_up() -> None:
    first = decide([row("1", job_title="Cook")])
    again = decide([row("1", job_title="Cook")], knowing(pending=[parked(first)]))
    assert [entry.repeats for entry in entries(first) + entries(again)] == [False, True]
    assert [group.pending for group in again.groups] == [()]


def test_7_4_another_cause_is_another_problem_and_resolves_the_first() -> None:
    first = decide([row("1", job_title="Cook")])
    again = decide([row("1", job_title="Baker")], knowing(pending=[parked(first)]))
    (group,) = again.groups
    assert group.resolved == parked(first).problems
    assert not entries(again)[0].repeats


def test_7_4_a_problem_is_resolved_when_the_row_is_applied() -> None:
    first = decide([row("1", job_title="Cook")])
    (group,) = decide([row("1")], knowing(pending=[parked(first)])).groups
    assert group.resolved == parked(first).problems
    assert parked(decide([row("1")], knowing(pending=[parked(first)]))) == Pending("1")


def test_2_5_an_invalid_row_leaves_a_parked_one_where_it_is() -> None:
    waiting = parked(decide([row("1", job_title="Cook")]))
    after = parked(decide([row("1", email="no address")], knowing(pending=[waiting])))
    assert after.row == waiting.row
    assert {problem.split("#")[1] for problem in after.problems} == {"JOB_TITLE_NOT_FOUND", "EMAIL_INVALID"}


def test_7_1_a_change_is_told_even_if_its_warning_was_told_before() -> None:
    first = decide([row("1", department="Bar")])
    (before,) = [change for group in first.groups for change in group.changes]
    known = Record(before.after, before.version, position_of(EARLIER, 3, 1))
    again = decide([row("1", last="Luz", department="Bar")], knowing(known, pending=[parked(first)]))
    assert [(entry.repeats, dict(entry.changes)) for entry in entries(again)] == [
        (False, {"last_name": ("Sol", "Luz")}),
        (True, {}),
    ]


def test_2_5_a_row_without_external_id_counts_up_as_the_same_row() -> None:
    nameless = row("")
    first = decide([nameless])
    again = decide([nameless], knowing(pending=[parked(first)]))
    assert [entry.repeats for entry in entries(again)] == [True]


# Whole feeds against a plain model of claims.

_PEOPLE, _ADDRESSES = [f"p{number}" for number in range(7)], [f"{letter}@x.es" for letter in "abcdefg"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Knowledge, list[dict[str, str]]]:
    addresses = draw(st.permutations(_ADDRESSES))
    known = [
        record(who, address if draw(st.booleans()) else None, active=draw(st.booleans()))
        for who, address in zip(_PEOPLE[:5], addresses, strict=False)
    ]
    cells = st.fixed_dictionaries(
        {
            "external_id": st.sampled_from([*_PEOPLE, ""]),
            "email": st.sampled_from([*_ADDRESSES, "", "broken"]),
            "status": st.sampled_from(["Active", "Inactive", ""]),
            "job_title": st.sampled_from(["Chef", "Chef", "Chef", "Nobody's"]),
        }
    )
    rows = draw(st.lists(cells, max_size=9))
    return knowing(*known), [row(**{"first": "Ana", "last": "Sol"} | one) for one in rows]


@given(worlds())
@settings(max_examples=800, deadline=None)
def test_9_1_applied_group_by_group_every_expectation_of_a_plan_holds(
    world: tuple[Knowledge, list[dict[str, str]]],
) -> None:
    knowledge, rows = world
    decision = decide(rows, knowledge)
    claims = dict(knowledge.holders)
    people = {who: known.employee for who, known in knowledge.records.items()}
    for group in decision.groups:
        for change in group.changes:
            if change.claim is not None:
                assert claims.get(change.claim) == change.claim_from
            if change.release is not None:
                assert claims[change.release] == change.after.external_id
        for change in group.changes:
            claims.pop(change.release or "", None)
        for change in group.changes:
            people[change.after.external_id] = change.after
            if change.claim is not None:
                claims[change.claim] = change.after.external_id
    in_use = {(who.email or "").lower(): who.external_id for who in people.values() if who.active and who.email}
    assert claims == in_use  # 3.4: no two active employees share an address
    assert len(in_use) == sum(1 for who in people.values() if who.active and who.email)
    assert sum(decision.counts.values()) == len(rows)  # 1.6


@given(worlds())
@settings(max_examples=400, deadline=None)
def test_1_6_every_row_has_one_outcome_in_all_its_entries(world: tuple[Knowledge, list[dict[str, str]]]) -> None:
    knowledge, rows = world
    decision = decide(rows, knowledge)
    outcomes: dict[int, set[Outcome]] = {}
    for entry in entries(decision):
        outcomes.setdefault(entry.row, set()).add(entry.outcome)
    assert all(len(found) == 1 for found in outcomes.values())
    quiet = len(rows) - len(outcomes)
    unchanged_with_entries = sum(found == {Outcome.UNCHANGED} for found in outcomes.values())
    assert decision.counts.get("unchanged", 0) == quiet + unchanged_with_entries
