"""What did not change costs nothing: a full feed is compared with the last one while it streams.

A fingerprint is 16 bytes of BLAKE2b over a row as received, salted with everything that could make the same
row mean something else. The file holds one record per external ID: fingerprint, length, external ID. A void
fingerprint (zeros) equals nothing; it remembers that the ID was there.
"""

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import IO

RULES_VERSION = b"1"
VOID = bytes(16)
_LENGTH = struct.Struct(">H")
_PERSON = b"peoplefeed"


def salted(*parts: bytes) -> blake2b:
    """Return a hash to copy for each row. `parts` are the header, the manifest, the tenant's epoch."""
    base = blake2b(digest_size=16, person=_PERSON)
    for part in (RULES_VERSION, *parts):
        base.update(len(part).to_bytes(4) + part)
    return base


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
            if digest != VOID and external_id not in self.untrusted
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

    def records(self, fresh: Mapping[str, bytes], outstanding: Iterable[str] = ()) -> Iterator[tuple[bytes, str]]:
        """Yield the fingerprints for the next comparison. `fresh` holds those of the rows that were looked at.

        Absent ones who are `outstanding` are remembered as void (design: held leavers must not be forgotten).
        """
        yield from ((digest, external_id) for external_id, digest in fresh.items())
        yield from ((digest, external_id) for digest, external_id in self._unchanged() if external_id not in fresh)
        yield from ((VOID, external_id) for external_id in outstanding)

    def _unchanged(self) -> Iterator[tuple[bytes, str]]:
        for digest, external_id in read_records(self.content):
            if digest != VOID and digest not in self._left and external_id not in self.untrusted:
                yield digest, external_id

    def _not_unchanged(self) -> Iterator[tuple[bytes, str]]:
        for digest, external_id in read_records(self.content):
            if digest == VOID or digest in self._left:
                yield digest, external_id
