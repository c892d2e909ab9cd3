"""Where links on a page may lead."""

from __future__ import annotations

import pytest
from urllib3.util import parse_url

from peoplefeed.sources.links import within
from peoplefeed.sources.trouble import SourceTrouble

HR = parse_url("https://hr.example.com:8443/v1")


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("?page=2", "https://hr.example.com:8443/v1/people?page=2"),
        ("https://HR.example.com:8443/x", "https://hr.example.com:8443/x"),
        ("http://hr.example.com/v1/people?page=2", "https://hr.example.com:8443/v1/people?page=2"),
        ("http://hr.example.com:80/x", "https://hr.example.com:8443/x"),
    ],
)
def test_a_link_within_the_system_is_followed_with_tls_also_where_the_system_forgets_it(link: str, target: str) -> None:
    assert within(HR, "https://hr.example.com:8443/v1/people", link).url == target


@pytest.mark.parametrize(
    "link",
    ["https://hr.example.com/x", "http://hr.example.com:8080/x", "http://evil.example.com/x", "//evil.example.com"],
)
def test_a_link_that_leaves_the_system_is_refused(link: str) -> None:
    with pytest.raises(SourceTrouble, match="SOURCE_REFUSED: it leads to another host"):
        within(HR, "https://hr.example.com:8443/v1/people", link)
