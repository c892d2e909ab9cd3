from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.sources.places import with_parameters


@pytest.mark.parametrize(
    ("body", "place", "whole"),
    [
        ({}, "offset", {"offset": 7}),
        ({"a": 1}, "page.offset", {"a": 1, "page": {"offset": 7}}),
        ({"page": {"size": 2}}, "page.offset", {"page": {"size": 2, "offset": 7}}),
        ({"args": [1, 2, {"x": 1}]}, "args.2.offset", {"args": [1, 2, {"x": 1, "offset": 7}]}),
        ({"args": [1, 2]}, "args.1", {"args": [1, 7]}),
        ({"args": [1]}, "args.3", {"args": [1, None, None, 7]}),
        ({"args": [1]}, "args.x", {"args": {"x": 7}}),
        ({"args": [1]}, "args.99999999", {"args": {"99999999": 7}}),
        ({"a": 1}, "a.b", {"a": {"b": 7}}),
    ],
)
def test_a_parameter_is_put_at_its_place(body: dict[str, Any], place: str, whole: dict[str, Any]) -> None:
    assert with_parameters(body, {place: 7}) == whole


def test_the_manifests_own_body_stays_as_it_is() -> None:
    body: dict[str, Any] = {"args": [{"x": 1}]}
    with_parameters(body, {"args.0.x": 2, "args.0.y": 3})
    assert body == {"args": [{"x": 1}]}
