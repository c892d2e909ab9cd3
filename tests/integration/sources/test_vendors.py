"""Systems that are not named anywhere work from a manifest, too: in shapes that their vendors document."""

from __future__ import annotations

import pytest

from peoplefeed.runs.preview import preview_of
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.mistakes import parse_manifest
from peoplefeed.sources.store import put_source
from tests.integration.sources.conftest import NOW
from tests.integration.sources.hr import HrSystem
from tests.integration.sources.test_whole_way import hr, people, world
from tests.integration.sources.vendors import PEOPLE, SECRET, VENDORS, manifest_of
from tests.worlds.world import World

__all__ = ["hr", "world"]

WITH_DATES = {"personio", "hibob", "workday", "graph", "zoho", "successfactors", "adp"}


@pytest.mark.parametrize("name", VENDORS)
def test_a_check_shows_every_person_as_valid(hr: HrSystem, name: str) -> None:
    vendor = VENDORS[name]
    hr.answer = vendor.answer
    manifest = parse_manifest(manifest_of(vendor, hr.url))
    preview = preview_of("acme", manifest, lambda _: vendor.secret, Poll(NOW, "check", Safety(local=True)), 20)
    assert preview.trouble is None
    assert preview.is_good, [sample.problems for sample in preview.samples]
    assert [sample.cells["external_id"] for sample in preview.samples] == [person[0] for person in PEOPLE]


@pytest.mark.parametrize("name", VENDORS)
def test_a_poll_brings_everybody_into_the_directory_as_they_are(world: World, hr: HrSystem, name: str) -> None:
    vendor = VENDORS[name]
    hr.answer = vendor.answer
    world.secrets.secrets["peoplefeed/sources/acme/hr"] = vendor.secret
    put_source(world.deployment, "acme", parse_manifest(manifest_of(vendor, hr.url)), world.clock())
    world.settle()
    since = "2024-03-01" if name in WITH_DATES else None
    assert people(world) == {number: (last, title, active, since) for number, _, last, title, active in PEOPLE}


@pytest.mark.parametrize("name", VENDORS)
def test_a_wrong_secret_is_told_and_not_repeated(hr: HrSystem, name: str) -> None:
    vendor = VENDORS[name]
    hr.answer = vendor.answer
    manifest = parse_manifest(manifest_of(vendor, hr.url))
    wrong = "someone:else-than-expected"
    preview = preview_of("acme", manifest, lambda _: wrong, Poll(NOW, "check", Safety(local=True)), 20)
    assert preview.trouble
    assert ("401" in preview.trouble[1]) is (name != "odoo"), preview.trouble
    assert not {wrong, SECRET} & set(preview.trouble[1].split())
