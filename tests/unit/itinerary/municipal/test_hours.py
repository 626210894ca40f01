"""Opening hours out of municipal columns: what is understood, and that nothing else is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.calendar import OpeningHours
from services.itinerary.domain.municipal.hours import read_hours
from services.itinerary.domain.municipal.words import days_of, normalized

EVERY_DAY = "月火水木金土日"


def opening(note: str, days: str = EVERY_DAY, opens: str = "9:00", closes: str = "17:00") -> str:
    found = read_hours(days, opens, closes, note)
    assert [each.reason for each in found.doubts if each.reason != "YEAR_END_ASSUMED"] == []
    return found.opening


@pytest.mark.parametrize(
    ("days", "opens", "closes", "told"),
    [
        (EVERY_DAY, "9:00", "17:00", "09:00-17:00"),
        (EVERY_DAY, "09:00:00", "17:00:00", "09:00-17:00"),
        (EVERY_DAY, "９：００", "１７：００", "09:00-17:00"),
        (EVERY_DAY, "9時", "午後5時30分", "09:00-17:30"),
        (EVERY_DAY, "00:00", "00:00", "24/7"),
        ("火水木金土日", "10:00", "16:00", "10:00-16:00; Mo off"),
        ("火水金土日", "10:00", "16:00", "10:00-16:00; Mo,Th off"),
        ("土・日・祝日", "10:00", "16:00", "10:00-16:00; Mo,Tu,We,Th,Fr off; PH 10:00-16:00"),
        ("平日", "10:00", "16:00", "10:00-16:00; Sa,Su off"),
        ("", "10:00", "16:00", "10:00-16:00"),
        (EVERY_DAY, "", "", ""),
        (EVERY_DAY, "18:00", "02:00", "18:00-02:00"),
    ],
)
def test_columns(days: str, opens: str, closes: str, told: str) -> None:
    assert read_hours(days, opens, closes, "").opening == told


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("年末年始休館", "09:00-17:00; Dec 29-Jan 03 off"),
        ("12月28日から1月4日まで休館", "09:00-17:00; Dec 28-Jan 04 off"),
        ("年末年始（12月29日～1月3日）休館", "09:00-17:00; Dec 29-Jan 03 off"),
        ("第3火曜日休館", "09:00-17:00; Tu[3] off"),
        ("毎月第2・第4水曜日は休館日", "09:00-17:00; We[2],We[4] off"),
        ("定休日：第1、3月曜", "09:00-17:00; Mo[1],Mo[3] off"),
        ("最終月曜日休館", "09:00-17:00; Mo[-1] off"),
        ("毎週火曜日定休", "09:00-17:00; Tu off"),
        ("休館日：月曜、祝日", "09:00-17:00; Mo,PH off"),
        ("1月から2月は10:00から16:00", "09:00-17:00; Jan-Feb 10:00-16:00"),
        ("（11月～3月）9時30分～16時", "09:00-17:00; Nov-Mar 09:30-16:00"),
        ("日曜日・祝祭日は9:30〜16:30", "09:00-17:00; Su,PH 09:30-16:30"),
        ("月曜日が祝日の場合は開館し、翌日を閉館", "09:00-17:00; Mo off (PH: next day)"),
        ("月曜が休日の場合は翌平日休館", "09:00-17:00; Mo off (PH: next workday)"),
        ("第3火曜日休館。年末年始休館", "09:00-17:00; Tu[3] off; Dec 29-Jan 03 off"),
    ],
)
def test_sentences(note: str, told: str) -> None:
    assert opening(note) == told


def test_a_day_that_moves_is_the_one_that_the_column_leaves_out() -> None:
    told = opening("火曜日が祝日の場合は開館し、翌日を閉館。年末年始休館", "月水木金土日")
    assert told == "09:00-17:00; Tu off (PH: next day); Dec 29-Jan 03 off"
    hours = OpeningHours.parse(told)
    assert hours.on(date(2026, 11, 3)).spans  # 文化の日, a Tuesday
    assert not hours.on(date(2026, 11, 4)).spans
    assert not hours.on(date(2026, 11, 10)).spans


def test_the_third_tuesday_is_the_third_tuesday_in_every_month_of_a_year() -> None:
    hours = OpeningHours.parse(opening("第3火曜日休館"))
    closed = [
        day
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
        if not hours.on(day).spans
    ]
    # By hand, from a calendar of 2026.
    assert [(day.month, day.day) for day in closed] == [
        (1, 20), (2, 17), (3, 17), (4, 21), (5, 19), (6, 16), (7, 21), (8, 18), (9, 15), (10, 20),
        (11, 17), (12, 15),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("note", "last"),
    [
        ("入館は17:00まで", "17:00"),
        ("受付時間は20:30まで", "20:30"),
        ("最終入場16時30分", "16:30"),
        ("入館は閉館の30分前まで", "-30min"),
        ("最終受付は営業終了1時間前まで", "-60min"),
    ],
)
def test_last_entry(note: str, last: str) -> None:
    found = read_hours(EVERY_DAY, "9:00", "17:30", note)
    assert (found.opening, found.last_entry, found.doubts) == ("09:00-17:30", last, ())


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("不定休", "IRREGULAR_CLOSING"),
        ("かんざらし等の提供は10:00から17:00まで", "NOTE_NOT_READ"),
        ("レストラン「オーシャン」は11:00〜15:00", "NOTE_NOT_READ"),
        ("資料館閉館時も古墳は随時見学可能", "NOTE_NOT_READ"),
        ("【ゆとろぎ足湯】終日開放", "NOTE_NOT_READ"),
        ("トイレは月曜日でも随時利用可能", "NOTE_NOT_READ"),
        ("終日開放", "NOTE_NOT_READ"),  # the columns say otherwise
    ],
)
def test_what_speaks_of_a_part_changes_nothing_and_is_told_word_for_word(
    note: str, reason: str
) -> None:
    found = read_hours(EVERY_DAY, "9:00", "17:00", note)
    assert found.opening == "09:00-17:00"
    assert [(each.reason, each.text) for each in found.doubts] == [(reason, note)]


@pytest.mark.parametrize(
    "note", ["海開き期間中のみ開場可能", "土日のみ", "【イベント期間中】9:00から17:00"]
)
def test_what_is_open_only_at_times_without_dates_has_no_hours(note: str) -> None:
    found = read_hours(EVERY_DAY, "9:00", "17:00", note)
    assert (found.opening, found.doubts[0].reason) == ("", "ONLY_SOMETIMES")


@pytest.mark.parametrize(
    ("days", "opens", "closes", "note", "reason"),
    [
        (EVERY_DAY, "9:00", "", "", "TIMES_UNREADABLE"),
        (EVERY_DAY, "日の出", "日の入", "", "TIMES_UNREADABLE"),
        (EVERY_DAY, "31:00", "32:00", "", "TIMES_UNREADABLE"),
        (EVERY_DAY, "9:00", "17:00", "2月30日-3月1日休館", "TIMES_UNREADABLE"),
        ("要確認", "9:00", "17:00", "", "WEEKDAYS_UNREADABLE"),
    ],
)
def test_columns_that_cannot_be_true_are_told(
    days: str, opens: str, closes: str, note: str, reason: str
) -> None:
    assert reason in [each.reason for each in read_hours(days, opens, closes, note).doubts]


WORDS = st.sampled_from([
    "第", "3", "火", "曜日", "休館", "年末年始", "から", "9:00", "17:00", "12月", "28日",
    "が祝日の場合は", "翌日", "は", "、", "。", "終日", "開放", "入館", "まで", "閉館", "30分前",
    "\n", "【", "】", "最終", "毎週",
])  # fmt: skip


@given(*[st.text(max_size=8) | st.lists(WORDS, max_size=4).map("".join)] * 3,
       st.lists(WORDS, max_size=12).map("".join) | st.text(max_size=40))  # fmt: skip
def test_whatever_is_written_the_result_can_be_read_or_is_empty(
    days: str, opens: str, closes: str, note: str
) -> None:
    found = read_hours(days, opens, closes, note)
    if found.opening:
        OpeningHours.parse(found.opening)
    assert read_hours(days, opens, closes, note) == found


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("月火", ("Mo", "Tu")), ("日月", ("Mo", "Su")), ("土日祝", ("Sa", "Su", "PH")),
        ("平日及び土曜日", ("Mo", "Tu", "We", "Th", "Fr", "Sa")),
        ("毎日", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")),
        ("休", None), ("", None), ("Mon", None),
    ],
)  # fmt: skip
def test_days(text: str, days: tuple[str, ...] | None) -> None:
    assert days_of(text) == days


def test_one_spelling() -> None:
    assert normalized("　午後１２時～午後1時半、８時５分 ") == "12:00-13:30,8:05"
    assert normalized("24時間") == "24時間"
