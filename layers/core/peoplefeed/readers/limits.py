"""The limits against abuse (6.5), and how much of a feed is ever held at once."""

KIB = 1 << 10
MIB = 1 << 20

MAX_ROWS = 2_000_000
MAX_UNPACKED = 2 << 30
MAX_LINE = 64 * KIB
MAX_COLUMNS = 200

MAX_WORKBOOK = 256 * MIB
"""How much a workbook may unpack to, and how long its first sheet may be as CSV."""

SHEET_MEMORY = 1 << 30
SHEET_SECONDS = 120
"""What the process may take that reads a workbook: the library keeps it in memory as a whole."""

BLOCK = MIB
"""What is read at once."""

LOOK_AHEAD = MIB
"""How far an open quotation mark is followed, to see whether it is closed.

Further than a line may be long, so that a cell of more than 64 KiB costs its row as a whole, and what stands
in that cell is never taken for rows.
"""

SPOOL_IN_MEMORY = 8 * MIB
"""Feeds up to this size need no temporary file."""

JSON_SAMPLE = 100
FIRST_LINES = 8 * MIB
"""How many JSON lines are looked at to know the columns, and how much text for as many."""

SIGNATURE = 8
"""How many of a file's first bytes say what it is."""

SAMPLE = KIB
"""How much of a file that is like none of ours is looked at to say what it is."""
