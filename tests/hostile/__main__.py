"""`uv run python -m tests.hostile --files N --seed S`; exit code 1 if anything failed."""

import argparse
import os
import sys
from pathlib import Path

from tests.hostile.campaign import Report, judge_all, lines_of, run
from tests.hostile.files import case_of


def main() -> int:
    """Run a campaign and print what came of it."""
    parser = argparse.ArgumentParser(prog="tests.hostile", description="Read hostile files.")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="judge one file of the campaign, and write it to ./hostile-file")
    given = parser.parse_args()
    if given.only is not None:
        Path("hostile-file").write_bytes(case_of(given.seed, given.only).data)
        report = judge_all(given.seed, (given.only,))
    else:
        report = run(given.files, given.seed, given.processes, _progress)
    sys.stdout.write("\n".join(lines_of(report)) + "\n")
    return 0 if report.holds else 1


def _progress(report: Report) -> None:
    last = report.failures[-1] if report.failures else ""
    sys.stderr.write(f"\r{report.files:,} files, {len(report.failures)} failures {last}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
