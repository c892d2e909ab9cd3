"""The system and the model side by side: what is delivered goes to both, and both must tell the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from peoplefeed.dynamo.writes import write
from peoplefeed.model import SettingsChange
from peoplefeed.rules.settings import Settings
from peoplefeed.runs.by_hand import erase, let_go
from peoplefeed.runs.holding import discard, release
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.store import pause_source, put_source
from peoplefeed.storage.holds import find_holds
from peoplefeed.storage.settings import write_of
from tests.model import compare, holds, line
from tests.model.state import FIELDS, Cells, Feed, Manifest, Tenant, Told
from tests.worlds.world import World

TENANT = "acme"
_HEADERS = {
    "external_id": "External Identifier",
    "business_unit_id": "Business Unit ID",
    "profile": "User Profile",
    "name": "Name",
    "feed_id": "Feed ID",
}
COLUMNS = {
    "employees": FIELDS,
    "job-titles": ("name",),
    "departments": ("name",),
    "business-units": ("feed_id", "name"),
}


class Divergence(AssertionError):
    """The system and the model do not tell the same."""


class Twin:
    """One tenant, twice. `deliver` as much as you like, then `settle`, which compares."""

    def __init__(self, world: World | None = None) -> None:
        self.world, self.tenant = world or World(), Tenant()
        self.manifests: dict[str, Manifest] = {}
        self.told: dict[int, Told] = {}
        self.diverged = False
        self._delivered: dict[str, Feed] = {}
        self._notifications: list[str] = []
        self._asked: dict[int, Feed] = {}
        self._released: dict[tuple[str, int], Feed] = {}

    def connect(self, source: str, manifest: Manifest) -> None:
        """Connect a source whose feeds mean what the manifest says."""
        self.manifests[source] = manifest
        values = {
            "name": source,
            "base_url": "https://hr.example.com",
            "fields": {field: field for field in FIELDS if field != "profile"},
            "leavers": manifest.leavers,
            "blanks": manifest.blanks,
        }
        put_source(self.world.deployment, TENANT, SourceManifest.model_validate(values), self.world.clock())
        pause_source(self.world.deployment, TENANT, source)  # what it sends is put down here

    def deliver(
        self, rows: Iterable[Cells], *, kind: str = "employees", columns: tuple[str, ...] = (), **how: Any
    ) -> None:
        """Deliver a feed; `how` are its source, mode, age, `by_administrator`, `simulate`."""
        source, rows, columns = how.get("source", "upload"), tuple(rows), columns or COLUMNS[kind]
        manifest = self.manifests.get(source, Manifest())
        feed = Feed(0, kind=kind, columns=columns, rows=rows, manifest=manifest, **how)
        metadata = {"age": feed.age} if feed.age else {}
        metadata |= {"uploaded_by": "admin"} if feed.by_administrator else {}
        metadata |= {"simulate": "true"} if feed.simulate else {}
        content = records_of(feed) if source in self.manifests else content_of(feed)
        key = self.world.put_feed(TENANT, content, source=source, kind=kind, mode=feed.mode, **metadata)
        self._delivered[key] = feed
        self._notifications.append(self.world.sqs.bodies("import")[-1])

    def redeliver(self, nth: int) -> None:
        """Let the notification of an object that was delivered come again (1.3)."""
        if self._notifications:
            body = self._notifications[nth % len(self._notifications)]
            self.world.sqs.send_message(QueueUrl="import", MessageBody=body)

    def limit(self, leavers: int, identities: int) -> None:
        """Let a company be careful: so many may leave or get another name at once without a question (section 6)."""
        limits = {"leavers_minimum": leavers, "leavers_percent": 0}
        limits |= {"identity_minimum": identities, "identity_percent": 0}
        settings = SettingsChange(Settings(**limits).model_dump_json(), "")
        write(self.world.deployment.dynamodb, write_of(self.world.deployment, TENANT, settings))
        careful = replace(self.tenant.settings, leavers=(leavers, 0), identities=(identities, 0))
        self.tenant.settings = careful

    def answer(self, nth: int, *, releases: bool) -> None:
        """Let an administrator release or discard one of the holds that there are when all is at rest (6.3)."""
        self.settle()
        there = find_holds(self.world.deployment, TENANT)
        if not there:
            return
        hold, now = there[nth % len(there)], self.world.clock()
        seen = hold.source, hold.safeguard.value, hold.version
        if releases:
            release(self.world.deployment, TENANT, hold, now)
            parts = zip(hold.runs, holds.release(self.tenant, *seen), strict=True)
            self._released |= {(f"{hold.id}/{hold.version}", run): part for run, part in parts}
        else:
            number = discard(self.world.deployment, TENANT, hold, now, "admin")
            holds.discard(self.tenant, *seen)
            self._asked[number] = Feed(number, hold.source, purpose="discard")
        self.settle()

    def administrate(self, kind: str, cells: Cells) -> None:
        """Let an administrator do something with reference data or settings that no upload can (4.8, 6.6)."""
        feed = Feed(0, "api", kind, columns=tuple(cells), rows=(cells,))
        key = self.world.put_feed(
            TENANT, records_of(feed), source="api", kind=kind, name=f"{len(self._delivered)}.jsonl"
        )
        self._delivered[key] = feed

    def ask(self, purpose: str, who: str) -> None:
        """Let an administrator let go of somebody (3.13) or erase them (1.11)."""
        ask = {"letting-go": let_go, "erasure": erase}[purpose]
        number = ask(self.world.deployment, TENANT, who, self.world.clock(), "admin")
        self._asked[number] = Feed(number, "api", purpose=purpose, of=who)

    def settle(self) -> None:
        """Let both come to rest, and compare all that they tell.

        Raises:
            Divergence: they differ; says in what.
        """
        self.world.settle()
        seen = compare.look_at(self.world, TENANT)
        different: list[str] = []
        for number in sorted(set(seen.runs) - set(self.told)):
            self.told[number] = self._follow(number, seen.runs[number])
            different += compare.run_differences(seen, number, self.told[number])
        different += self._missing_retries(seen)
        different += compare.differences(seen, self.tenant) + compare.state_differences(seen, self.tenant)
        if different:
            self.diverged = True
            raise Divergence("\n".join([*different, "after", *self._story()]))

    def _story(self) -> list[str]:
        """Return the feeds so far, in short, for whoever has to find out who is wrong."""
        feeds = [feed for _, feed in sorted(self.tenant.feeds.items())]
        return [
            f"{feed.number} {_called(feed)} {feed.source} {feed.kind} {feed.mode} {feed.age}: "
            + " | ".join(" ".join(filter(None, cells.values()))[:90] for cells in feed.rows)
            for feed in feeds
        ]

    def _missing_retries(self, seen: compare.Seen) -> list[str]:
        """Say which runs should have been followed by a retry, or should not (4.7)."""
        followed = {run["of"] for run in seen.runs.values() if run.get("purpose") == "retry"}
        due = {number for number, told in self.told.items() if told.retry}
        return [f"run {number}: a retry follows, but nobody waits for it" for number in sorted(followed - due)] + [
            f"run {number}: no retry follows of {self.told[number].retry}" for number in sorted(due - followed)
        ]

    def _follow(self, number: int, run: dict[str, Any]) -> Told:
        """Let the model process what the system took this number for."""
        if run.get("purpose") == "retry":
            feed = Feed(number, run["source"], age=run["age"], at=run["registered_at"], purpose="retry")
            return line.process(self.tenant, feed, self.told[run["of"]].freed)
        if run.get("purpose") == "release":
            part = self._released[run["errand"], run["of"]]
            return line.process(self.tenant, replace(part, number=number, at=run["registered_at"]))
        if number in self._asked:
            asked = self._asked[number]
            return line.process(self.tenant, replace(asked, age=asked.age or run["age"], at=run["registered_at"]))
        feed = self._delivered[run["key"]]
        feed = replace(feed, number=number, age=feed.age or run["age"], at=run["registered_at"])
        return line.process(self.tenant, feed)


def _called(feed: Feed) -> str:
    return " ".join(filter(None, ("simulated" if feed.simulate else "", feed.purpose, feed.of)))


def content_of(feed: Feed) -> str:
    """Return a feed as a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_HEADERS.get(name, name.replace("_", " ").title()) for name in feed.columns])
    for cells in feed.rows:
        if "line" in cells:
            text.write(cells["line"] + "\n")
        else:
            writer.writerow([cells.get(name, "") for name in feed.columns])
    return text.getvalue()


def records_of(feed: Feed) -> str:
    """Return a feed as an HR system's records, a line each."""
    return "".join(f"{cells.get('line') or json.dumps(dict(cells))}\n" for cells in feed.rows)
