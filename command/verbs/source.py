"""`peoplefeed source`: HR systems, each connected by a manifest."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from command import documents, options, tables
from command.api import Item
from command.connection import connect, find_place
from command.errors import CommandError, NotReachable
from peoplefeed.runs.preview import Preview, preview_document, preview_of, preview_of_content
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.credentials import MISSING
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.mistakes import ManifestError, parse_manifest

_SAMPLES, _MOST_SAMPLES = 20, 100
_SECONDS = 120.0
_MOST_BYTES = 64 * 1024 * 1024


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    nouns = verbs.add_parser("source", help="connect HR systems").add_subparsers(metavar="ACTION", required=True)
    _add_check(nouns)
    adding = nouns.add_parser(
        "add",
        help="connect a source, or correct it",
        description="Stores a manifest; the source is polled within five minutes.",
    )
    adding.add_argument("manifest", metavar="MANIFEST", type=options.readable_file, help="a JSON file; see sources/")
    options.add_tenant(adding)
    adding.set_defaults(verb=add)
    listing = nouns.add_parser("list", help="show the sources", description="Shows the sources and how they are doing.")
    options.add_tenant(listing)
    options.add_json(listing)
    options.add_limit(listing)
    listing.set_defaults(verb=show)
    for name, verb, help_ in (
        ("pause", pause, "poll a source no more"),
        ("resume", resume, "poll a source again, within five minutes"),
        ("remove", remove, "forget a source; the people whom it brought stay"),
    ):
        parser = nouns.add_parser(name, help=help_, description=f"{help_.capitalize()}.")
        parser.add_argument("name", metavar="NAME", type=options.slug, help="the source's name")
        options.add_tenant(parser)
        parser.set_defaults(verb=verb)


def _add_check(nouns: options.Verbs) -> None:
    parser = nouns.add_parser(
        "check",
        help="try a manifest on a few records",
        description="Fetches a few records and shows what the manifest makes of them. Nothing is written. With --stack "
        "the deployed stack asks the HR system, as it would for a poll; otherwise this machine does.",
    )
    parser.add_argument("manifest", metavar="MANIFEST", type=options.readable_file, help="a JSON file; see sources/")
    parser.add_argument("--limit", metavar="N", type=_samples, default=_SAMPLES, help=f"how many (default: {_SAMPLES})")
    parser.add_argument("--file", metavar="FEED", type=options.readable_file, help="try it on a file instead")
    options.add_tenant(parser)
    options.add_json(parser)
    parser.set_defaults(verb=check)


def check(given: argparse.Namespace) -> int:
    """Try a manifest; 0 if every record would be applied."""
    document = _read(given.manifest)
    preview = _through_api(given, document) if given.stack and not given.file else _tried_here(given, document)
    if given.json:
        documents.print_json(preview)
    else:
        _show(preview)
    return 0 if preview["good"] else CommandError.exit_code


def add(given: argparse.Namespace) -> int:
    """Connect a source."""
    document = _read(given.manifest)
    name = _parsed(document).name
    with connect(given.tenant, given.stack) as connection:
        source = connection.api.put(f"/sources/{name}", document)
        print(f"The source '{name}' of the tenant '{connection.tenant}' is connected: {source['state']}.")
    return 0


def show(given: argparse.Namespace) -> int:
    """Show the sources."""
    with connect(given.tenant, given.stack) as connection:
        found = connection.api.every("sources", limit=given.limit if given.json else None)
        if given.json:
            documents.print_json(list(found))
        else:
            tables.show_list(tables.sources, found, given.limit)
    return 0


def pause(given: argparse.Namespace) -> int:
    """Poll a source no more."""
    with connect(given.tenant, given.stack) as connection:
        connection.api.post(f"/sources/{given.name}/pause", {})
    print(f"The source '{given.name}' is paused.")
    return 0


def resume(given: argparse.Namespace) -> int:
    """Poll a source again."""
    with connect(given.tenant, given.stack) as connection:
        connection.api.post(f"/sources/{given.name}/resume", {})
    print(f"The source '{given.name}' is polled again.")
    return 0


def remove(given: argparse.Namespace) -> int:
    """Forget a source."""
    with connect(given.tenant, given.stack) as connection:
        connection.api.delete(f"/sources/{given.name}")
    print(f"The source '{given.name}' is removed. The people whom it brought stay as they are.")
    return 0


def _through_api(given: argparse.Namespace, document: Item) -> Item:
    with connect(given.tenant, given.stack) as connection:
        return connection.api.post("/sources/check", {"manifest": document, "limit": given.limit})


def _tried_here(given: argparse.Namespace, document: Item) -> Item:
    manifest = _parsed(document)
    if given.file:
        with given.file.open("rb") as file:
            content = file.read(_MOST_BYTES)
        return preview_document(preview_of_content(manifest, content, given.limit, given.file.name))
    if not manifest.is_polled:
        raise CommandError("What is dropped cannot be fetched: try the manifest on a file of it with --file.")
    return preview_document(_fetched(given, manifest))


def _fetched(given: argparse.Namespace, manifest: SourceManifest) -> Preview:
    """Ask from this machine. A secret is read where polls read it: on the running local stack."""
    tenant = given.tenant or _tenant_of(manifest)
    if manifest.secret:
        _require_secret(given.manifest, manifest.secret)
    poll = Poll(datetime.now(UTC), "check", Safety(local=True, seconds=_SECONDS))
    return preview_of(tenant, manifest, _secret, poll, given.limit)


def _require_secret(path: Path, name: str) -> None:
    """Say what to do about a secret that is not there, before anybody is asked."""
    try:
        _secret(name)
    except NotReachable:
        what = f"the secret '{name}' is read from the local stack, and none is running here. Start it: peoplefeed up"
    except LookupError:
        what = f"there is no secret '{name}' on the local stack."
    else:
        return
    raise CommandError(
        f"{path} cannot be tried yet:\n  auth.secret: {what}\n"
        f"  Store the secret (typed, from a pipe or with --file): peoplefeed secret {name}\n"
        "  A deployed stack is given it, and asked, with --stack NAME."
    )


def _secret(name: str) -> str:
    manager = find_place(None).client("secretsmanager")
    try:
        return str(manager.get_secret_value(SecretId=name)["SecretString"])
    except manager.exceptions.ResourceNotFoundException as error:
        raise LookupError(MISSING) from error


def _tenant_of(manifest: SourceManifest) -> str:
    """Return whose secret a manifest names; without one it does not matter."""
    return manifest.secret.split("/")[2] if manifest.secret else "default"


def _read(path: Path) -> Item:
    """Return the manifest in a file, after all its mistakes were looked for."""
    text = path.read_bytes()
    try:
        parse_manifest(text)
    except ManifestError as error:
        lines = "\n".join(f"  {mistake.place}: {mistake.message}" for mistake in error.mistakes)
        raise CommandError(f"{path} is not a manifest yet:\n{lines}") from error
    document: Any = json.loads(text)
    document.pop("$schema", None)
    return dict(document)


def _parsed(document: Item) -> SourceManifest:
    return parse_manifest(json.dumps(document))


def _show(preview: Item) -> None:
    console = tables.output()
    if preview["records"]:
        console.print(tables.samples(preview))
    if preview["trouble"]:
        console.print(tables.cell(f"{preview['trouble']['code']}: {preview['trouble']['message']}"))
    for sentence in preview["missing"]:
        console.print(tables.cell(f"Missing: {sentence}"))
    if preview["ignored_columns"]:
        console.print(tables.cell(f"Ignored columns: {', '.join(preview['ignored_columns'])}"))
    bad = sum(not record["valid"] for record in preview["records"])
    if preview["records"]:
        console.print(f"{len(preview['records']) - bad} of {len(preview['records'])} records are valid.")


def _samples(text: str) -> int:
    number = options.positive(text)
    if number > _MOST_SAMPLES:
        raise argparse.ArgumentTypeError(f"at most {_MOST_SAMPLES} records are shown")
    return number
