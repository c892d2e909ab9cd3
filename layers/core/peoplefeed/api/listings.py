"""Answers that are pages of a list."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import to_json


def listed(noun: str, items: Sequence[object], cursor: str | None, query: Mapping[str, str]) -> Response[str]:
    """Return a page of a list as JSON."""
    return to_json({noun: items, "cursor": cursor}, headers=next_page(cursor, query))


def next_page(cursor: str | None, query: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that lead to the next page; the link is relative, so that it holds under any stage."""
    if cursor is None:
        return {}
    link = urlencode({**query, "cursor": cursor})
    return {"X-Next-Cursor": cursor, "Link": f'<?{link}>; rel="next"'}
