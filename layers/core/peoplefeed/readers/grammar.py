"""The grammar of one CSV record: its cells, or nothing where a quotation mark is astray (2.5).

A cell is quoted as a whole (spaces around the quotation marks do not matter, and `""` inside is one of them), or it
is bare; then quotation marks in it come in pairs: `José "Pepe" García` is a name, `An"a` is a fault.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import batched

DELIMITERS = (",", ";", "\t", "|")
_QUOTED = r' *+"(?:[^"]++|"")*+" *+'
_BARE = r'(?! *+")[^"{mark}\r\n]*+(?:"[^"{mark}\r\n]*+"[^"{mark}\r\n]*+)*+'


@dataclass(frozen=True, slots=True)
class Grammar:
    """How the records of one delimiter are told apart into cells."""

    delimiter: str
    cell: re.Pattern[str]

    def split(self, text: str) -> list[str] | None:
        """Return the cells of a record as they are meant, None if it is not well-formed."""
        if '"' not in text:
            return text.split(self.delimiter)
        return self._plainly_quoted(text) or self._quoted(text)

    def _plainly_quoted(self, text: str) -> list[str] | None:
        """Return the cells if nothing but delimiters stands beside quotation marks: twice as fast as looking closely.

        Between two marks is what is quoted, then what is not, and so on.
        """
        mark = self.delimiter
        before, *parts = (text + mark).split('"')
        if (before and before[-1] != mark) or len(parts) % 2:
            return None
        cells = before[:-1].split(mark) if before else []
        for quoted, bare in batched(parts, 2, strict=True):
            if bare[:1] != mark or bare[-1] != mark:
                return None
            cells.append(quoted)
            if len(bare) > 1:
                cells += bare[1:-1].split(mark)
        return cells

    def _quoted(self, text: str) -> list[str] | None:
        cells: list[str] = self.cell.findall(self.delimiter + text)
        if self.delimiter.join(cells) != text:  # something between them is no cell
            return None
        if ' "' in text or '" ' in text:
            cells = [inner if (inner := cell.strip(" "))[:1] == '"' else cell for cell in cells]
        return [cell[1:-1].replace('""', '"') if cell[:1] == '"' else cell for cell in cells]

    def record_of(self, width: int) -> re.Pattern[bytes]:
        """Return what records of so many cells look like before decoding, with or without empty ones after them."""
        mark = re.escape(self.delimiter)
        cell = f"(?:{_cell(mark)})"
        return re.compile(f'{cell}(?:{mark}{cell}){{{width - 1}}}(?:{mark} *+(?:"" *+)?)*+[\\r\\n]*+'.encode())


@cache
def grammar(delimiter: str) -> Grammar:
    """Return the grammar of a delimiter."""
    mark = re.escape(delimiter)
    return Grammar(delimiter, re.compile(f"{mark}({_cell(mark)})"))


def _cell(mark: str) -> str:
    return f"{_QUOTED}|{_BARE.format(mark=mark)}"
