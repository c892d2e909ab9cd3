"""docs/learning-platform.md is true: it names every setting, its example can be used, its commands parse."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from command.main import _parser
from peoplefeed.learning_platform.form import PlatformForm, QuirksForm, read_form
from peoplefeed.learning_platform.mapping import FIELDS, FURTHER, STANDARD
from tests.unit.template.translation import PROJECT

PAGE = (PROJECT / "docs/learning-platform.md").read_text(encoding="utf-8")
FENCES = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = [line.partition(" #")[0].strip() for line in FENCES["sh"].splitlines() if "peoplefeed " in line]


def _first_cells(heading: str) -> list[str]:
    table = PAGE[PAGE.index(f"| {heading} |") :].partition("\n\n")[0].splitlines()[2:]
    return [line.split("|")[1].strip(" `") for line in table]


def test_every_setting_is_explained() -> None:
    assert _first_cells("Setting") == list(PlatformForm.model_fields)
    assert _first_cells("Quirk") == list(QuirksForm.model_fields)


def test_every_attribute_and_field_is_named() -> None:
    table = PAGE[PAGE.index("| Attribute |") :].partition("\n\n| Quirk")[0]
    named = set(re.findall(r"`(\w+)`", table))
    assert named >= {*STANDARD, *FURTHER, *FIELDS}
    for attribute, field in STANDARD.items():
        assert re.search(rf"`{attribute}` \| `{field}`", table)


def test_the_example_can_be_used() -> None:
    stored = read_form("acme", json.loads(FENCES["json"]))
    assert stored["mapping"] == {"displayName": "name", "title": None}


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("uv run peoplefeed")])
def test_a_command_of_the_page_parses(command: str) -> None:
    words = shlex.split(command)[3:]
    example = PROJECT / "docs/learning-platform.md"  # any file that is there
    assert _parser().parse_args([str(example) if word.endswith((".json", ".txt")) else word for word in words]).stack


def test_operators_find_the_page() -> None:
    assert "(learning-platform.md)" in (PROJECT / "docs/operating.md").read_text(encoding="utf-8")
