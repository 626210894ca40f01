"""Files of strangers: workbooks that lie of themselves, bombs, wrong encodings, a million rows."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl  # type: ignore[import-untyped] # it has none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.imported.notes import Unusable
from services.insights.gateways import bounds, tables, workbooks
from services.insights.gateways.imports_reader import answer
from tests.unit.insights.imported_made import (
    TODAY,
    as_csv,
    cells,
    jma_daily,
    nights,
    spots,
    xlsx,
)


def refused(content: bytes) -> str:
    with pytest.raises(Unusable) as caught:
        tables.read(content)
    return caught.value.reason


def repacked(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", 8) as new:
        for part in old.namelist():
            body = old.read(part)
            new.writestr(part, change(body) if part == name else body)
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_csv_is_read_in_each_encoding(encoding: str) -> None:
    (grid,) = tables.read(as_csv(spots(), encoding))
    assert grid.rows[3][:2] == ("秋芳洞", "１，０００")
    assert grid.rows[1] == ("", "", "", "（単位：人）")


def test_a_workbook_is_read_as_it_is_shown() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "令和7年度"
    sheet.append(["表", None, None])
    sheet.append([date(2025, 4, 1), 1234.0, 0.5])
    sheet.append([True, "=SUM(B2:B2)", 1e21])
    sheet.merge_cells("A1:C1")
    book.create_sheet("空")
    packed = io.BytesIO()
    book.save(packed)
    (grid,) = tables.read(packed.getvalue())  # an empty sheet is none
    assert grid.name == "令和7年度"
    assert grid.rows == (
        ("表",), ("2025-04-01", "1234", "0.5"), ("TRUE", "=SUM(B2:B2)", "1000000000000000000000"),
    )  # fmt: skip
    assert grid.merged == ((0, 0, 0, 2),)
    assert grid.label(0, 2) == "表"
    assert grid.cell(9, 9) == ""


def test_a_formula_with_its_result_is_a_number() -> None:
    plain = xlsx([["月", "客数"], ["4月", 5]])
    with_result = repacked(
        plain, SHEET, lambda body: re.sub(rb"<v>5</v>", b"<f>2+3</f><v>5</v>", body)
    )
    assert tables.read(with_result)[0].rows[1] == ("4月", "5")


def test_what_is_no_table_is_told() -> None:
    assert refused(b" \n") == "EMPTY"
    assert refused(xlsx([])) == "EMPTY"
    assert refused(tables.OLD_EXCEL + b"x") == "OLD_EXCEL"
    assert refused(b"\x82\xff\xff") == "NO_TEXT"
    assert refused("月,客数".encode("utf-16")) == "NO_TEXT"
    assert refused(b'a,"b\n') == "NO_TABLE"
    assert refused(b"PK\x03\x04" + b"x" * 50) == "NO_TABLE"
    assert refused(xlsx(spots())[:-400]) == "NO_TABLE"


def test_archives_that_are_no_workbooks_are_told() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")
    assert refused(packed.getvalue()) == "NO_TABLE"
    entities = repacked(
        xlsx(spots()), SHEET,
        lambda body: body.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1),
    )  # fmt: skip
    assert refused(entities) == "NO_TABLE"


def test_a_bomb_is_told_before_it_unfolds() -> None:
    bomb = repacked(xlsx(spots()), SHEET, lambda body: body + b" " * (workbooks.UNPACKED_BYTES + 1))
    assert len(bomb) < 200_000
    assert refused(bomb) == "TOO_LARGE"


def test_a_sheet_that_says_it_is_a_million_rows_is_as_large_as_it_is() -> None:
    claim = repacked(
        xlsx(spots()), SHEET,
        lambda body: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', body),
    )  # fmt: skip
    assert len(tables.read(claim)[0].rows) == len(spots())


def test_more_than_any_table_of_a_town_is_told() -> None:
    assert refused(b"1\n" * (bounds.MOST_ROWS + 1)) == "TOO_MANY_ROWS"
    assert refused(b"," * bounds.MOST_COLUMNS + b"1\n") == "TOO_MANY_COLUMNS"
    assert refused((b"1," * 500 + b"\n") * 900) == "TOO_LARGE"
    far = repacked(
        xlsx([["a"]]), SHEET,
        lambda body: body.replace(b'<row r="1"', b'<row r="1048000"').replace(b"A1", b"A1048000"),
    )  # fmt: skip
    assert refused(far) == "TOO_MANY_ROWS"
    wide = repacked(xlsx([["a"]]), SHEET, lambda body: body.replace(b'r="A1"', b'r="XFD1"'))
    assert refused(wide) == "TOO_MANY_COLUMNS"


def test_cells_that_are_one_over_the_whole_sheet_cost_no_more_than_the_sheet() -> None:
    (grid,) = tables.read(xlsx([["a"], ["b"]], merge=["A1:XFD2"]))
    assert grid.label(1, 0) == "a"
    assert grid.width == 1


def test_the_program_answers_whatever_it_is_given() -> None:
    assert answer(b"", TODAY).reason == "EMPTY"
    assert answer("ダウンロードした時刻：x\n年月,a\n".encode(), TODAY).reason == "WRONG_STEP"
    weather = answer(jma_daily().encode("cp932"), TODAY).weather
    assert weather
    assert (weather.read, weather.taken, len(weather.days)) == (31, 31, 31 * 12)
    # Weather that somebody saved as a workbook is weather all the same.
    lines = [line.split(",") for line in jma_daily(days=2).splitlines()]
    saved = answer(xlsx(lines), TODAY).weather
    assert saved
    assert saved.taken == 2
    (sheet,) = answer(xlsx(nights()), TODAY).sheets
    assert sheet.grid.rows[3][:3] == ("4月", "宿泊客数(人)", "3")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    assert not answer(content, TODAY).broke
    assert not answer(b"PK\x03\x04" + content, TODAY).broke


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
                         max_size=4), min_size=1, max_size=6))  # fmt: skip
def test_every_row_of_a_csv_is_read(rows: list[list[str]]) -> None:
    quoted = "\r\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    (grid,) = tables.read(f"x,y\r\n{quoted}\r\n".encode())
    assert len(grid.rows) == 1 + len(rows)
    for row, read in zip(rows, grid.rows[1:], strict=True):
        said = [cell for cell in row if cell.strip()]
        assert [cell for cell in read if cell.strip()] == said


def test_statistics_have_no_more_rows_than_somebody_looks_through() -> None:
    rows: list[list[object]] = [["月", "客数"], *[["2025年4月", 1]] * 3_000]
    assert answer(as_csv(rows), TODAY).reason == "TOO_MANY_ROWS"
    assert answer(as_csv([["1"] * 100] * 601), TODAY).reason == "TOO_LARGE"
    assert not answer(as_csv(rows[:-1]), TODAY).reason


def test_a_card_number_is_in_no_file() -> None:
    card = "4111 1111 1111 1111"
    assert answer(as_csv([["月", "客数"], [card, 1]]), TODAY).reason == "CARD_NUMBER"
    assert answer(xlsx([["月"], [int(card.replace(" ", ""))]]), TODAY).reason == "CARD_NUMBER"
    assert not answer(as_csv([["月", "客数"], ["4111 1111 1111 1112", 1]]), TODAY).reason


def test_made_sheets_are_read_alike_from_both() -> None:
    for rows in (spots(), nights()):
        from_csv, from_book = tables.read(as_csv(rows))[0], tables.read(xlsx(rows))[0]
        trimmed = [tuple(each) for each in cells(rows)]
        for a, b, made in zip(from_csv.rows, from_book.rows, trimmed, strict=True):
            assert [c for c in a if c] == [c for c in b if c] == [c for c in made if c]
