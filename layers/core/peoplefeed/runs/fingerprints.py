"""What did not change costs nothing: a full feed is compared with the last one while it streams.

A fingerprint is 16 bytes of BLAKE2b over a row as received, salted with everything that could make the same
row mean something else. The file holds one record per external ID: fingerprint, length, external ID. A void
fingerprint equals nothing; it remembers that the ID was there. One of zeros says nothing more, the others how old the
full feed is in which a row of theirs was applied last (3.10).
"""

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import IO

RULES_VERSION = b"1"
VOID = bytes(16)
_VOIDS = bytes(7)  # no digest begins so; if one did, its row would be looked at once more
_SEEN = bytes(7) + b"\1"
_LENGTH = struct.Struct(">H")
_PERSON = b"peoplefeed"


def salted(*parts: bytes) -> blake2b:
    """Return a hash to copy for each row. `parts` are the header, the manifest, the tenant's epoch."""
    base = blake2b(digest_size=16, person=_PERSON)
    for part in (RULES_VERSION, *parts):
        base.update(len(part).to_bytes(4) + part)
    return base


def seen_at(age: str) -> bytes:
    """Return the void fingerprint of somebody whose row was applied in a full feed of that age."""
    return _SEEN + int("".join(filter(str.isdigit, age))).to_bytes(8)


def last_seen(digest: bytes, age: str) -> str | None:
    """Return how old the full feed is in which a row was applied last; `age` is that of the file's own feed."""
    if not is_void(digest):
        return age
    if not digest.startswith(_SEEN):
        return None
    told = f"{int.from_bytes(digest[8:]):017}"
    return f"{told[:4]}-{told[4:6]}-{told[6:8]}T{told[8:10]}:{told[10:12]}:{told[12:14]}.{told[14:]}Z"


def is_void(digest: bytes) -> bool:
    """Whether a fingerprint equals nothing."""
    return digest.startswith(_VOIDS)


def write_records(file: IO[bytes], records: Iterable[tuple[bytes, str]]) -> None:
    """Write fingerprints with their external IDs."""
    for digest, external_id in records:
        name = external_id.encode()
        file.write(digest + _LENGTH.pack(len(name)) + name)


def read_records(content: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield what `write_records` wrote."""
    at, end = 0, len(content)
    while at < end:
        (length,) = _LENGTH.unpack_from(content, at + 16)
        yield content[at : at + 16], content[at + 18 : at + 18 + length].decode()
        at += 18 + length


@dataclass(slots=True)
class Comparison:
    """A full feed against the fingerprints of the one before.

    `content` is that file, `untrusted` the external IDs that something else touched since. Rows are told by
    `knows`; each fingerprint is good for one row, so that an ID that stands twice is looked at.
    """

    content: bytes = b""
    untrusted: Collection[str] = ()
    _left: set[bytes] = field(default_factory=set)
    _known: int = 0

    def __post_init__(self) -> None:
        """Collect what can be trusted."""
        self._left = {
            digest
            for digest, external_id in read_records(self.content)
            if not is_void(digest) and external_id not in self.untrusted
        }

    def knows(self, digest: bytes) -> bool:
        """Whether this very row was there before, and nothing happened to its employee since."""
        if digest not in self._left:
            return False
        self._left.remove(digest)
        self._known += 1
        return True

    def contradicted(self, external_ids: Collection[str]) -> dict[bytes, str]:
        """Return the rows taken for unchanged though their ID stands in another row of the feed too."""
        if not self._known or not external_ids:
            return {}
        return {digest: external_id for digest, external_id in self._unchanged() if external_id in external_ids}

    def absent(self, fresh: Collection[str]) -> set[str]:
        """Return whom the last full feed had and this one lacks (1.5), and whom something touched since.

        `fresh` are the external IDs of the rows that were looked at.
        """
        missing = {external_id for _, external_id in self._not_unchanged()} | set(self.untrusted)
        return missing - set(fresh)

    def seen_earlier(self, content: bytes, age: str, fresh: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return void fingerprints of whom earlier full feeds had and this one has not (3.10).

        `content` is the file of the last one, compared with or not, and `age` how old that is.
        """
        seen: dict[str, bytes] = {}
        for digest, external_id in read_records(content):
            is_here = fresh[external_id] != VOID if external_id in fresh else self._is_unchanged(digest, external_id)
            if not is_here and (earlier := last_seen(digest, age)):
                seen[external_id] = seen_at(earlier)
        return seen

    def records(
        self, fresh: Mapping[str, bytes], outstanding: Iterable[str] = (), earlier: Mapping[str, bytes] | None = None
    ) -> Iterator[tuple[bytes, str]]:
        """Yield the fingerprints for the next comparison. `fresh` holds those of the rows that were looked at.

        Absent ones who are `outstanding` are remembered as void (design: held leavers must not be forgotten), and so
        is whom `earlier` full feeds had.
        """
        seen = earlier or {}
        yield from ((seen.get(external_id, digest), external_id) for external_id, digest in fresh.items())
        yield from ((digest, external_id) for digest, external_id in self._unchanged() if external_id not in fresh)
        absent = {*outstanding, *seen} - fresh.keys()
        yield from ((seen.get(external_id, VOID), external_id) for external_id in sorted(absent))

    def _unchanged(self) -> Iterator[tuple[bytes, str]]:
        for digest, external_id in read_records(self.content):
            if self._is_unchanged(digest, external_id):
                yield digest, external_id

    def _is_unchanged(self, digest: bytes, external_id: str) -> bool:
        is_known = bool(self.content) and not is_void(digest) and digest not in self._left
        return is_known and external_id not in self.untrusted

    def _not_unchanged(self) -> Iterator[tuple[bytes, str]]:
        for digest, external_id in read_records(self.content):
            if is_void(digest) or digest in self._left:
                yield digest, external_id
