"""Which accounts a comparison has seen: digests in items of their own, for all may be more than one item holds."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get_many
from peoplefeed.dynamo.writes import Update, assignments, write
from peoplefeed.times import seconds, stamp

_DIGEST = 8
_DAY = 24 * 3600

MOST_BYTES = 320 * 1024
"""Of digests in one item, which may be 400 KB: 40,000 accounts, and a page more."""


def remember_seen(deployment: Deployment, key: keys.Key, seen: bytes, now: datetime) -> None:
    """Put down the accounts that one slice of a comparison has seen."""
    values: dict[str, Value] = {"seen": seen, "expires": seconds(stamp(now)) + 2 * _DAY}
    write(deployment.dynamodb, Update(deployment.names.directory_table, key, assignments(values), values))


def find_seen(deployment: Deployment, wanted: Iterable[keys.Key]) -> frozenset[bytes]:
    """Return the digests of all accounts that these slices have seen."""
    found = get_many(deployment.dynamodb, deployment.names.directory_table, wanted)
    return frozenset(digest for item in found for digest in _digests_in(item["seen"]))


def digest_of(account_id: str) -> bytes:
    """Return what an account is known by."""
    return hashlib.blake2b(account_id.encode(), digest_size=_DIGEST).digest()


def holds(packed: bytearray, digest: bytes) -> bool:
    """Whether one of the digests put together is this."""
    place = packed.find(digest)
    while place >= 0 and place % _DIGEST:
        place = packed.find(digest, place + 1)
    return place >= 0


def _digests_in(packed: bytes) -> Iterator[bytes]:
    return (packed[start : start + _DIGEST] for start in range(0, len(packed), _DIGEST))
