"""docs/administering.md is true: it names every setting with its default, every hold, and commands that parse."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from command.main import _parser
from peoplefeed.codes import TABLE, Code
from peoplefeed.model import RunState, Safeguard
from peoplefeed.planner.retrying import _HOURS
from peoplefeed.rules.settings import Settings, changed
from tests.unit.template.translation import PROJECT

PAGE = (PROJECT / "docs/administering.md").read_text(encoding="utf-8")
SHELL = "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"\bpeoplefeed (.+)", SHELL)
OF_SAFEGUARDS = {
    Code.LEAVERS_HELD,
    Code.LEAVERS_UNCERTAIN,
    Code.IDENTITY_HELD,
    Code.FEED_SUSPECT,
    Code.MASS_IDENTITY_CHANGE,
}


def _rows(heading: str) -> list[list[str]]:
    table = PAGE[PAGE.index(f"| {heading} |") :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_6_6_every_setting_is_there_with_its_default() -> None:
    said: dict[str, str] = {}
    for names, defaults, _ in _rows("Setting"):
        said |= dict(zip(re.findall(r"`(\w+)`", names), defaults.split(", "), strict=True))
    assert said == {name: str(value or "none") for name, value in Settings()}


def test_6_3_every_safeguard_and_what_it_says_is_there() -> None:
    rows = [(safeguard.strip("`"), code.strip("`")) for safeguard, code, *_ in _rows("Safeguard")]
    assert {safeguard for safeguard, _ in rows} == {safeguard.value for safeguard in Safeguard}
    assert {code for _, code in rows} == OF_SAFEGUARDS
    whole = {code.value for code in OF_SAFEGUARDS if TABLE[code].effect is RunState.HELD}
    assert {code.strip("`") for _, code, _, still in _rows("Safeguard") if still == "nothing"} == whole


def test_4_7_every_code_that_waits_exists_and_so_do_the_hours() -> None:
    codes = re.findall(r"`([A-Z_]{6,})`", PAGE)
    assert set(codes) <= set(Code)
    assert f"{', '.join(map(str, _HOURS[:-1]))} and {_HOURS[-1]} hours" in PAGE


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_one_that_it_takes(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.partition(" > ")[0], comments=True)
    for word in words:
        if word.endswith(".csv"):
            Path(word).touch()
    assert _parser().parse_args(words).verb


def test_the_settings_of_the_page_can_be_set() -> None:
    from command.verbs.settings import _wanted

    defaults = json.loads(Settings().model_dump_json())
    lines = [shlex.split(line, comments=True)[1:] for line in COMMANDS if line.startswith("settings")]
    for words in lines:
        changed(Settings(), _wanted(words, defaults))
    assert sum(map(len, lines)) > 4
