"""What administrators and HR systems do to a world."""

import json
from typing import Any

from peoplefeed.model import Hold
from peoplefeed.runs.holding import discard, release
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.store import pause_source, put_source
from tests.integration.runs.company import HEADER, TENANT
from tests.integration.runs.findings import next_number
from tests.worlds.world import World

RECORD_FIELDS = ("external_id", "first_name", "last_name", "email", "job_title", "department", "status")


def connect(world: World, name: str, **more: Any) -> None:
    """Connect an HR system whose records have our names."""
    fields = {field: field for field in RECORD_FIELDS}
    manifest = SourceManifest(name=name, base_url="https://hr.example.com", **{"fields": fields} | more)
    put_source(world.deployment, TENANT, manifest, world.clock())
    pause_source(world.deployment, TENANT, name)  # what it polls, tests put down themselves


def poll(world: World, name: str, *records: dict[str, str], mode: str = "full", **metadata: str) -> int:
    """Land a poll of an HR system, have it worked off, and return its run."""
    body = "".join(json.dumps(record) + "\n" for record in records)
    return fed(world, body, source=name, mode=mode, **metadata)


def upload(world: World, *lines: str, **more: str) -> int:
    """Upload a list of people, have it worked off, and return its run."""
    return fed(world, HEADER + "".join(lines), **more)


def fed(world: World, body: str | bytes, **more: str) -> int:
    """Put a feed down, have it worked off, and return the number of its run."""
    number = next_number(world)
    world.put_feed(TENANT, body, **more)
    world.settle()
    return number


def set_(world: World, **values: Any) -> int:
    """Change settings as the API does."""
    rows = "".join(json.dumps({"name": name, "value": json.dumps(value)}) + "\n" for name, value in values.items())
    return fed(world, rows, source="api", kind="settings", name="settings.jsonl")


def act(world: World, kind: str, name: str, action: str, new_name: str = "") -> int:
    """Rename or delete reference data as the API does."""
    row = json.dumps({"Name": name, "Action": action, "New Name": new_name})
    return fed(world, row, source="api", kind=kind, name=f"{world.clock():%H%M%S%f}.jsonl")


def record(external_id: str, email: str = "", **more: str) -> dict[str, str]:
    person = {"external_id": external_id, "first_name": "Ana", "last_name": "Sol", "email": email, "job_title": "Chef"}
    return person | more


def staff(world: World, name: str, count: int = 20, **more: Any) -> list[dict[str, str]]:
    """Found a company whose HR system has so many people, and return their records."""
    world.put_feed(TENANT, "Name\nChef\nWaiter\n", kind="job-titles")
    connect(world, name, **more)
    records = [record(f"E{number}", f"p{number}@x.es") for number in range(count)]
    poll(world, name, *records)
    return records


def released(world: World, hold: Hold) -> int:
    """Release a hold and return the last of its runs."""
    release(world.deployment, TENANT, hold, world.clock())
    world.settle()
    errand = f"{hold.id}/{hold.version}"
    return max(int(item["number"]) for item in world.items(world.names.directory_table) if item.get("errand") == errand)


def discarded(world: World, hold: Hold) -> int:
    number = discard(world.deployment, TENANT, hold, world.clock(), "ann@x.es")
    world.settle()
    return number


def time_passes(world: World, hours: int) -> None:
    for _ in range(2 * hours):
        world.clock.forward(minutes=30)
        world.sweep()
        world.settle()
