"""Workbooks: damaged as archives, as XML, and in one cell."""

import html
import random
import re
from collections.abc import Callable

from tests.hostile import damage
from tests.hostile.cases import COLUMNS, Case, cells_of, people
from tests.unit.readers.workbooks import packed, parts, row

type Members = dict[str, str]

_SHEET = "xl/worksheets/sheet1.xml"
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
_FAR = ("XFD1048576", "A1048576", "GR1048576", "ZZZZ99999999", "A0", "", "a1", "A18446744073709551616")
_TYPES = ("s", "e", "b", "d", "str", "inlineStr", "n", "zzz", "")
_VALUES = ("99999999", "-1", "1e999", "NaN", "", "x", "4294967296", "0.1e-300", "&#0;", "&lt;", "2024-13-45T99:99:99")


def _far_cell(chance: random.Random, members: Members) -> None:
    cell = f'<c r="{chance.choice(_FAR)}" t="{chance.choice(_TYPES)}"><v>{chance.choice(_VALUES)}</v></c>'
    _put(members, _SHEET, "</sheetData>", f'<row r="900">{cell}</row></sheetData>')


def _odd_row(chance: random.Random, members: Members) -> None:
    cells = "".join(f'<c t="{chance.choice(_TYPES)}"><v>{chance.choice(_VALUES)}</v></c>' for _ in range(9))
    _put(members, _SHEET, "</sheetData>", f"<row>{cells}</row></sheetData>")


def _lost_member(chance: random.Random, members: Members) -> None:
    del members[chance.choice(list(members))]


def _laughs(chance: random.Random, members: Members) -> None:
    name = chance.choice(list(members))
    members[name] = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>' + members[name]
    members[name] = members[name].replace("José", "&l11;", 1)


def _external(chance: random.Random, members: Members) -> None:
    name = chance.choice(list(members))
    members[name] = '<!DOCTYPE x [<!ENTITY l SYSTEM "file:///etc/passwd">]>' + members[name].replace("José", "&l;", 1)


def _deep(chance: random.Random, members: Members) -> None:
    depth = chance.choice((1000, 100_000))
    _put(members, _SHEET, "</sheetData>", "<a>" * depth + "</a>" * depth + "</sheetData>")


def _lost_tag(chance: random.Random, members: Members) -> None:
    name = chance.choice([*members, _SHEET, _SHEET])
    tags = list(re.finditer(r"<[^>]*>", members[name]))
    tag = chance.choice(tags)
    members[name] = members[name][: tag.start()] + members[name][tag.end() :]


def _flipped_xml(chance: random.Random, members: Members) -> None:
    name = chance.choice([*members, _SHEET, _SHEET])
    text = members[name]
    at = chance.randrange(len(text))
    members[name] = text[:at] + chance.choice("<>&\"'/=\0]xA9") + text[at + chance.randint(0, 3) :]


def _elsewhere(chance: random.Random, members: Members) -> None:
    targets = ("../../../etc/passwd", "/etc/passwd", "worksheets/none.xml", "", "xl/worksheets/sheet1.xml", "http://x/")
    _put(members, "xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", chance.choice(targets))


def _copies(chance: random.Random, members: Members) -> None:
    """Refer to one long shared text many times."""
    members["xl/sharedStrings.xml"] = members["xl/sharedStrings.xml"].replace(
        "</sst>", f"<si><t>{'x' * 30_000}</t></si></sst>"
    )
    count = chance.choice((100, 1000, 50_000))
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(900, 900 + count))
    _put(members, _SHEET, "</sheetData>", rows + "</sheetData>")


def _put(members: Members, name: str, before: str, after: str) -> None:
    members[name] = members[name].replace(before, after, 1)


XML_DAMAGE: tuple[Callable[[random.Random, Members], None], ...] = (
    _far_cell,
    _far_cell,
    _odd_row,
    _odd_row,
    _lost_member,
    _laughs,
    _external,
    _deep,
    _lost_tag,
    _lost_tag,
    _flipped_xml,
    _flipped_xml,
    _flipped_xml,
    _elsewhere,
    _copies,
)


def make(chance: random.Random) -> Case:
    """Return a workbook."""
    table = people(chance)
    kind = chance.choice(("archive", "xml", "xml", "cell"))
    if kind == "cell":
        at = chance.randrange(len(table))
        spoil_cell = chance.choice((*damage.LINE_DAMAGE[:9],))
        damaged = [list(cells) for cells in table]
        column = chance.randrange(len(COLUMNS))
        damaged[at][column] = spoil_cell(chance, damaged[at][column])
        return Case(f"xlsx_cell{spoil_cell.__name__}", packed(_members(damaged)), {}, cells_of(table), at)
    if kind == "xml":
        members = _members(table)
        spoil = chance.choice(XML_DAMAGE)
        spoil(chance, members)
        return Case(f"xlsx{spoil.__name__}", packed(members))
    spoil_archive = chance.choice(damage.FILE_DAMAGE)
    return Case(f"xlsx_archive{spoil_archive.__name__}", spoil_archive(chance, packed(_members(table))))


def _members(table: list[list[str]]) -> Members:
    rows = [row(number, *map(_escaped, cells)) for number, cells in enumerate(([*COLUMNS], *table), 1)]
    return parts("".join(rows))


def _escaped(text: str) -> str:
    """Return text as XML has it; what XML cannot hold at all is escaped as a spreadsheet does."""
    return re.sub("[\x00-\x08\x0b\x0c\x0d-\x1f]", lambda found: f"_x{ord(found[0]):04X}_", html.escape(text))
