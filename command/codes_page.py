"""Writes docs/codes.md from the table of codes: `uv run python -m command.codes_page`."""

from pathlib import Path

from peoplefeed.codes import TABLE

_PAGE = Path(__file__).parents[1] / "docs/codes.md"
_INTRODUCTION = """# Codes

Generated from `layers/core/peoplefeed/codes` by `uv run python -m command.codes_page`. The facts in braces are
filled in for each row. A *problem* lasts until its cause is gone and counts up meanwhile (7.4); the others tell of
an event.

| Code | Effect | Severity | Who mends it | Problem | What it says | What to do |
|---|---|---|---|---|---|---|
"""


def codes_page() -> str:
    """Return the page."""
    lines = (
        f"| `{code}` | {line.effect} | {line.severity} | {line.mender} | {'yes' if line.lasting else 'no'} "
        f"| {line.sentence} | {line.remedy} |\n"
        for code, line in TABLE.items()
    )
    return _INTRODUCTION + "".join(lines)


if __name__ == "__main__":
    _PAGE.write_text(codes_page())
