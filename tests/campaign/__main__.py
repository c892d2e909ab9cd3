"""The campaign's command line; `--help` tells what there is."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.campaign.campaign import replay, run_campaign, same_hashes, table, what_matters
from tests.campaign.explore import Tally, Terms
from tests.campaign.quiet import NEVER

_SHOWN = 5


def main() -> int:
    """Run what was asked for; 1 if anything diverged."""
    asked = _parser().parse_args()
    if not same_hashes():
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(  # noqa: S606 - the same program once more
            sys.executable, [sys.executable, "-m", "tests.campaign", *sys.argv[1:]]
        )
    if asked.mutants:
        from tests.campaign.mutants import hunt

        return hunt(asked.processes, asked.only)
    if asked.exhaustive:
        from tests.campaign.exhaustive import run_exhaustive

        return run_exhaustive(asked.worlds, asked.processes, asked.first, asked.minutes)
    terms = Terms(asked.fault_rate, asked.give_up_at or NEVER)
    if asked.seed is not None:
        return _replay(asked.seed, terms)
    began = time.monotonic()
    total = run_campaign(asked.schedules, terms, processes=asked.processes, minutes=asked.minutes, first=asked.first)
    print(table(total, terms, time.monotonic() - began))
    _tell(total, terms)
    return 1 if total.divergences else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    add = parser.add_argument
    add("--schedules", type=int, default=2000, help="how many schedules")
    add("--fault-rate", type=float, default=0.08, help="the share of calls that go wrong")
    add("--give-up-at", type=int, help="give up what failed so often, and check the promises instead of equality (9.2)")
    add("--seed", type=int, help="run this schedule alone and tell what happened in it")
    add("--first", type=int, default=0, help="the first seed")
    add("--processes", type=int, default=os.cpu_count() or 1)
    add("--minutes", type=float, default=1e6, help="stop after so many")
    add("--exhaustive", action="store_true", help="every fault at every call of --worlds small worlds")
    add("--worlds", type=int, default=100)
    add("--mutants", action="store_true", help="how soon each deliberate fault is found")
    add("--only", help="the one mutant with this name")
    return parser


def _replay(seed: int, terms: Terms) -> int:
    tally, trace = replay(seed, terms)
    wrong = tally.divergences.get(seed, [])
    print("\n".join(what_matters(trace, wrong) if wrong else trace))
    print("\n".join(wrong) or "no divergence")
    return 1 if wrong else 0


def _tell(total: Tally, terms: Terms) -> None:
    for seed, wrong in sorted(total.divergences.items())[:_SHOWN]:
        more = "" if terms.must_be_equal else f" --give-up-at {terms.give_up_at}"
        print(f"\nuv run python -m tests.campaign --seed {seed} --fault-rate {terms.fault_rate}{more}")
        print("\n".join(f"  {line[:400]}" for line in wrong))


if __name__ == "__main__":
    sys.exit(main())
