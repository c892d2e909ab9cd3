"""CSV files: sound in many forms, then damaged in one line or as a whole."""

import csv
import gzip
import io
import random
from dataclasses import dataclass

from tests.hostile import damage
from tests.hostile.cases import COLUMNS, Case, cells_of, people

_ONE_IN = 4000


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. Each of these can be told from the file alone."""

    delimiter: str
    quoting: int
    end: str
    encoding: str

    @classmethod
    def any(cls, chance: random.Random) -> "Form":
        """Return one of the forms."""
        return cls(
            delimiter=chance.choice(",;\t|"),
            quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
            end=chance.choice(("\n", "\r\n", "\r")),
            encoding=chance.choice(("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16")),
        )

    def records(self, table: list[list[str]]) -> list[str]:
        """Return header and rows as records without their ends."""
        return [self._record(row) for row in ([*COLUMNS], *table)]

    def _record(self, row: list[str]) -> str:
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=self.delimiter, quoting=self.quoting, lineterminator="").writerow(row)  # type: ignore[arg-type] # any of the constants
        return file.getvalue()

    def bytes_of(self, records: list[str]) -> bytes:
        """Return a file of these records; what its encoding lacks becomes a question mark."""
        return (self.end.join(records) + self.end).encode(self.encoding, "replace")


def make(chance: random.Random) -> Case:
    """Return a CSV file."""
    form, table = Form.any(chance), people(chance)
    if chance.random() < 0.6:
        return _damaged_line(chance, form, table)
    data = form.bytes_of(form.records(table))
    if chance.random() < 0.1:
        packed = chance.random() < 0.5
        return Case("sound", gzip.compress(data, 1) if packed else data, expected=cells_of(table))
    if chance.randrange(_ONE_IN) == 0:
        return Case("bomb", chance.choice(damage.RARE_DAMAGE)(chance, data))
    spoil = chance.choice(damage.FILE_DAMAGE)
    return Case(f"file{spoil.__name__}", spoil(chance, data))


def _damaged_line(chance: random.Random, form: Form, table: list[list[str]]) -> Case:
    records = form.records(table)
    at = chance.randrange(len(table))
    expected = cells_of(table)
    if form.encoding.startswith(("utf-8", "cp")) and chance.random() < 0.15:
        before, line, after = (
            form.bytes_of(part) for part in (records[: at + 1], records[at + 1 : at + 2], records[at + 2 :])
        )
        mark = b"\xef\xbb\xbf" if form.encoding == "utf-8-sig" else b""
        end = form.end.encode()
        whole = before + damage.spoiled(chance, line.removeprefix(mark).removesuffix(end)) + end
        whole += after.removeprefix(mark) if records[at + 2 :] else b""
        return Case("line_spoiled", whole, expected=expected, damaged=at, pieces=records[at + 1].count("\n") + 1)
    spoil = chance.choice(damage.LINE_DAMAGE)
    lines = records[at + 1].count("\n") + 1
    records[at + 1] = spoil(chance, records[at + 1])
    pieces = lines + (spoil.__name__ == "_break")
    return Case(f"line{spoil.__name__}", form.bytes_of(records), expected=expected, damaged=at, pieces=pieces)
