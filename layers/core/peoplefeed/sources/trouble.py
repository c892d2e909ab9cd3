"""What goes wrong with an HR system: expected, told to the feed log, tried again at the next poll."""

from peoplefeed.codes import Code


class SourceTrouble(Exception):
    """A poll did not see the whole of what the HR system holds, so nothing is landed.

    `reason` becomes part of a sentence in the feed log: no secrets, no addresses with a query, no body.
    """

    def __init__(self, code: Code, reason: str, *, status: int | None = None, pause: float | None = None) -> None:
        """Take one of the `SOURCE_` codes and why, as the end of its sentence.

        `status` is that of the answer, if there was one; `pause` the seconds for which the HR system asks.
        """
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.status = status
        self.pause = pause


class OutOfTime(SourceTrouble):
    """The poll's time is up, with nothing else wrong: what it has seen so far can be kept."""

    def __init__(self, reason: str) -> None:
        """Take why, as the end of the sentence."""
        super().__init__(Code.SOURCE_INCOMPLETE, reason)


def unreachable(reason: str) -> SourceTrouble:
    """The HR system does not answer, or must not be asked."""
    return SourceTrouble(Code.SOURCE_UNREACHABLE, reason)


def refused(reason: str) -> SourceTrouble:
    """The HR system does not want to answer us."""
    return SourceTrouble(Code.SOURCE_REFUSED, reason)


def throttled(reason: str) -> SourceTrouble:
    """The HR system asks for patience."""
    return SourceTrouble(Code.SOURCE_THROTTLED, reason)


def malformed(reason: str) -> SourceTrouble:
    """The answer is not what the manifest says."""
    return SourceTrouble(Code.SOURCE_MALFORMED, reason)


def incomplete(reason: str) -> SourceTrouble:
    """Some of the records are missing."""
    return SourceTrouble(Code.SOURCE_INCOMPLETE, reason)
