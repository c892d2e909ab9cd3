"""Tests reach no network and no account, and where everything is installed nothing is skipped."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from tests.conftest import failed_if_skipped
from tests.worlds.dynamodb.grammar import RESERVED


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_unit_test_cannot_reach_a_network() -> None:
    with pytest.raises(SocketBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)


def test_nobodys_own_account_is_used() -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    assert "AWS_PROFILE" not in os.environ


def skipped() -> pytest.TestReport:
    where = ("test_it.py", 7, "Skipped: there is no java")
    return pytest.TestReport("test_it", ("test_it.py", 7, "test_it"), {}, "skipped", where, "setup")


@pytest.mark.parametrize(("required", "outcome"), [("1", "failed"), ("", "skipped")])
def test_a_skipped_test_is_a_failure_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: str
) -> None:
    monkeypatch.setenv("PEOPLEFEED_REQUIRE_ALL", required)

    report = failed_if_skipped(skipped())

    assert (report.outcome, "there is no java" in str(report.longrepr)) == (outcome, True)


def test_an_expected_failure_is_no_skipped_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEOPLEFEED_REQUIRE_ALL", "1")
    report = skipped()
    report.wasxfail = "moto differs"

    assert failed_if_skipped(report).outcome == "skipped"


def test_the_fake_knows_the_reserved_words_that_moto_knows() -> None:
    moto = find_spec("moto")
    assert moto is not None
    assert moto.origin is not None

    words = Path(moto.origin).parent / "dynamodb" / "parsing" / "reserved_keywords.txt"

    assert frozenset(words.read_text().split()) == RESERVED
