"""What is proposed for sheets as towns lay them out: lines, years, units, names."""

from typing import Any

import pytest

from services.insights.domain.imported.proposing import WHOLE, again, propose
from services.insights.domain.imported.sheet import (
    Grid,
    Line,
    Mapping,
    SheetUnit,
    checked,
    line_of,
    shape_of,
)
from services.insights.domain.imported.taking import take
from tests.unit.insights.imported_made import FISCAL, TODAY, cells

CALENDAR = [f"{month}月" for month in range(1, 13)]


def proposed(rows: Any, name: str = "Sheet1", *merged: tuple[int, int, int, int]) -> Mapping:
    return propose(Grid(name, cells(rows), merged))


def told(mapping: Mapping) -> str:
    year = f"{mapping.year}{'年度' if mapping.fiscal else '年'}" if mapping.years == "title" else ""
    return " ".join(
        filter(None, (
            f"m:{mapping.months}", f"y:{mapping.years}{year}",
            f"p:{mapping.places or mapping.place}", f"w:{mapping.measures or mapping.measure}",
        ))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([["令和7年度 入込客数"], ["地点", *FISCAL], ["A", *range(12)]],
         "m:r2 y:title2025年度 p:c1 w:入込客数"),
        ([["2024年 延べ宿泊者数"], ["", *CALENDAR], ["日本人", *range(12)]],
         "m:r2 y:title2024年 p:c1 w:延べ宿泊者数"),
        ([["月", "客数"], ["2025年4月", 1], ["2025年5月", 2]], "m:c1 y: p:全体 w:r1"),
        ([["R7.4", 5], ["R7.5", 6]], "m:c1 y: p:全体 w:入込客数"),
        ([["番号", "施設", "2025/4", "2025/5"], [1, "秋芳洞", 5, 6], [2, "大正洞", 7, 8]],
         "m:r1 y: p:c2 w:入込客数"),
        ([["施設", "区分", "4月", "5月"], ["秋芳洞", "入場者数", 5, 6], ["", "売上(円)", 7, 8]],
         "m:r1 y:title0年度 p:c1 w:c2"),
        ([["地区", "施設", "4月", "5月"], ["秋芳", "秋芳洞", 5, 6], ["", "展望台", 7, 8],
          ["美東", "大正洞", 1, 2], ["", "計", 13, 16]], "m:r1 y:title0年度 p:c2 w:入込客数"),
        ([["施設", "区分", "4月", "5月"], ["秋芳洞", "大人", 5, 6], ["", "小人", 7, 8],
          ["大正洞", "大人", 1, 2], ["", "小人", 3, 4]], "m:r1 y:title0年度 p:c1 w:c2"),
        ([["年度", *FISCAL], ["令和5年度", *range(12)], ["令和6年度", *range(12)]],
         "m:r1 y:c1 p:全体 w:入込客数"),
        ([["月", "2023", "2024", "計"], *([m, 1, 2, 3] for m in CALENDAR)],
         "m:c1 y:r1 p:全体 w:入込客数"),
        ([["年", "月", "秋芳洞", "大正洞"], *([2025, n, 5, 6] for n in range(1, 10))],
         "m:c2 y:c1 p:r1 w:入込客数"),
        ([["April", "May", "June"], [1, 2, 3]], "m:r1 y:title0年度 p:全体 w:入込客数"),
        ([["", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"],
          ["A", *range(50, 62)]], "m:r1 y:title0年度 p:c1 w:入込客数"),
    ],
)  # fmt: skip
def test_what_stands_where_is_found(rows: Any, what: str) -> None:
    assert told(proposed(rows)) == what


def test_the_year_of_the_sheets_name_will_do() -> None:
    assert proposed([["", *FISCAL], ["A", *range(12)]], "令和6年度").year == 2024
    assert proposed([["", *FISCAL], ["A", *range(12)]], "R6").year == 2024
    assert proposed([["", *FISCAL], ["A", *range(12)]], "入込").year == 0


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("（単位：人）", SheetUnit.PERSONS), ("単位:千人", SheetUnit.PERSONS_1000),
        ("(単位：人泊)", SheetUnit.NIGHTS), ("単位　百万円", SheetUnit.YEN_MILLION),
        ("単位：人、円", SheetUnit.PERSONS), ("", SheetUnit.PERSONS),
        ("単位：俵", SheetUnit.PERSONS),
    ],
)  # fmt: skip
def test_the_unit_is_found_wherever_it_stands(said: str, unit: SheetUnit) -> None:
    assert proposed([["表", "", said], ["", *FISCAL], ["A", *range(12)]]).unit is unit


def test_small_counts_are_no_months() -> None:
    assert proposed([["A", 3, 5, 2], ["B", 1, 12, 7]]).months == ""
    assert proposed([["A", "B"], ["x", "y"]]).months == ""
    assert proposed([]).months == ""


def test_every_proposal_with_a_year_can_be_taken_as_it_is() -> None:
    rows: list[list[object]] = [
        ["令和7年度"],
        ["", "4月", "5月", "計"],
        ["A", 1, 2, 3],
        ["B", 4, 5, 9],
        ["計", 5, 7, 12],
    ]
    grid = Grid("a", cells(rows))
    found = take(grid, checked(propose(grid), grid), TODAY)
    assert len(found.figures) == 4
    assert all(total.agrees for total in found.totals)


def test_a_line_is_named_as_people_count() -> None:
    assert line_of("r3") == Line(is_row=True, at=2)
    assert line_of("c1") == Line(is_row=False, at=0)
    for code in ("", "r0", "r", "x1", "r99999", "r1 ", "R1", "r１"):
        assert line_of(code) is None
    assert Line(is_row=False, at=26).code == "c27"


def test_shapes_differ_by_words_and_not_by_figures() -> None:
    def shape(rows: Any, name: str = "R7") -> str:
        return shape_of(Grid(name, cells(rows)))

    one = [["令和7年度"], ["", "4月", "R8.1"], ["秋芳洞", "1,234", "x"]]
    two = [["令和10年度"], ["", "4月", "R11.1"], ["秋芳洞", 9, ""]]
    assert shape(one) == shape(two, "R10")
    assert shape(one) != shape([*one[:2], ["大正洞", 1, 2]])
    assert shape(one) != shape([["令和7年度"], ["", "", "4月"], ["秋芳洞", 1, 2]])


def test_a_title_without_a_year_keeps_nobodys_old_year() -> None:
    kept = Mapping("a", "r2", "title", 2019, places="c1", measure="入込客数")
    grid = Grid("a", cells([["入込客数"], ["", *FISCAL], ["A", *range(12)]]))
    assert again(kept, grid).year == 0  # it has to be given, not guessed
    assert again(kept, grid).fiscal
    assert propose(grid).place == ""
    assert propose(Grid("a", cells([["月", "客数"], ["4月", 1], ["5月", 2]]))).place == WHOLE
