"""A row that says nothing new costs no request (7.1)."""

from tests.integration.runs.company import HEADER, TENANT, founded, line
from tests.integration.runs.findings import directory_reads, people, run_item
from tests.integration.runs.office import upload


def test_unchanged_rows_of_a_repeated_full_feed_cost_no_request() -> None:
    world = founded(1)
    feed = HEADER + "".join(line(f"S{n}", f"s{n}@x.es") for n in range(300))
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.settle()
    before = len(world.faults.log)
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.run_until_quiet()
    assert run_item(world, 4)["counts"]["unchanged"] == 300
    assert directory_reads(world, before) == 0
    assert not run_item(world, 4)["changed"]


def test_a_changed_row_among_unchanged_ones_is_the_only_one_looked_at() -> None:
    world = founded(1)
    rows = [line(f"S{n}", f"s{n}@x.es") for n in range(300)]
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.settle()
    before = len(world.faults.log)
    rows[7] = line("S7", "s7@x.es", title="Waiter")
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.run_until_quiet()
    counts = run_item(world, 4)["counts"]
    assert (counts["updated"], counts["unchanged"]) == (1, 299)
    assert directory_reads(world, before) == 3  # the person, the address, what is open


def test_someone_touched_since_is_looked_at_although_the_row_is_the_same() -> None:
    world = founded(1)
    feed = HEADER + "".join(line(f"S{n}", f"s{n}@x.es") for n in range(5))
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.settle()
    world.put_feed(TENANT, HEADER + line("S3", "s3@x.es", title="Waiter"))
    world.settle()
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.settle()
    counts = run_item(world, 5)["counts"]
    assert (counts["updated"], counts["unchanged"]) == (1, 4)
    assert people(world)["S3"]["job_title"] == "Chef"


def test_3_2_an_id_that_now_stands_twice_is_settled_before_the_comparison() -> None:
    world = founded(1)
    rows = [line(f"S{n}", f"s{n}@x.es") for n in range(5)]
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.settle()
    rows.insert(0, line("S3", "s3@x.es", title="Waiter"))  # the old row stands below it, and counts
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.settle()
    counts = run_item(world, 4)["counts"]
    assert (counts["overwritten"], counts["unchanged"], counts["updated"]) == (1, 5, 0)
    assert people(world)["S3"]["job_title"] == "Chef"


def test_3_10_an_unchanged_row_costs_nothing_where_nothing_is_held() -> None:
    world = founded(50)
    before = people(world)["E3"]
    upload(world, line("E3", "p3@x.es"))
    assert people(world)["E3"] == before
