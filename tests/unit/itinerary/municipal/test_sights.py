"""Rows and files of sights and occasions: every row is used or refused, columns found by name."""

import csv
import io
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.municipal.fees import read_fees
from services.itinerary.domain.municipal.kinds import STAYS, category_of
from services.itinerary.domain.municipal.sights import columns_of
from services.itinerary.domain.place import Point
from services.itinerary.domain.poi import MAX_TEXT, Category, Fees
from services.itinerary.gateways import municipal_file
from services.itinerary.gateways.municipal_file import BadMunicipalFile, SightsFile, read
from tests.examples import share

HEADING = (
    "NO,名称,緯度,経度,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,"
    "料金（基本）,料金（詳細）,謎"
)
ROW = "1,石灰洞,34.2,131.3,火水木金土日,9:00,17:00,第3日曜日休館,500円,大人500円 小学生200円,x"


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "sights.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def reasons(found: SightsFile) -> dict[str, int]:
    return dict(found.counts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_the_encodings_of_japan(tmp_path: Path, encoding: str) -> None:
    found = read(written(tmp_path, HEADING, ROW, encoding=encoding))
    [sight] = found.sights
    assert (sight.number, sight.name, sight.point) == (2, "石灰洞", Point(34.2, 131.3))
    assert sight.hours.opening == "09:00-17:00; Mo off; Su[3] off"
    assert sight.fees == Fees(500, None, 200)
    assert sight.doubts == ()
    assert found.ignored == ("謎",)
    assert found.encoding == encoding.removesuffix("-sig")


def test_columns_are_found_by_name_whatever_their_order_and_brackets(tmp_path: Path) -> None:
    swapped = "料金(基本),経度,名称,緯度"
    found = read(written(tmp_path, "# 桜井市 観光施設一覧", "", swapped, "無料,131.3,洞,34.2"))
    assert found.above == 1
    [sight] = found.sights
    assert (sight.name, sight.point, sight.fees.adult_yen) == ("洞", Point(34.2, 131.3), 0)
    assert columns_of(["ＮＯ", "名称", "名称_日本語"])["name"] == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [("x,洞", "CELLS"), ("1,,34,131,,,,,,,", "NAME_MISSING"), (ROW, "TWICE")],
)
def test_rows_that_cannot_be_used_are_refused_and_counted(
    tmp_path: Path, row: str, reason: str
) -> None:
    found = read(written(tmp_path, HEADING, ROW, row))
    assert [each.number for each in found.sights] == [2]
    assert [(each.number, each.reasons) for each in found.refused] == [(3, (reason,))]


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [("", "", "POINT_MISSING"), ("北緯34度", "131", "POINT_UNUSABLE"),
     ("nan", "131", "POINT_UNUSABLE"), ("131.3", "34.2", "POINT_UNUSABLE"),
     ("34.2", "", "POINT_UNUSABLE")],
)  # fmt: skip
def test_points_that_cannot_be_true_are_told(
    tmp_path: Path, latitude: str, longitude: str, reason: str
) -> None:
    found = read(written(tmp_path, "名称,緯度,経度", f"洞,{latitude},{longitude}"))
    assert found.sights[0].point is None
    assert reasons(found)[reason] == 1


def test_a_point_of_the_old_datum_is_not_used(tmp_path: Path) -> None:
    found = read(
        written(
            tmp_path, "名称,緯度,経度,座標系", "洞,34.2,131.3,日本測地系", "滝,34.2,131.3,JGD2011"
        )
    )
    assert [sight.point is None for sight in found.sights] == [True, False]
    assert reasons(found)["OLD_DATUM"] == 1


def test_a_text_that_is_too_long_is_cut_and_that_is_told(tmp_path: Path) -> None:
    found = read(written(tmp_path, "名称,説明", f"洞,{'あ' * (MAX_TEXT + 1)}"))
    assert len(found.sights[0].texts["summary_ja"]) == MAX_TEXT
    assert reasons(found)["TEXT_SHORTENED"] == 1


@pytest.mark.parametrize(
    ("first", "last", "opening"),
    [
        ("2026-02-11", "2026-02-11", "2026 Feb 11 10:00-16:00"),
        ("2026/2/11", "", "2026 Feb 11 10:00-16:00"),
        ("2026年12月30日", "2027年1月3日", "2026 Dec 30-2027 Jan 03 10:00-16:00"),
        ("2026-02-30", "", ""), ("2026-02-11", "2026-02-10", ""), ("2月11日", "", ""),
    ],
)  # fmt: skip
def test_an_occasion_is_open_on_its_dates_alone(
    tmp_path: Path, first: str, last: str, opening: str
) -> None:
    heading = "イベント名,開始日,終了日,開始時間,終了時間"
    found = read(written(tmp_path, heading, f"山焼き,{first},{last},10:00,16:00"))
    assert found.is_occasions
    assert found.sights[0].hours.opening == opening
    assert ("DATES_UNREADABLE" in reasons(found)) is (opening == "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00\x01", "NO_TEXT"), (b"", "NO_HEADING"), (b"a,b\n1,2\n", "NO_HEADING"),
        ("名称\n洞\n".encode(), "NO_HEADING"), ('名称,緯度\n"洞,34\n'.encode(), "NO_TABLE"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_says_so(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(BadMunicipalFile) as refused:
        read(path)
    assert refused.value.reason == reason


def test_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, HEADING, ROW, ROW.replace("石灰洞", "別"))
    for name, reason in (("ROWS", "TOO_MANY_ROWS"), ("FILE_BYTES", "TOO_LARGE")):
        monkeypatch.setattr(municipal_file, name, 1)
        with pytest.raises(BadMunicipalFile) as refused:
            read(path)
        assert refused.value.reason == reason


CELLS = st.sampled_from(["洞", "", "34.2", "131.3", "9:00", "a,b", 'q"', "改\n行"])


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=12),
    st.integers(0, 2**16),
)
@share(60)
def test_no_row_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], seed: int
) -> None:
    names = ["名称", "緯度", "経度", "開始時間"]
    random.Random(seed).shuffle(names)
    rows = [["洞", "", "", ""], *rows]  # a file of no row at all is refused
    text = io.StringIO()
    csv.writer(text).writerows([names, *rows])
    path = tmp_path_factory.mktemp("rows") / "x.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    found = read(path)
    numbers = [sight.number for sight in found.sights] + [row.number for row in found.refused]
    assert sorted(numbers) == [
        n for n, row in enumerate(rows, 2) if any(cell.strip() for cell in row)
    ]


@pytest.mark.parametrize(
    ("basic", "detail", "fees", "told"),
    [
        ("無料", "", Fees(0, 0, 0), []),
        ("1,050円", "大人1,050円、中高生740円、小学生530円", Fees(1050, 740, 530), []),
        ("200", "高校生以上200円、中学生以下100円", Fees(200, 100, 100), []),
        ("200", "大人200円。高校生以下無料", Fees(200, 0, 0), []),
        ("500", "高校生以上510円、小中学生250円", Fees(510, 250, 250), ["FEES_DIFFER"]),
        ("要問合せ", "", Fees(), ["FEE_UNREADABLE"]),
        ("", "", Fees(), []),
        ("９００円", "", Fees(900, None, None), []),
        ("99999999円", "", Fees(), ["FEE_UNREADABLE"]),
    ],
)
def test_fees(basic: str, detail: str, fees: Fees, told: list[str]) -> None:
    found, doubts = read_fees(basic, detail)
    assert found == fees
    assert [each.reason for each in doubts] == told


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("秋芳洞窟", Category.CAVE), ("大野原遺跡展示館", Category.MUSEUM),
        ("島原温泉 泉源公園足湯", Category.HOT_SPRING), ("島原城", Category.HERITAGE),
        ("ひょうたん池公園", Category.NATURE), ("道の駅 おふく", Category.ROADSIDE_STATION),
        ("空港道路", None),
    ],
)  # fmt: skip
def test_what_a_sight_probably_is(name: str, category: Category | None) -> None:
    assert category_of(name) is category
    assert category_of(name, is_occasion=True) is Category.OCCASION
    assert set(STAYS) == set(Category)


def test_cells_made_to_hurt_are_doubts_and_soon_read(tmp_path: Path) -> None:
    # A cell of a table can have 131,072 characters.
    hurts = [
        ROW.replace("500円,", f"{'9' * 100_000}円,"),
        ROW.replace("大人500円", f"大人{'9' * 5_000}円"),
        ROW.replace("火水木金土日", "月" * 100_000), ROW.replace("34.2", "9" * 5_000),
        *(ROW.replace("第3日曜日休館", part * (100_000 // len(part)))
          for part in ("午後", "第1・", "9:00-", "(", "1月1日から", "月・", "1~", " ")),
    ]  # fmt: skip
    rows = [row.replace("石灰洞", f"洞{number}") for number, row in enumerate(hurts)]
    began = time.monotonic()
    found = read(written(tmp_path, HEADING, *rows))
    assert time.monotonic() - began < 8  # a second, where nothing else runs
    assert len(found.sights) == len(rows)
    assert found.sights[0].fees.adult_yen == 500  # the detail says so
    assert {"FEE_UNREADABLE", "WEEKDAYS_UNREADABLE", "POINT_UNUSABLE"} <= reasons(found).keys()
