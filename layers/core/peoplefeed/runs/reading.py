"""Opening a feed as its source writes it: the manifest says what records and columns are called (2.2)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import FeedReader, RawRow, open_feed
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.mapping import cell_mapping, column_names, record_mapping


@dataclass(frozen=True, slots=True)
class FileOfSource:
    """A reader of a file whose cells are put into our words."""

    reader: FeedReader
    mapped: Callable[[dict[str, str]], dict[str, str]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that the file has columns for."""
        return self.reader.columns

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of unknown columns (2.2)."""
        return self.reader.ignored

    @property
    def salt(self) -> bytes:
        """What belongs in front of a row when it is fingerprinted."""
        return self.reader.salt

    def rows(self) -> Iterator[RawRow]:
        """Yield every record of the file."""
        return self.reader.rows()

    def cells(self, row: RawRow) -> dict[str, str] | Finding:
        """Return a row's cells by field, or why it cannot be read (2.5)."""
        cells = self.reader.cells(row)
        return cells if isinstance(cells, Finding) else self.mapped(cells)


def open_feed_of(
    manifest: SourceManifest | None, stream: BinaryIO, kind: FeedKind, name: str
) -> FeedReader | FileOfSource:
    """Return a reader of a feed, as its source writes it; None stands for uploads and the API.

    Raises:
        UnreadableFeed: it cannot be read, with the code and sentence of 1.7.
    """
    if manifest is None:
        return open_feed(stream, kind=kind, name=name)
    if manifest.format == "csv":
        columns = column_names(manifest)
        reader = open_feed(stream, kind=kind, encoding=manifest.encoding, mapping=columns, name=name)
        return FileOfSource(reader, cell_mapping(manifest))
    mapping = record_mapping(manifest)
    return open_feed(stream, kind=kind, encoding=manifest.encoding, record_mapping=mapping, name=name)
