from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peoplefeed.sources.links import next_link
from peoplefeed.sources.paginators import Page, Position, advance, headers_of, parameters_of
from peoplefeed.sources.trouble import SourceTrouble
from tests.unit.sources.examples import manifest

type Document = dict[str, Any]


def walk(paginator: Document, serve: Callable[[dict[str, str]], Document], *, most: int = 50) -> list[int]:
    """Ask a served HR system for page after page and return the records seen."""
    how = manifest(paginator=paginator).paginator
    at: Position | None = Position()
    seen: list[int] = []
    for _ in range(most):
        assert at is not None
        document = serve({name: str(value) for name, value in parameters_of(how, at).items()})
        records = document["records"]
        seen += records
        page = Page(
            len(records),
            repr(records),
            document,
            document.get("link"),
            bool(document.get("partial")),
            document.get("range"),
        )
        at = advance(how, at, page)
        if at is None:
            return seen
    raise AssertionError("it never ends")


def numbered(
    param: str, *, first: int, step: int, size: int = 3, **around: Any
) -> Callable[[dict[str, str]], Document]:
    """An HR system with seven records that counts its pages or records in a parameter."""

    def serve(query: dict[str, str]) -> Document:
        start = (int(query[param]) - first) * step
        return {"records": list(range(7))[start : start + size]} | around

    return serve


@pytest.mark.parametrize(
    ("paginator", "serve"),
    [
        ({"type": "page"}, numbered("page", first=1, step=3)),
        ({"type": "page", "first": 0, "param": "p"}, numbered("p", first=0, step=3)),
        ({"type": "page", "pages": "pages"}, numbered("page", first=1, step=3, pages=3)),
        ({"type": "page", "total": "total"}, numbered("page", first=1, step=3, total=7)),
        ({"type": "page", "total": "total"}, numbered("page", first=1, step=3, total="7")),
        ({"type": "page", "size": 3, "stop": "short-page"}, numbered("page", first=1, step=3)),
        ({"type": "offset"}, numbered("offset", first=0, step=1)),
        ({"type": "offset", "total": "total"}, numbered("offset", first=0, step=1, total=7)),
        ({"type": "start-index"}, numbered("startIndex", first=1, step=1, totalResults=7)),
    ],
)
def test_every_numbered_paginator_sees_everything_once(
    paginator: Document, serve: Callable[[dict[str, str]], Document]
) -> None:
    assert walk(paginator, serve) == list(range(7))


def test_a_system_that_gives_less_than_it_was_asked_for_is_still_seen_whole() -> None:
    assert walk({"type": "offset", "size": 100}, numbered("offset", first=0, step=1, size=2)) == list(range(7))


def test_the_size_of_pages_is_asked_for_by_the_parameter_named() -> None:
    def query(**paginator: Any) -> dict[str, str | int]:
        return parameters_of(manifest(paginator=paginator).paginator, Position(number=2, seen=10))

    assert query(type="page", size_param="per_page", size=5) == {"page": 3, "per_page": 5}
    assert query(type="page", size=5) == {"page": 3}
    assert query(type="offset", size=5) == {"offset": 10, "limit": 5}
    assert query(type="start-index", size=5) == {"startIndex": 11, "count": 5}


def test_more_says_whether_there_are_more() -> None:
    def serve(query: dict[str, str]) -> Document:
        return {"records": [int(query["page"])], "has_more": query["page"] != "3"}

    assert walk({"type": "page", "more": "has_more"}, serve) == [1, 2, 3]


def test_a_cursor_leads_from_page_to_page_until_there_is_none() -> None:
    pages: dict[str | None, Document] = {
        None: {"records": [1], "next": "b"},
        "b": {"records": [], "next": "c"},  # filtered empty, and still not the last
        "c": {"records": [2], "next": None},
    }
    paginator = {"type": "cursor", "next": "next", "param": "after"}
    assert walk(paginator, lambda query: pages[query.get("after")]) == [1, 2]


def test_a_cursor_may_be_a_number() -> None:
    pages: dict[str, Document] = {"": {"records": [1], "next": 17}, "17": {"records": [2]}}
    assert walk({"type": "cursor", "next": "next", "param": "c"}, lambda query: pages[query.get("c", "")]) == [1, 2]


def test_an_address_in_the_page_or_in_the_header_leads_to_the_next() -> None:
    by_body = manifest(paginator={"type": "cursor", "next": "links.next"}).paginator
    at = advance(by_body, Position(), Page(1, "a", {"links": {"next": "/p2"}}))
    assert at is not None
    assert (at.link, parameters_of(by_body, at)) == ("/p2", {})
    by_header = manifest(paginator={"type": "link-header"}).paginator
    at = advance(by_header, Position(), Page(1, "a", [], link="/p2"))
    assert at is not None
    assert at.link == "/p2"
    assert advance(by_header, at, Page(1, "b", [])) is None


def endless(**document: Any) -> Callable[[dict[str, str]], Document]:
    """An HR system that answers everything the same."""
    return lambda _query: document


def shrinking(query: dict[str, str]) -> Document:
    page = int(query["page"])
    return {"records": [page], "total": 10 - page, "pages": 10 - page}


def cycle(query: dict[str, str]) -> Document:
    step = int(query.get("c", "0"))
    return {"records": [step], "next": str((step + 1) % 5)}


def last_page_for_ever(query: dict[str, str]) -> Document:
    return {"records": [min(int(query["page"]), 3)]}


@pytest.mark.parametrize(
    ("paginator", "serve", "reason"),
    [
        ({"type": "page", "total": "total"}, shrinking, "the number of records shrank from 9 to 8"),
        ({"type": "page", "pages": "pages"}, shrinking, "the number of pages shrank"),
        ({"type": "page"}, last_page_for_ever, "page 4 repeats an earlier one"),
        ({"type": "page", "pages": "pages"}, endless(records=[], pages=2), "page 1 is empty"),
        ({"type": "offset", "total": "total"}, endless(records=[], total=9), "page 1 is empty"),
        ({"type": "page", "more": "more"}, endless(records=[], more=True), "page 1 is empty"),
        ({"type": "cursor", "next": "next", "param": "c"}, endless(records=[], next="x"), "names itself"),
        ({"type": "cursor", "next": "next", "param": "c"}, cycle, "repeats an earlier one"),
        ({"type": "none", "total": "total"}, endless(records=[1], total=2), "it has 2 records and sent 1"),
        ({"type": "page", "pages": "pages", "total": "total"}, endless(records=[1], pages=1, total=2), "sent 1"),
        ({"type": "none"}, endless(records=[1], link="/next"), "it answers in pages"),
        ({"type": "none"}, endless(records=[1], partial=True), "it answers in pages"),
    ],
)
def test_a_hint_of_missing_records_ends_the_poll(
    paginator: Document, serve: Callable[[dict[str, str]], Document], reason: str
) -> None:
    with pytest.raises(SourceTrouble, match=f"SOURCE_INCOMPLETE: .*{reason}"):
        walk(paginator, serve)


@pytest.mark.parametrize("total", [None, "many", True, [1]])
def test_a_number_that_is_none_is_malformed(total: object) -> None:
    with pytest.raises(SourceTrouble, match="SOURCE_MALFORMED: there is no number of records at 'total'"):
        walk({"type": "page", "total": "total"}, endless(records=[1], total=total))


def test_a_cursor_that_is_none_is_malformed() -> None:
    with pytest.raises(SourceTrouble, match="SOURCE_MALFORMED"):
        walk({"type": "cursor", "next": "next", "param": "c"}, endless(records=[1], next={"a": 1}))


def test_an_expression_that_does_not_fit_the_answer_is_malformed() -> None:
    for paginator in (
        {"type": "page", "total": "length(data)"},
        {"type": "page", "more": "length(data)"},
        {"type": "cursor", "next": "length(data)", "param": "c"},
    ):
        with pytest.raises(SourceTrouble, match=r"SOURCE_MALFORMED: 'length\(data\)' does not fit the answer"):
            walk(paginator, endless(records=[1]))


def test_a_text_that_is_compared_with_a_number_does_not_fit_the_answer() -> None:
    with pytest.raises(SourceTrouble, match="SOURCE_MALFORMED: 'left > `0`' does not fit the answer"):
        walk({"type": "page", "more": "left > `0`"}, endless(records=[1], left="many"))


def test_a_total_that_grows_is_followed() -> None:
    def growing(query: dict[str, str]) -> Document:
        page = int(query["page"])
        return {"records": [page], "total": 2 if page == 1 else 3}

    assert walk({"type": "page", "total": "total"}, growing) == [1, 2, 3]


@pytest.mark.parametrize(
    ("header", "target"),
    [
        (None, None),
        ("", None),
        ('<https://x/y?page=2>; rel="next"', "https://x/y?page=2"),
        ("</y>; rel=next", "/y"),
        ('</a>; rel="prev", </b>; rel="next", </c>; rel="last"', "/b"),
        ('</a,b>; title="x, y; z"; rel="last next"', "/a,b"),
        ('</a>; REL="NEXT"', "/a"),
        ('</a>; title="rel=next"; rel="prev"', None),
        ('</a>; rel="nextish"', None),
        ("</a> ; rel = next", "/a"),
        ("nonsense; rel=next", None),
    ],
)
def test_the_link_header_is_read_as_rfc_8288_writes_it(header: str | None, target: str | None) -> None:
    assert next_link(header) == target


def ranged(total: str = "7", *, size: int = 3, unit: str = "items ") -> Callable[[dict[str, str]], Document]:
    """An HR system with seven records that says in a header which ones it sends."""

    def serve(query: dict[str, str]) -> Document:
        start = int(query["skip"])
        some = list(range(7))[start : start + size]
        said = f"{start}-{start + len(some) - 1}" if some else "*"
        return {"records": some, "range": f"{unit}{said}/{total}"}

    return serve


RANGE = {"type": "content-range", "param": "skip", "size_param": "n", "size": 3}


@pytest.mark.parametrize(("total", "unit"), [("7", "items "), ("*", "items "), ("7", ""), ("*", "")])
def test_records_are_counted_by_the_content_range_until_there_are_no_more(total: str, unit: str) -> None:
    assert walk(RANGE, ranged(total, unit=unit)) == list(range(7))


def test_a_range_is_asked_for_by_the_header_where_no_parameter_is_named() -> None:
    def headers(**paginator: Any) -> dict[str, str]:
        return headers_of(manifest(paginator={"type": "content-range"} | paginator).paginator, Position(seen=100))

    assert headers() == {"Range": "items=100-199"}
    assert headers(unit="", size=50) == {"Range": "100-149"}
    assert headers(param="skip") == {}


def test_who_does_not_know_ranges_answers_with_everything() -> None:
    paginator = manifest(paginator={"type": "content-range"}).paginator
    assert advance(paginator, Position(), Page(7, "a", [])) is None


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        ({"records": [1], "range": None}, "MALFORMED", "does not say in the header Content-Range"),
        ({"records": [1], "range": "1-2-3/4"}, "MALFORMED", "does not say in the header Content-Range"),
        ({"records": [1], "range": "items 5-5/9"}, "INCOMPLETE", "calls them 5 to 5; 0 were seen"),
        ({"records": [1], "range": "items 0-2/9"}, "INCOMPLETE", "it sent 1 records and calls them 0 to 2"),
        ({"records": [], "range": "items */9"}, "INCOMPLETE", "it has 9 records and sent 0"),
    ],
)
def test_a_content_range_that_does_not_fit_ends_the_poll(answer: Document, code: str, reason: str) -> None:
    with pytest.raises(SourceTrouble, match=rf"SOURCE_{code}: .*{reason}"):
        walk(RANGE, lambda _query: answer)


def test_a_content_range_whose_total_shrinks_ends_the_poll() -> None:
    def shrink(query: dict[str, str]) -> Document:
        start = int(query["skip"])
        return {"records": [start], "range": f"items {start}-{start}/{9 - start}"}

    with pytest.raises(SourceTrouble, match=r"SOURCE_INCOMPLETE: .*shrank from 9 to 8"):
        walk(RANGE, shrink)
