from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from peoplefeed.learning_platform.mapping import CORE, ENTERPRISE, user_of
from peoplefeed.learning_platform.schemas import known_attributes, known_part
from peoplefeed.learning_platform.trouble import (
    Gone,
    HoldUp,
    Outdated,
    Refused,
    Taken,
    Unavailable,
    Unsupported,
    trouble_of,
    words_of,
)

NOW = datetime(2026, 11, 22, 13, 20, 39, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (403, Refused),
        (404, Gone),
        (405, Unsupported),
        (409, Taken),
        (410, Gone),
        (412, Outdated),
        (413, Refused),
        (422, Refused),
        (428, Outdated),
        (501, Unsupported),
    ],
)
def test_what_a_refusal_means(status: int, kind: type[Refused]) -> None:
    trouble = trouble_of(status, {}, {"detail": "no"}, NOW)
    assert type(trouble) is kind
    assert trouble.reason == f"it answered {status}: no"
    assert str(trouble) == str(status)  # what reaches a log line


@pytest.mark.parametrize(
    ("status", "hold_up"),
    [
        (301, HoldUp.MISCONFIGURED),
        (401, HoldUp.CREDENTIALS),
        (408, HoldUp.OUTAGE),
        (425, HoldUp.OUTAGE),
        (429, HoldUp.RATE_LIMIT),
        (500, HoldUp.OUTAGE),
        (503, HoldUp.OUTAGE),
        (599, HoldUp.OUTAGE),
    ],
)
def test_8_3_what_costs_time_only(status: int, hold_up: HoldUp) -> None:
    trouble = trouble_of(status, {"Retry-After": "7"}, None, NOW)
    assert isinstance(trouble, Unavailable)
    assert trouble.hold_up is hold_up
    assert trouble.pause == (7.0 if hold_up in {HoldUp.OUTAGE, HoldUp.RATE_LIMIT} else None)


def test_uniqueness_can_be_a_400() -> None:
    assert isinstance(trouble_of(400, {}, {"scimType": "uniqueness"}, NOW), Taken)


@pytest.mark.parametrize("document", [None, [], "no", 5])
def test_a_refusal_without_words_is_one_too(document: Any) -> None:
    trouble = trouble_of(400, {}, document, NOW)
    assert isinstance(trouble, Refused)
    assert trouble.reason == "it answered 400"


def test_words_are_one_line_and_not_too_long() -> None:
    assert words_of({"scimType": "invalidValue", "detail": " a\r\n\tb\x00c "}) == "invalidValue: a b c"
    assert len(words_of({"detail": "x" * 10_000})) == 300


SCHEMAS = {
    "Resources": [
        {"id": CORE, "attributes": [{"name": "UserName"}, {"name": "title"}, "nonsense"]},
        {"id": ENTERPRISE, "attributes": [{"name": "department"}]},
        "nonsense",
    ]
}


def test_only_what_a_platform_knows_is_sent_to_it() -> None:
    user = user_of({"external_id": "E1", "active": True, "email": "a@x.org", "job_title": "Chef", "department": "Bar"})
    assert known_part(user, known_attributes(SCHEMAS)) == {
        "schemas": [CORE, ENTERPRISE],
        "externalId": "E1",
        "userName": "a@x.org",
        "active": True,
        "title": "Chef",
        ENTERPRISE: {"department": "Bar"},
    }


def test_an_extension_that_is_not_known_is_not_named_either() -> None:
    known = known_attributes({"Resources": [{"id": CORE, "attributes": [{"name": "title"}]}]})
    part = known_part(user_of({"external_id": "E1", "active": True}), known)
    assert part == {"schemas": [CORE], "externalId": "E1", "userName": "E1", "active": True}


@pytest.mark.parametrize("document", [{}, {"Resources": None}, {"Resources": [{"id": CORE}]}, {"Resources": [{}]}])
def test_a_platform_that_does_not_describe_users_is_sent_everything(document: dict[str, Any]) -> None:
    user = user_of({"external_id": "E1", "active": True})
    assert known_part(user, known_attributes(document)) == user
