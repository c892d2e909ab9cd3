"""What must hold at any moment, and what must hold in the end whatever happened (3.4, 7.1, 9.1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from peoplefeed.dynamo.marshal import from_item
from peoplefeed.model import BEYOND_ROWS, Outcome, RunState, run_and_row_of
from peoplefeed.planner.consequences import UNOWNED
from tests.campaign.erased import still_named
from tests.worlds.dynamodb.tables import Key, MemoryTable
from tests.worlds.dynamodb.values import Item
from tests.worlds.world import World


class Broken(Exception):
    """A promise is broken. The message says which, and by what."""


class Watch:
    """Looks at every item of the directory that was written, between any two calls.

    3.4 holds at any moment: nobody is active with an address that somebody else claims, and whoever claims one is
    active with it. Nobody's history goes back, and what is over stays as it is.
    """

    def __init__(self, world: World) -> None:
        self._table: MemoryTable = world.dynamodb.tables[world.names.directory_table]
        self._touched: dict[Key, Item | None] = {}
        self._before = dict(self._table.primary.items)
        store = self._table.store

        def noted(key: Key, item: Item | None, *, factor: int = 1) -> None:
            self._touched[key] = item
            store(key, item, factor=factor)

        self._table.store = noted

    def look(self) -> None:
        """Check what was written since the last look.

        Raises:
            Broken: a promise is.
        """
        if not self._touched:
            return
        touched, self._touched = self._touched, {}
        for key, item in touched.items():
            self._check(key, self._before.get(key), item)
            if item is None:
                self._before.pop(key, None)
            else:
                self._before[key] = item

    def _check(self, key: Key, before: Item | None, item: Item | None) -> None:
        pk, sk = key
        if sk == "U" and item is not None:
            self._check_employee(pk, before or {}, item)
        elif sk == "E":
            self._check_claim(pk, item or {})
        elif sk.startswith("RUN#") and before and item != before and _has_its_last_state(before):
            raise Broken(f"{sk} was over, and was written again")

    def _check_employee(self, pk: str, before: Item, item: Item) -> None:
        if item["position"]["S"] < before.get("position", item["position"])["S"]:
            raise Broken(f"the position of {pk} went back")
        if "email_key" not in item or not item.get("active", {}).get("BOOL"):
            return
        tenant, _, external_id = pk.partition("#U#")
        claim = self._table.primary.items.get((f"{tenant}#E#{item['email_key']['S']}", "E"), {})
        if claim.get("owner") != {"S": external_id}:
            raise Broken(f"{pk} is active with {item['email_key']['S']}, which {claim.get('owner')} claims")

    def _check_claim(self, pk: str, item: Item) -> None:
        if "owner" not in item:
            return
        tenant, _, email_key = pk.partition("#E#")
        owner = self._table.primary.items.get((f"{tenant}#U#{item['owner']['S']}", "U"), {})
        if owner.get("email_key") != {"S": email_key} or not owner["active"]["BOOL"]:
            raise Broken(f"{item['owner']['S']} claims {email_key} and is not active with it")


def broken_promises(world: World) -> list[str]:
    """Return what is not as it must be in the end, a line each."""
    tables = world.dynamodb.tables
    directory, log = (
        [from_item(item) for item in tables[name].primary.items.values()]
        for name in (world.names.directory_table, world.names.feed_log_table)
    )
    return [*(f"a dead letter: {body}" for body in world.dead_letters()), *broken_in(directory, log)]


def broken_in(directory: Iterable[dict[str, Any]], log: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield what two tables hold that they must not, a line each."""
    people, told = list(directory), list(log)
    entries = _Entries(told)
    for item in people:
        if item["sk"].startswith("RUN#"):
            yield from _of_run(item, entries)
        elif item["sk"] == "U" and "active" in item:
            yield from _of_employee(item, entries)
            yield from _of_erased(item, entries) if item.get("erased") else ()
    yield from _of_claims(people)
    yield from _of_holds(people)
    yield from _of_staff(people)
    yield from still_named(people, told)


class _Entries:
    """The log of all runs: `outcomes` by tenant and run, `versions` by employee's key. Row 0 speaks of a whole feed.

    `naming` has by employee's key what names them: the item's key and the run that spoke last.
    """

    def __init__(self, log: Iterable[dict[str, Any]]) -> None:
        self.outcomes: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
        self.versions: dict[str, list[int]] = defaultdict(list)
        self.naming: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for item in log:
            self._note_names(item)
            tenant, _, place = item["pk"].partition("#L#")
            if place:
                self._take(tenant, int(place[:10]), item)

    def _note_names(self, item: dict[str, Any]) -> None:
        who = [item.get("mentions"), item.get("external_id") if item.get("name") else None]
        for external_id in filter(None, who):
            place, run = f"{item['pk']} {item['sk']}", int(item.get("last_run", item["run"]))
            tenant = "#".join(item["pk"].split("#", 2)[:2])
            self.naming[f"{tenant}#U#{external_id}"].append((place, run))

    def _take(self, tenant: str, run: int, item: dict[str, Any]) -> None:
        for repeat in item.get("repeats", ()):
            if repeat["index"] == 0 and repeat["row"]:
                self.outcomes[tenant, run][repeat["outcome"]] += 1
        if item.get("index") == 0 and "outcome" in item:
            if item["row"] and (counted := _counted_as(item)):
                self.outcomes[tenant, run][counted] += 1
            if "version" in item:
                self.versions[f"{tenant}#U#{item['external_id']}"].append(item["version"])


def _counted_as(item: dict[str, Any]) -> str | None:
    """Return as what a run counts an entry: leavers apart (1.6), and not those whose leaving was given up (9.2)."""
    if item["row"] < BEYOND_ROWS:
        return str(item["outcome"])
    return "leavers" if item["outcome"] == Outcome.DEACTIVATED else None


def _of_run(run: dict[str, Any], entries: _Entries) -> Iterator[str]:
    name = f"{run['pk']} {run['sk']}"
    if not RunState(run["state"]).is_over:
        yield f"{name} is {run['state']}, not over"
    if run["state"] != RunState.FINISHED:
        return
    counts: Counter[str] = Counter(run["counts"])
    outcomes = {outcome.value: counts[outcome.value] for outcome in Outcome}
    if counts["received"] != sum(outcomes.values()):
        yield f"{name} received {counts['received']} rows and accounts for {outcomes}"  # 1.6
    if run.get("done", 0) != run.get("chunks", 0):
        yield f"{name} is finished with {run.get('done')} of {run.get('chunks')} chunks"
    told = entries.outcomes[run["pk"], run["number"]]
    for outcome, number in (outcomes | {"leavers": counts["leavers"]}).items():
        if outcome != Outcome.UNCHANGED and told[outcome] != number:
            yield f"{name} counts {number} {outcome}, and the log tells of {told[outcome]}"  # 7.1


def _of_employee(item: dict[str, Any], entries: _Entries) -> Iterator[str]:
    versions = sorted(entries.versions[item["pk"]])
    if versions != list(range(1, item["version"] + 1)):
        yield f"{item['pk']} has version {item['version']}, and the log tells of {versions}"  # 7.1


def _of_erased(item: dict[str, Any], entries: _Entries) -> Iterator[str]:
    """1.11: nothing that was said before the erasure, which was the last change, names somebody any more."""
    erasure, _ = run_and_row_of(item["position"])
    for place, run in entries.naming[item["pk"]]:
        if run <= erasure:
            yield f"{item['pk']} is erased, and {place} names them"


def _of_holds(directory: list[dict[str, Any]]) -> Iterator[str]:
    """1.11: nor does what is held."""
    erased = {item["pk"] for item in directory if item.get("erased")}
    for item in directory:
        for example in item.get("examples", ()) if item["sk"].startswith("HOLD#") else ():
            if f"{item['pk']}#U#{example.split(': ')[0]}" in erased:
                yield f"{item['sk']} shows {example}, who is erased"


def _of_staff(directory: list[dict[str, Any]]) -> Iterator[str]:
    """6.1: the numbers that safeguards measure by are those of the people who are there."""
    active: dict[str, Counter[str]] = defaultdict(Counter)
    for item in directory:
        if item["sk"] == "U" and item.get("active"):
            active[item["pk"].partition("#U#")[0]][item.get("source") or UNOWNED] += 1
    for item in directory:
        if item["sk"] == "STAFF" and +Counter(item["active"]) != active[item["pk"]]:
            yield f"{item['pk']} has {dict(active[item['pk']])} by owner, and its numbers say {item['active']}"


def _of_claims(directory: list[dict[str, Any]]) -> Iterator[str]:
    claimed = {
        (item["pk"].partition("#E#")[0], item["pk"].partition("#E#")[2]): item["owner"]
        for item in directory
        if item["sk"] == "E" and "owner" in item
    }
    active: dict[tuple[str, str], str] = {}
    for item in directory:
        if item["sk"] == "U" and item.get("active") and "email_key" in item:
            tenant, _, external_id = item["pk"].partition("#U#")
            place = tenant, item["email_key"]
            if place in active:
                yield f"{external_id} and {active[place]} are both active with {place}"  # 3.4
            active[place] = external_id
    if claimed != active:
        yield f"claims and people disagree: {claimed.items() ^ active.items()}"


def _has_its_last_state(run: Item) -> bool:
    """Whether nothing may happen to a run any more; what is held becomes discarded or superseded one day (1.10)."""
    state = RunState(run["state"]["S"])
    return state.is_over and state is not RunState.HELD
