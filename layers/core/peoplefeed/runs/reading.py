"""Opening a feed as its source writes it: the manifest says what records and columns are called (2.2)."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

from peoplefeed.deployment import Deployment
from peoplefeed.model import BY_API, Feed, FeedKind, Finding
from peoplefeed.readers import FeedReader, RawRow, open_feed
from peoplefeed.readers.json_lines import RecordMapping
from peoplefeed.rules.rows import RowSettings
from peoplefeed.rules.settings import Settings
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


@dataclass(frozen=True, slots=True)
class Form:
    """How a source writes its feeds (2.1 to 2.3, 2.8). `meaning` is what could make a row mean something else.

    `columns` are its names of columns to ours, `in_our_words` puts the cells of its files into ours, `record_mapping`
    makes cells of the records that a poll landed.
    """

    rows: RowSettings = field(default_factory=RowSettings)
    encoding: str = "cp1252"
    columns: Mapping[str, str] = field(default_factory=dict)
    in_our_words: Callable[[dict[str, str]], dict[str, str]] | None = None
    record_mapping: RecordMapping | None = None
    meaning: str = ""


def form_of_feed(feed: Feed, manifest: SourceManifest | None, settings: Settings) -> Form:
    """Return how a feed is written: an upload as settings said when it came (6.6), what the API sends in our words."""
    return form_of(manifest, Settings() if feed.source == BY_API else settings.written(feed.writing))


def form_of(manifest: SourceManifest | None, settings: Settings) -> Form:
    """Return how a source writes: as its manifest says, or else as the tenant's settings say of uploads."""
    if manifest is None:
        rows = RowSettings(settings.date_format, keep_blanks=settings.blanks == "keep")
        meaning = settings.model_dump_json(include={"date_format", "blanks", "columns", "shared_addresses"})
        return Form(rows, settings.encoding, settings.columns, meaning=meaning)
    rows = RowSettings(manifest.row_date_format, keep_blanks=manifest.blanks == "keep")
    form = Form(rows, manifest.encoding, meaning=manifest.meaning + json.dumps(settings.shared_addresses))
    if manifest.format == "csv":
        return replace(form, columns=column_names(manifest), in_our_words=cell_mapping(manifest))
    return replace(form, record_mapping=record_mapping(manifest))


def reading(deployment: Deployment, feed: Feed, form: Form) -> FeedReader | FileOfSource:
    """Open a feed's object, as its source writes it.

    Raises:
        UnreadableFeed: it cannot be read, with the code and sentence of 1.7.
    """
    answer = deployment.s3.get_object(Bucket=deployment.names.feed_bucket, Key=feed.key, VersionId=feed.version_id)
    name, with_deeds = feed.key.rsplit("/", 1)[-1], feed.source == BY_API
    return _opened(form, cast("BinaryIO", answer["Body"]), feed.kind, name, with_deeds=with_deeds)


def open_feed_of(
    manifest: SourceManifest | None, stream: BinaryIO, kind: FeedKind, name: str
) -> FeedReader | FileOfSource:
    """Return a reader of a feed, as its source writes it; None stands for uploads and the API.

    Raises:
        UnreadableFeed: it cannot be read, with the code and sentence of 1.7.
    """
    return _opened(form_of(manifest, Settings()), stream, kind, name)


def _opened(
    form: Form, stream: BinaryIO, kind: FeedKind, name: str, *, with_deeds: bool = False
) -> FeedReader | FileOfSource:
    reader = open_feed(
        stream,
        kind=kind,
        encoding=form.encoding,
        date_format=form.rows.date_format,
        mapping=form.columns,
        record_mapping=form.record_mapping,
        name=name,
        with_deeds=with_deeds,
    )
    return FileOfSource(reader, form.in_our_words) if form.in_our_words else reader
