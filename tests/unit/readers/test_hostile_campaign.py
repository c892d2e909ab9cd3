"""The campaign of hostile files (tests/hostile), in short; and that it would find what is wrong."""

from unittest.mock import patch

import pytest

from peoplefeed.readers.delimited import Delimited
from peoplefeed.readers.lines import RawRow
from tests.hostile.campaign import judge_all, run


def test_2_5_whatever_happens_to_a_file_costs_what_was_damaged_and_nothing_else() -> None:
    report = run(files=2000, seed=1)
    assert report.failures == []
    assert report.holds, f"{report.peak} MiB"
    assert report.files == 2000
    assert len(report.mutations) > 50
    assert {"FEED_UNREADABLE", "COLUMN_MISSING", "FEED_TOO_LARGE"} <= set(report.refusals)


def _greedy(_: Delimited, __: bytes) -> bool:
    """Take whatever lies between two quotation marks for one record."""
    return True


def _blind(_: Delimited, row: RawRow) -> dict[str, str]:
    """Take every line for a sound one."""
    return {"external_id": row.raw.decode().split(",")[0]}


@pytest.mark.parametrize(
    ("method", "fault"), [pytest.param("_is_record", _greedy, id="greedy"), pytest.param("cells", _blind, id="blind")]
)
def test_the_campaign_finds_a_reader_that_is_wrong(method: str, fault: object) -> None:
    with patch.object(Delimited, method, fault):
        assert judge_all(1, tuple(range(300))).failures
