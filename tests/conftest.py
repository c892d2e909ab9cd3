"""What holds for every test: no network, no AWS account, and nothing skipped where everything is installed."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

_UNIT = Path(__file__).parent / "unit"
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
}

# How long an example takes says more about the machine than about the code. CI tells whether a change broke something,
# so it draws the same examples each time; whoever works on the code draws others.
settings.register_profile("peoplefeed", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("peoplefeed")


def pytest_configure() -> None:
    """Whoever runs the tests: their own account stays out of it."""
    os.environ.update(_ENVIRONMENT)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests reach nothing; the others reach this machine."""
    for item in items:
        inside = _UNIT in item.path.parents
        item.add_marker(pytest.mark.disable_socket if inside else pytest.mark.allow_hosts(["127.0.0.1"]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """CI installs everything and sets PEOPLEFEED_REQUIRE_ALL=1: there, a skipped test is a failure.

    Not so one that needs a vendor's specification, which is never part of a clone (`../shared`).
    """
    return failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that is skipped as a whole."""
    return failed_if_skipped((yield))


def failed_if_skipped[R: (pytest.TestReport, pytest.CollectReport)](report: R) -> R:
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("PEOPLEFEED_REQUIRE_ALL") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if "../shared" in reason:
            return report
        report.outcome, report.longrepr = "failed", f"PEOPLEFEED_REQUIRE_ALL: nothing may be skipped. {reason}"
    return report
