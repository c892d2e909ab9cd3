"""Which accounts a comparison has seen: as many digests as one item holds, and no more."""

from __future__ import annotations

from peoplefeed.dynamo import keys
from peoplefeed.learning_platform.seen import MOST_BYTES, digest_of, find_seen, holds, remember_seen
from tests.integration.learning_platform.conftest import Scene


def test_one_item_holds_as_many_as_are_given_to_it_and_a_page_more(odd_scene: Scene) -> None:
    seen = b"".join(digest_of(str(number)) for number in range(MOST_BYTES // 8 + 200))
    remember_seen(odd_scene.deployment, keys.seen_accounts("acme", "today", 0), seen, odd_scene.now)
    assert len(find_seen(odd_scene.deployment, [keys.seen_accounts("acme", "today", 0)])) == MOST_BYTES // 8 + 200


def test_a_digest_is_found_where_one_begins_and_nowhere_else() -> None:
    packed = bytearray(b"abcdefghefghabcd12345678")
    assert [holds(packed, digest) for digest in (b"efghabcd", b"12345678", b"efghefgh", b"abcd1234")] == [
        True, True, False, False,
    ]  # fmt: skip
