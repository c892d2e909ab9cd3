"""Nothing names whoever was erased (1.11): both tables are searched for their names and their own address."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tests.campaign.feeds import names_of

_NOBODY_ELSE = r"(?<![\w])(?:{})(?!\d)"
"""Names end as external IDs do: those of E1 are not those of E10."""


def still_named(directory: Iterable[dict[str, Any]], log: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield which items name somebody who is erased. Files and plans, which the clause excepts, are in no table.

    What is quoted of a row without a readable external ID, which it excepts too, has none of these names.
    """
    items = [*directory, *log]
    erased: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if item["sk"] == "U" and item.get("erased"):
            tenant, _, who = item["pk"].partition("#U#")
            erased[tenant].append(who)
    for tenant, people in erased.items():
        named = {who: _naming(who) for who in people}
        for item in items:
            if item["pk"].split("#")[:2] == tenant.split("#"):
                text = str(item)
                yield from (f"{who} is erased, and {item} names them" for who in people if named[who].search(text))


def _naming(who: str) -> re.Pattern[str]:
    return re.compile(_NOBODY_ELSE.format("|".join(map(re.escape, names_of(who)))), re.IGNORECASE)
