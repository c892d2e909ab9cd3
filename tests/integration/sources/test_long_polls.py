"""A poll that needs longer than a function may run goes on in the next one, and its memory does not grow."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from peoplefeed.sources.connection import Safety, World
from peoplefeed.sources.fetching import Poll, Polled
from peoplefeed.sources.polling import Failed, NotPolled, Outcome, Suspended, poll_source
from peoplefeed.times import stamp
from tests.integration.sources.conftest import BUCKET, NOW, Line
from tests.integration.sources.hr import PEOPLE, Asked, Reply, reply

PAGED: dict[str, Any] = {"paginator": {"type": "page", "pages": "pages"}, "records": "employees"}
NOISE = Random(7)  # noqa: S311 - what does not compress


class Watch:
    """A clock that goes on by a second with each request, and by what is slept."""

    def __init__(self, line: Line) -> None:
        self.line, self.slept = line, 0.0

    def clock(self) -> float:
        return len(self.line.hr.asked) + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def invocation(line: Line, seconds: float, *, resume: str | None = None, id: str = "id") -> Outcome:  # noqa: A002
    """One invocation of the function, which has so many seconds."""
    watch = Watch(line)
    world = World(clock=watch.clock, sleep=watch.sleep)
    poll = Poll(line.now, id, Safety(local=True, seconds=seconds), resume=resume, world=world)
    return poll_source(line.deployment, line.tenant, "hr", poll)


def uploads(line: Line) -> int:
    return len(line.deployment.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


def to_the_end(line: Line, seconds: float) -> list[Outcome]:
    """Invoke as long as there are messages that let the poll go on."""
    outcomes = [invocation(line, seconds)]
    for number in range(50):
        messages = line.goes_on()
        if not messages:
            return outcomes
        line.later(minutes=4)
        assert [message["source"] for message in messages] == ["hr"]
        outcomes.append(invocation(line, seconds, resume=messages[0]["resume"], id=f"later-{number}"))
    raise AssertionError("it never ends")


def test_what_takes_longer_goes_on_in_the_next_invocation(line: Line) -> None:
    line.hr.pages(PEOPLE, 1)
    line.connect(**PAGED)
    outcomes = to_the_end(line, 4)
    assert [type(outcome) for outcome in outcomes] == [Suspended, Suspended, Polled]
    assert line.landed() == PEOPLE
    assert [asked.query["page"] for asked in line.hr.asked] == list("1234567")  # no page twice
    key, source = "feeds/acme/hr/employees/full/20261122T132039.123Z-id.jsonl.gz", line.source()
    assert (line.feeds(), source["last_feed"]) == ([key], key)
    age = line.deployment.s3.head_object(Bucket=BUCKET, Key=key)["Metadata"]["age"]
    assert age == stamp(NOW)  # 1.4: as old as its start
    assert "checkpoint" not in source
    assert "polling_since" not in source


def test_large_parts_and_small_rests_make_one_object(line: Line) -> None:
    noisy = [PEOPLE[0] | {"id": str(number), "noise": NOISE.randbytes(2_500_000).hex()} for number in range(6)]
    line.hr.pages(noisy, 1)
    line.connect(**PAGED)
    outcomes = to_the_end(line, 4)
    assert [type(outcome) for outcome in outcomes] == [Suspended, Polled]
    assert line.landed() == noisy
    assert uploads(line) == 0


def test_links_and_cursors_are_kept_over_invocations(line: Line) -> None:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("at", "0"))
        following = {"Link": f'<people?at={at + 1}>; rel="next"'} if at < len(PEOPLE) - 1 else {}
        return reply(PEOPLE[at : at + 1], 200, **following)

    line.hr.answer = answer
    line.connect(request={"path": "x/people"}, paginator={"type": "link-header"})
    to_the_end(line, 4)
    assert line.landed() == PEOPLE
    assert {asked.path for asked in line.hr.asked} == {"/x/people"}


def test_a_rate_limit_that_leaves_no_time_goes_on_later_and_not_at_once(line: Line) -> None:
    line.hr.pages(PEOPLE[:3], 1)
    line.connect(**PAGED, rate_limit={"requests_per_minute": 1})
    assert invocation(line, 50) == Suspended(1)
    assert line.goes_on() == []  # the message waits for the minute to pass
    line.later(minutes=1)
    resume = "id"
    assert invocation(line, 50, resume=resume) == Suspended(2)
    line.later(minutes=1)
    assert isinstance(invocation(line, 50, resume=resume), Polled)
    assert line.landed() == PEOPLE[:3]


def test_a_total_that_shrinks_between_invocations_is_noticed_and_nothing_is_left_behind(line: Line) -> None:
    noisy = PEOPLE[0] | {"noise": NOISE.randbytes(9_000_000).hex()}
    line.hr.answers(reply({"employees": [noisy], "pages": 3}), reply({"employees": PEOPLE[1:2], "pages": 2}))
    line.connect(**PAGED)
    assert isinstance(invocation(line, 1.3), Suspended)
    assert uploads(line) == 1
    outcome = invocation(line, 1.3, resume="id")
    assert isinstance(outcome, Failed)
    assert "shrank from 3 to 2" in outcome.message
    assert (line.feeds(), uploads(line)) == ([], 0)
    assert "checkpoint" not in line.source()


def test_a_message_that_was_lost_is_made_up_for_by_the_schedule(line: Line) -> None:
    line.hr.pages(PEOPLE, 4)
    line.connect(**PAGED)
    assert isinstance(invocation(line, 1.3), Suspended)
    line.later(minutes=20)
    assert line.source()["due_at"] == stamp(line.now)
    assert isinstance(line.poll(due=stamp(line.now)), Polled)
    assert line.landed() == PEOPLE


@pytest.mark.parametrize("resume", ["id", "another"])
def test_a_late_message_lets_nothing_go_on(line: Line, resume: str) -> None:
    line.hr.pages(PEOPLE, 4)
    line.connect(**PAGED)
    if resume == "id":
        assert isinstance(line.poll(), Polled)
    else:
        assert isinstance(invocation(line, 1.3), Suspended)
    assert invocation(line, 9, resume=resume) == NotPolled("it has been polled meanwhile")


def test_a_corrected_manifest_begins_anew(line: Line) -> None:
    line.hr.pages(PEOPLE, 4)
    line.connect(**PAGED)
    assert isinstance(invocation(line, 1.3), Suspended)
    line.connect(**PAGED, filter="id != '1'")
    assert invocation(line, 9, resume="id") == NotPolled("it has been polled meanwhile")
    assert isinstance(line.poll(), Polled)
    assert line.landed() == PEOPLE[1:]


def test_a_poll_that_never_comes_to_an_end_is_given_up(line: Line) -> None:
    line.hr.pages(PEOPLE, 1)
    line.connect(**PAGED)
    assert isinstance(invocation(line, 1.3), Suspended)
    line.later(hours=6, minutes=1)
    outcome = invocation(line, 1.3, resume="id")
    assert isinstance(outcome, Failed)
    assert "takes more than 6 hours" in outcome.message


def test_a_watermark_outlives_an_invocation(line: Line) -> None:
    people = [PEOPLE[0] | {"changed": "2026-11-22T12:00:00Z"}, PEOPLE[1] | {"changed": "2026-11-22T11:00:00Z"}]
    line.hr.pages(people, 1)
    line.connect(**PAGED, incremental={"query": {"since": "{since}"}, "cursor": "changed"})
    assert [type(outcome) for outcome in to_the_end(line, 1.3)] == [Suspended, Polled]
    assert line.source()["since"] == "2026-11-22T12:00:00.000Z"


def counted(line: Line, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    calls: Counter[str] = Counter()
    dynamodb = line.deployment.dynamodb
    for name in ("get_item", "put_item", "update_item", "query", "batch_get_item", "transact_write_items"):
        whole: Callable[..., Any] = getattr(dynamodb, name)

        def count(*given: Any, _name: str = name, _whole: Callable[..., Any] = whole, **named: Any) -> Any:
            calls[_name] += 1
            return _whole(*given, **named)

        monkeypatch.setattr(dynamodb, name, count)
    return calls


def test_a_poll_of_100_000_records_costs_a_page_of_memory_and_a_handful_of_requests(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, pages = 500, 200

    def answer(asked: Asked) -> Reply:
        number = int(asked.query["page"])
        some = [PEOPLE[0] | {"id": str(number * page + each)} for each in range(page)]
        return reply({"employees": some, "pages": pages})

    line.hr.answer = answer
    line.connect(**PAGED)
    calls = counted(line, monkeypatch)
    tracemalloc.start()
    outcome = line.poll()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(outcome, Polled)
    assert outcome.records == page * pages
    assert peak < 12_000_000  # the HR system's own pages among them
    assert sum(calls.values()) <= 4, calls


@pytest.mark.parametrize(
    ("records", "number", "size"),
    [
        ("reports[0].employees", 100_000, 500),
        ("reports[0].employees[?note]", 20_000, 2_600),
        ("reports[].employees[]", 20_000, 2_600),
    ],
)
def test_an_unpaged_list_of_everybody_costs_no_more_memory_than_a_page(
    line: Line, records: str, number: int, size: int
) -> None:
    people = [PEOPLE[0] | {"id": str(each), "note": "x" * size} for each in range(number)]
    body = reply({"reports": [{"employees": people}], "total": len(people)})
    del people
    line.hr.answers(body)
    line.connect(records=records, paginator={"type": "none", "total": "total"})
    tracemalloc.start()
    outcome = line.poll()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(outcome, Polled)
    assert outcome.records == number
    assert len(body.body) > 50_000_000 > 4 * peak


def detailed(line: Line, **changes: Any) -> list[str]:
    """Connect a system that says who there is, and more about each on request; return their IDs, to be changed."""
    ids = [str(number) for number in range(1, 71)]

    def answer(asked: Asked) -> Reply:
        if asked.path == "/people":
            at = int(asked.query.get("at", 0))
            some = ids[at : at + 50] if "at" in asked.query else ids
            return reply({"people": [{"id": one, "seen": len(line.hr.asked)} for one in some], "total": len(ids)})
        return reply(PEOPLE[0] | {"id": asked.path.rpartition("/")[2]})

    line.hr.answer = answer
    paginator = {"type": "none", "total": "total"}
    details = {"path": "/people/{id}"}
    line.connect(
        **{"request": {"path": "/people"}, "records": "people", "paginator": paginator, "details": details} | changes
    )
    return ids


@pytest.mark.parametrize(
    "paginator", [None, {"type": "offset", "param": "at", "total": "total"}], ids=["whole", "pages"]
)
def test_details_of_more_people_than_there_is_time_for_are_asked_for_in_the_next_invocation(
    line: Line, paginator: dict[str, str] | None
) -> None:
    ids = detailed(line, **({"paginator": paginator} if paginator else {}))
    outcomes = to_the_end(line, 45)
    assert {type(outcome) for outcome in outcomes[:-1]} == {Suspended}
    assert isinstance(outcomes[-1], Polled)
    assert (len(outcomes) > 2, outcomes[-1].records) == (True, len(ids))
    assert [record["id"] for record in line.landed()] == ids
    asked = Counter(asked.path for asked in line.hr.asked)
    assert {asked[f"/people/{one}"] for one in ids} == {1}  # nobody twice


def test_details_of_a_list_that_changed_meanwhile_are_not_taken_for_the_whole(line: Line) -> None:
    ids = detailed(line)
    assert isinstance(invocation(line, 45), Suspended)
    line.goes_on()
    ids.remove("3")
    outcome = invocation(line, 45, resume="id")
    assert isinstance(outcome, Failed)
    assert "changed while" in outcome.message
    assert (line.feeds(), "checkpoint" in line.source()) == ([], False)
    ids.append("71")  # behind those who are done
    line.later(minutes=15)
    assert isinstance(to_the_end(line, 45)[-1], Polled)
    assert [record["id"] for record in line.landed()] == ids


def test_whoever_joins_behind_those_who_are_done_is_asked_for_too(line: Line) -> None:
    ids = detailed(line)
    assert isinstance(invocation(line, 45), Suspended)
    ids.append("71")
    outcome = invocation(line, 80, resume="id")
    assert isinstance(outcome, Polled)
    assert [record["id"] for record in line.landed()] == ids
