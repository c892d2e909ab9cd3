"""Whatever comes, in whatever order, twice and late: the system tells what the model tells (9.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from peoplefeed.times import stamp
from tests.model import generated
from tests.model.profile import EXAMPLES, SHRINK, STEPS
from tests.model.state import FIELDS, Cells, Manifest
from tests.model.twin import Twin

MINUTES_OLD = st.sampled_from((0, 0, 0, 0, 7, 23, 600))
SOURCES = ("hr-a", "hr-b")
_WITHOUT = st.sampled_from(((), (), (), ("status",), ("department",), ("email",), ("profile", "business_unit_id")))
_REFERENCES = st.one_of(
    st.tuples(st.just("job-titles"), st.sampled_from(generated.TITLES).map(lambda name: {"name": name})),
    st.tuples(st.just("departments"), st.sampled_from(generated.DEPARTMENTS).map(lambda name: {"name": name})),
    st.tuples(
        st.just("business-units"),
        st.sampled_from((*generated.UNITS, ("u1", "Wharf"), ("u2", ""))).map(
            lambda unit: {"feed_id": unit[0], "name": unit[1]}
        ),
    ),
)


_LIMITS = st.sampled_from(((10, 10), (10, 10), (2, 3), (0, 1)))
"""How many may leave, and get another name, without a question (section 6)."""
_MODES = st.sampled_from(("full", "changes"))
_NAMES = {"job-titles": generated.TITLES, "departments": generated.DEPARTMENTS}
_DEEDS = st.one_of(
    st.sampled_from(("job-titles", "departments")).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.builds(
                lambda name, action, new_name: {"name": name, "action": action, "new_name": new_name},
                st.sampled_from((*_NAMES[kind], "Boss")),
                st.sampled_from(("rename", "rename", "delete", "remove-alias")),
                st.sampled_from((*_NAMES[kind], "Boss")),
            ),
        )
    ),
    st.tuples(
        st.just("settings"),
        st.sampled_from(
            (
                {"name": "identity_change", "value": '"hold"'},
                {"name": "identity_change", "value": '"apply"'},
                {"name": "shared_addresses", "value": '["A@x.es"]'},
                {"name": "shared_addresses", "value": "[]"},
                {"name": "blanks", "value": '"keep"'},
                {"name": "blanks", "value": '"clear"'},
            )
        ),
    ),
)


class Company(RuleBasedStateMachine):
    """A company with two HR systems and busy administrators. Nothing is compared until it is quiet."""

    def __init__(self) -> None:
        super().__init__()
        self.twin = Twin()

    @initialize(limits=_LIMITS, leavers=st.sampled_from(("keep", "deactivate")))
    def found(self, limits: tuple[int, int], leavers: str) -> None:
        self.twin.limit(*limits)
        self.twin.connect("hr-a", Manifest(leavers=leavers))
        self.twin.connect("hr-b", Manifest(blanks="keep"))
        self.twin.deliver([{"name": "Chef"}, {"name": "Waiter"}], kind="job-titles")
        self.twin.deliver([{"name": "Bar"}], kind="departments")
        self.twin.deliver([{"feed_id": "u1", "name": "Harbour"}], kind="business-units")
        self.twin.settle()

    def _age(self, minutes: int) -> dict[str, Any]:
        return {"age": stamp(self.twin.world.clock() - timedelta(minutes=minutes))} if minutes else {}

    @rule(rows=generated.feeds(), minutes=MINUTES_OLD, without=_WITHOUT)
    def upload(self, rows: list[Cells], minutes: int, without: tuple[str, ...]) -> None:
        columns = tuple(name for name in FIELDS if name not in without)
        cut = [cells if "line" in cells else {name: cells.get(name, "") for name in columns} for cells in rows]
        self.twin.deliver(cut, columns=columns, **self._age(minutes))

    @rule(rows=generated.dense_feeds())
    def reshuffle(self, rows: list[Cells]) -> None:
        self.twin.deliver(rows, columns=tuple(rows[0]))

    @rule(cells=generated.rows())
    def edit(self, cells: Cells) -> None:
        self.twin.deliver([cells], source="api")

    @rule(rows=generated.feeds(), minutes=MINUTES_OLD, source=st.sampled_from(SOURCES))
    def poll_changes(self, rows: list[Cells], minutes: int, source: str) -> None:
        self.twin.deliver(rows, source=source, **self._age(minutes))

    @rule(rows=generated.feeds(most=14, faulty=40), minutes=MINUTES_OLD, source=st.sampled_from((*SOURCES, "upload")))
    def poll_everybody(self, rows: list[Cells], minutes: int, source: str) -> None:
        self.twin.deliver(rows, source=source, mode="full", **self._age(minutes))

    @rule(reference=_REFERENCES, minutes=MINUTES_OLD)
    def create_reference(self, reference: tuple[str, Cells], minutes: int) -> None:
        kind, cells = reference
        self.twin.deliver([cells], kind=kind, **self._age(minutes))

    @rule(rows=generated.feeds(), mode=_MODES, source=st.sampled_from((*SOURCES, "upload")))
    def simulate(self, rows: list[Cells], mode: str, source: str) -> None:
        self.twin.deliver(rows, source=source, mode=mode, simulate=True)

    @rule(deed=_DEEDS)
    def administrate(self, deed: tuple[str, Cells]) -> None:
        self.twin.administrate(*deed)

    @rule(purpose=st.sampled_from(("letting-go", "letting-go", "erasure")), who=generated.who())
    def ask(self, purpose: str, who: str) -> None:
        self.twin.ask(purpose, who)

    @rule(nth=st.integers(0, 40))
    def redeliver(self, nth: int) -> None:
        self.twin.redeliver(nth)

    @rule(nth=st.integers(0, 3), releases=st.booleans())
    def answer_a_hold(self, nth: int, releases: bool) -> None:  # noqa: FBT001 - drawn
        self.twin.answer(nth, releases=releases)

    @rule()
    def come_to_rest(self) -> None:
        self.twin.settle()

    def teardown(self) -> None:
        if not self.twin.diverged:
            self.twin.settle()


Company.TestCase.settings = settings(
    max_examples=EXAMPLES // 2,
    stateful_step_count=STEPS,
    report_multiple_bugs=False,
    phases=tuple(Phase) if SHRINK else (Phase.generate,),
)
TestCompany = Company.TestCase
