"""What docs/operating.md says about connecting a source and about a restore, done in a world."""

from __future__ import annotations

import re
from typing import Any

import pytest

from command import restored
from command.connection import Place
from tests.unit.template.translation import PROJECT
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.objects import Version
from tests.worlds.world import World

PAGE = (PROJECT / "docs/operating.md").read_text(encoding="utf-8")
HEADER = "External Identifier,First Name,Last Name,Email,Job Title\n"


class _Bucket:
    """The bucket of a world with the two calls that only a restore makes."""

    def __init__(self, world: World) -> None:
        self._s3 = world.s3

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def get_paginator(self, name: str) -> Any:
        assert name == "list_object_versions"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Any:  # noqa: N803 - boto3's names
        found = [one for (bucket, _), versions in self._s3._objects.items() if bucket == Bucket for one in versions]
        kept = [one for one in found if one.key.startswith(Prefix)]
        yield {"Versions": [self._listed(one) for one in kept]}

    def _listed(self, version: Version) -> dict[str, Any]:
        return {"Key": version.key, "VersionId": version.id, "LastModified": version.at.replace(microsecond=0)}

    def copy_object(self, *, CopySource: Any, MetadataDirective: str, **target: Any) -> None:  # noqa: N803 - the same
        assert MetadataDirective == "REPLACE"
        self._s3.put_object(**target, Body=self._s3.get_object(**CopySource)["Body"].read())


class _Table:
    """The tables of a world, which nothing but a restore scans."""

    def __init__(self, world: World) -> None:
        self._dynamodb = world.dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)

    def get_paginator(self, name: str) -> Any:
        assert name == "scan"
        return self

    def paginate(self, *, TableName: str, ConsistentRead: bool) -> Any:  # noqa: N803 - the same
        assert ConsistentRead
        yield {"Items": self._dynamodb.items(TableName)}


def place_of(world: World) -> Place:
    clients = {"s3": _Bucket(world), "dynamodb": _Table(world)}
    names = world.names
    return Place("a world", "", names.feed_bucket, names.directory_table, "", "", clients.__getitem__)


def people_of(world: World) -> dict[str, tuple[object, ...]]:
    found = [item for item in world.items(world.names.directory_table) if item["sk"] == "U"]
    return {one["external_id"]: (one["last_name"], one.get("email"), one["job_title"], one["active"]) for one in found}


def runs_of(world: World) -> dict[int, str]:
    """How old the feed of each run is."""
    items = world.items(world.names.directory_table)
    return {one["number"]: one["age"] for one in items if one["sk"].startswith("RUN#")}


def lost_and_restored(world: World, table: MemoryDynamoDB) -> None:
    """Let the directory be what it was; everything else stays."""
    log = world.names.feed_log_table
    table.tables[log] = world.dynamodb.tables[log].fork(table.metering)
    world.dynamodb = table
    world.deployment = world.worker(world.faults)


@pytest.mark.parametrize("times", [1, 2])
def test_after_a_restore_the_directory_becomes_what_it_was(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    world = World()
    world.put_feed("acme", "Name\nChef\nWaiter\n", kind="job-titles")
    world.put_feed("acme", HEADER + "1,Ana,Sol,a@x.es,Chef\n2,Ben,Rey,b@x.es,Chef\n", mode="full")
    world.run_until_quiet()
    world.clock.forward(hours=3)
    world.put_feed("acme", HEADER + "1,Ana,Sol,a@x.es,Waiter\n", name="waiting.csv")
    world.step("import")  # planned, and not applied
    world.clock.forward(hours=2)
    moment, then = world.clock(), world.dynamodb.fork(world.clock)
    world.clock.forward(hours=3)
    world.run_until_quiet()
    world.put_feed("acme", HEADER + "1,Ana,Sol,b@x.es,Waiter\n2,Ben,Rey,a@x.es,Chef\n3,Cleo,Mar,,Chef\n")
    world.clock.forward(hours=1)
    world.put_feed("acme", HEADER + "2,Ben,Reyes,a@x.es,Chef\n")
    world.run_until_quiet()
    expected, feeds = people_of(world), runs_of(world)

    lost_and_restored(world, then)
    assert people_of(world) != expected
    monkeypatch.setattr(restored, "find_place", lambda _: place_of(world))
    for _ in range(times):
        world.clock.forward(hours=1)
        restored.main(["peoplefeed-prod", moment.isoformat()])
    world.put_feed("acme", HEADER + "4,Dora,Luz,d@x.es,Waiter\n")
    world.settle()

    assert people_of(world) == expected | {"4": ("Luz", "d@x.es", "Waiter", True)}
    [tenant] = [item for item in world.items(world.names.directory_table) if item["sk"] == "META"]
    assert tenant["epoch"] == times
    again = [age for number, age in runs_of(world).items() if len(feeds) < number != tenant["applied"]]
    assert set(again) == {feeds[number] for number in (3, 4, 5)}
    assert tenant["next"] == tenant["applied"] + 1
    assert world.dead_letters() == []


def test_the_page_says_how_the_restore_is_finished(capsys: pytest.CaptureFixture[str]) -> None:
    [line] = re.findall(r"uv run python -m command\.restored (.+)", PAGE)
    assert re.findall(r"--restore-date-time (\S+)", PAGE) == [line.split()[1]]
    with pytest.raises(SystemExit):
        restored.main([line.split()[0], line.split()[1].removesuffix("Z")])
    assert "time zone" in capsys.readouterr().err
