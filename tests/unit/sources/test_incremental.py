from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from peoplefeed.model import FeedMode
from peoplefeed.sources.incremental import moment_of
from peoplefeed.sources.inquiry import details_of, inquiry_of, wants_everybody
from peoplefeed.sources.request import Request
from peoplefeed.sources.trouble import SourceTrouble
from tests.unit.sources.examples import manifest

NOON = datetime(2026, 11, 22, 12, 0, 0, 123000, UTC)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("iso", "2026-11-22T11:50:00Z"),
        ("date", "2026-11-22"),
        ("epoch", "1795348200"),
        ("epoch-ms", "1795348200000"),
    ],
)
def test_changes_are_asked_for_from_a_little_before_the_last_poll_ended(form: str, written: str) -> None:
    read = manifest(
        request={"path": "/p", "query": {"a": "b"}},
        incremental={"query": {"filter": 'at gt "{since}"'}, "format": form, "overlap_minutes": 10},
    )
    inquiry = inquiry_of(read, NOON)
    assert inquiry.mode is FeedMode.CHANGES
    assert inquiry.request.query == {"a": "b", "filter": f'at gt "{written}"'}


def test_changes_may_be_asked_for_elsewhere_and_in_another_way() -> None:
    read = manifest(
        paginator={"type": "page"},
        incremental={
            "request": {"method": "POST", "path": "/changed", "body": {"where": [{"since": "{since}"}], "n": 1}},
            "paginator": {"type": "none"},
            "records": "map",
            "keyed_by": "id",
            "overlap_minutes": 0,
        },
    )
    inquiry = inquiry_of(read, NOON)
    assert (inquiry.request.path, inquiry.records, inquiry.keyed_by) == ("/changed", "map", "id")
    assert inquiry.request.body == {"where": [{"since": "2026-11-22T12:00:00Z"}], "n": 1}
    assert inquiry.paginator.type == "none"


def test_who_has_no_time_to_ask_for_asks_for_everybody() -> None:
    read = manifest(incremental={"query": {"since": "{since}"}})
    inquiry = inquiry_of(read, None)
    assert (inquiry.mode, inquiry.request.query) == (FeedMode.FULL, {})


def test_everybody_is_asked_for_every_few_hours() -> None:
    read = manifest(incremental={"query": {"since": "{since}"}, "full_every_hours": 6})
    assert wants_everybody(read, None, NOON)
    assert not wants_everybody(read, NOON - timedelta(hours=5, minutes=59), NOON)
    assert wants_everybody(read, NOON - timedelta(hours=6), NOON)
    assert wants_everybody(manifest(), NOON, NOON)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (None, None),
        ("", None),
        ("2026-11-22T12:00:00.123Z", NOON),
        ("2026-11-22T13:00:00.123+01:00", NOON),
        ("2026-11-22T12:00:00.123", NOON),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        (1795348800, NOON.replace(microsecond=0)),
        ("1795348800", NOON.replace(microsecond=0)),
        (1795348800123, NOON),
        ("1795348800.123", NOON),
    ],
)
def test_a_time_is_understood_in_whatever_form_it_comes(value: object, moment: datetime | None) -> None:
    assert moment_of(value) == moment


@pytest.mark.parametrize("value", ["yesterday", True, [], {}, "9" * 16, "2026-13-01"])
def test_what_is_no_time_is_not_taken_for_one(value: Any) -> None:
    with pytest.raises(ValueError, match=r"time|month|year|isoformat"):
        moment_of(value)


def test_details_are_asked_for_by_what_the_record_says() -> None:
    details = Request(path="/people/{id}", query={"of": "{company}"})
    asked = details_of(details, {"id": "a/b", "company": 7})
    assert (asked.path, asked.query) == ("/people/a%2Fb", {"of": "7"})


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": ""}, {"id": {"x": 1}}, {"id": True}])
def test_a_record_without_what_its_details_need_is_malformed(record: dict[str, Any]) -> None:
    with pytest.raises(SourceTrouble, match="SOURCE_MALFORMED: a record has no 'id'"):
        details_of(Request(path="/people/{id}"), record)
