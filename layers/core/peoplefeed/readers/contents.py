"""What a file is that is not a feed, told by how it begins. Nothing here guesses an encoding."""

import re

from peoplefeed.readers import limits

_WORKBOOK = "an Excel workbook (XLSX) that is damaged; perhaps its upload was cut off"
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNINGS = (
    (_ZIP, "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (_COMPOUND, "an old Word document, or an old Excel workbook (XLS) that is damaged"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "a Word document (RTF)"),
    (b"\x1f\x8b", "a gzip archive inside a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an XZ archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\xff\xfe\x00\x00", "text in UTF-32, which is not among the encodings read here"),
    (b"\x00\x00\xfe\xff", "text in UTF-32, which is not among the encodings read here"),
)
_MARKUP = (
    (
        re.compile(rb"\s*<(?:!doctype\s+html|html)", re.IGNORECASE),
        "a web page (HTML), perhaps one that asks to sign in",
    ),
    (re.compile(rb"\s*<\?xml"), "an XML document"),
    (re.compile(rb"\s*\[\s*(?:[\[{\"]|\]\s*\Z)"), "a JSON list; JSON lines have one object on each line"),
    (
        re.compile(rb"\s*\{\s*[\r\n]\s*[\"}]"),
        "a JSON document of several lines; JSON lines have one object on each line",
    ),
)
_WIDE_SHARE = 4
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def is_workbook(beginning: bytes) -> bool:
    """Whether a file that begins so can be a workbook; whether it is one only its reader knows."""
    return beginning.startswith((_ZIP, _COMPOUND))


def not_a_feed(head: bytes) -> str | None:
    """Return what the file is if it is clearly none of the formats of 2.8."""
    for beginning, name in _BEGINNINGS:
        if head.startswith(beginning):
            return _WORKBOOK if name == "a ZIP archive" and b"xl/" in head else name
    unmarked = head.removeprefix(b"\xef\xbb\xbf")
    return next((name for beginning, name in _MARKUP if beginning.match(unmarked)), None)


def looks_wide(text: bytes) -> str | None:
    """Return why a text full of NULs cannot be read, if it is that."""
    sample = text[: limits.SAMPLE]
    is_wide = _WIDE_SHARE * sample.count(0) >= len(sample) > 0
    if is_wide and not _CONTROLS.search(sample.replace(b"\0", b"")):
        return "it looks like UTF-16 without the byte-order mark that would tell how to read it."
    return None


def not_text(beginning: bytes) -> str | None:
    """Return why what begins so cannot be text, if it cannot."""
    if _CONTROLS.search(beginning):
        return looks_wide(beginning) or "it is not text: it begins with characters that no text has."
    return None
