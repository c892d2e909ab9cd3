from __future__ import annotations

from typing import Any

import pytest

from tests.unit.template.translation import Stack, translated


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return translated()


@pytest.fixture(scope="session")
def deployed(template: dict[str, Any]) -> Stack:
    """A stage on AWS."""
    return Stack.of(
        template, Stage="prod", AlarmAddress="ops@example.com", LearningPlatformSecret="peoplefeed/learning-platform"
    )


@pytest.fixture(scope="session")
def local(template: dict[str, Any]) -> Stack:
    """The stage on a developer's machine."""
    return Stack.of(template, Stage="local", OpenTenants="true")
