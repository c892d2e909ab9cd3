"""The lists from which the layer and MiniStack are installed."""

import re
import subprocess
from pathlib import Path

import pytest
import uv

from command.local.install import LAYER, MINISTACK, PROJECT

PIN = re.compile(r"^([a-z0-9.-]+)==([^ \n]+)", re.MULTILINE)
EXPORT = ["export", "--frozen", "--offline", "--no-dev", "--no-group", "command", "--no-emit-project",
          "--format", "requirements-txt", "--no-header", "--no-annotate", "--quiet"]  # fmt: skip


def test_the_layer_holds_what_the_lock_file_says() -> None:
    """To put it right: uv export … > layers/core/requirements.txt, with the options above."""
    assert (PROJECT / "uv.lock").is_file(), "run the tests with `uv run pytest`, which locks"
    exported = subprocess.run([uv.find_uv_bin(), *EXPORT], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert LAYER.read_text() == exported.stdout


@pytest.mark.parametrize("path", [LAYER, MINISTACK], ids=lambda path: path.name)
def test_every_package_is_pinned_with_its_hashes_and_no_place_is_named(path: Path) -> None:
    text = path.read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())

    assert all(PIN.match(one) and "--hash=sha256:" in one for one in requirements)
    assert not re.search(r"https?:|--index|--find-links|--extra", text)


def test_ministack_is_locked_as_asked_for() -> None:
    asked = dict(PIN.findall(MINISTACK.with_suffix(".in").read_text()))
    locked = dict(PIN.findall(MINISTACK.read_text()))

    assert asked["ministack"] == "1.5.33"
    assert set(asked) == {"ministack", "aws-sam-translator", "cryptography"}
    assert asked.items() <= locked.items()
