"""Hostile files: `uv run python -m tests.hostile --files N --seed S`.

Every file is made from a sound one by a mutation, read, and its rows judged. What must hold:

* Nothing is raised but `UnreadableFeed`, with a code of a failed feed and a sentence that can be printed (1.7).
* Every line is accounted for: below the header, each character of the text that is not a line's end, a delimiter, a
  quotation mark or blank stands in exactly one row, in order; rows are numbered from 1 without gaps; each of them has
  cells of the feed's columns or a finding, and `check_row` makes a candidate or a rejection of it (2.5).
* Damage to one line costs that line: all other rows have the cells that they had, in the order they had (2.5). A
  line that is broken in two may make two rows, one that is emptied none.
* The process that reads stays below 256 MiB, the one that unpacks workbooks below its own limit, and no file
  takes more than 30 s of a processor.
"""
