from __future__ import annotations

import base64
import json

import pytest

from peoplefeed.api.cursors import from_cursor, to_cursor
from peoplefeed.api.errors import Reason, Refusal

QUESTION = ("log", "acme", None, "rejected")


def forged(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def digest_of(question: tuple[str | int | None, ...]) -> str:
    cursor = to_cursor(question, (1,))
    assert cursor
    content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return str(content[0])


@pytest.mark.parametrize("mark", [(7,), ("created#00000001#00", "31"), (3, "é ☕ #", "")])
def test_a_cursor_leads_back_to_its_place(mark: tuple[str | int, ...]) -> None:
    cursor = to_cursor(QUESTION, mark)
    assert cursor
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?")
    assert from_cursor(QUESTION, cursor) == mark


def test_the_last_page_has_no_cursor() -> None:
    assert to_cursor(QUESTION, None) is None
    assert from_cursor(QUESTION, None) is None


@pytest.mark.parametrize(
    "other",
    [("log", "acme", None, "parked"), ("log", "rival", None, "rejected"), ("story", "acme", None, "rejected")],
    ids=["other filter", "other tenant", "other list"],
)
def test_a_cursor_belongs_to_its_question(other: tuple[str | int | None, ...]) -> None:
    with pytest.raises(Refusal) as refused:
        from_cursor(other, to_cursor(QUESTION, ("x", "00")))
    assert refused.value.reason is Reason.CURSOR_INVALID


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        "é",
        "AAAA",
        forged({}),
        forged([]),
        forged("text"),
        forged(["0000000000000000", 1]),
        "W" * 5000,
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal) as refused:
        from_cursor(QUESTION, cursor)
    assert refused.value.reason is Reason.CURSOR_INVALID


@pytest.mark.parametrize("part", [None, True, 1.5, [], {"a": 1}, "\ud800", "x" * 1025, "é" * 513])
def test_a_forged_place_that_no_key_can_hold_is_refused(part: object) -> None:
    cursor = forged([digest_of(QUESTION), part])
    with pytest.raises(Refusal) as refused:
        from_cursor(QUESTION, cursor)
    assert refused.value.reason is Reason.CURSOR_INVALID
