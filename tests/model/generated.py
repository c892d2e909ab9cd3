"""Small worlds full of quarrels, for Hypothesis: few people, fewer addresses, and all that can be wrong with a row."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model.state import Cells

TITLES = ("Chef", "Waiter", "Cook")
DEPARTMENTS = ("Bar", "Kitchen")
UNITS = (("u1", "Harbour"), ("u2", "Hill"))
ADDRESSES = ("a@x.es", "b@x.es", "c@x.es", "d@x.es")
PEOPLE = tuple(f"p{number}" for number in range(1, 9))
NEAR = ("7", "07", "007")

_NAMES = st.sampled_from((("Ana", "Sol"), ("Ana", "Mar"), ("Ben", "Rey"), ("Ben", "Sol")))
_FAULTS = st.sampled_from(
    (
        {"external_id": ""},
        {"external_id": "x" * 129},
        {"first_name": " "},
        {"last_name": ""},
        {"job_title": ""},
        {"email": "a@@x.es"},
        {"start_date": "31/02/2026"},
        {"status": "gone"},
        {"last_name": "y" * 101},
        {"line": '"stray,x'},
        {"line": "p1,too,few"},
    )
)


def who() -> st.SearchStrategy[str]:
    """One of a few people, some of whom a spreadsheet could mix up (3.14)."""
    return st.sampled_from(PEOPLE + NEAR)


@st.composite
def rows(draw: st.DrawFn, *, faulty: int = 12) -> Cells:
    """One row about one of a few people; one in `faulty` is broken or invalid."""
    first, last = draw(_NAMES)
    cells = {
        "external_id": draw(who()),
        "first_name": first,
        "last_name": last,
        "email": draw(st.sampled_from((*ADDRESSES, *ADDRESSES, "", "A@X.es"))),
        "job_title": draw(st.sampled_from(("Chef",) * 6 + ("Waiter", "Cook", "Nobody"))),
        "department": draw(st.sampled_from(("", "", "Bar", "Kitchen", "Attic"))),
        "business_unit_id": draw(st.sampled_from(("", "", "u1", "u2", "Harbour", "u9"))),
        "status": draw(st.sampled_from(("", "Active", "Active", "Active", "Inactive"))),
        "start_date": draw(st.sampled_from(("", "", "01/02/2026"))),
        "profile": draw(st.sampled_from(("", "", "manager", "king"))),
    }
    fault = draw(_FAULTS) if draw(st.integers(1, faulty)) == 1 else {}
    return fault if "line" in fault else cells | fault


@st.composite
def movers(draw: st.DrawFn) -> Cells:
    """A row of nothing but who and which address: the densest quarrels."""
    status = draw(st.sampled_from(("Active",) * 5 + ("Inactive", "")))
    cells = {"external_id": draw(st.sampled_from(PEOPLE)), "first_name": "Ana", "last_name": "Sol", "job_title": "Chef"}
    return cells | {"email": draw(st.sampled_from((*ADDRESSES, "e@x.es", "f@x.es", ""))), "status": status}


def feeds(*, most: int = 10, faulty: int = 12) -> st.SearchStrategy[list[Cells]]:
    """Return feeds of a few rows."""
    return st.lists(rows(faulty=faulty), min_size=1, max_size=most)


def dense_feeds(*, most: int = 10) -> st.SearchStrategy[list[Cells]]:
    """Return feeds of people who want each other's addresses."""
    return st.lists(movers(), min_size=1, max_size=most)
