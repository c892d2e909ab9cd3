"""Runs as people look at them: newest first, those that changed nothing folded into one line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import query
from peoplefeed.model import Purpose, Run, RunState
from peoplefeed.storage.runs import run_from

_MOST_RUNS = 2000
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Folded:
    """Neighbouring runs that changed nothing, from the first number to the last."""

    first: int
    last: int
    runs: int


type Line = Run | Folded


def run_lines(
    deployment: Deployment, tenant: str, limit: int, before: int | None, *, fold: bool
) -> tuple[list[Line], int | None]:
    """Return the next lines below run number `before`, and the number to go on below; None on the last page.

    A page looks at 2,000 runs at most: a source that is polled for years without news is several lines.
    """
    runs = islice(_newest_first(deployment, tenant, before, limit), _MOST_RUNS + 1)
    lines: list[Line] = []
    for seen, run in enumerate(runs):
        folds = fold and _is_unremarkable(run)
        last = lines[-1] if lines else None
        if folds and isinstance(last, Folded) and seen < _MOST_RUNS:
            lines[-1] = replace(last, first=run.number, runs=last.runs + 1)
        elif len(lines) == limit or seen == _MOST_RUNS:
            return lines, _number(lines[-1])
        else:
            lines.append(Folded(run.number, run.number, 1) if folds else run)
    return lines, None


def _is_unremarkable(run: Run) -> bool:
    """Whether a run left directory and feed log as they were. What an administrator lets go of is told all the same."""
    return run.state is RunState.FINISHED and not run.changed and run.feed.purpose is not Purpose.DISCARD


def _number(line: Line) -> int:
    return line.first if isinstance(line, Folded) else line.number


def _newest_first(deployment: Deployment, tenant: str, before: int | None, limit: int) -> Iterator[Run]:
    pk, lowest = keys.run(tenant, 0)
    highest = keys.run(tenant, before - 1)[1] if before else f"{lowest[: lowest.index('#')]}#:"
    found: Iterable[dict[str, object]] = query(
        deployment.dynamodb,
        deployment.names.directory_table,
        "#pk = :pk AND #sk BETWEEN :lowest AND :highest",
        {"pk": pk, "lowest": lowest, "highest": highest},
        ScanIndexForward=False,
        Limit=min(limit + 1, _AT_ONCE),
        ConsistentRead=True,
    )
    return map(run_from, found)
