"""How often a backlog in the outbox is put into the queue, on a clock that moves.

`uv run python -m benchmarks.backlog [--people 100000] [--per-second 20] [--hours 6] [--workers 5]`. Everybody is due at
the beginning. With `--workers 0` nobody delivers anything; with `--slow 5` each answer takes so many seconds; with
`--down 60` the platform is out of order for so many minutes, from the tenth one on.
"""

import argparse
import time
from functools import partial

from benchmarks.first_load import show
from tests.integration.learning_platform.loads import WORKERS, a_load


def main() -> None:
    """Sweep, deliver and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--per-second", type=int, default=20)
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--slow", type=float, default=0)
    parser.add_argument("--down", type=float, default=0)
    given, began = parser.parse_args(), time.perf_counter()
    with a_load(given.per_second, given.slow) as load:
        load.fill(given.people)
        until = given.hours * 3600
        works = [partial(load.work, until=until)] * given.workers + [partial(load.sweep, until=until)]
        figures = load.run(*works, partial(load.go_down, at=600, seconds=60 * given.down))
    show(figures)
    print(f"in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
