"""Some rows of a feed as they were received, as a table: to be mended by people and handed in again (2.8)."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers.columns import COLUMNS
from peoplefeed.readers.lines import RawRow
from peoplefeed.readers.reader import FeedReader
from peoplefeed.rules.fields import parse_date, show_date

_TEMPLATE = "DD/MM/YYYY"


class Original(NamedTuple):
    """A row as received. `cells` stand below the header; None where they cannot be told, then `line` has all of it."""

    number: int
    cells: Sequence[str] | None
    line: str


class Originals:
    """A feed as a table: a CSV file or a workbook with its own header, all else with that of the template (2.1).

    `fields` are those that a source's mapping fills, `date_format` is how it writes dates; who mends its rows sends
    them as a list of their own, so that dates are written as such lists have them.
    """

    def __init__(
        self, reader: FeedReader, kind: FeedKind, fields: Collection[str] = (), date_format: str = _TEMPLATE
    ) -> None:
        """Take a feed, and what is known of its records where it is no table."""
        self._reader, self._date_format = reader, date_format
        table = reader.table
        known = fields or reader.columns
        columns = [column for column in COLUMNS[kind] if column.field in known]
        self._fields = tuple(column.field for column in columns)
        self.header = table.header if table else tuple(column.name for column in columns)
        self.delimiter = table.delimiter if table else ","

    def rows(self, wanted: Collection[int]) -> Iterator[Original]:
        """Yield the rows of these numbers, in the order of the feed; it is read no further than that."""
        last = max(wanted, default=0)
        for row in self._reader.rows():
            if row.number > last:
                return
            if row.number in wanted:
                yield Original(row.number, self._received(row), row.raw.decode("utf-8", "replace"))

    def _received(self, row: RawRow) -> Sequence[str] | None:
        if table := self._reader.table:
            return table.received(row)
        cells = self._reader.cells(row)
        return (
            None if isinstance(cells, Finding) else [self._shown(field, cells.get(field, "")) for field in self._fields]
        )

    def _shown(self, field: str, text: str) -> str:
        day = parse_date(text.strip(), self._date_format) if field == "start_date" else None
        return show_date(day, _TEMPLATE) if day else text
