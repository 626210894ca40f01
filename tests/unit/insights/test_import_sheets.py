"""Sheets of towns: what is proposed for each layout, and that nothing in them is lost unsaid."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain.imported.accounts import Fate, Taken
from services.insights.domain.imported.cells import State
from services.insights.domain.imported.proposing import again, best_sheet, propose
from services.insights.domain.imported.sheet import (
    Grid,
    Mapping,
    SheetUnit,
    checked,
    is_ratio,
    is_total,
    shape_of,
    unit_in,
)
from services.insights.domain.imported.taking import changed, take
from services.insights.domain.kpi import Unit
from tests.unit.insights.imported_made import FISCAL, TODAY, cells, nights, spots


def grid_of(rows: Any, *merged: tuple[int, int, int, int], name: str = "Sheet1") -> Grid:
    return Grid(name, cells(rows), merged)


def taken(rows: Any, *merged: tuple[int, int, int, int], **more: Any) -> Taken:
    grid = grid_of(rows, *merged)
    return take(grid, checked(replace(propose(grid), **more), grid), TODAY)


def values(found: Taken) -> dict[tuple[str, str, str], int | None]:
    return {(each.measure, each.place, f"{each.month:%Y-%m}"): each.value for each in found.figures}


def test_months_in_columns_with_title_signs_and_sums() -> None:
    found = taken(spots())
    assert [(each.at, each.fate.value, each.count) for each in found.rows] == [
        (1, "title", 0), (2, "title", 0), (3, "heading", 0), (4, "taken", 12), (5, "taken", 12),
        (6, "taken", 12), (7, "total", 0), (8, "worked_out", 0), (9, "note", 0),
    ]  # fmt: skip
    assert (found.read, found.loaded) == (3, 3)
    told = values(found)
    assert told["入込客数", "秋芳洞", "2025-04"] == 1_000
    assert told["入込客数", "秋芳洞", "2026-03"] == 1_000
    states = {each.state for each in found.figures}
    assert states == {State.NUMBER, State.DASH, State.WITHHELD, State.UNKNOWN}
    assert all(each.agrees for each in found.totals)
    assert {each.at: each.fate for each in found.columns}[14] is Fate.TOTAL


def test_a_dash_is_nothing_only_where_somebody_says_so() -> None:
    key = ("入込客数", "秋吉台", "2026-03")
    assert values(taken(spots()))[key] is None
    assert values(taken(spots(), dash_is_zero=True))[key] == 0


def test_a_sum_that_differs_is_told_and_one_of_hidden_figures_is_not() -> None:
    rows = spots()
    rows[6][2] = 9_999
    rows[3][13] = "12,001"
    found = taken(rows)
    wrong = [(each.at, each.across, str(each.told)) for each in found.totals if not each.agrees]
    assert wrong == [(7, 3, "9999"), (4, 14, "12001")]
    assert [(note.row, note.field, note.reason) for note in found.warnings] == [
        (7, "5月", "SUM_DIFFERS"), (4, "計", "SUM_DIFFERS"),
    ]  # fmt: skip
    hidden = next(each for each in found.totals if (each.at, each.across) == (7, 2))
    assert hidden.summed is None
    assert hidden.agrees


def test_a_sum_with_a_rejected_row_in_it_is_not_called_wrong() -> None:
    rows = spots()
    rows[3][1] = "-1"
    found = taken(rows)
    assert [note.reason for note in found.rejected] == ["NEGATIVE"]
    assert found.warnings == []
    assert all(each.summed is None for each in found.totals if each.at == 7)


def test_months_in_rows_two_measures_below_one_another() -> None:
    found = taken(nights())
    told = values(found)
    assert told["宿泊客数", "中国", "2024-04"] == 3
    assert told["宿泊客延数", "台湾", "2024-05"] == 1
    assert ("宿泊客数", "韓国", "2024-04") not in told  # empty is not nothing
    assert {each.unit for each in found.figures} == {Unit.PERSONS, Unit.NIGHTS}
    assert [each.fate.value for each in found.rows][-3:] == ["total", "total", "worked_out"]
    assert all(each.agrees for each in found.totals)
    assert len(found.totals) == 10


def test_spots_above_measures_in_cells_that_are_one() -> None:
    rows = [
        ["観光客数"], ["", "秋芳洞", "", "秋吉台", ""],
        ["月", "入込客数(人)", "消費額(千円)", "入込客数(人)", "消費額(千円)"],
        ["2025年4月", 1, 2, 3, 4], ["5月", 5, 6, 7, 8], ["12月", 1, 1, 1, 1], ["1月", 9, 9, 9, 9],
    ]  # fmt: skip
    told = values(taken(rows, (1, 1, 1, 2), (1, 3, 1, 4)))
    assert told["入込客数", "秋芳洞", "2025-05"] == 5
    assert told["消費額", "秋吉台", "2025-04"] == 4_000
    assert told["消費額", "秋吉台", "2026-01"] == 9_000  # the year goes on


def test_years_in_a_column_beside_months_and_thousands_with_a_point() -> None:
    rows = [
        ["年", "月", "入込客数(千人)"],
        ["令和7年", "11月", 12.3],
        ["", "12月", 13],
        ["8年", "1月", "0.5"],
    ]
    found = taken(rows)
    assert values(found) == {
        ("入込客数", "全体", "2025-11"): 12_300, ("入込客数", "全体", "2025-12"): 13_000,
        ("入込客数", "全体", "2026-01"): 500,
    }  # fmt: skip
    assert [each.step for each in found.figures] == [100, 1_000, 100]


def test_fiscal_years_in_rows_and_months_in_columns() -> None:
    rows = [["年度", *FISCAL, "計"], ["令和5年度", *[1] * 12, 12], ["令和6年度", *[2] * 12, 25]]
    found = taken(rows)
    told = values(found)
    assert told["入込客数", "全体", "2024-03"] == 1
    assert told["入込客数", "全体", "2025-03"] == 2
    assert [each.agrees for each in found.totals] == [True, False]


def test_years_in_columns_and_months_in_rows() -> None:
    rows = [["月", "2023", "2024"], *([f"{m}月", m, m * 2] for m in range(1, 13)), ["計", 78, 156]]
    found = taken(rows)
    assert values(found)["入込客数", "全体", "2024-12"] == 24
    assert all(each.agrees for each in found.totals)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("-5", "NEGATIVE"), ("▲5", "NEGATIVE"), ("=B2", "FORMULA"), ("多数", "NOT_A_NUMBER"),
     ("0.5", "FRACTION"), ("9" * 16, "TOO_LARGE")],
)  # fmt: skip
def test_a_row_with_a_cell_that_is_no_count_is_rejected_whole(cell: str, reason: str) -> None:
    found = taken([["", "2025年4月", "2025年5月"], ["A", 1, cell], ["B", 2, 3]])
    assert [(note.row, note.field, note.reason) for note in found.rejected] == [
        (2, "2025年5月", reason)
    ]
    assert [each.fate.value for each in found.rows] == ["heading", "rejected", "taken"]
    assert {each.place for each in found.figures} == {"B"}


def test_a_month_twice_is_rejected_unless_it_says_the_same() -> None:
    rows = [
        ["月", "入込客数"],
        ["2025年4月", 1],
        ["2025年4月", 1],
        ["2025年4月", 2],
        ["2025年5月", 1],
    ]
    found = taken(rows)
    assert [(note.row, note.reason) for note in found.rejected] == [(4, "TWICE")]
    assert [(note.row, note.reason) for note in found.warnings] == [(3, "SAME_TWICE")]
    assert len(found.figures) == 2
    columns = taken([["", "2025年4月", "2025年5月", "2025年4月"], ["A", 1, 2, 3]])
    assert [note.reason for note in columns.rejected] == ["TWICE"]


def test_months_without_a_year_or_of_the_future_are_rejected() -> None:
    found = taken([["", "2026年11月", "2026年12月"], ["A", 1, 2]])
    assert [note.reason for note in found.rejected] == ["FUTURE_MONTH"]
    years = taken([["", "4月", "5月"], ["A", 1, 2]], years="", year=0)
    assert [note.reason for note in years.rejected] == ["NO_YEAR"]


def test_another_year_of_the_same_layout_is_the_same_shape() -> None:
    one, two = grid_of(spots()), grid_of(spots("令和10年度"))
    assert shape_of(one) == shape_of(two)
    assert shape_of(one) != shape_of(grid_of(nights()))
    kept = replace(propose(one), place="", unit=SheetUnit.PERSONS_1000)
    found = again(kept, two)
    assert (found.year, found.unit) == (2028, SheetUnit.PERSONS_1000)
    dated = replace(kept, years="")
    assert again(dated, two) == dated


def test_the_sheet_with_the_months_is_looked_at_first() -> None:
    cover = Grid("表紙", (("美祢市",),))
    assert best_sheet([cover, grid_of(spots())]).name == "Sheet1"
    nothing = propose(cover)
    assert nothing.months == ""
    with pytest.raises(InvalidFields):
        checked(nothing, cover)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"months": "r99"}, "mapping.months"), ({"months": "x"}, "mapping.months"),
        ({"places": "c99"}, "mapping.places"), ({"places": "r3"}, "mapping.months"),
        ({"years": "title", "year": 0}, "mapping.year"), ({"years": "z1"}, "mapping.years"),
        ({"places": "", "place": " "}, "mapping.place"),
        ({"places": "", "place": "x" * 61}, "mapping.place"), ({"measure": ""}, "mapping.measure"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_names_what_is_wrong(more: Any, field: str) -> None:
    grid = grid_of(spots())
    with pytest.raises(InvalidFields) as caught:
        checked(replace(propose(grid), **more), grid)
    assert field in dict(caught.value.fields)


def test_words_of_sums_and_units() -> None:
    for word in ("計", "合計", "合　計", "総数", "小計", "令和7年度計", "Total", "秋吉台地区計"):
        assert is_total(word), word
    for word in ("会計課", "花時計", "Totally"):
        assert not is_total(word), word
    assert is_ratio("対前年比（％）")
    assert not is_ratio("秋芳洞")
    assert unit_in("消費額（単位：千円）") == ("消費額", SheetUnit.YEN_1000)
    assert unit_in("秋芳洞（黒谷口）") == ("秋芳洞（黒谷口）", None)


def test_names_are_one_line_however_wide_their_cell_was_made() -> None:
    for label, name in (
        ("秋　芳　洞", "秋芳洞"), ("延べ\n宿泊者数", "延べ宿泊者数"),
        ("秋芳洞　黒谷口", "秋芳洞 黒谷口"),
        ("Total\nguests", "Total guests"), (" 大正洞\r\n", "大正洞"), ("", ""), ("A B", "A B"),
    ):  # fmt: skip
        assert unit_in(label)[0] == name
    assert unit_in("消費額\n（千円）") == ("消費額", SheetUnit.YEN_1000)
    found = taken([["地点", "2025年4月", "2025年5月"], ["秋　芳　洞", 1, 2]])
    assert {each.place for each in found.figures} == {"秋芳洞"}


def test_a_sum_of_a_district_is_no_spot() -> None:
    rows = [
        ["地点", "2025年4月", "2025年5月"], ["A", 1, 2], ["B", 3, 4], ["秋吉台地区計", 4, 6],
        ["C", 5, 6], ["合計", 9, 12],
    ]  # fmt: skip
    found = taken(rows)
    assert {each.place for each in found.figures} == {"A", "B", "C"}
    assert len(found.totals) == 4
    assert all(each.agrees for each in found.totals)


def test_what_is_kept_already_is_known() -> None:
    found = taken([["", "2025年4月", "2025年5月", "2025年6月"], ["A", 1, 2, "x"]])
    kept = {
        ("入込客数", "A", date(2025, 4, 1)): (1, State.NUMBER),
        ("入込客数", "A", date(2025, 5, 1)): (9, State.NUMBER),
    }
    sorted_ = changed(kept, found.figures)
    assert {name: len(each) for name, each in sorted_.items()} == {"same": 1, "other": 1, "new": 1}


CELL = st.one_of(
    st.sampled_from([
        "", "4月", "2025年4月", "R7.5", "令和7年度", "計", "合計", "前年比", "秋芳洞", "－", "x",
        "宿泊者数(人泊)", "…",
        "▲3", "-1", "=A1", "1,234", "１２", "0.5", "※注", "12", "2025",
    ]),
    st.text(max_size=4), st.integers(0, 10**6).map(str),
)  # fmt: skip
ROWS = st.lists(st.lists(CELL, max_size=7), min_size=1, max_size=10)
LINES = st.sampled_from(["", "title", "r1", "r2", "c1", "c2", "c3"])
MERGED = st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=2)


def account_for(grid: Grid, mapping: Mapping) -> None:
    """Every row has one fate, every filled cell of a row that is taken has a figure, a reason, or a
    column that is left aside."""
    try:
        fit = checked(mapping, grid)
    except InvalidFields:
        return
    found = take(grid, fit, TODAY)
    assert [each.at for each in found.rows] == list(range(1, len(grid.rows) + 1))
    assert [each.at for each in found.columns] == list(range(1, grid.width + 1))
    assert found.read == found.loaded + len({note.row for note in found.rejected})
    data = [each.at - 1 for each in found.columns if each.fate is Fate.TAKEN]
    same = {note.row for note in found.warnings if note.reason == "SAME_TWICE"}
    for account in found.rows:
        line = grid.rows[account.at - 1]
        filled = sum(bool(grid.cell(account.at - 1, column).strip()) for column in data)
        if account.fate is Fate.TAKEN:
            assert account.count == filled or account.at in same
        if account.fate is Fate.REJECTED:
            assert account.reason
        if account.fate is Fate.BLANK:
            assert not any(cell.strip() for cell in line)
        if account.fate is Fate.EMPTY:
            assert not filled
    assert sum(each.count for each in found.rows) == len(found.figures)
    assert len({each.series for each in found.figures}) == len(found.figures)
    assert all(each.value is None or each.value >= 0 for each in found.figures)


@settings(max_examples=300)
@given(ROWS, MERGED)
def test_every_row_of_any_sheet_is_accounted_for(rows: Any, merged: Any) -> None:
    grid = Grid("a", cells(rows), tuple(merged))
    account_for(grid, propose(grid))
    shape_of(grid)


@settings(max_examples=300)
@given(ROWS, LINES, LINES, LINES, LINES, st.booleans())
def test_so_it_is_whatever_somebody_maps(
    rows: Any, months: str, years: str, places: str, measures: str, dash: Any
) -> None:
    grid = Grid("a", cells(rows))
    mapping = Mapping(
        "a", months, years, 2025, places=places, place="全体", measures=measures,
        measure="入込客数", unit=SheetUnit.PERSONS, dash_is_zero=dash,
    )  # fmt: skip
    account_for(grid, mapping)
