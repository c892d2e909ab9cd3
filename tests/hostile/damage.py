"""What can happen to one line, and to a whole file."""

import gzip
import random
from collections.abc import Callable
from functools import cache

type LineDamage = Callable[[random.Random, str], str]
type FileDamage = Callable[[random.Random, bytes], bytes]

_JUNK = (
    *('"', '""', '"""', "'", ",", ";", "\t", "|", ',"', '",', '","', ";;;;", "\0", "\x07", "\x1a", "\x1b[2J", "\x0b"),
    *("\x0c", "\x1c", "\x85", "\u2028", "\ufeff", "\u200b", "\u202e", "\ufffd", "é", "{", "}", "[", "\\", "\\u0000"),
    *("=1+1", "#N/A", "NULL", "%s%n", "{}", "<!--", "\U0001f389", "e\u0301"),
)
_BAD_BYTES = (b"\xff", b"\xc3", b"\x80\x80", b"\xed\xa0\x80", b"\xf5", b"\xc0\x80")


def _insert(chance: random.Random, line: str) -> str:
    at = chance.randint(0, len(line))
    return line[:at] + chance.choice(_JUNK) * chance.choice((1, 1, 1, 2, 5)) + line[at:]


def _delete(chance: random.Random, line: str) -> str:
    at = chance.randint(0, len(line))
    return line[:at] + line[at + chance.randint(1, 9) :]


def _cut(chance: random.Random, line: str) -> str:
    return line[: chance.randint(0, len(line))]


def _several(chance: random.Random, line: str) -> str:
    for _ in range(chance.randint(2, 6)):
        line = _insert(chance, line)
    return line


def _surplus(chance: random.Random, line: str) -> str:
    return line + chance.choice(",;\t|") * chance.choice((1, 3, 199, 300)) + chance.choice(("", "more"))


def _noise(chance: random.Random, _: str) -> str:
    return "".join(chance.choice(_JUNK) for _ in range(chance.randint(1, 60)))


def _long(chance: random.Random, line: str) -> str:
    return line + chance.choice('xé"') * chance.choices((65_000, 70_000, 1_100_000), (6, 12, 1))[0]


def _shuffle(chance: random.Random, line: str) -> str:
    letters = list(line)
    chance.shuffle(letters)
    return "".join(letters)


def _break(chance: random.Random, line: str) -> str:
    at = chance.randint(0, len(line))
    return line[:at] + chance.choice("\n\r") + line[at:]


LINE_DAMAGE: tuple[LineDamage, ...] = (
    _insert,
    _insert,
    _insert,
    _several,
    _delete,
    _cut,
    _surplus,
    _noise,
    _shuffle,
    _break,
    _long,
)
"""Those that may put more characters into a line, or fewer; only the one that breaks it makes two lines of it."""


def spoiled(chance: random.Random, line: bytes) -> bytes:
    """Put bytes into a line that are no character in UTF-8."""
    at = chance.randint(0, len(line))
    return line[:at] + chance.choice(_BAD_BYTES) + line[at:]


def _truncated(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randint(0, len(data))]


def _flipped(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _spliced(chance: random.Random, data: bytes) -> bytes:
    at, end, to = (chance.randint(0, len(data)) for _ in range(3))
    return data[:to] + data[min(at, end) : max(at, end)] + data[to:]


def _holed(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.randint(1, 60) :]


def _nuls(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + bytes(chance.choice((1, 2, 100, 5000))) + data[at:]


def _marked(chance: random.Random, data: bytes) -> bytes:
    marks = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\x1f\x8b", b"PK\x03\x04")
    return chance.choice(marks) + data


def _noisy(chance: random.Random, data: bytes) -> bytes:
    noise = chance.randbytes(chance.choice((1, 50, 3000)))
    return chance.choice((noise, noise + data, data + noise))


def _junk(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.randint(1, 12)):
        at = chance.randint(0, len(data))
        data = data[:at] + chance.choice(_JUNK).encode() + data[at:]
    return data


def _repacked(chance: random.Random, data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data) if chance.random() < 0.2 else data, 1)


def _damaged_archive(chance: random.Random, data: bytes) -> bytes:
    packed = gzip.compress(data, 1)
    return chance.choice((_truncated, _flipped, _holed, _spliced, _noisy))(chance, packed)


def _swapped_ends(chance: random.Random, data: bytes) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r", b"\n\r", b"\r\r\n", b"\x85", b"\x0b", b"")))


def _bomb(chance: random.Random, data: bytes) -> bytes:
    """Unpack to more than 2 GiB, rarely: that takes seconds."""
    return gzip.compress(data, 1) + _members(chance.choice((b"\0", b"x", b"\n", b'"')))


@cache
def _members(letter: bytes) -> bytes:
    return gzip.compress(letter * (64 << 20), 1) * 33


FILE_DAMAGE: tuple[FileDamage, ...] = (
    _truncated,
    _flipped,
    _spliced,
    _holed,
    _nuls,
    _marked,
    _noisy,
    _junk,
    _repacked,
    _damaged_archive,
    _swapped_ends,
)

RARE_DAMAGE = (_bomb,)
