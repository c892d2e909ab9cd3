"""Files to rows: CSV, JSON lines and workbooks, plain or packed, in whatever encoding they come (2.8).

`open_feed` refuses what cannot be read at all; a row that cannot be read is a finding of its own (2.5).
"""

from peoplefeed.readers.json_lines import RecordMapping
from peoplefeed.readers.lines import RawRow
from peoplefeed.readers.originals import Original, Originals
from peoplefeed.readers.reader import FeedReader, open_feed
from peoplefeed.readers.refusal import UnreadableFeed

__all__ = ["FeedReader", "Original", "Originals", "RawRow", "RecordMapping", "UnreadableFeed", "open_feed"]
