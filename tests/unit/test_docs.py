"""The documentation is tested: what is generated is fresh, what is cited exists, and every clause has its tests."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from command.codes_page import codes_page
from peoplefeed.codes import TABLE, Code

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "docs/rules.md").read_text()
CLAUSES = set(re.findall(r"^(\d+\.\d+) ", RULES, re.MULTILINE))
CODES = set(re.findall(r"`([A-Z][A-Z_]{5,})`", RULES))

# What no test cites yet. It may only become less: whoever writes a test takes its clause or code out here.
STILL_MISSING = {"5.4", "MANAGED_BY_SOURCE"}


def test_the_page_of_codes_is_what_the_table_says() -> None:
    page = (ROOT / "docs/codes.md").read_text()
    assert page == codes_page(), "run: uv run python -m command.codes_page"


def test_every_code_has_a_definition() -> None:
    assert set(TABLE) == set(Code)


def test_every_code_is_in_the_rules() -> None:
    assert {code.value for code in Code} <= CODES


@cache
def _trees() -> dict[Path, ast.Module]:
    """Every test, read as a program; this one cites what it wants from the others."""
    tests = set((ROOT / "tests").rglob("test_*.py")) - {Path(__file__)}
    return {path: ast.parse(path.read_text()) for path in sorted(tests)}


def _ids(tree: ast.Module) -> Iterator[str]:
    """Yield the ids of a module's tests: what `pytest.param` is given, else the names of functions."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                yield re.sub(r"^test_(\d+)_(\d+)_", r"\1.\2-", name)
            case ast.keyword(arg="id", value=ast.Constant(value=str(given))):
                yield given
            case ast.keyword(arg="id", value=ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_])):
                yield beginning


def _clauses_tested() -> set[str]:
    ids = {test_id for tree in _trees().values() for test_id in _ids(tree)}
    return {found[1] for test_id in ids if (found := re.match(r"(\d+\.\d+)-", test_id))}


def _codes_tested() -> set[str]:
    """Return the codes that tests name, as text or as a member of `Code`."""
    nodes = [node for tree in _trees().values() for node in ast.walk(tree)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    members = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return CODES & (texts | members)


def test_every_clause_and_every_code_has_a_test() -> None:
    assert sorted((CLAUSES | CODES) - _clauses_tested() - _codes_tested() - STILL_MISSING) == []


def test_what_has_a_test_is_not_still_missing() -> None:
    assert sorted(STILL_MISSING & (_clauses_tested() | _codes_tested())) == []
    assert STILL_MISSING <= CLAUSES | CODES


def test_every_clause_that_a_test_cites_exists() -> None:
    assert _clauses_tested() <= CLAUSES


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


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/administering.md",
        "docs/operating.md",
        "docs/decisions.md",
        "docs/proof.md",
    ],
)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    paths = re.findall(r"`((?:docs|functions|layers|events|command|sources|benchmarks|tests|\.ci)/[\w./-]*)`", text)
    assert not [path for path in paths if not (ROOT / path).exists()]
