"""Deliberate faults in the design, each of which the campaign must find: the harness itself is tested.

A mutant is in force while a schedule runs, and not while it is worked out how that schedule must end.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import from_item, key_item, to_item
from peoplefeed.dynamo.writes import Condition, Delete, Put, Update, assignments, write
from peoplefeed.planner import grouping
from peoplefeed.runs import apply, comparison, ending, finish, groups, holding, intake, line, register, sweep
from peoplefeed.runs.fingerprints import Comparison
from peoplefeed.storage import employees, pending, plans
from peoplefeed.storage.runs import find_run
from tests.campaign.explore import Terms, explore
from tests.campaign.quiet import NEVER

MOST_SCHEDULES = 2000
_RATES = (0.08, 0.2)

type Patches = tuple[tuple[Any, str, Any], ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault in the design. Those about giving up (9.2) show only where something is given up."""

    name: str
    patches: Callable[[], Patches]
    give_up_at: int = NEVER

    @contextmanager
    def in_force(self) -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name, instead in self.patches():
                stack.enter_context(patch.object(owner, name, instead))
            yield

    def terms(self, fault_rate: float) -> Terms:
        mutant: Callable[[], AbstractContextManager[object]] = self.in_force
        return Terms(fault_rate, self.give_up_at, mutant)


def _without_condition(owner: Any, name: str) -> Patches:
    """Let a write that a function returns have no condition."""
    made = getattr(owner, name)
    return ((owner, name, lambda *given, **named: replace(made(*given, **named), condition=None)),)


def _one_after_the_other(dynamodb: Any, writes: list[Put | Update | Delete]) -> None:
    for single in writes:
        write(dynamodb, single)


def _ignoring_releases() -> Patches:
    def writes_of(*given: Any) -> list[Any]:
        made, change = writes(*given), given[2]
        return made[:-1] if change.release is not None else made

    writes = employees.writes_of
    return ((employees, "writes_of", writes_of),)


def _complete_before_logging() -> Patches:
    log, complete = apply._log, apply._complete

    def complete_and_log(work: Any) -> None:
        complete(work)
        log(work)

    return ((apply, "_log", lambda _work: None), (apply, "_complete", complete_and_log))


def _always_true(**values: str) -> Condition:
    """Return a condition that always holds, with what it was asked about."""
    about = "".join(f" OR #pk = :{name}" for name in values)
    return Condition("always", f"attribute_exists(#pk) OR attribute_not_exists(#pk){about}", values)


def _position_ignored() -> Patches:
    return ((employees, "_not_newer", lambda mine: _always_true(mine=mine)),)


def _every_fingerprint_counts() -> Patches:
    def fresh(taken: intake.Intake, _settled: set[str]) -> dict[str, bytes]:
        return {row.external_id: taken.digests[row.row] for row in taken.candidates}

    return ((intake.Intake, "fresh_fingerprints", fresh),)


def _finish_unasked() -> Patches:
    def finish_at_once(deployment: Any, tenant: str, number: int, now: Any) -> Any:
        run = find_run(deployment, tenant, number)
        return finish._finish(deployment, run, now) if run and not run.state.is_over else run

    return tuple((owner, "finish_if_done", finish_at_once) for owner in (apply, sweep))


def _head_overwritten() -> Patches:
    def put_head(deployment: Any, tenant: str, number: int, head: Any) -> Any:
        key = f"{plans.folder(tenant, number)}head.json"
        deployment.s3.put_object(Bucket=deployment.names.feed_bucket, Key=key, Body=plans._HEAD.dump_json(head))
        return head

    return ((plans, "put_head", put_head), (plans, "find_head", lambda *_: None), *_head_seen())


def _head_seen() -> Patches:
    find = plans.find_head
    return ((plans, "_head_of", find), (comparison, "find_head", find))


def _files_without_digest() -> Patches:
    put = plans.put_file

    def put_file(deployment: Any, prefix: str, ending: str, file: Any) -> str:
        if not prefix.endswith("body"):
            return put(deployment, prefix, ending, file)
        file.seek(0)
        key = f"{prefix}.{ending}"
        deployment.s3.put_object(Bucket=deployment.names.feed_bucket, Key=key, Body=file)
        return key

    return ((plans, "put_file", put_file),)


def _problems_counted_again() -> Patches:
    from peoplefeed.feed_log import problems

    return ((problems, "_not_said_yet", lambda _moment: _always_true()),)


def _problems_resolved_late() -> Patches:

    def resolve(deployment: Any, moment: Any, resolved: Any) -> None:
        for problem in resolved:
            values = {"resolved_at": moment.at, "last_run": moment.run, "open_pk": None}
            key = keys.problem(moment.tenant, problem)
            write(
                deployment.dynamodb,
                Update(deployment.names.feed_log_table, key, assignments(values), values),
            )

    return ((apply, "resolve_problems", resolve),)


def _batches_left_unfinished() -> Patches:
    from peoplefeed.feed_log import entries

    def put_many(dynamodb: Any, puts: Any) -> None:
        request: dict[str, Any] = {}
        for put in puts:
            item = key_item(put.key) | to_item(put.attributes)
            request.setdefault(put.table, []).append({"PutRequest": {"Item": item}})
        if request:
            dynamodb.batch_write_item(RequestItems=request)

    return ((entries, "put_many", put_many),)


def _reads_left_unfinished() -> Patches:
    def get_many(dynamodb: Any, table: str, some: Any) -> Iterator[Any]:
        wanted = [key_item(key) for key in dict.fromkeys(some)]
        if wanted:
            answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": wanted, "ConsistentRead": True}})
            yield from map(from_item, answer["Responses"].get(table, ()))

    return ((employees, "get_many", get_many), (pending, "get_many", get_many))


def _numbers_without_transaction() -> Patches:
    return ((register, "transact", _one_after_the_other),)


def _a_number_each_time() -> Patches:
    return ((register, "find_number", lambda *_: None), (register, "Condition", lambda *_: _always_true()))


def _nobody_is_overtaken() -> Patches:
    def done(failed: Any) -> bool:
        for failure in failed.failures:
            mine = groups._position(failure.write)
            if mine is not None and failure.stored is not None:
                return bool(failure.stored.get("refused") == mine)
        raise failed

    def write_pending(work: Any, single: Any) -> None:
        write(work.deployment.dynamodb, replace(single, condition=None))

    return ((groups, "_was_refused", done), (apply, "_write_pending", write_pending))


def _failed_is_done() -> Patches:
    return ((groups, "_was_refused", lambda _failed: False),)


def _paths_backwards() -> Patches:
    from peoplefeed.planner import addresses

    paths = addresses._Board._paths
    return ((addresses._Board, "_paths", lambda board: (path[::-1] for path in paths(board))),)


def _chunks_at_once() -> Patches:
    write_chunks = plans._write_chunks

    def without_order(file: Any, some: Any) -> Iterator[Any]:
        return (replace(chunk, after=None) for chunk in write_chunks(file, some))

    return ((plans, "_write_chunks", without_order),)


def _refused_without_position() -> Patches:
    made = employees.refusal_of

    def refusal_of(*given: Any) -> Update:
        refusal = made(*given)
        return replace(refusal, expression="SET #refused = :refused", values={"refused": refusal.values["refused"]})

    return ((employees, "refusal_of", refusal_of),)


def _held_leavers_forgotten() -> Patches:
    """Let whoever is absent and held be nobody's business any more."""
    return ((grouping.Grouping, "_outstanding", lambda _board: iter(())),)


def _erased_by_halves() -> Patches:
    return ((apply, "erase_story", _nothing),)


def _nothing(*_: Any, **__: Any) -> None:
    return None


MUTANTS = (
    Mutant("the position is not looked at", _position_ignored),
    Mutant("a claim is never released", _ignoring_releases),
    Mutant("a group is no transaction", lambda: ((groups, "transact", _one_after_the_other),)),
    Mutant("a failed condition is taken for done", _failed_is_done),
    Mutant("whoever is overtaken goes on", _nobody_is_overtaken),
    Mutant("paths are applied backwards", _paths_backwards),
    Mutant("a chunk does not wait for the one before", _chunks_at_once),
    Mutant("a chunk is counted twice", lambda: _without_condition(apply, "chunk_mark")),
    Mutant("a chunk is complete before it is logged", _complete_before_logging),
    Mutant("a chunk is not logged", lambda: ((apply, "write_entries", _nothing),)),
    Mutant("a run is finished with chunks to do", _finish_unasked),
    Mutant("a plan is adopted twice", lambda: _without_condition(line, "adopting")),
    Mutant("the last plan counts", _head_overwritten),
    Mutant("two planners mix their files", _files_without_digest),
    Mutant("a number is given without a transaction", _numbers_without_transaction),
    Mutant("a redelivery gets another number", _a_number_each_time),
    Mutant("numbers are given twice", lambda: _without_condition(register, "take_number")),
    Mutant("the line is passed out of order", lambda: _without_condition(ending, "pass_number")),
    Mutant(
        "nobody is woken", lambda: ((finish, "wake", _nothing), (ending, "wake", _nothing), (apply, "wake", _nothing))
    ),
    Mutant("the sweep sends no chunks", lambda: ((sweep, "send_chunks", _nothing),)),
    Mutant("duplicates are settled after the comparison", lambda: ((Comparison, "contradicted", lambda *_: {}),)),
    Mutant("every fingerprint counts", _every_fingerprint_counts),
    Mutant("whom others touched is not looked at", lambda: ((comparison, "touched_since", lambda *_: set()),)),
    Mutant("what is open is written without its run", lambda: _without_condition(pending, "write_of")),
    Mutant("problems count up whatever run spoke last", _problems_counted_again),
    Mutant("problems are resolved late", _problems_resolved_late),
    Mutant("nothing is tried again", lambda: ((finish, "follow", _nothing),)),
    Mutant("held leavers are forgotten", _held_leavers_forgotten),
    Mutant("a hold ends whatever became of it", lambda: _without_condition(holding, "remove_hold")),
    Mutant("a run's end leaves no holds and no numbers of staff", lambda: ((finish, "_aftermath", lambda *_: ()),)),
    Mutant("the log of somebody who is erased is not", _erased_by_halves),
    Mutant("what a batch left is forgotten", _batches_left_unfinished),
    Mutant("what a read left is forgotten", _reads_left_unfinished),
    Mutant("given up without taking the change's place", _refused_without_position, give_up_at=2),
    Mutant("what was made is given up all the same", lambda: ((apply, "refuse_group", lambda *_: True),), give_up_at=2),
    Mutant("corrections are forgotten", lambda: ((apply, "_corrections", lambda _refused: {}),), give_up_at=2),
    Mutant(
        "what stands behind a failure is not", lambda: ((apply, "_closed_before", lambda _work: set()),), give_up_at=2
    ),
)

EQUIVALENT = (
    Mutant("a claim is taken whoever has it", lambda: _without_condition(employees, "_claim_write")),
    Mutant("planning without a lease", lambda: _without_condition(line, "taking_up")),
    Mutant("a claim is released whoever has it", lambda: _without_condition(employees, "_release_write")),
    Mutant("a run is closed whatever its state", lambda: _without_condition(ending, "closing")),
    Mutant("a complete chunk is applied again", lambda: ((apply, "is_chunk_complete", lambda *_: False),)),
)
"""Faults that change nothing but the amount of work; docs/decisions.md says why."""


def schedules_needed(mutant: Mutant, most: int = MOST_SCHEDULES, first: int = 0) -> tuple[int, str] | None:
    """Return after how many schedules a mutant is found, and by what; None if it is not."""
    half = most // len(_RATES)
    runs = [explore(range(first, first + half), mutant.terms(rate)) for rate in _RATES]
    for number, tallies in enumerate(zip(*runs, strict=True)):
        for which, tally in enumerate(tallies):
            for wrong in tally.divergences.values():
                return number * len(_RATES) + which + 1, wrong[0]
    return None


def hunt(processes: int, only: str | None = None) -> int:
    """Print the table; 1 if a mutant was not found, or one that should be equivalent was."""
    from tests.campaign.campaign import surroundings

    names = [mutant.name for mutant in (*MUTANTS, *EQUIVALENT) if only in {None, mutant.name}]
    failed = 0
    with surroundings(), multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
        for name, found in pool.imap_unordered(_hunted, names, chunksize=1):
            expected = name not in {mutant.name for mutant in EQUIVALENT}
            failed += bool(found) is not expected
            nothing = "     -  NOT FOUND" if expected else "     -  equivalent"
            print(f"{name:<48}{f'{found[0]:>6}  {found[1][:110]}' if found else nothing}", flush=True)
    return 1 if failed else 0


def _hunted(name: str) -> tuple[str, tuple[int, str] | None]:
    (mutant,) = [mutant for mutant in (*MUTANTS, *EQUIVALENT) if mutant.name == name]
    return name, schedules_needed(mutant, MOST_SCHEDULES if mutant in MUTANTS else MOST_SCHEDULES // 4)
