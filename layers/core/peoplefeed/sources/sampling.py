"""A few records of a source, fetched as a poll would and put nowhere."""

from contextlib import closing, suppress

from peoplefeed.sources.circuit import OPENS_AFTER
from peoplefeed.sources.credentials import Secrets
from peoplefeed.sources.fetching import Poll, client_of
from peoplefeed.sources.files import take_file
from peoplefeed.sources.http import Client
from peoplefeed.sources.inquiry import Inquiry, inquiry_of
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.records import pages_of

_MOST_BYTES = 256 * 1024


class _Enough(Exception):
    """What has come of a file will do."""


def sample_of(tenant: str, manifest: SourceManifest, secrets: Secrets, poll: Poll, limit: int) -> bytes:
    """Return the beginning of the feed that a poll for everybody would land, with at least so many records.

    Raises:
        SourceTrouble: not even these can be had.
    """
    inquiry = inquiry_of(manifest, None)
    # Somebody waits for the answer: each page is asked for once.
    with closing(client_of(tenant, manifest, secrets, poll, failures=OPENS_AFTER)) as client:
        if manifest.format == "csv":
            return _beginning(inquiry, client)
        lines, records = bytearray(), 0
        for page in pages_of(manifest, inquiry, client, None):
            lines += page.lines
            records += len(page.records)
            if records >= limit:
                break
        return bytes(lines)


def _beginning(inquiry: Inquiry, client: Client) -> bytes:
    """Return the beginning of a file, up to the end of a line."""
    taken = bytearray()

    def take(piece: bytes) -> None:
        taken.extend(piece)
        if len(taken) >= _MOST_BYTES:
            raise _Enough

    with suppress(_Enough):
        take_file(inquiry, client, take)
        return bytes(taken)
    return bytes(taken[: taken.rfind(b"\n") + 1])
