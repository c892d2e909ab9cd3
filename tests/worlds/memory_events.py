"""EventBridge in memory: keeps the events that were put on the bus."""

from __future__ import annotations

import json
from threading import RLock
from typing import Any

from tests.worlds.errors import Exceptions
from tests.worlds.operations import Answer, Request, operation


class MemoryEvents:
    """A client and its bus. `events` are the entries in the order in which they came."""

    exceptions = Exceptions()

    def __init__(self) -> None:
        self.lock = RLock()
        self.events: list[dict[str, Any]] = []

    def fork(self) -> MemoryEvents:
        twin = MemoryEvents()
        twin.events = list(self.events)
        return twin

    def details(self, detail_type: str = "AttentionNeeded") -> list[dict[str, Any]]:
        """Return what the events of a type say."""
        return [json.loads(event["Detail"]) for event in self.events if event["DetailType"] == detail_type]

    @operation("Entries")
    def put_events(self, request: Request) -> Answer:
        answers: list[dict[str, str]] = []
        for entry in request["Entries"]:
            detail = json.loads(entry["Detail"])
            if isinstance(detail, dict):
                self.events.append(dict(entry))
                answers.append({"EventId": f"event-{len(self.events):08d}"})
            else:
                answers.append({"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."})
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}
