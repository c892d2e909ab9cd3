"""Document paths: reading, changing and projecting what lies at them. Nothing is changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.worlds.dynamodb.values import Item, Value
from tests.worlds.errors import Refused, invalid

type Step = str | int
type Path = tuple[Step, ...]
type Edit = tuple[Path, Value | None]


def look_up(item: Item, path: Path) -> Value | None:
    value = item.get(str(path[0]))
    for step in path[1:]:
        if value is None:
            return None
        if isinstance(step, int):
            elements = value.get("L", ())
            value = elements[step] if step < len(elements) else None
        else:
            value = value.get("M", {}).get(step)
    return value


def edited(item: Item, edits: Iterable[Edit]) -> Item:
    """Return the item with each path set to its value, or removed where that is None."""
    result = dict(item)
    nested: dict[str, list[Edit]] = {}
    for path, value in edits:
        name = str(path[0])
        if len(path) > 1:
            nested.setdefault(name, []).append((path[1:], value))
        elif value is None:
            result.pop(name, None)
        else:
            result[name] = value
    for name, inner in nested.items():
        result[name] = _edited_value(item.get(name), inner)
    return result


def _edited_value(value: Value | None, edits: list[Edit]) -> Value:
    if value is not None and "M" in value and all(isinstance(path[0], str) for path, _ in edits):
        return {"M": edited(value["M"], edits)}
    if value is not None and "L" in value and all(isinstance(path[0], int) for path, _ in edits):
        return {"L": _edited_list(value["L"], edits)}
    raise _no_such_path()


def _edited_list(elements: Sequence[Value], edits: list[Edit]) -> list[Value]:
    slots: dict[int, Value | None] = dict(enumerate(elements))
    nested: dict[int, list[Edit]] = {}
    for path, value in edits:
        index = int(path[0])
        if len(path) > 1:
            nested.setdefault(index, []).append((path[1:], value))
        elif value is not None or index in slots:
            slots[index] = value
    for index, inner in nested.items():
        slots[index] = _edited_value(slots.get(index), inner)
    return [value for _, value in sorted(slots.items(), key=lambda slot: slot[0]) if value is not None]


def _no_such_path() -> Refused:
    return invalid("The document path provided in the update expression is invalid for update")


def projected(item: Item, paths: Iterable[Path]) -> Item:
    """Return what an item has at the paths; elements of lists close ranks in their order."""
    result: Item = {}
    for step, rests in _by_first_step(paths).items():
        name = str(step)
        shown = _projected_value(item[name], rests) if name in item else None
        if shown is not None:
            result[name] = shown
    return result


def _projected_value(value: Value, paths: list[Path]) -> Value | None:
    if () in paths:
        return value
    branches = _by_first_step(paths)
    if "M" in value:
        names = [path for path in paths if isinstance(path[0], str)]
        members = projected(value["M"], names)
        return {"M": members} if members else None
    elements = value.get("L", ())
    chosen = sorted(step for step in branches if isinstance(step, int) and step < len(elements))
    shown = [_projected_value(elements[index], branches[index]) for index in chosen]
    present = [element for element in shown if element is not None]
    return {"L": present} if present else None


def _by_first_step(paths: Iterable[Path]) -> dict[Step, list[Path]]:
    branches: dict[Step, list[Path]] = {}
    for path in paths:
        branches.setdefault(path[0], []).append(path[1:])
    return branches
