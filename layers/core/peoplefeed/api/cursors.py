"""Cursors: where the next page begins, readable by the question that made them and by no other.

A cursor holds a place inside a listing, never a partition: those are made from the caller's tenant. So a forged
one can only make its own page begin somewhere else.
"""

import base64
import hashlib
import json

from peoplefeed.api.errors import Reason, Refusal

type Mark = tuple[str | int, ...]
type Question = tuple[str | int | None, ...]

_LONGEST = 4096
_LONGEST_KEY = 1024  # bytes of a sort key


def to_cursor(question: Question, mark: Mark | None) -> str | None:
    """Return the cursor of a place, None where there is none."""
    if mark is None:
        return None
    text = json.dumps([_digest(question), *mark], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(question: Question, cursor: str | None) -> Mark | None:
    """Return the place that a cursor stands for.

    Raises:
        Refusal: it is not a cursor, or another question's.
    """
    if cursor is None:
        return None
    decoded = _decoded(cursor)
    if not isinstance(decoded, list) or not decoded or decoded[0] != _digest(question):
        raise refused_cursor()
    if not all(_is_sound(part) for part in decoded[1:]):
        raise refused_cursor()
    return tuple(decoded[1:])


def refused_cursor() -> Refusal:
    """Return the refusal of a cursor that leads nowhere."""
    sentence = "This cursor does not belong to this request. Take it from the page before, with the same filters."
    return Refusal(Reason.CURSOR_INVALID, sentence, field="cursor")


def _digest(question: Question) -> str:
    text = json.dumps(question, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _decoded(cursor: str) -> object:
    if len(cursor) > _LONGEST:
        raise refused_cursor()
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise refused_cursor() from error


def _is_sound(part: object) -> bool:
    """Whether a part can stand in a key."""
    match part:
        case bool():
            return False
        case int():
            return True
        case str():
            return _is_text(part) and len(part.encode()) <= _LONGEST_KEY
        case _:
            return False


def _is_text(part: str) -> bool:
    """Whether a string can be sent at all: JSON may hold halves of characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in part)
