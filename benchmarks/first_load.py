"""A first load against a platform that allows so many requests a second, on a clock that moves.

`uv run python -m benchmarks.first_load [--people 50000] [--per-second 20] [--workers 5]`. The platform counts the
requests of each second and answers 429 to what is too much. What there is of functions, queue and platform is in
`tests/integration/learning_platform/loads.py`. Newcomers take three requests: no load can end sooner than `three each`.
"""

import argparse
import math
import time
from functools import partial

from tests.integration.learning_platform.loads import WORKERS, Figures, a_load


def show(figures: Figures) -> None:
    """Print figures, one a line."""
    for name in figures.__slots__:
        print(f"{name.replace('_', ' '):14}{_written(getattr(figures, name)):>12}")


def _written(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f}"


def main() -> None:
    """Load and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--per-second", type=int, default=20)
    parser.add_argument("--workers", type=int, default=WORKERS)
    given, began = parser.parse_args(), time.perf_counter()
    with a_load(given.per_second) as load:
        workers = [partial(load.work, until=math.inf)] * given.workers
        figures = load.run(partial(load.apply, given.people), *workers, partial(load.sweep, until=math.inf))
    show(figures)
    print(f"{'three each':14}{3 * given.people / given.per_second:>12,.0f}")
    print(f"in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
