"""The files of a campaign: seed and number decide what each is."""

import random

from tests.hostile import json_files, text_files, workbook_files
from tests.hostile.cases import Case

_MAKERS = (text_files.make, json_files.make, workbook_files.make)
_WEIGHTS = (82, 16, 2)  # each workbook takes a process


def case_of(seed: int, number: int) -> Case:
    """Return file `number` of a campaign."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a campaign is to be repeatable
    return chance.choices(_MAKERS, _WEIGHTS)[0](chance)
