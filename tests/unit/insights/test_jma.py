"""Files of the weather agency: several stations, signs, missing values, hours, and every row
told."""

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.imported import jma
from services.insights.domain.imported.jma import JmaSheet
from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.weather_days import (
    changes,
    days_of,
    values_of,
    worth_keeping,
)
from services.insights.domain.weather import Element, Quality, Value
from tests.unit.insights.imported_made import TODAY, jma_daily, jma_hourly

FIRST = date(2025, 8, 1)
HEAD = "ダウンロードした時刻：2026/05/20 12:49:53\n\n,秋吉台,秋吉台,秋吉台\n"
ONE = f"{HEAD}年月日,降水量の合計(mm),降水量の合計(mm),降水量の合計(mm)\n,,品質情報,均質番号\n"


def read(text: str, today: date = TODAY) -> JmaSheet:
    return jma.read(list(csv.reader(io.StringIO(text))), today)


def rain(text: str) -> tuple[int | None, int]:
    (reading,) = read(f"{ONE}2025/8/1,{text}\n").readings
    return reading.tenths, int(reading.quality)


def test_stations_and_elements_are_found_whatever_columns_they_have() -> None:
    sheet = read(jma_daily(days=3))
    assert (sheet.read, sheet.taken, sheet.rejected) == (3, 3, [])
    assert sheet.stations == ("秋吉台", "山口")
    assert sheet.downloaded == "2026/05/20 12:49:53"
    values = values_of(sheet)
    assert len(values) == 3 * 2 * 6
    for station in sheet.stations:
        assert values[station, FIRST, Element.TEMPERATURE_MAX] == Value(324, Quality.NORMAL)
        assert values[station, FIRST, Element.SUNSHINE] == Value(78, Quality.NORMAL)
        assert values[station, FIRST, Element.SNOW_DEPTH] == Value(None, Quality.MISSING)
    assert list(jma.names(sheet.aside)) == ["最大風速(m/s)", "最大風速(m/s) 風向"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("0.0,8,1", (0, 8)), ("12.5,5,1", (125, 5)), ("3.0,4,1", (30, 4)), (",2,1", (None, 2)),
        (",1,1", (None, 1)), (",0,1", (None, 0)), ("9.9,1,1", (None, 1)), (",8,1", (None, 1)),
        ("１２．５,8,1", (125, 8)), ("12.5),,", (125, 5)), ("12.5 ],,", (125, 4)),
        ("--,,", (0, 8)), ("///,,", (None, 1)), ("×,,", (None, 1)), ("#,,", (None, 2)),
        ("7,,", (70, 8)),
    ],
)  # fmt: skip
def test_values_are_read_with_their_quality(cells: str, told: tuple[int | None, int]) -> None:
    assert rain(cells) == told


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2025/8/1,abc,8,1", "NOT_A_NUMBER"), ("2025/8/1,1.0,7,1", "BAD_QUALITY"),
        ("2025/8/1,-1.0,8,1", "OUT_OF_RANGE"), ("2025/8/1,99999,8,1", "OUT_OF_RANGE"),
        ("2025/2/30,1.0,8,1", "NO_DATE"), ("合計,1.0,8,1", "NO_DATE"),
        ("2027/8/1,1.0,8,1", "FUTURE_DATE"), ("2025/8/2,3.0,8,1", "DATE_TWICE"),
        ("2025/8/3 1:00:00,1.0,8,1", "NO_DATE"), ("=1+1,1.0,8,1", "NO_DATE"),
        ("2025/8/4,=1+1,8,1", "NOT_A_NUMBER"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_told_and_the_others_are_taken(row: str, reason: str) -> None:
    sheet = read(f"{ONE}2025/8/2,1.0,8,1\n{row}\n2025/8/9,2.0,8,1\n")
    assert [(note.row, note.reason) for note in sheet.rejected] == [(7, reason)]
    assert (sheet.read, sheet.taken) == (3, 2)
    assert len(sheet.readings) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ダウンロードした時刻：x\n\n,a\n年月,平均気温(℃)\n2025/8,1\n", "WRONG_STEP"),
        ("ダウンロードした時刻：x\n\n,,,,,,,a\n年,月,日,年,月,日,x\n", "WRONG_STEP"),
        ("ダウンロードした時刻：x\n\n集計開始,,,集計終了\n", "WRONG_STEP"),
        ("ダウンロードした時刻：x\nfoo\n", "NOT_JMA"), (ONE, "NO_ROWS"),
        (f"{HEAD}年月日,平均風速(m/s),平均風速(m/s)\n,,品質情報\n2025/8/1,1,8\n", "NO_ELEMENT"),
        (f"{HEAD}年月日,最高気温(℃),最高気温(℃)\n,,\n2025/8/1,1,2\n", "STATION_TWICE"),
        ("年月日,最高気温(℃)\n2025/8/1,1\n", "NOT_JMA"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_told(text: str, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        read(text)
    assert caught.value.reason == reason


def test_dates_in_columns_of_their_own_and_prefectures_above_are_read() -> None:
    sheet = read(
        "ダウンロードした時刻：2026/05/20 12:49:53\n\n"
        ",,,山口県,山口県,山口県\n,,,秋吉台,秋吉台,秋吉台\n"
        "年,月,日,最高気温(℃),最高気温(℃),最高気温(℃)\n,,,,品質情報,均質番号\n,,,,,\n2025,8,1,31.5,8,1\n"
    )
    (reading,) = sheet.readings
    assert (reading.station, reading.on, reading.tenths) == ("山口県 秋吉台", FIRST, 315)


def test_a_file_without_quality_says_so() -> None:
    sheet = read(f"{HEAD}年月日,最高気温(℃),平均風速(m/s)\n2025/8/1,31.5,2\n")
    assert [note.reason for note in sheet.warnings] == ["NO_QUALITY"]
    assert sheet.readings[0].quality is Quality.NORMAL


def test_a_move_of_the_station_is_told() -> None:
    sheet = read(f"{ONE}2025/8/1,1.0,8,1\n2025/8/2,1.0,8,2\n2025/8/3,1.0,8,2\n")
    assert [(note.row, note.reason) for note in sheet.warnings] == [(7, "HOMOGENEITY")]


def test_hours_make_a_day_and_midnight_is_the_last_of_them() -> None:
    values = values_of(read(jma_hourly()))
    assert {on for _, on, _ in values} == {FIRST}

    def of(element: Element) -> Value:
        return values["秋吉台", FIRST, element]

    assert of(Element.TEMPERATURE_MAX) == Value(224, Quality.NORMAL, hourly=True)
    assert of(Element.TEMPERATURE_MIN) == Value(201, Quality.NORMAL, hourly=True)
    assert of(Element.TEMPERATURE_MEAN).tenths == 213  # 21.25 is rounded up
    assert of(Element.PRECIPITATION).tenths == 120
    assert of(Element.SUNSHINE) == Value(60, Quality.NORMAL, hourly=True)


@pytest.mark.parametrize(("hours", "quality"), [(24, 8), (23, 5), (20, 5), (19, 4), (1, 4)])
def test_a_day_with_hours_missing_is_not_called_whole(hours: int, quality: int) -> None:
    values = values_of(read(jma_hourly(hours=hours)))
    assert {int(value.quality) for value in values.values()} == {quality}


def test_hours_in_four_columns_count_to_24() -> None:
    head = "ダウンロードした時刻：x\n\n,,,,a,a\n年,月,日,時,気温(℃),気温(℃)\n,,,,,品質情報\n"
    sheet = read(f"{head}2025,8,1,24,20.0,8\n2025,8,2,0,30.0,8\n2025,8,2,1,21.0,8\n")
    assert [(each.on, each.hour) for each in sheet.readings] == [
        (FIRST, 24), (FIRST + timedelta(days=1), 1),
    ]  # fmt: skip
    assert sheet.rejected[0].reason == "DATE_TWICE"  # both are midnight of the first


def test_a_new_download_says_what_it_changes_and_hours_change_no_day() -> None:
    kept, coming = values_of(read(jma_daily(days=2))), values_of(read(jma_daily(days=3, rain="0")))
    found = changes(kept, coming)
    assert [(each.station, str(each.on)) for each in found] == [
        ("山口", "2025-08-01"), ("秋吉台", "2025-08-01"),
        ("山口", "2025-08-02"), ("秋吉台", "2025-08-02"),
    ]  # fmt: skip
    assert len(worth_keeping(kept, coming)) == 4 + 12
    assert worth_keeping(kept, kept) == {}
    assert not worth_keeping(kept, values_of(read(jma_hourly())))
    nothing = {key: Value(None, Quality.MISSING) for key in kept}
    assert worth_keeping(kept, nothing) == {}
    assert [day.on for day in days_of(kept) if day.station == "山口"] == [
        FIRST, FIRST + timedelta(days=1),
    ]  # fmt: skip


CELLS = st.one_of(
    st.sampled_from(["", "1.0", "-3.5", "8", "1", "7", "--", "///", "×", "12]", "5)", "=1", "abc"]),
    st.text(max_size=6),
)
DAYS = st.one_of(
    st.dates(date(2020, 1, 1), date(2027, 1, 1)).map(lambda on: f"{on.year}/{on.month}/{on.day}"),
    st.text(max_size=8),
)


@given(st.lists(st.tuples(DAYS, CELLS, CELLS, CELLS), min_size=1, max_size=20))
def test_every_row_is_taken_or_rejected(rows: list[tuple[str, ...]]) -> None:
    head = list(csv.reader(io.StringIO(ONE)))
    body = [["2024/1/1", "1.0", "8", "1"], *map(list, rows)]
    sheet = jma.read([*head, *body], TODAY)
    filled = sum(any(cell.strip() for cell in row) for row in body)
    assert sheet.read == filled
    assert sheet.taken + len(sheet.rejected) == sheet.read
    assert len(sheet.readings) == sheet.taken
    assert len({note.row for note in sheet.rejected}) == len(sheet.rejected)
    assert all(each.on <= TODAY for each in sheet.readings)


def test_what_a_spreadsheet_made_of_the_dates_is_read_too() -> None:
    """Excel shows 2025/8/2 0:00:00 as a date alone, and some choose the day of the week."""
    head = "ダウンロードした時刻：x\n\n,a,a\n年月日時,気温(℃),気温(℃)\n,,品質情報\n"
    hours = read(f"{head}2025-08-01,20.0,8\n2025/08/01 01:00:00,21.0,8\n")
    assert [(each.on.day, each.hour) for each in hours.readings] == [(31, 24), (1, 1)]
    days = read(f"{ONE}2025/8/1(金),1.0,8,1\n2025年8月2日,2.0,8,1\n2025-08-03,3.0,8,1\n")
    assert [each.tenths for each in days.readings] == [10, 20, 30]


def test_the_mean_is_rounded_as_the_agency_does_below_zero_too() -> None:
    head = "ダウンロードした時刻：x\n\n,a,a\n年月日時,気温(℃),気温(℃)\n,,品質情報\n"
    for numbers, mean in ((("1.0", "1.1"), 11), (("-1.0", "-1.1"), -10), (("0.0", "-0.1"), 0)):
        rows = "".join(f"2025/8/1 {n}:00:00,{text},8\n" for n, text in enumerate(numbers, 1))
        values = values_of(read(head + rows))
        assert values["a", FIRST, Element.TEMPERATURE_MEAN].tenths == mean


@given(st.lists(st.integers(-300, 400), min_size=1, max_size=24))
def test_a_day_of_hours_lies_between_its_hours(numbers: list[int]) -> None:
    head = "ダウンロードした時刻：x\n\n,a,a\n年月日時,気温(℃),気温(℃)\n,,品質情報\n"
    rows = "".join(
        f"2025/8/1 {n}:00:00,{value / 10},8\n" if n < 24 else f"2025/8/2 0:00:00,{value / 10},8\n"
        for n, value in enumerate(numbers, 1)
    )
    values = values_of(read(head + rows))
    low, mean, high = (
        values["a", FIRST, each].tenths
        for each in (
            Element.TEMPERATURE_MIN, Element.TEMPERATURE_MEAN, Element.TEMPERATURE_MAX,
        )
    )  # fmt: skip
    assert (low, high) == (min(numbers), max(numbers))
    assert mean is not None
    assert min(numbers) <= mean <= max(numbers)


@pytest.mark.parametrize("quality", ["8", "5", "4", "2", "1", "0"])
def test_each_quality_is_kept_as_it_is_told(quality: str) -> None:
    values = values_of(read(jma_daily(days=1, quality=quality)))
    told = values["秋吉台", FIRST, Element.TEMPERATURE_MAX]
    assert int(told.quality) == int(quality)
    assert (told.tenths is None) == (quality in "210")
