"""What is put down of each row of a full feed for the next one, and for what comes late (3.10)."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplefeed.runs.fingerprints import VOID, Comparison, is_void, last_seen, read_records, seen_at, write_records
from peoplefeed.times import is_stamp, stamp

NOW, BEFORE, LONG_AGO = "2026-11-22T14:00:00.123Z", "2026-11-21T09:30:00.000Z", "2026-01-01T00:00:00.000Z"
A, B = b"a" * 16, b"b" * 16


def file_of(*records: tuple[bytes, str]) -> bytes:
    file = BytesIO()
    write_records(file, records)
    return file.getvalue()


@given(st.datetimes().map(stamp))
def test_3_10_a_void_fingerprint_says_how_old_the_feed_was(age: str) -> None:
    assert is_stamp(age)
    assert is_void(seen_at(age))
    assert last_seen(seen_at(age), NOW) == age


def test_3_10_a_fingerprint_is_of_its_own_feed_and_zeros_of_none() -> None:
    assert (last_seen(A, NOW), last_seen(VOID, NOW), is_void(A), is_void(VOID)) == (NOW, None, False, True)


def test_whoever_is_to_be_looked_at_again_is_known_to_nobody_and_not_forgotten() -> None:
    comparison = Comparison(file_of((seen_at(NOW), "E1"), (VOID, "E2"), (A, "E3")))
    assert [comparison.knows(digest) for digest in (seen_at(NOW), VOID, A)] == [False, False, True]
    assert comparison.absent(()) == {"E1", "E2"}


@pytest.mark.parametrize(
    ("fresh", "seen"),
    [
        pytest.param({}, {"E1": seen_at(BEFORE), "E2": seen_at(BEFORE), "E4": seen_at(LONG_AGO)}, id="absent"),
        pytest.param({"E1": VOID, "E2": seen_at(NOW), "E4": B}, {"E1": seen_at(BEFORE)}, id="there-in-vain-or-well"),
    ],
)
def test_3_10_whom_earlier_feeds_had_and_this_one_has_not(fresh: dict[str, bytes], seen: dict[str, bytes]) -> None:
    content = file_of((B, "E1"), (seen_at(BEFORE), "E2"), (A, "E3"), (seen_at(LONG_AGO), "E4"))
    comparison = Comparison(content)
    comparison.knows(A)
    assert comparison.seen_earlier(content, BEFORE, fresh) == seen


def test_3_10_everybody_is_looked_at_where_nothing_was_compared() -> None:
    content = file_of((A, "E1"), (B, "E2"))
    assert Comparison().seen_earlier(content, BEFORE, {"E1": A}) == {"E2": seen_at(BEFORE)}


def test_there_is_one_record_of_each_external_id() -> None:
    earlier = {who: seen_at(BEFORE) for who in ("E1", "E2", "E3")}
    records = list(Comparison().records({"E1": VOID, "E5": A}, ["E2", "E4"], earlier))
    assert sorted(who for _, who in records) == ["E1", "E2", "E3", "E4", "E5"]
    assert {who: digest for digest, who in records} == {**earlier, "E4": VOID, "E5": A}
    assert list(read_records(file_of(*records))) == records
