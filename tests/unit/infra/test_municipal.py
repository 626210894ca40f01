"""A municipality's file of sights is checked and told row by row, in the encodings it comes in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import area_wizard, municipal
from cli.__main__ import main
from services.directory.cli import read_places
from services.itinerary.cli.sights import REASONS, SightsRefused

HEAD = "NO,名称,名称_カナ,緯度,経度,説明"
GOOD = "1,秋吉台,アキヨシダイ,34.23,131.31,カルスト台地"
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "opendata"


def file(tmp_path: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = tmp_path / "sights.csv"
    path.write_bytes("\r\n".join((head, *rows, "")).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_it_is_read_in_the_encodings_of_municipalities(tmp_path: Path, encoding: str) -> None:
    report = municipal.read(file(tmp_path, GOOD, encoding=encoding))
    assert report.found.encoding == encoding.removesuffix("-sig")
    assert report.content.decode().splitlines() == [HEAD, GOOD]  # kept as UTF-8
    assert report.columns["name"] == "名称"
    assert report.columns["number"] == "NO"
    assert report.ignored == ()
    [row] = report.rows
    assert (row.number, row.name, row.problems) == (2, "秋吉台", ())
    assert report.document()["imported"] == 0


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,,,34.2,131.3,", "NAME_MISSING"), ("1,a,,,,", "POINT_MISSING"),
        ("1,a,,x,131.3,", "POINT_UNUSABLE"), ("1,a,,nan,131.3,", "POINT_UNUSABLE"),
        ("1,a,,131.3,34.2,", "POINT_UNUSABLE"), ("1,a,,34.2,131.3", "CELLS"),
        ("1,a,,34.2,131.3,,more", "CELLS"), (GOOD, "TWICE"),
    ],
)  # fmt: skip
def test_each_row_that_cannot_be_used_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, problem: str
) -> None:
    report = municipal.read(file(tmp_path, GOOD, row))
    assert report.usable == 1
    assert problem in report.rows[1].problems
    [told] = report.document()["problems"]
    assert (told["row"], told["reasons"]) == (3, list(report.rows[1].problems))
    area_wizard.tell_municipal(report, tmp_path)
    said = capsys.readouterr().out
    assert f"row 3 {report.rows[1].name}: " in said
    assert REASONS[problem] in said


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "UTF-8"), ("cp932", "Shift_JIS")])
def test_rows_that_were_not_imported_are_told_with_the_way_to_bring_them_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str, name: str
) -> None:
    rows = [f"{n},滝{n},タキ,34.{n:02},131.3," for n in range(1, 24)]
    report = municipal.read(file(tmp_path, *rows, "24,,,34.2,131.3,", encoding=encoding))
    area_wizard.tell_municipal(report, tmp_path)
    said = capsys.readouterr().out
    assert f"23 of 24 rows have a name and a point ({name})." in said
    assert f"Not imported, each a line of {tmp_path / 'places_draft.csv'}:" in said
    assert "row 2 滝1" in said
    assert "row 22" not in said
    assert "and 3 more" in said
    assert "row 25 : no name" in said
    assert report.document()["not_imported"][22] == {"row": 24, "name": "滝23"}


def test_the_draft_can_be_loaded_as_places(tmp_path: Path) -> None:
    odd = '7,"滝, ""大""\n2",,34.5,131.5,'
    left_out = ("2,,,34.2,131.3,", "3,a,,34.2,131.3", GOOD)
    report = municipal.read(file(tmp_path, GOOD, *left_out, odd, "8,駅,,,,", "9,沖,,0,0,"))
    draft = tmp_path / "places.csv"
    draft.write_text(report.draft(area_wizard.PLACE_COLUMNS), encoding="utf-8")
    first, second, *pointless = read_places(tmp_path)
    assert (first.place_id, first.names["ja"]) == ("sight-2", "秋吉台")
    assert (first.latitude, first.longitude) == (34.23, 131.31)
    assert second.names["ja"] == '滝, "大"\n2'
    # Whoever knows the place looks its point up; till then it has none.
    assert [(each.place_id, each.latitude) for each in pointless] == [
        ("sight-7", 0), ("sight-8", 0),
    ]  # fmt: skip
    assert all(not each.coordinate_quality for each in pointless)


def test_what_a_file_holds_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b[2J\x9b滝\r" + "x" * 500
    rows = [f'1,"{hostile}\nrow 9 false",,34.2,131.3,', f'2,"{hostile}",,,,']
    report = municipal.read(file(tmp_path, *rows, head=f"{HEAD},\x1b]0;x\x07"))
    area_wizard.tell_municipal(report, tmp_path)
    said = capsys.readouterr().out
    assert not set(said) & {"\x1b", "\x9b", "\x07", "\r"}
    assert "\\u001b[2J" in said
    assert not any(line.lstrip().startswith("row 9") for line in said.splitlines())
    assert max(len(line) for line in said.splitlines()) < 250


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "NO_HEADING"), (b"\n\n", "NO_HEADING"), (HEAD.encode(), "NO_ROWS"),
        ("名称\na\n".encode(), "NO_HEADING"), (b"\xff\xfe\x00a", "neither UTF-8"),
        (b"PK\x03\x04\x00\x00", "neither UTF-8"), (f'{HEAD}\n"a'.encode(), "NO_TABLE"),
        (f"{HEAD}\n".encode() + b"x,y\n" * 20_001, "20001 rows"),
    ],
)  # fmt: skip
def test_a_file_of_which_nothing_can_be_used_is_refused_before_an_area_is_made(
    tmp_path: Path, content: bytes, match: str
) -> None:
    path = tmp_path / "sights.csv"
    path.write_bytes(content)
    with pytest.raises(SightsRefused, match=match):
        municipal.read(path)


@given(st.binary(max_size=400))
def test_no_file_is_too_odd_to_be_answered(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.csv"
    path.write_bytes(HEAD.encode() + b"\n" + content)
    try:
        report = municipal.read(path)
    except SightsRefused:
        return
    assert 0 <= report.usable <= len(report.rows)


@pytest.mark.parametrize("name", ["yanai_tourism", "yanai_tourism_sjis", "hachijo_sightseeing",
                                  "shimabara_tourism"])  # fmt: skip
def test_real_files_are_understood(name: str) -> None:
    path = SHARED / f"{name}.csv"
    if not path.exists():
        pytest.skip("the open data of others lie beside the clone, where they lie")
    report = municipal.read(path)
    assert len(report.rows) > 10
    assert all(row.name for row in report.rows)
    # Yanai's has no coordinates at all, which is told of each row.
    assert {each for row in report.rows for each in row.problems} <= {
        "POINT_MISSING",
        "POINT_UNUSABLE",
    }


def test_rows_have_the_numbers_and_reasons_that_the_drafts_of_sights_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both commands read one file, as a spreadsheet shows it: a title and empty lines count."""
    path = tmp_path / "sights.csv"
    rows = ["# 美祢市 観光施設一覧", "", HEAD, GOOD, "", "2,滝,,,,", "3,,,34.2,131.3,"]
    path.write_text("\n".join(rows))
    report = municipal.read(path)
    assert [(row.number, row.problems) for row in report.rows] == [
        (4, ()), (6, ("POINT_MISSING",)), (7, ("NAME_MISSING",)),
    ]  # fmt: skip
    assert main(["itinerary", "sights", str(path), "--json", "--data", str(tmp_path)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [row["row"] for row in told["sights"]] == [4, 6]
    assert told["refused"] == [{"row": 7, "name": "", "reasons": ["NAME_MISSING"]}]
    ids = [line.split(",")[0] for line in report.draft(area_wizard.PLACE_COLUMNS).splitlines()]
    assert ids == ["place_id", "sight-4", "sight-6"]


def test_a_list_without_points_is_a_list_all_the_same(tmp_path: Path) -> None:
    report = municipal.read(file(tmp_path, "滝,落差20m", head="名称,説明"))
    assert [row.problems for row in report.rows] == [("POINT_MISSING",)]
    assert report.usable == 0
