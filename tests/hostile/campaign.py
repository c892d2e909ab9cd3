"""Many files, on as many processes as are wanted."""

import multiprocessing
import re
import resource
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from pathlib import Path

from tests.hostile.cases import Case
from tests.hostile.files import case_of
from tests.hostile.judge import Judgement, judge

MOST_MEMORY = 256
SECONDS = 30

_BATCH = 250
_SHOWN = 20


@dataclass(slots=True)
class Report:
    """What came of a campaign. Peaks are in MiB: of the process that reads, and of the ones that unpack workbooks."""

    files: int = 0
    rows: int = 0
    rejected: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    peak: int = 0
    workbook_peak: int = 0

    def add(self, case: Case, judgement: Judgement) -> None:
        """Count a file for which everything held."""
        self.rows += judgement.rows
        self.rejected += judgement.rejected
        if judgement.refusal:
            self.refusals[judgement.refusal] += 1
        self.mutations[case.mutation] += 1

    def take_in(self, other: "Report") -> None:
        """Add what another process found."""
        self.files += other.files
        self.rows += other.rows
        self.rejected += other.rejected
        self.refusals += other.refusals
        self.mutations += other.mutations
        self.failures = (self.failures + other.failures)[:_SHOWN]
        self.peak = max(self.peak, other.peak)
        self.workbook_peak = max(self.workbook_peak, other.workbook_peak)

    @property
    def holds(self) -> bool:
        """Whether everything held."""
        return not self.failures and self.peak < MOST_MEMORY


def run(files: int, seed: int, processes: int = 2, told: Callable[[Report], None] = lambda _: None) -> Report:
    """Judge so many files; `told` hears how it goes."""
    report = Report()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for part in pool.map(partial(judge_all, seed), batched(range(files), _BATCH, strict=False)):
            report.take_in(part)
            told(report)
    return report


def judge_all(seed: int, numbers: tuple[int, ...]) -> Report:
    """Judge some files of a campaign in this process."""
    report = Report()
    for number in numbers:
        report.files += 1
        case = case_of(seed, number)
        try:
            report.add(case, _alarmed(partial(judge, case)))
        except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
            report.failures.append(f"file {number} ({case.mutation}): {type(error).__name__}: {error}")
    report.peak = _most_memory()
    report.workbook_peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    return report


def _most_memory() -> int:
    """Return the most that this process had, in MiB. (`ru_maxrss` counts what its parent had before it began.)"""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) >> 10


def _alarmed(work: Callable[[], Judgement]) -> Judgement:
    """Stop work that does not come to an end."""

    def too_late(*_: object) -> None:
        raise TimeoutError(f"it takes more than {SECONDS} s of a processor")

    signal.signal(signal.SIGPROF, too_late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # not by the clock: what else the machine does is no fault of ours
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def lines_of(report: Report) -> Iterator[str]:
    """Yield what is to be said of a campaign."""
    yield f"{report.files:,} files, {report.rows:,} rows, {report.rejected:,} of them rejected"
    refused = ", ".join(f"{code} {count:,}" for code, count in report.refusals.most_common())
    yield f"refused as a whole: {report.refusals.total():,} ({refused})"
    yield f"kinds of damage: {len(report.mutations)}"
    yield f"peak memory: {report.peak} MiB; of the processes that unpack workbooks: {report.workbook_peak} MiB"
    yield f"failures: {len(report.failures)}"
    yield from report.failures
