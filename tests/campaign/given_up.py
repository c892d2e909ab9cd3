"""What must hold where what keeps failing is given up (9.2): it is kept and tried again, and in the end it is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peoplefeed.codes import Code
from peoplefeed.dynamo.marshal import from_item
from tests.campaign.companies import SmallWorld
from tests.campaign.undisturbed import undisturbed_deliveries
from tests.model.compare import Seen, look_at
from tests.worlds.world import World

HOURS_UNTIL_THE_LAST_TRY = 31


def groups_given_up(world: World) -> int:
    return sum(int(item.get("corrected", 0)) for item in _items(world) if item["sk"].startswith("RUN#"))


def not_kept(world: World) -> Iterator[str]:
    """Yield what a fault of ours parked and nobody will try again."""
    kept = {
        (_tenant_of(item), problem)
        for item in _items(world)
        if "retry_at" in item
        for problem in item.get("problems", ())
    }
    for item in world.items(world.names.feed_log_table):
        if "open_pk" not in item or item["code"] != Code.INTERNAL_ERROR:
            continue
        if not {(_tenant_of(item), item["sk"]), (_tenant_of(item), item["external_id"])} & kept:
            yield f"{item['pk']} {item['sk']} was given up, and nobody tries it again"


def _tenant_of(item: dict[str, Any]) -> str:
    return str(item["pk"].split("#")[1])


def not_mended(small: SmallWorld, world: World) -> Iterator[str]:
    """Yield what is not as it must be when all that failed was tried again without any fault.

    Where nobody quarrels everybody ends as if nothing had ever failed; `peaceful` says why that is so nowhere else.
    There only this is left: nothing waits for another try.
    """
    for item in _items(world):
        if "retry_at" in item:
            yield f"{item['pk']} {item['sk']} is still to be tried again at {item['retry_at']}"
    if small.peaceful:
        calm = undisturbed_deliveries(small, world)
        for tenant in sorted({feed.tenant for feed in small.feeds}):
            yield from _differences(look_at(calm, tenant), look_at(world, tenant))


def _differences(calm: Seen, mended: Seen) -> Iterator[str]:
    for what in ("people", "claims", "references", "parked", "holds"):
        expected, found = getattr(calm, what), getattr(mended, what)
        for key in sorted({*expected, *found}, key=str):
            if expected.get(key) != found.get(key):
                yield f"mended, {what} {key} is {found.get(key)}, expected {expected.get(key)}"
    wrong, expected = _what_is_wrong(mended), _what_is_wrong(calm)
    yield from (f"mended, {problem} is open and should not be" for problem in sorted(wrong - expected, key=str))
    yield from (f"mended, {problem} is not open any more" for problem in sorted(expected - wrong, key=str))


def _what_is_wrong(seen: Seen) -> set[tuple[Any, ...]]:
    """Return what is open, however often it came: what was given up comes once more with the retry."""
    return {problem[:-1] for problem in seen.problems}


def _items(world: World) -> list[dict[str, Any]]:
    return [from_item(item) for item in world.dynamodb.tables[world.names.directory_table].primary.items.values()]
