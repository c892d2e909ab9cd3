"""The first sheet of a workbook as CSV: a program of its own, which `workbook.py` runs under limits of its own.

The library keeps a sheet as one block, from its first cell to its last. A few bytes can ask for more than any machine
has, and what asks for too much is killed; so that is this process, and not the one that plans feeds. It imports
nothing of ours, knows no secret, reads the workbook on standard input and writes CSV on standard output. Its exit
code is a `Verdict`; whatever else it ends with says that the workbook is damaged or too large.
"""

import csv
import io
import os
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import IntEnum
from typing import IO, TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET  # under the limits of this process, hostile XML harms nobody

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

type Errors = dict[int, dict[int, str]]
"""What a sheet says where a formula failed (`#N/A`): row to column to text, both from 0."""

_CHUNK = 1 << 20
_EXCEL = "xl/workbook.xml"
_SAFE = "EncryptedPackage".encode("utf-16-le")
_FAILED = (b't="e"', b"t='e'")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Verdict(IntEnum):
    """How it went, as an exit code."""

    DONE = 0
    DAMAGED = 20
    NO_WORKBOOK = 21
    NO_SHEET = 22
    PROTECTED = 23
    TOO_LARGE = 24


class Order(NamedTuple):
    """What is asked for, and with how much: bytes unpacked and written, bytes of memory, seconds."""

    date_format: str
    library: str
    unpacked: int
    memory: int
    seconds: int

    @classmethod
    def of(cls, arguments: list[str]) -> "Order":
        """Read an order from the command line."""
        date_format, library, *limits = arguments
        return cls(date_format, library, *map(int, limits))

    def obey(self) -> None:
        """Let the system see to the limits."""
        if sys.platform == "linux":  # macOS, where people develop, knows no such limit
            resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (self.seconds, self.seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.unpacked, self.unpacked))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def convert(file: IO[bytes], target: IO[bytes], order: Order) -> Verdict:
    """Write the first sheet that can be seen as CSV, header first, blank rows left out."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415 - found by the order

    if zipfile.is_zipfile(file) and (verdict := _weighed(file, order.unpacked)):
        return verdict
    file.seek(0)
    try:
        with CalamineWorkbook.from_filelike(file) as workbook:
            index = _first_seen(workbook)
            if index is None:
                return Verdict.NO_SHEET
            sheet = workbook.get_sheet_by_index(index)
            errors = _errors(file, workbook.sheet_names[index])
            text = io.TextIOWrapper(target, "utf-8", newline="")
            csv.writer(text).writerows(_table(sheet, errors, _shower(order.date_format)))
            text.flush()
    except PasswordError:
        return Verdict.PROTECTED
    except CalamineError as error:
        return _unknown(file) if "detect" in str(error) else Verdict.DAMAGED
    return Verdict.DONE


def _unknown(file: IO[bytes]) -> Verdict:
    """Return what a file is that the library does not know: a workbook behind a password is a safe of another kind."""
    file.seek(0)
    return Verdict.PROTECTED if _SAFE in file.read() else Verdict.NO_WORKBOOK


def _weighed(file: IO[bytes], most: int) -> Verdict | None:
    """Refuse an archive that unpacks to too much or is damaged. The library looks at neither."""
    with zipfile.ZipFile(file) as archive:
        if any(member.flag_bits & 1 for member in archive.infolist()):
            return Verdict.PROTECTED
        if sum(member.file_size for member in archive.infolist()) > most:
            return Verdict.TOO_LARGE
        return Verdict.DAMAGED if archive.testzip() else None


def _first_seen(workbook: "CalamineWorkbook") -> int | None:
    """Return the first sheet of cells that is not hidden."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - found by the order

    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return index
    return None


def _table(sheet: "CalamineSheet", errors: Errors, shown: Callable[[object], str]) -> Iterator[list[str]]:
    """Yield the rows that hold anything, each as wide as the header: what stands right of the table is a note."""
    left = sheet.start[1] if sheet.start else 0
    width = 0
    for number, row in enumerate(sheet.iter_rows()):
        cells = [value if type(value) is str else shown(value) for value in row]
        for column, text in errors.get(number, {}).items():
            if left <= column < left + len(cells):
                cells[column - left] = text
        if not width:
            width = max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
        if any(cell.strip() for cell in cells[:width]):
            yield cells[:width]


def _shower(date_format: str) -> Callable[[object], str]:
    """Return what makes text of a value. A date is written as its source writes dates, so it is never guessed (2.1)."""

    def shown(value: object) -> str:
        match value:
            case bool():
                return str(value).upper()
            case float() if value.is_integer():
                return str(int(value))
            case float():
                return f"{value:.15g}"  # more digits than that no spreadsheet shows
            case datetime() | date():
                parts = {"DD": f"{value.day:02}", "MM": f"{value.month:02}", "YYYY": f"{value.year:04}"}
                return re.sub("DD|MM|YYYY", lambda part: parts[part[0]], date_format)
            case _:
                return str(value)

    return shown


def _errors(file: IO[bytes], name: str) -> Errors:
    """Return where formulas failed. The library says blank there, which would clear what it should not (2.3)."""
    if not zipfile.is_zipfile(file):
        return {}
    with zipfile.ZipFile(file) as archive:
        part = _part_of(archive, name) if _EXCEL in archive.namelist() else None
        if part is None or not _mentions_errors(archive, part):
            return {}
        with archive.open(part) as stream:
            return _errors_in(stream)


def _part_of(archive: zipfile.ZipFile, name: str) -> str | None:
    """Return the member that holds a sheet."""
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - see the import
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ET.fromstring(archive.read(_EXCEL)).findall(".//{*}sheet"):  # noqa: S314 - see the import
        if element.get("name") == name:
            key = next((value for attribute, value in element.items() if attribute.endswith("}id")), None)
            target = targets.get(key, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.namelist() else None
    return None


def _mentions_errors(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as stream:
        before = b""
        while chunk := stream.read(_CHUNK):
            if any(sign in before + chunk for sign in _FAILED):
                return True
            before = chunk[-len(_FAILED[0]) :]
    return False


def _errors_in(stream: IO[bytes]) -> Errors:
    found: Errors = {}
    for _, element in ET.iterparse(stream):  # noqa: S314 - see the import
        tag = element.tag.rpartition("}")[2]
        if tag == "c" and element.get("t") == "e" and (place := _PLACE.fullmatch(element.get("r", ""))):
            text = next((child.text for child in element if child.tag.endswith("}v")), None)
            found.setdefault(int(place[2]) - 1, {})[_column(place[1])] = text or "#N/A"
        elif tag == "row":
            element.clear()
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def main() -> Verdict:
    """Convert standard input to standard output."""
    order = Order.of(sys.argv[1:])
    order.obey()
    sys.path.append(order.library)
    try:
        return convert(sys.stdin.buffer, sys.stdout.buffer, order)
    except (MemoryError, OSError):  # the second is a file that grew longer than it may
        return Verdict.TOO_LARGE


if __name__ == "__main__":
    os._exit(main())  # nothing is left to be flushed, and what was too large could not be
