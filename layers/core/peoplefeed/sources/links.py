"""Where links lead: those of the header `Link` (RFC 8288) and those that stand on a page."""

import re
from collections.abc import Container
from urllib.parse import parse_qsl, urlencode, urljoin

from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from peoplefeed.sources.connection import origin
from peoplefeed.sources.trouble import malformed, refused

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s;=,<>\"]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"<>]*))?)*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*))", re.IGNORECASE)


def next_link(header: str | None) -> str | None:
    """Return the target of the first link with the relation `next` (RFC 8288)."""
    for target, parameters in _LINK.findall(header or ""):
        relation = _RELATION.search(parameters)
        if relation and "next" in (relation[1] or relation[2] or "").casefold().split():
            return str(target)
    return None


def within(base: Url, url: str, link: str) -> Url:
    """Return the address that a link on a page leads to.

    Raises:
        SourceTrouble: it leaves the HR system.
    """
    try:
        target = _encrypted(base, parse_url(urljoin(url, link)))
    except (HTTPError, ValueError) as error:
        raise malformed("it holds a link that is not an address.") from error
    if origin(target) != origin(base):
        raise refused(f"it leads to another host, '{target.host}'; if it has moved, correct base_url.")
    return target._replace(auth=None, fragment=None)


def _encrypted(base: Url, target: Url) -> Url:
    """Return the same place with TLS: behind a proxy that ends it, a system may take itself for a plain one."""
    is_same = base.scheme == "https" and target.scheme == "http" and target.host == base.host
    return target._replace(scheme=base.scheme, port=base.port) if is_same and target.port in {None, 80} else target


def without(query: str | None, names: Container[str]) -> str | None:
    """Return a query without some parameters: a link may repeat the key that it was asked with."""
    if not query or not names:
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([pair for pair in pairs if pair[0] not in names]) or None
