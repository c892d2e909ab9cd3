"""The story that the demo tells: three polls of an HR system, then the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import command.local.stack as local
from command import connection as connections
from command.api import Item
from command.connection import Connection
from command.demonstration import comparison, cycle, source
from command.demonstration.comparison import Difference, People
from command.demonstration.cycle import Say
from command.demonstration.figures import Figures
from command.local.hr_server import HrServer, running_hr_server
from command.local.people import References, references
from command.local.stack import Stack
from command.local.tokens import token_for

POLLS = 3
EMPLOYEES = 2000
SEED = 7


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the demo started for itself."""

    stack: Stack
    system: HrServer
    connection: Connection
    references: References
    folder: Path


@dataclass(slots=True)
class Outcome:
    """What the demo saw."""

    cycles: list[Figures] = field(default_factory=list)
    came_back: int = 0
    ever_active: set[str] = field(default_factory=set)
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    def remember(self, directory: People) -> None:
        """Keep in mind who was active: they are the learning platform's business from then on (8.1)."""
        self.ever_active |= {person for person, facts in directory.items() if facts["active"]}

    def document(self) -> Item:
        """Return the outcome as the demo prints it for programs."""
        return {
            "cycles": [figures.document() for figures in self.cycles],
            "came_back": self.came_back,
            "compared": self.compared,
            "differences": [asdict(difference) for difference in self.differences],
        }


@contextmanager
def scene(say: Say) -> Iterator[Scene]:
    """Start a stack on a free port and an HR system, both of the demo's own, and end them afterwards."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="peoplefeed-demo-")))
        stack = opened.enter_context(local.running(port=0, directory=folder / connections.FOLDER, say=say))
        say("starting an HR system")
        system = opened.enter_context(running_hr_server(seed=SEED, size=EMPLOYEES))
        token = token_for(stack, connections.DEFAULT_TENANT)
        connection = opened.enter_context(connections.connection(connections.local_place(stack), token))
        yield Scene(stack, system, connection, references(SEED, EMPLOYEES), folder)


def prepare(scene: Scene) -> None:
    """Make the stack know the reference data and the HR system."""
    source.import_references(scene.connection, scene.references, scene.folder)
    source.connect_hr_system(scene.connection, scene.system)


def poll(scene: Scene, outcome: Outcome, say: Say) -> Figures:
    """Poll the HR system once."""
    figures = cycle.poll(scene.connection, scene.stack, source.NAME, say)
    outcome.cycles.append(figures)
    return figures


def next_day(scene: Scene, outcome: Outcome) -> None:
    """Remember who is active today, then let people join, move, leave and come back."""
    outcome.remember(_directory(scene))
    scene.system.step()


def create_what_was_missing(scene: Scene, outcome: Outcome) -> None:
    """Create the job title and the department that nobody knew at first, and see who waited for them come in (4.7)."""
    scene.connection.api.post("/job-titles", {"name": scene.references.late_job_title})
    scene.connection.api.post("/departments", {"name": scene.references.late_department})
    outcome.came_back = sum(run["counts"]["received"] for run in cycle.come_to_rest(scene.connection))


def compare(scene: Scene, outcome: Outcome) -> None:
    """Compare the directory with the learning platform, person by person."""
    with ThreadPoolExecutor(max_workers=1) as other:
        reading = other.submit(_platform, scene)
        directory, platform = _directory(scene), reading.result()
    outcome.remember(directory)
    never_active = frozenset(directory.keys() - outcome.ever_active)
    outcome.compared = len((directory.keys() - never_active) | platform.keys())
    outcome.differences = comparison.compare(directory, platform, never_active=never_active)


def _directory(scene: Scene) -> People:
    return comparison.of_directory(scene.connection.api.every("employees"))


def _platform(scene: Scene) -> People:
    url = scene.stack.learning_platform.format(tenant=scene.connection.tenant)
    return comparison.of_platform(comparison.users_of(url))
