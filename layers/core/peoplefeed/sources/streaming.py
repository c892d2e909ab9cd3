"""A JSON document that is read member by member: memory holds one of them, and what stands around the list.

The library decodes each value, as fast and as exactly as it would the whole; here are only brackets, keys and commas.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from peoplefeed.sources.selection import Selection, Spread, Step
from peoplefeed.sources.trouble import malformed

_PIECE = 256 * 1024
_MOST_CHARACTERS = 64 * 1024 * 1024
_CUT = 16
"""So near to the end of what has been read, a word, a number or an escape may be cut in two."""

_BLANK = " \t\n\r"
_BEGINNINGS = '{["-0123456789tfnNI'
_decode = json.JSONDecoder().raw_decode


def encoding_of(file: IO[bytes], fallback: str) -> str:
    """Return how a document is encoded: UTF-8 (UTF-16, UTF-32) if all of it can be read so, else `fallback` (2.8)."""
    file.seek(0)
    piece = file.read(_PIECE)
    name = json.detect_encoding(piece)
    decoder = _decoder(name)
    try:
        while piece:
            decoder.decode(piece)
            piece = file.read(_PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return fallback
    return name


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)("surrogatepass")  # as the library has it


@dataclass(slots=True)
class Document:
    """A document in a file, with a list (or a map) where a selection says.

    `rest` is the document without the members, known when all of them were read; `is_there` whether there was what the
    selection wants. If not, `rest` is the whole document.
    """

    file: IO[bytes]
    encoding: str
    selection: Selection
    rest: Any = field(default=None, init=False)
    is_there: bool = field(default=False, init=False)

    def members(self, *, keyed: bool = False) -> Iterator[tuple[str, Any]]:
        """Yield what the selection looks at, with its key if there may be a map of records, else with an empty one.

        Raises:
            ValueError: it is not JSON.
            SourceTrouble: one value is too large to be read.
        """
        self.file.seek(0)
        text = _Text(self.file, _decoder(self.encoding))
        self.rest = yield from self._walk(text, self.selection.path, keyed=keyed and self.selection.is_plain)
        text.end()

    def _walk(self, text: _Text, path: Sequence[str | int], *, keyed: bool) -> Generator[tuple[str, Any], None, Any]:
        """Go down the path; the generator's own value is what was found, without the members."""
        match text.peek(), path[:1]:
            case "[", () if not self.selection.is_map:
                self.is_there = True
                yield from self._listed(text)
                return []
            case "{", () if keyed or self.selection.is_map:
                self.is_there = True
                yield from self._mapped(text, keyed=keyed)
                return {}
            case "{", (str(name),):
                rest: dict[str, Any] = {}
                for key in text.names():
                    found = self._walk(text, path[1:], keyed=keyed) if key == name else None
                    rest[key] = (yield from found) if found else text.value()
                return rest
            case "[", (int(place),):
                others: list[Any] = []
                for at, _ in enumerate(text.members("[", "]")):
                    found = self._walk(text, path[1:], keyed=keyed) if at == place else None
                    others.append((yield from found) if found else text.value())
                return others
            case _:
                return text.value()

    def _listed(self, text: _Text) -> Iterator[tuple[str, Any]]:
        part = self.selection.part
        for at, _ in enumerate(text.members("[", "]")):
            if part is None or at in part:
                yield from (("", member) for member in _down(text, self.selection.steps))
            else:
                text.value()

    def _mapped(self, text: _Text, *, keyed: bool) -> Iterator[tuple[str, Any]]:
        for key in text.names():
            yield from ((key if keyed else "", member) for member in _down(text, self.selection.steps))


def _down(text: _Text, steps: Sequence[Step]) -> Iterator[Any]:
    """Go down from a member, and yield what is there; what has no such name or place has nothing."""
    match text.peek(), steps:
        case _, ():
            yield text.value()
        case "[", (Spread(), *further):
            for _ in text.members("[", "]"):
                yield from _down(text, further)
        case _, (Spread(), *further):
            yield from _down(text, further)
        case "{", (str(name), *further):
            for key in text.names():
                yield from _found(text, further) if key == name else _passed(text)
        case "[", (int(place), *further):
            for at, _ in enumerate(text.members("[", "]")):
                yield from _found(text, further) if at == place else _passed(text)
        case _:
            text.value()


def _found(text: _Text, steps: Sequence[Step]) -> Iterator[Any]:
    """Go on from what a name or place stands for; a null is as if it were missing."""
    return _passed(text) if text.peek() == "n" else _down(text, steps)


def _passed(text: _Text) -> Iterator[Any]:
    """Read over a value."""
    text.value()
    yield from ()


@dataclass(slots=True)
class _Text:
    """The text of a document, of which a window is in memory."""

    file: IO[bytes]
    decoder: codecs.IncrementalDecoder
    window: str = ""
    at: int = 0
    is_whole: bool = False

    def peek(self) -> str:
        """Return the next character that is not blank, nothing at the end."""
        while True:
            while self.at < len(self.window):
                if self.window[self.at] not in _BLANK:
                    return self.window[self.at]
                self.at += 1
            if self.is_whole:
                return ""
            self._grow()

    def members(self, opening: str, closing: str) -> Iterator[None]:
        """Yield before each member of an array or object."""
        self._take(opening)
        if self.peek() != closing:
            yield
            while self.peek() != closing:
                self._take(",")
                yield
        self._take(closing)

    def names(self) -> Iterator[str]:
        """Yield each key of an object, standing before its value."""
        for _ in self.members("{", "}"):
            key = self.value()
            if not isinstance(key, str):
                raise ValueError("a key is no text")  # noqa: TRY004 - the document is wrong, not our code
            self._take(":")
            yield key

    def value(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Read one value whole."""
        if self.peek() not in _BEGINNINGS or not self.peek():
            raise ValueError("there is no value")
        while True:
            try:
                value, end = _decode(self.window, self.at)
            except json.JSONDecodeError as error:
                if self.is_whole or not self._may_be_cut(error):
                    raise
            else:
                if self.is_whole or end + _CUT <= len(self.window):  # else a number may go on
                    self.at = end
                    return value
            self._grow()

    def end(self) -> None:
        """See that nothing follows."""
        if self.peek():
            raise ValueError("something follows the document")

    def _take(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise ValueError(f"there is no '{wanted}'")
        self.at += 1

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.window) - _CUT

    def _grow(self) -> None:
        """Read on: as much as there is already, so that a large value is not tried too often."""
        self.window, self.at = self.window[self.at :], 0
        if len(self.window) > _MOST_CHARACTERS:
            raise malformed(f"one value in it has more than {_MOST_CHARACTERS // 1024**2} million characters.")
        piece = self.file.read(max(_PIECE, len(self.window)))
        self.is_whole = not piece
        self.window += self.decoder.decode(piece, final=self.is_whole)
