"""Batches of which the service does a part, and gives the rest back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BATCHES = frozenset({"batch_write_item", "batch_get_item", "send_message_batch", "delete_message_batch"})


def do_partly(operation: str, method: Callable[..., Any], request: dict[str, Any], done: int) -> Any:
    """Do the first `done` of a batch, and give the others back as the service does."""
    match operation:
        case "batch_write_item":
            first, rest = _split({name: list(some) for name, some in request["RequestItems"].items()}, done)
            return {**method(RequestItems=first), "UnprocessedItems": rest}
        case "batch_get_item":
            asked = request["RequestItems"]
            first, rest = _split({name: list(some["Keys"]) for name, some in asked.items()}, done)
            answer = method(RequestItems={name: {**asked[name], "Keys": keys} for name, keys in first.items()})
            return {**answer, "UnprocessedKeys": {name: {**asked[name], "Keys": keys} for name, keys in rest.items()}}
        case "send_message_batch" | "delete_message_batch":
            entries = request["Entries"]
            answer = method(**{**request, "Entries": entries[:done]})
            failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in entries[done:]]
            return {**answer, "Failed": [*answer.get("Failed", ()), *failed]} if failed else answer
        case _:
            return method(**request)


def _split(parts: dict[str, list[Any]], done: int) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    first: dict[str, list[Any]] = {}
    rest: dict[str, list[Any]] = {}
    for number, (name, part) in enumerate((name, part) for name, some in parts.items() for part in some):
        (first if number < done else rest).setdefault(name, []).append(part)
    return first, rest
