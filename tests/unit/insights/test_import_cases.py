"""Files as offices really send them: other encodings, cells that are one, months that are none,
formulas, and far too large ones. Each is read right or told why not, and no row goes unsaid."""

import io
from collections.abc import Sequence
from datetime import date

import openpyxl  # type: ignore[import-untyped] # it has none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.imported.accounts import Taken
from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.proposing import best_sheet, propose
from services.insights.domain.imported.sheet import Grid
from services.insights.domain.imported.taking import take
from services.insights.gateways import tables
from services.insights.gateways.imports_reader import Reply, answer
from tests.unit.insights.imported_made import TODAY, as_csv, cells, jma_daily, spots, xlsx

Rows = Sequence[Sequence[object]]
Told = dict[tuple[str, str, str], int | None]
MONTHS = ["4月", "5月", "6月"]


def taken(rows: Rows, merged: Sequence[tuple[int, int, int, int]] = (), name: str = "表") -> Taken:
    grid = Grid(name, cells(rows), tuple(merged))
    return take(grid, propose(grid), TODAY)


def values(found: Taken) -> Told:
    return {(each.measure, each.place, f"{each.month:%Y-%m}"): each.value for each in found.figures}


def of_file(content: bytes) -> Told:
    reply = answer(content, TODAY)
    assert reply.reason == ""
    grid = best_sheet([sheet.grid for sheet in reply.sheets])
    return values(take(grid, propose(grid), TODAY))


EXPECTED = {("入込客数", "秋芳洞", "2025-04"): 1_000, ("入込客数", "秋吉台", "2025-04"): 200}


@pytest.mark.parametrize("encoding", ["cp932", "shift_jis", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_the_same_sheet_says_the_same_in_each_encoding(encoding: str, ends: str) -> None:
    rows: Rows = [row for row in spots() if "－" not in row and "…" not in row]
    text = as_csv(rows, "utf-8").decode().replace("\r\n", ends)
    found = of_file(text.encode(encoding))
    assert found["入込客数", "秋芳洞", "2025-04"] == 1_000
    assert len(found) == 12


@pytest.mark.parametrize("name", ["髙橋洞", "①号館", "㈱秋芳", "﨑山"])
def test_signs_of_windows_that_shift_jis_does_not_have_are_read(name: str) -> None:
    rows: Rows = [["令和7年度"], ["観光地点", *MONTHS], [name, 1, 2, 3], ["秋吉台", 4, 5, 6]]
    found = of_file(as_csv(rows, "cp932"))
    assert found["入込客数", name, "2025-05"] == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_told_and_never_read_as_rubbish(encoding: str) -> None:
    reply = answer(as_csv(spots(), encoding), TODAY)
    assert reply.sheets == ()
    assert reply.reason in {"NO_TEXT", "NO_TABLE"}


@pytest.mark.parametrize("missing", [1, 2])
def test_a_file_that_is_cut_off_in_a_letter_is_no_text_and_no_rubbish(missing: int) -> None:
    """Read as the other encoding it would be a table of signs that nobody wrote."""
    whole = "令和7年度\n観光地点,4月,5月\n秋芳洞,1,2\n秋吉台".encode()
    assert answer(whole, TODAY).sheets
    cut = whole[:-missing]
    assert cut.decode("cp932", "ignore")
    assert answer(cut, TODAY).reason == "NO_TEXT"


def test_bytes_that_are_in_neither_encoding_are_no_text() -> None:
    whole = "観光地点,4月\n秋芳洞,1\n".encode("cp932")
    for byte in (b"\xa0", b"\xfd", b"\xfe", b"\xff"):
        assert answer(whole + byte, TODAY).reason == "NO_TEXT"


def test_tabs_are_commas_where_there_are_more_of_them() -> None:
    text = as_csv(spots(), "utf-8").decode().replace('","', '"\t"')
    assert of_file(text.encode())["入込客数", "秋芳洞", "2025-04"] == 1_000


@pytest.mark.parametrize(
    "month", ["13月", "0月", "2025年13月", "2025-00", "2025/13", "平成0年4月", "令和7年"]
)
def test_a_month_that_is_none_makes_no_figure(month: str) -> None:
    rows: Rows = [["令和7年度"], ["観光地点", "4月", "5月", month], ["秋芳洞", 1, 2, 999]]
    told = values(taken(rows))
    assert told["入込客数", "秋芳洞", "2025-04"] == 1
    assert 999 not in told.values()


def test_months_that_are_to_come_are_rejected_by_the_row() -> None:
    rows: Rows = [["観光地点", "2026年10月", "2027年1月"], ["秋芳洞", 1, 2]]
    found = taken(rows)
    assert [each.reason for each in found.rejected] == ["FUTURE"] or not any(
        month == "2027-01" for _measure, _place, month in values(found)
    )
    assert all(each.month <= TODAY for each in found.figures)


@given(st.lists(st.sampled_from(["4月", "５月", "6月分", "13月", "計", "x月", ""]), max_size=8))
def test_whatever_stands_above_no_figure_is_under_a_month_that_is_not_there(
    heads: list[str],
) -> None:
    rows: Rows = [["令和7年度"], ["観光地点", *heads], ["秋芳洞", *range(1, len(heads) + 1)]]
    found = taken(rows)
    named = {4: "4月", 5: "５月", 6: "6月分"}
    for each in found.figures:
        assert named[each.month.month] in heads
        assert each.value is not None
        assert heads[each.value - 1] == named[each.month.month]


def test_one_head_over_several_columns_names_all_of_them() -> None:
    """A head cell over three months holds its words in the first alone; the others are empty."""
    rows: Rows = [
        ["令和7年度 入込客数"],
        ["観光地点", "第1四半期", "", "", "第2四半期", "", ""],
        ["", "4月", "5月", "6月", "7月", "8月", "9月"],
        ["秋芳洞", 1, 2, 3, 4, 5, 6],
        ["秋吉台", 7, 8, 9, 10, 11, 12],
    ]
    told = values(taken(rows, [(1, 1, 1, 3), (1, 4, 1, 6), (1, 0, 2, 0)]))
    assert told["入込客数", "秋芳洞", "2025-09"] == 6
    assert told["入込客数", "秋吉台", "2025-04"] == 7
    assert len(told) == 12


def test_one_name_beside_two_rows_is_the_name_of_both() -> None:
    rows: Rows = [
        ["令和7年度"],
        ["観光地点", "区分", *MONTHS],
        ["秋芳洞", "入込客数(人)", 10, 20, 30],
        ["", "消費額(千円)", 1, 2, 3],
        ["秋吉台", "入込客数(人)", 5, 6, 7],
        ["", "消費額(千円)", 4, 5, 6],
    ]
    told = values(taken(rows, [(2, 0, 3, 0), (4, 0, 5, 0)]))
    assert told["入込客数", "秋吉台", "2025-06"] == 7
    assert told["消費額", "秋芳洞", "2025-05"] == 2_000
    assert told["消費額", "秋吉台", "2025-04"] == 4_000


def test_cells_that_are_one_are_told_by_a_workbook_and_its_csv_alike() -> None:
    rows: Rows = [["令和7年度"], ["観光地点", *MONTHS], ["秋芳洞", 1, 2, 3], ["秋吉台", 4, 5, 6]]
    assert of_file(xlsx(rows, merge=["A1:D1"])) == of_file(as_csv(rows))


def workbook(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    "formula", ["=B3+1", "=SUM(B3:B9)", '=HYPERLINK("http://x","1")', "=1+1", "=#REF!"]
)
def test_a_formula_without_its_result_is_no_figure_and_not_nothing(formula: str) -> None:
    """A program writes formulas without results: shown as empty they would be taken for blank."""
    rows: Rows = [
        ["令和7年度"],
        ["観光地点", *MONTHS],
        ["秋芳洞", 1, 2, 3],
        ["秋吉台", 4, formula, 6],
    ]
    reply = answer(workbook(rows), TODAY)
    grid = reply.sheets[0].grid
    found = take(grid, propose(grid), TODAY)
    assert [(each.row, each.reason) for each in found.rejected] == [(4, "FORMULA")]
    assert {place for _measure, place, _month in values(found)} == {"秋芳洞"}
    assert found.rejected[0].text.startswith("=")


def test_a_cell_that_begins_like_a_formula_in_csv_is_never_run() -> None:
    rows: Rows = [
        ["令和7年度"],
        ["観光地点", *MONTHS],
        ["=cmd|' /C calc'!A0", 1, 2, 3],
        ["b", 4, 5, 6],
    ]
    found = of_file(as_csv(rows))
    assert all(isinstance(value, int) for value in found.values())


def large(megabytes: int) -> bytes:
    """A CSV of so many MiB: one row again and again."""
    line = as_csv([["秋芳洞", *range(1, 13)]])
    head = as_csv([["令和7年度"], ["観光地点", *[f"{month}月" for month in range(1, 13)]]])
    return head + line * (megabytes * 1024**2 // len(line))


def test_ten_megabytes_are_told_and_not_read_in_part() -> None:
    reply = answer(large(10), TODAY)
    assert reply == Reply(reason=reply.reason, text=reply.text)
    assert reply.reason in {"TOO_MANY_ROWS", "TOO_LARGE"}


def test_one_cell_of_ten_megabytes_is_told() -> None:
    content = b"a," + b"x" * (10 * 1024**2) + b"\n1,2\n"
    with pytest.raises(Unusable) as caught:
        tables.read(content)
    assert caught.value.reason in {"TOO_LARGE", "NO_TABLE"}


def test_weather_of_another_encoding_is_the_same_weather() -> None:
    text = jma_daily(date(2025, 8, 1), 3)
    first, second = (answer(text.encode(each), TODAY).weather for each in ("cp932", "utf-8-sig"))
    assert first == second
    assert first is not None
    assert (first.read, first.taken, first.rejected_count) == (3, 3, 0)


@pytest.mark.parametrize(
    "line", ["2025/13/1", "2025/2/30", "2099/1/1", "2025/8", "8月1日", "", "０"]
)
def test_a_date_that_is_none_rejects_its_row_and_no_other(line: str) -> None:
    lines = jma_daily(date(2025, 8, 1), 3).split("\r\n")
    lines[6] = lines[6].replace("2025/8/2", line, 1)
    found = answer("\r\n".join(lines).encode("cp932"), TODAY).weather
    assert found is not None
    assert found.taken == 2
    assert found.read == found.taken + found.rejected_count
    assert {day.on for day in found.days} == {date(2025, 8, 1), date(2025, 8, 3)}
