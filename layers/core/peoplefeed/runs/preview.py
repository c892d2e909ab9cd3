"""Trying a manifest: a few records as they came, what it makes of them, whether that is valid. Nothing is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from peoplefeed.codes import Code, finding, message
from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import RawRow, UnreadableFeed
from peoplefeed.rules.rows import Candidate, RowSettings, check_row
from peoplefeed.runs.reading import open_feed_of
from peoplefeed.sources.credentials import Secrets
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.manifest import FieldRule, SourceManifest
from peoplefeed.sources.sampling import sample_of
from peoplefeed.sources.trouble import SourceTrouble

_MOST_RAW = 20_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One record: as it came, its cells, and what is wrong with it. `valid` says whether the row would be applied."""

    row: int
    raw: str
    cells: Mapping[str, str]
    valid: bool
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a manifest makes of a few records. `missing` says what no record has; `trouble` why there are none."""

    samples: tuple[Sample, ...] = ()
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    trouble: tuple[str, str] | None = None

    @property
    def is_good(self) -> bool:
        """Whether there is at least one record, and no record that would be refused."""
        return self.trouble is None and bool(self.samples) and all(sample.valid for sample in self.samples)


def preview_of(tenant: str, manifest: SourceManifest, secrets: Secrets, poll: Poll, limit: int) -> Preview:
    """Ask a source for a few records and try the manifest on them."""
    try:
        content = sample_of(tenant, manifest, secrets, poll, limit)
    except SourceTrouble as trouble:
        return Preview(trouble=(trouble.code, message(trouble.code, source=manifest.name, reason=trouble.reason)))
    return preview_of_content(manifest, content, limit)


def preview_of_content(manifest: SourceManifest, content: bytes, limit: int, name: str = "") -> Preview:
    """Try a manifest on a feed: what is dropped, or what was landed by a poll."""
    try:
        reader = open_feed_of(manifest, BytesIO(content), manifest.kind, name)
        rows = list(islice(reader.rows(), limit))
    except UnreadableFeed as error:
        return Preview(trouble=(error.error.code, error.error.message))
    samples = tuple(_sample(manifest, row, reader.cells(row)) for row in rows)
    missing = tuple(_missing(manifest, samples)) if samples else ("There is not a single record.",)
    return Preview(samples, missing, reader.ignored)


def preview_document(preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON shows it."""
    return {
        "good": preview.is_good,
        "trouble": dict(zip(("code", "message"), preview.trouble, strict=True)) if preview.trouble else None,
        "missing": list(preview.missing),
        "ignored_columns": list(preview.ignored),
        "records": [
            {
                "row": sample.row,
                "raw": _parsed(sample.raw),
                "mapped": dict(sample.cells),
                "valid": sample.valid,
                "problems": [
                    {"code": each.code, "severity": each.severity, "field": each.field, "message": each.message}
                    for each in sample.problems
                ],
            }
            for sample in preview.samples
        ],
    }


def _sample(manifest: SourceManifest, row: RawRow, cells: Mapping[str, str] | Finding) -> Sample:
    raw = row.raw[:_MOST_RAW].decode("utf-8", "replace").rstrip()
    if isinstance(cells, Finding):
        return Sample(row.number, raw, {}, valid=False, problems=(cells,))
    if manifest.kind is not FeedKind.EMPLOYEES:
        blank = tuple(_blank(row.number, cells, field) for field in manifest.fields if not cells.get(field, "").strip())
        return Sample(row.number, raw, cells, valid=not blank, problems=blank)
    settings = RowSettings(manifest.row_date_format, keep_blanks=manifest.blanks == "keep")
    judged = check_row(row.number, cells, settings)
    if isinstance(judged, Candidate):
        return Sample(row.number, raw, cells, valid=True, problems=judged.findings)
    return Sample(row.number, raw, cells, valid=False, problems=(judged.finding,))


def _blank(row: int, cells: Mapping[str, str], field: str) -> Finding:
    return finding(Code.REQUIRED_FIELD_MISSING, field=field, row=row, column=field, value=cells.get(field))


def _missing(manifest: SourceManifest, samples: tuple[Sample, ...]) -> Iterator[str]:
    """Name the fields that not one of the records fills."""
    for field, rule in manifest.fields.items():
        if not any(sample.cells.get(field, "").strip() for sample in samples):
            yield f"{field}: none of the {len(samples)} records has anything {_place(rule)}."
    if manifest.kind is FeedKind.EMPLOYEES and not any(sample.cells.get("status") for sample in samples):
        yield "status: no record says whether someone works there; a new employee counts as Active (2.7)."


def _place(rule: FieldRule) -> str:
    return f"in the column '{rule.column}'" if rule.column is not None else f"at '{rule.path}'"


def _parsed(raw: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(raw)
    except ValueError:
        return raw
