"""The documentation is tested: what is generated is fresh, and what is cited exists."""

import re
from pathlib import Path

import pytest

from command.codes_page import codes_page
from peoplefeed.codes import TABLE, Code

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "docs/rules.md").read_text()
CLAUSES = set(re.findall(r"^(\d+\.\d+) ", RULES, re.MULTILINE))


def test_the_page_of_codes_is_what_the_table_says() -> None:
    page = (ROOT / "docs/codes.md").read_text()
    assert page == codes_page(), "run: uv run python -m command.codes_page"


def test_every_code_has_a_definition() -> None:
    assert set(TABLE) == set(Code)


def test_every_code_is_in_the_rules() -> None:
    in_rules = set(re.findall(r"`([A-Z][A-Z_]{5,})`", RULES))
    assert {code.value for code in Code} <= in_rules


@pytest.mark.parametrize("code", list(Code))
def test_a_sentence_can_be_filled_in(code: Code) -> None:
    definition = TABLE[code]
    facts = dict.fromkeys(re.findall(r"{(\w+)}", definition.sentence + definition.remedy), "something")
    assert "{" not in (definition.sentence + definition.remedy).format(**facts)
    assert definition.remedy.endswith(".")


def _cited(folder: str) -> set[tuple[str, str]]:
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for line in path.read_text().splitlines():
            for cited in re.findall(r"(?:# |(?<= )\()([1-9]\d?\.[1-9]\d?)(?=[,):]| |$)", line):
                found.add((str(path.relative_to(ROOT)), cited))
    return found


@pytest.mark.parametrize("folder", ["layers/core/peoplefeed", "functions", "command"])
def test_every_clause_that_code_cites_exists(folder: str) -> None:
    assert not {(path, clause) for path, clause in _cited(folder) if clause not in CLAUSES}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/operating.md", "docs/decisions.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    paths = re.findall(r"`((?:docs|functions|layers|events|command|sources|benchmarks|tests|\.ci)/[\w./-]*)`", text)
    assert not [path for path in paths if not (ROOT / path).exists()]
