"""Until when something is closed, in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, format_datetime, format_time
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.midnight import next_midnight
from services.edge.parts import Parts
from services.edge.until import last_day, moment_words, until_words
from tests.pages.edge.fakes import FakeServices, closure, stamp

NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)  # noon in the area
MIDNIGHT = datetime(2026, 11, 30, 15, tzinfo=UTC)
END = {
    "en": "until the end of November 30", "ja": "11月30日いっぱい",
    "ko": "11월 30일 하루가 끝날 때까지", "zh_Hans": "至11月30日当天结束",
    "zh_Hant": "至11月30日當天結束", "de": "bis einschließlich 30. November",
    "es": "hasta el 30 de noviembre inclusive", "fr": "jusqu’au 30 novembre inclus",
    "id": "sampai akhir tanggal 30 November", "th": "จนสิ้นวันที่ 30 พฤศจิกายน",
    "vi": "đến hết ngày 30 tháng 11",
}  # fmt: skip
AFTERNOON = {
    "en": "until December 1, 14:05", "ja": "12月1日14:05まで", "ko": "12월 1일 14:05까지",
    "zh_Hans": "至12月1日14:05", "zh_Hant": "至12月1日14:05", "de": "bis 1. Dezember, 14:05 Uhr",
    "es": "hasta el 1 de diciembre a las 14:05", "fr": "jusqu’au 1 décembre à 14:05",
    "id": "sampai tanggal 1 Desember pukul 14:05", "th": "ถึงวันที่ 1 ธันวาคม เวลา 14:05",
    "vi": "đến 14:05 ngày 1 tháng 12",
}  # fmt: skip


@pytest.fixture(autouse=True)
def asked(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", headers={"Host": "guide.example.jp"}):
        app.preprocess_request()
        yield


def plain(text: str) -> str:
    return re.sub(r"\s", " ", text)


@pytest.mark.parametrize("locale", END)
def test_midnight_is_the_end_of_the_day_before(locale: str) -> None:
    with force_locale(locale):
        assert plain(until_words(MIDNIGHT, NOW)) == END[locale]


@pytest.mark.parametrize("locale", AFTERNOON)
def test_any_other_time_has_day_and_month_in_words(locale: str) -> None:
    with force_locale(locale):
        said = until_words(datetime(2026, 12, 1, 5, 5, tzinfo=UTC), NOW)
        assert plain(said) == AFTERNOON[locale]


def test_another_year_is_said() -> None:
    with force_locale("en"):
        new_year = datetime(2026, 12, 31, 15, tzinfo=UTC)
        assert until_words(new_year, NOW) == "until the end of December 31"
        later = plain(until_words(new_year + timedelta(hours=10), NOW))
        assert later == "until January 1, 2027, 10:00"
        # Here it is this year already, in Greenwich it is not yet.
        assert "2027" not in until_words(new_year + timedelta(hours=9), new_year)


def test_without_an_end_it_is_until_further_notice() -> None:
    with force_locale("en"):
        assert until_words(None) == "until further notice"


def test_the_end_of_today_is_never_told_as_tomorrow() -> None:
    with force_locale("en"):
        ends = next_midnight(datetime.now(UTC), "Asia/Tokyo")
        today = moment_words(ends - timedelta(minutes=1)).rpartition(", ")[0]
        assert last_day(ends) == today
        assert until_words(ends) == f"until the end of {today}"


@given(minutes=st.integers(0, 3 * 365 * 1440))
def test_no_end_is_told_as_twelve_at_night(minutes: int) -> None:
    with force_locale("en"):
        said = plain(until_words(NOW + timedelta(minutes=minutes), NOW))
    assert "00:00" not in said
    assert said.startswith("until the end of") == ((minutes - 720) % 1440 == 0)


def test_pages_tell_it_so(app: Flask, services: FakeServices, parts: Parts) -> None:
    shut = closure("flood")
    shut.until_time.CopyFrom(stamp(next_midnight(datetime.now(UTC), "Asia/Tokyo")))
    services.closures = [shut]
    parts.closures.forget("mine")
    browser: FlaskClient = app.test_client()
    for address in ("/", "/map", "/safety", "/g/"):
        text = browser.get(address, headers={"Accept-Language": "en"}).text
        assert "High water · until the end of " in text, address
        assert "12:00" not in text.split("High water")[1].split("</p>")[0]


@pytest.mark.parametrize("locale", AFTERNOON)
def test_clocks_are_those_of_doors_and_timetables(locale: str) -> None:
    at = datetime(2026, 12, 1, 16, 5, tzinfo=UTC)  # five past one at night, there
    with force_locale(locale):
        assert format_time(at, "short") == "01:05"
        assert format_datetime(at, "short") == "2026-12-02 01:05"
