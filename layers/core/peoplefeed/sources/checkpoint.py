"""Where a poll stands that needs longer than a function may run: enough for the next one to go on."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from peoplefeed.model import FeedMode
from peoplefeed.sources.landing import Suspended
from peoplefeed.sources.paginators import Position
from peoplefeed.sources.trouble import incomplete

LONGEST = timedelta(hours=6)
"""A poll that takes longer than this begins anew."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A poll between two functions. `age` is when it started, `since` what it asks for, `latest` what it saw."""

    id: str
    age: str
    key: str
    mode: FeedMode
    since: str | None = None
    position: Position = field(default_factory=Position)
    latest: str | None = None
    records: int = 0
    received: int = 0
    suspended: Suspended = field(default_factory=Suspended)

    @property
    def rest(self) -> str:
        """The key of the object for what is too little for a part: another one for each place.

        Whoever is killed before the checkpoint is stored must not have touched what the one before it needs (9.1).
        """
        place = f"{self.position.number}-{self.position.within}" if self.position.within else self.position.number
        return f"polls/{self.key.removeprefix('feeds/')}.{place}"

    def check_age(self, now: datetime) -> None:
        """Give a poll up that takes too long.

        Raises:
            SourceTrouble: what it saw first is no longer true.
        """
        if now - datetime.fromisoformat(self.age) > LONGEST:
            raise incomplete(f"it takes more than {LONGEST // timedelta(hours=1)} hours to answer everything.")

    def text(self) -> str:
        """Return the checkpoint as the source's item holds it."""
        return json.dumps(asdict(self), separators=(",", ":"))


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a text holds."""
    document = json.loads(text)
    document["mode"] = FeedMode(document["mode"])
    document["position"] = Position(**document["position"])
    document["suspended"] = Suspended(**document["suspended"])
    checkpoint = Checkpoint(**document)
    return replace(checkpoint, suspended=replace(checkpoint.suspended, parts=tuple(checkpoint.suspended.parts)))
