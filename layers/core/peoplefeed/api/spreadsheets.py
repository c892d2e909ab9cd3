"""The feed log, and rows of feeds, as CSV that is safe to open in a spreadsheet (7.3).

A cell that a spreadsheet could take for a formula begins with a tab, and if it begins like one, with an apostrophe
behind that; readers of feeds take both off again (2.8). defusedcsv is the second net.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peoplefeed.feed_log.documents import ENTRY_KEYS

_BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet reads the accents of UTF-8 as something else
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@|%＝＋－＠]")  # noqa: RUF001 - wide signs begin formulas as well
_QUOTED = ("=", "+", "-", "@")
_NUMBER = re.compile(r"-?[0-9,.]+", re.ASCII)


def to_csv(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return entries as CSV with a header line."""
    rows = ([_text(entry[key]) for key in ENTRY_KEYS] for entry in entries)
    return _BYTE_ORDER_MARK + table_to_csv([ENTRY_KEYS, *rows])


def rows_to_csv(header: Sequence[str] | None, rows: Iterable[Sequence[str]], delimiter: str) -> str:
    """Return rows of a feed as CSV; without a header they continue what came before."""
    beginning, heads = (_BYTE_ORDER_MARK, [header]) if header else ("", [])
    return beginning + table_to_csv([*heads, *rows], delimiter)


def table_to_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return a table as CSV in which no cell is calculated."""
    from defusedcsv import csv  # noqa: PLC0415 - only an export needs it

    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([defused(cell) for cell in row] for row in rows)
    return file.getvalue()


def _text(value: Any) -> str:  # noqa: ANN401 - whatever an entry has
    match value:
        case None:
            return ""
        case dict():
            return "; ".join(f"{field}: {_shown(old)} → {_shown(new)}" for field, (old, new) in value.items())
        case _:
            return str(value)


def _shown(value: object) -> str:
    return "–" if value is None else str(value)  # noqa: RUF001 - a dash stands for nothing


def defused(text: str) -> str:
    """Return text that no spreadsheet calculates."""
    if not _FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return f"\t'{text}" if text.startswith(_QUOTED) else f"\t{text}"
