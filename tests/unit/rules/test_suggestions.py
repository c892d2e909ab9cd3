"""What an unknown name was probably meant to be (4.5)."""

import subprocess
import sys

import pytest

from peoplefeed.model import FeedKind, Finding, Reference
from peoplefeed.rules import suggestions
from peoplefeed.rules.references import References, missing_business_unit, missing_department, missing_job_title
from peoplefeed.rules.suggestions import Spellings

TITLES = ("Bar Staff", "Chef", "Head Chef", "Junior Chef", "Kitchen Porter 1", "Painter", "Receptionist", "Spa Manager")


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [
        pytest.param("bar staff ", "Bar Staff", id="4.5-capitals-and-a-space-behind"),
        pytest.param("Bar  Staff", "Bar Staff", id="4.5-two-spaces"),
        pytest.param("BarStaff", "Bar Staff", id="4.5-no-space"),
        pytest.param("Bar\u00a0Staff", "Bar Staff", id="4.5-a-space-that-does-not-break"),
        pytest.param("Head Cheff", "Head Chef", id="4.5-a-letter-too-many"),
        pytest.param("HED CHEF", "Head Chef", id="4.5-a-letter-too-few"),
        pytest.param("Haed Chef", "Head Chef", id="4.5-two-letters-change-places"),
        pytest.param("Recepcionist", "Receptionist", id="4.5-another-letter"),
        pytest.param("Resepcionist", "Receptionist", id="4.5-two-letters-of-a-long-word"),
        pytest.param("Barstaf", "Bar Staff", id="4.5-a-space-and-a-letter-too-few"),
        pytest.param("Cheff", "Chef", id="4.5-a-short-name"),
        pytest.param("Kitchen Porter 01", "Kitchen Porter 1", id="4.5-a-leading-zero"),
        pytest.param("Kitchn Porter 1", "Kitchen Porter 1", id="4.5-a-letter-beside-the-same-number"),
    ],
)
def test_a_name_is_suggested(unknown: str, meant: str) -> None:
    assert Spellings(TITLES).closest(unknown) == meant


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param("Waiter", id="4.5-a-waiter-is-no-painter"),
        pytest.param("Fainter", id="4.5-the-first-letter-of-a-short-word-is-right"),
        pytest.param("Chief Bar", id="4.5-every-word-must-be-close"),
        pytest.param("Senior Chef", id="4.5-a-senior-is-no-junior"),
        pytest.param("Car Staff", id="4.5-words-of-three-letters-must-be-right"),
        pytest.param("Chew", id="4.5-names-of-four-letters-must-be-right"),
        pytest.param("Kitchen Porter 2", id="4.5-another-number-is-another-thing"),
        pytest.param("Sales Manager", id="4.5-letters-are-counted-word-by-word"),
        pytest.param("Ch", id="4.5-too-short-to-tell"),
        pytest.param("", id="4.5-nothing"),
        pytest.param("?", id="4.5-a-sign"),
    ],
)
def test_nothing_is_close(unknown: str) -> None:
    assert Spellings(TITLES).closest(unknown) is None


def test_4_5_the_closer_of_two_names_is_suggested() -> None:
    assert Spellings(["Bartenders", "Bartender"]).closest("Bartendr") == "Bartender"


def test_4_5_nothing_is_suggested_where_nothing_is_known() -> None:
    assert Spellings([]).closest("Head Chef") is None


def test_4_5_of_names_that_are_spelt_alike_always_the_same_is_suggested() -> None:
    assert {
        Spellings(names).closest("BAR STAFF") for names in (["Bar staff", "Bar Staff"], ["Bar Staff", "Bar staff"])
    } == {"Bar Staff"}


def test_4_5_one_typo_of_300_people_is_looked_for_once() -> None:
    spellings = Spellings(TITLES)
    first = spellings.closest("Head Cheff")
    spellings._left = 0  # from here on a search would find nothing
    assert [spellings.closest("Head Cheff") for _ in range(300)] == [first] * 300 == ["Head Chef"] * 300
    assert spellings.closest("Hed Chef") is None


def test_4_5_a_column_of_other_things_costs_a_bounded_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "_COMPARISONS", 10 * (len(TITLES) - 1 + suggestions._LOOK))
    spellings = Spellings(TITLES)
    assert [spellings.closest(f"Head Chef{letter}") for letter in "abcdefghijkl"] == ["Head Chef"] * 10 + [None] * 2
    assert spellings.closest("head chef") == "Head Chef"  # capitals cost no search


def test_only_a_name_that_is_unknown_loads_the_library() -> None:
    program = (
        "import sys; from peoplefeed.rules.suggestions import Spellings; known = Spellings(['Head Chef'])\n"
        "known.closest('head chef'); print('rapidfuzz' in sys.modules)\n"
        "known.closest('Head Cheff'); print('rapidfuzz' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True"]


REFERENCES = References.of(
    [
        Reference(FeedKind.JOB_TITLES, "Head Chef", "Head Chef"),
        Reference(FeedKind.DEPARTMENTS, "Housekeeping", "Housekeeping"),
        Reference(FeedKind.BUSINESS_UNITS, "0042", "Hotel Sol"),
        Reference(FeedKind.BUSINESS_UNITS, "MAD-CENTRO", "Madrid Centro"),
    ]
)


@pytest.mark.parametrize(
    ("found", "code", "meant"),
    [
        pytest.param(
            missing_job_title("7", "Head Cheff", REFERENCES), "JOB_TITLE_NOT_FOUND", "Head Chef", id="4.5-job-title"
        ),
        pytest.param(missing_job_title("7", "Diver", REFERENCES), "JOB_TITLE_NOT_FOUND", None, id="4.5-no-such-title"),
        pytest.param(
            missing_department("House Keeping", REFERENCES), "DEPARTMENT_NOT_FOUND", "Housekeeping", id="4.5-department"
        ),
        pytest.param(
            missing_business_unit("mad-centro", REFERENCES), "BUSINESS_UNIT_NOT_FOUND", "MAD-CENTRO", id="4.5-feed-id"
        ),
        pytest.param(
            missing_business_unit("42", REFERENCES), "BUSINESS_UNIT_NOT_FOUND", "0042", id="4.5-zeros-lost-on-the-way"
        ),
        pytest.param(
            missing_business_unit("hotel sol ", REFERENCES), "BUSINESS_UNIT_NOT_FOUND", "0042", id="4.5-a-units-name"
        ),
        pytest.param(
            missing_business_unit("Hotel Sol", REFERENCES), "BUSINESS_UNIT_WRONG_ID_KIND", "0042", id="4.4-name-for-id"
        ),
        pytest.param(missing_business_unit("BCN", REFERENCES), "BUSINESS_UNIT_NOT_FOUND", None, id="4.5-no-such-unit"),
    ],
)
def test_a_finding_says_what_was_probably_meant(found: Finding, code: str, meant: str | None) -> None:
    assert (found.code, found.suggestion) == (code, meant)


def test_4_2_the_sentence_stays_to_the_letter() -> None:
    assert missing_job_title("7", "Head Cheff", REFERENCES).message == (
        "Employee with external Identifier 7 not processed, Job Title with name Head Cheff does not exist"
    )
