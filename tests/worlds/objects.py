"""What MemoryS3 keeps: versions of objects; and how requests speak of contents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.worlds.errors import Refused


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object; None as its content marks it as deleted."""

    bucket: str
    key: str
    id: str
    content: bytes | None
    at: datetime
    metadata: dict[str, str] = field(default_factory=dict)
    content_type: str = "binary/octet-stream"
    parts: int = 0

    @property
    def etag(self) -> str:
        digest = hashlib.md5(self.content or b"", usedforsecurity=False).hexdigest()
        return f'"{digest}-{self.parts}"' if self.parts else f'"{digest}"'


def precondition_failed(condition: str) -> Refused:
    message = "At least one of the pre-conditions you specified did not hold"
    return Refused("PreconditionFailed", message, 412, Condition=condition)


def content_of(body: Any) -> bytes:
    """Return what botocore would send: bytes, text as UTF-8, or what is left of a file."""
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body)


def byte_range(asked: str, length: int) -> tuple[int, int]:
    """Return the first and last byte of `bytes=first-last`, `bytes=first-` or `bytes=-count`."""
    first, _, last = asked.removeprefix("bytes=").partition("-")
    start = int(first) if first else max(length - int(last), 0)
    end = min(int(last), length - 1) if first and last else length - 1
    if start >= length or start > end:
        raise Refused("InvalidRange", "The requested range is not satisfiable", 416)
    return start, end
