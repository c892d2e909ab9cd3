"""The header `Link` (RFC 8288)."""

import re

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s;=,<>\"]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"<>]*))?)*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*))", re.IGNORECASE)


def next_link(header: str | None) -> str | None:
    """Return the target of the first link with the relation `next` (RFC 8288)."""
    for target, parameters in _LINK.findall(header or ""):
        relation = _RELATION.search(parameters)
        if relation and "next" in (relation[1] or relation[2] or "").casefold().split():
            return str(target)
    return None
