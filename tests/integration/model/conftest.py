from __future__ import annotations

import pytest

from peoplefeed.runs import intake


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are let go of two at a time, so that small feeds go through it as large ones do."""
    monkeypatch.setattr(intake, "AT_ONCE", 2)
