"""Workbooks for tests: as a spreadsheet writes them, and as only a malicious or broken program does."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

FILES = Path(__file__).parent / "files"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS: Mapping[str, str] = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_DOCUMENT}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets><sheet name="Staff" sheetId="1" '
    'r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
    f'Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
    f'Type="{_DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def workbook(*sheets: Iterable[Sequence[Any]], hidden: int = 0, **options: Any) -> bytes:
    """Return a workbook with these sheets, the first `hidden` of them hidden."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "d mmm yy", "in_memory": True} | options)
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                sheet.write(row, column, value)
        if number < hidden:
            sheet.hide()
        elif number == hidden:
            sheet.activate()
            sheet.set_first_sheet()
    book.close()
    return file.getvalue()


def parts(rows: str, strings: Iterable[str] = ()) -> dict[str, str]:
    """Return the members of a workbook whose rows are this XML."""
    shared = "".join(f"<si><t>{text}</t></si>" for text in strings)
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return {
        **_PARTS,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": sheet,
    }


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """Return an archive of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def row(number: int, *cells: str) -> str:
    """Return a row of texts as XML, from column A on."""
    shown = (
        f'<c r="{"ABCDEFGHIJ"[at]}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(cells)
    )
    return f'<row r="{number}">{"".join(shown)}</row>'
