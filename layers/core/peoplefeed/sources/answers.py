"""The records in an answer: those of a page, or one after the other those of a file that may hold everybody."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from peoplefeed.sources.connection import MIB
from peoplefeed.sources.exchange import Answer
from peoplefeed.sources.inquiry import Inquiry
from peoplefeed.sources.paginators import look_up
from peoplefeed.sources.selection import UNFIT, Selection, selection_of
from peoplefeed.sources.streaming import Document, encoding_of
from peoplefeed.sources.trouble import SourceTrouble, malformed

type Record = dict[str, Any]

_DEEPEST, _MOST_KEYS, _MOST_NAMED = 3, 20, 3
_KEY = re.compile(r"[A-Za-z_]{1,40}")

_FILES = ("csv", "tab-separated", "ndjson", "jsonl", "json-lines", "gzip", "spreadsheet", "excel")
"""What stands in the media types of files."""


@dataclass(slots=True)
class Spooled:
    """An answer whose body is in a file. `rest` is what stands around its records, known when all of them were read.

    `error` is where it says that something went wrong.
    """

    answer: Answer
    file: IO[bytes]
    encoding: str
    inquiry: Inquiry
    error: str | None
    rest: Any = field(default=None, init=False)

    def records(self, most: int) -> Iterator[Record]:
        """Yield every record: one by one, or from memory where that needs everything and it is no more than `most`.

        Raises:
            SourceTrouble: it is not what the manifest says, or more.
        """
        selection = selection_of(self.inquiry.records)
        if selection is None:
            self.rest = self._whole(most)
        else:
            yield from self._selected(selection)
        yield from records_in(self.inquiry, self.rest, self.error)

    def _selected(self, selection: Selection) -> Iterator[Record]:
        keyed_by = self.inquiry.keyed_by
        document = Document(self.file, encoding_of(self.file, self.encoding), selection)
        try:
            for key, member in document.members(keyed=keyed_by is not None):
                for record in _of_member(self.inquiry, selection, member):
                    yield record | {keyed_by: key} if keyed_by and key else record
        except (ValueError, RecursionError) as error:
            raise _no_json(self.answer) from error
        self.rest = document.rest

    def _whole(self, most: int) -> Any:  # noqa: ANN401 - whatever JSON holds
        size = self.file.seek(0, 2)
        if size > most:
            raise malformed(
                f"'{self.inquiry.records}' needs the whole answer in memory, which has more than {most // MIB} MiB; "
                "let 'records' only name the list, like rows, rows[?active] or data[].employees[], unsorted."
            )
        self.file.seek(0)
        return _read(self.answer, self.file.read(), self.encoding)


def document_of(answer: Answer, encoding: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the JSON that an answer is.

    Raises:
        SourceTrouble: it is none.
    """
    return _read(answer, answer.body, encoding)


def records_in(inquiry: Inquiry, document: Any, error: str | None) -> list[Record]:  # noqa: ANN401 - whatever JSON holds
    """Return the records that a document holds.

    Raises:
        SourceTrouble: there is no list of them, or it says at `error` that something went wrong.
    """
    found = look_up(inquiry.records, document)
    if found is None and _has_nothing(inquiry, document):
        return []
    if error is not None and isinstance(document, dict) and look_up(error, document):
        # Not repeated: nobody knows what stands in it.
        raise malformed(f"it says at '{error}' that something went wrong, although its status is a success.")
    if isinstance(found, dict) and inquiry.keyed_by:
        found = [
            record | {inquiry.keyed_by: key} if isinstance(record, dict) else record for key, record in found.items()
        ]
    if not isinstance(found, list):
        raise malformed(f"there is no list of records at '{inquiry.records}'{_instead(document)}.")
    return _all_records(inquiry, found)


def _of_member(inquiry: Inquiry, selection: Selection, member: Any) -> list[Record]:  # noqa: ANN401 - whatever JSON holds
    try:
        found = selection.of(member)
    except UNFIT as error:
        raise malformed(f"'{inquiry.records}' does not fit the answer.") from error
    return _all_records(inquiry, found)


def _all_records(inquiry: Inquiry, found: list[Any]) -> list[Record]:
    if not all(isinstance(record, dict) for record in found):
        raise malformed(f"the list at '{inquiry.records}' holds something other than records.")
    return found


def _instead(document: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Say where lists of records are, if there are some: names of keys only, and none of a map of people (7.5)."""
    found = list(islice(_lists_in(document, "", _DEEPEST), _MOST_NAMED))
    return f"; there is one at {' and at '.join(found)}" if found else ""


def _lists_in(inner: Any, place: str, deepest: int) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        yield f"'{place or '@'}'"
    if isinstance(inner, dict) and deepest and len(inner) <= _MOST_KEYS:
        for key, value in inner.items():
            if _KEY.fullmatch(key):
                yield from _lists_in(value, f"{place}.{key}" if place else key, deepest - 1)


def _has_nothing(inquiry: Inquiry, document: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    """Whether there is no list since there is nobody (RFC 7644, 3.4.2: `Resources` may be missing)."""
    if inquiry.empty is not None and look_up(inquiry.empty, document):
        return True
    total = getattr(inquiry.paginator, "total", None)
    return total is not None and look_up(total, document) == 0


def _read(answer: Answer, body: bytes, encoding: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read JSON: UTF-8 (or UTF-16, UTF-32), else the source's own encoding (2.8)."""
    try:
        try:
            return json.loads(body)
        except UnicodeDecodeError:
            return json.loads(body.decode(encoding))
    except (ValueError, RecursionError) as error:
        raise _no_json(answer) from error


def _no_json(answer: Answer) -> SourceTrouble:
    kind = answer.content_type.partition(";")[0].strip() or "something"
    remedy = "; files, also of JSON lines, want format 'csv'" if any(word in kind for word in _FILES) else ""
    return malformed(f"it answers with {kind[:60]!r} that is not JSON{remedy}.")
