from __future__ import annotations

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.parameters import Parameters, external_id_in_path, parameters_of, run_number_in_path
from peoplefeed.model import Severity


def refusal_of(call: object) -> Refusal:
    with pytest.raises(Refusal) as refused:
        call()  # type: ignore[operator]
    return refused.value


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("50", 50), ("1000", 1000)])
def test_a_limit_is_a_number_of_items(text: str, limit: int) -> None:
    assert Parameters({"limit": text}).limit == limit


def test_without_a_limit_a_page_shows_50_items() -> None:
    assert Parameters({}).limit == 50


@pytest.mark.parametrize("text", ["", "0", "1001", "-1", "ten", "1e2", " 5", "٥", "9" * 400])  # noqa: RUF001 - a digit all the same
def test_another_limit_is_refused(text: str) -> None:
    refusal = refusal_of(lambda: Parameters({"limit": text}).limit)
    assert (refusal.reason, refusal.field) == (Reason.LIMIT_INVALID, "limit")


@pytest.mark.parametrize("text", ["", "0", "-3", "3.0", "three", "99999999999"])
def test_a_run_is_named_by_a_number(text: str) -> None:
    assert refusal_of(lambda: Parameters({"run": text}).number("run")).reason is Reason.FILTER_INVALID


@pytest.mark.parametrize("text", ["", "ERROR", "fatal", "error,warning"])
def test_a_filter_with_choices_names_them(text: str) -> None:
    refusal = refusal_of(lambda: Parameters({"severity": text}).choice("severity", Severity))
    assert refusal.reason is Reason.FILTER_INVALID
    assert "info, warning, error" in refusal.message


@pytest.mark.parametrize("text", ["", "2026-2-1", "20260201", "2026-W05-7", "2026-02-30", "9999-12-31", "today"])
def test_a_day_is_a_date(text: str) -> None:
    assert refusal_of(lambda: Parameters({"day": text}).day("day")).reason is Reason.FILTER_INVALID


def test_a_day_is_kept_as_it_is() -> None:
    assert Parameters({"day": "2026-02-01"}).day("day") == "2026-02-01"


@pytest.mark.parametrize("text", ["", "1", "yes", "True"])
def test_a_flag_is_true_or_false(text: str) -> None:
    assert refusal_of(lambda: Parameters({"all": text}).flag("all")).reason is Reason.FILTER_INVALID


@pytest.mark.parametrize(
    ("encoded", "external_id"),
    [
        ("E1", "E1"),
        ("a%2Fb", "a/b"),
        ("a/b", "a/b"),
        ("100%25", "100%"),
        ("100%", "100%"),
        ("Jos%C3%A9", "José"),
        ("Jose%CC%81", "José"),
        ("a+b", "a+b"),
        ("%20E1%20", "E1"),
        ("x" * 128, "x" * 128),
        ("x" * 129, None),
        ("%20", None),
    ],
)
def test_2_1_an_external_id_of_a_path_is_read_as_feeds_are(encoded: str, external_id: str | None) -> None:
    assert external_id_in_path(encoded) == external_id


@pytest.mark.parametrize(("encoded", "number"), [("7", 7), ("0", None), ("07", None), ("x", None), ("1" * 11, None)])
def test_a_run_of_a_path_is_a_number_or_nothing(encoded: str, number: int | None) -> None:
    assert run_number_in_path(encoded) == number


def test_a_mistyped_filter_is_refused_for_it_would_show_too_much() -> None:
    event = APIGatewayProxyEvent({"queryStringParameters": {"serverity": "error"}})
    refusal = refusal_of(lambda: parameters_of(event, {"severity"}))
    assert (refusal.reason, refusal.field) == (Reason.FILTER_UNKNOWN, "serverity")
    assert "cursor, limit, severity" in refusal.message


def test_a_filter_that_is_given_twice_is_refused() -> None:
    event = APIGatewayProxyEvent(
        {"queryStringParameters": {"run": "2"}, "multiValueQueryStringParameters": {"run": ["1", "2"]}}
    )
    assert refusal_of(lambda: parameters_of(event, {"run"})).reason is Reason.FILTER_INVALID
