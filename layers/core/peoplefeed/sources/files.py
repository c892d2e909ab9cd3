"""A file that an HR system gives out over HTTPS: it goes into the feed as it comes, and is never in memory whole."""

from collections.abc import Callable
from dataclasses import dataclass

from peoplefeed.sources.http import Client
from peoplefeed.sources.inquiry import Inquiry
from peoplefeed.sources.records import whole_call
from peoplefeed.sources.trouble import malformed

_BLANK = b"\xef\xbb\xbf \t\r\n"
_MARKUP, _OBJECT = b"<", b"{"


@dataclass(slots=True)
class _Watched:
    """What passes a file on, and sees whether it is one."""

    write: Callable[[bytes], None]
    lines: int = 0
    has_begun: bool = False

    def take(self, piece: bytes) -> None:
        if not self.has_begun and (beginning := piece.lstrip(_BLANK)):
            if beginning.startswith(_MARKUP):
                raise malformed("it answers with a web page instead of a file; perhaps one that asks to sign in.")
            if beginning.startswith(_OBJECT) and b"error" in beginning[:200].lower():
                raise malformed("it answers with an error in JSON instead of a file.")
            self.has_begun = True
        self.lines += piece.count(b"\n")
        self.write(piece)


def take_file(inquiry: Inquiry, client: Client, write: Callable[[bytes], None]) -> int:
    """Fetch the file of an inquiry and return about how many records it has: its lines without the header.

    Raises:
        SourceTrouble: there is no whole file.
    """
    watched = _Watched(write)
    answer = client.send(whole_call(client, inquiry), watched.take)
    if answer.unchanged:
        return 0
    if not watched.has_begun:
        raise malformed("it answers with an empty file, there is not even a header.")
    return max(0, watched.lines - 1)
