"""Files of JSON lines."""

import json
import random

from tests.hostile import damage
from tests.hostile.cases import COLUMNS, Case, cells_of, people

_NAMED = {"name": "staff.jsonl"}


def make(chance: random.Random) -> Case:
    """Return a file of JSON lines, damaged in one line or as a whole."""
    table = people(chance)
    keys = [*(COLUMNS if chance.random() < 0.5 else COLUMNS.values())]
    ascii_only = chance.random() < 0.5
    lines = [json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=ascii_only) for row in table]
    if chance.random() < 0.4:
        spoil = chance.choice(damage.FILE_DAMAGE)
        return Case(
            f"json_file{spoil.__name__}", spoil(chance, _joined(lines)), _NAMED if chance.random() < 0.5 else {}
        )
    at, spoil_line = chance.randrange(len(lines)), chance.choice(damage.LINE_DAMAGE)
    lines[at] = spoil_line(chance, lines[at])
    pieces = 1 + (spoil_line.__name__ == "_break")
    return Case(f"json_line{spoil_line.__name__}", _joined(lines), _NAMED, cells_of(table), at, pieces)


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")
