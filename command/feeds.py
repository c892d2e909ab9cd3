"""Handing in a file as a feed, and following its run to the end."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from command.api import Api, Item
from command.connection import Connection
from command.documents import is_over
from command.errors import NotReachable
from peoplefeed.model import FeedKind, FeedMode

TAKEN_UP_WITHIN = 900.0

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_LENGTH = 80
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.2, 2.0, 1.3


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A version of an object: what becomes a run."""

    key: str
    version_id: str


def upload(
    connection: Connection,
    file: Path,
    kind: FeedKind,
    mode: FeedMode,
    progress: Callable[[int], None] = lambda _: None,
    *,
    simulate: bool = False,
) -> Uploaded:
    """Put a file where feeds arrive, in parts if it is large, and return the version of the object that it became."""
    bucket, key = connection.place.bucket, _key(connection.tenant, file.name, kind, mode)
    metadata = {"uploaded-by": quote(connection.user, safe="@+ ")}  # metadata are ASCII
    metadata |= {"simulate": "true"} if simulate else {}  # 1.9
    s3 = connection.place.client("s3")
    s3.upload_file(str(file), bucket, key, ExtraArgs={"Metadata": metadata}, Callback=progress)
    return Uploaded(key, s3.head_object(Bucket=bucket, Key=key)["VersionId"])  # nobody else writes this key


def _key(tenant: str, name: str, kind: FeedKind, mode: FeedMode) -> str:
    unique = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}"
    return f"feeds/{tenant}/upload/{kind}/{mode}/{unique}-{_UNSAFE.sub('_', name)[-_NAME_LENGTH:]}"


def follow(api: Api, uploaded: Uploaded, seen: Callable[[Item], None] = lambda _: None) -> Item:
    """Return the run of an upload when it is over; tell `seen` of every look at it."""
    run = _taken_up(api, uploaded)
    for pause in _pauses():
        seen(run)
        if is_over(run):
            return run
        time.sleep(pause)
        run = api.get(f"/runs/{run['number']}")
    raise AssertionError  # the pauses never end


def _taken_up(api: Api, uploaded: Uploaded) -> Item:
    """Wait until the feed has its number (1.3)."""
    patience_ends = time.monotonic() + TAKEN_UP_WITHIN
    for pause in _pauses():
        found = api.get("/runs", key=uploaded.key, version_id=uploaded.version_id)["runs"]
        if found:
            return dict(found[0])
        if time.monotonic() > patience_ends:
            break
        time.sleep(pause)
    raise NotReachable(
        f"The file is uploaded, but nothing has taken it up for {TAKEN_UP_WITHIN / 60:.0f} minutes. "
        "Look at the log and the dead letters of the function import_batch."
    )


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
