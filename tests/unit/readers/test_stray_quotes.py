"""2.5: telling a cell of several lines from a stray quotation mark."""

import pytest

from peoplefeed.readers import limits
from tests.unit.readers.feeds import HEADER, ids_and_codes, people, read, reader_of

_REST = "\n".join(",".join(row) for row in people(9)[1:])


@pytest.mark.parametrize(
    "record",
    [
        '1,"Ana\nMaría",García,,Chef',
        '1,"Ana\r\n\r\nMaría",García,,Chef',
        '1,Ana,"\nGarcía, Pérez\n","\n",Chef',
        '"1","Ana\n""la Rubia""\nMaría","García","","Chef\n"',
        '1,Ana,García,,"Chef\n\n\n"  ,,',
        '1,Ana,García,,"Chef\n2,Luis,Pérez,,Cook"',
    ],
)
def test_a_quoted_cell_may_go_on_over_lines(record: str) -> None:
    assert ids_and_codes(f"{HEADER}\n{record}\n{_REST}") == [str(number) for number in range(1, 10)]


def test_a_cell_of_several_lines_keeps_its_line_ends() -> None:
    (row,) = read(f'{HEADER}\r\n1,"Ana\r\n\nMaría\r",García,,Chef\r\n')
    assert isinstance(row, dict)
    assert row["first_name"] == "Ana\r\n\nMaría\r"


@pytest.mark.parametrize(
    ("record", "lost"),
    [
        pytest.param('1,"Ana,García,,Chef', 1, id="never-closed"),
        pytest.param('1,"Ana,García,,Chef\n1b,"Luis,Pérez,,Cook', 2, id="opened-again"),
        pytest.param('1,Ana"\n,García,,Chef', 2, id="not-opened-at-the-start-of-a-cell"),
        pytest.param('1,"Ana\nMaría" x,García,,Chef', 2, id="something-after-the-closing-one"),
        pytest.param('1,"Ana\nMaría",García,,Chef,x', 2, id="too-many-cells"),
        pytest.param('1,"Ana\nMaría",García,Chef', 2, id="too-few-cells"),
        pytest.param('1,"Ana" María,"Gar\ncía",,Chef', 2, id="another-cell-is-broken"),
        pytest.param('1,An"\n"a,García,,Chef', 2, id="a-pair-over-two-lines"),
    ],
)
def test_what_is_no_whole_record_is_read_line_by_line(record: str, lost: int) -> None:
    expected = ["LINE_BROKEN"] * lost + [str(number) for number in range(2, 10)]
    assert ids_and_codes(f"{HEADER}\n{record}\n{_REST}") == expected
    assert ids_and_codes(f"{HEADER}\n{_REST}\n{record}") == expected[lost:] + expected[:lost]


def test_a_stray_quote_does_not_reach_a_quoted_row_further_down() -> None:
    feed = f'{HEADER}\n1,"Ana,García,,Chef\n2,Luis,Pérez,,Cook\n3,Eva,"Gil, Mas",,"Maid"\n4,"A\nB",C,,D\n'
    assert ids_and_codes(feed) == ["LINE_BROKEN", "2", "3", "4"]


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_it_does_not_matter_where_blocks_end(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = (
        f'{HEADER}\r\n1,"Ana\r\n""x""\r\nMaría",García,,Chef\r\n2,"Luis,Pérez,,Cook\r\n3,Eva,Gil,,"Maid"\r\n4,a,b,c,d'
    )
    whole = list(reader_of(feed).rows())
    monkeypatch.setattr(limits, "BLOCK", block)
    assert list(reader_of(feed).rows()) == whole
    assert ids_and_codes(feed) == ["1", "LINE_BROKEN", "3", "4"]


def test_6_5_a_cell_of_more_than_64_kib_costs_its_row_and_what_stands_in_it_is_not_taken_for_rows() -> None:
    forged = "666,Evil,Twin,,Administrator\n"
    note = f'1,Ana,García,,"{forged * 3000}"'
    assert ids_and_codes(f"{HEADER}\n{note}\n{_REST}")[:3] == ["LINE_BROKEN", "2", "3"]
    line = f'1,Ana,García,,"{"x" * 100_000}\n{forged}"'
    assert ids_and_codes(f"{HEADER}\n{line}\n{_REST}")[:3] == ["LINE_BROKEN", "2", "3"]


def test_6_5_an_open_quotation_mark_is_followed_for_a_mebibyte_at_most() -> None:
    table = "\n".join(",".join(row) for row in people(40_000))
    feed = f'{HEADER}\n0,"Ana,García,,Chef\n{table}\n40001,Ana",García,,Chef\n'
    assert len(table) > limits.LOOK_AHEAD
    assert ids_and_codes(feed) == ["LINE_BROKEN", *map(str, range(1, 40_001)), "LINE_BROKEN"]


def test_many_stray_quotes_are_no_more_work_than_few() -> None:
    rows = [f'{number},"Ana,García,,Chef\n{number}x,Luis,Pérez,,Cook' for number in range(20_000)]
    codes = ids_and_codes("\n".join([HEADER, *rows]))
    assert codes[::2] == ["LINE_BROKEN"] * 20_000
    assert codes[1::2] == [f"{number}x" for number in range(20_000)]
