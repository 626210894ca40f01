"""Days folded by week or month: nothing is lost, nothing counted twice, and a page stays short."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights import folds
from tests.pages.insights.test_pages import Backstage, Services, app, backstage, browser, services

__all__ = ["Backstage", "app", "backstage", "browser", "services"]

DAYS = st.dates(date(2001, 1, 1), date(2098, 1, 1))


def some_days(first: date, count: int) -> list[pb.DayTotals]:
    return [
        pb.DayTotals(date=(first + timedelta(days=n)).isoformat(), scan_count=n + 1, net_yen=-n)
        for n in range(count)
    ]


@given(first=DAYS, count=st.integers(1, 400))
def test_every_day_is_in_one_fold(first: date, count: int) -> None:
    days = some_days(first, count)
    found = folds.folded(days)
    assert [day.date for fold in found for day in fold.days] == [day.date for day in days[::-1]]
    assert sum(fold.scan_count for fold in found) == sum(day.scan_count for day in days)
    assert sum(fold.net_yen for fold in found) == sum(day.net_yen for day in days)
    assert max(fold.length for fold in found) == 100
    assert len(found) <= 14
    for fold in found:
        assert len({folds.start_of(day.date, fold.by_month) for day in fold.days}) == 1
        assert fold.first <= fold.last


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    assert folds.start_of("2026-11-29", by_month=False) == date(2026, 11, 23)
    assert folds.start_of("2026-11-23", by_month=False) == date(2026, 11, 23)
    assert folds.start_of("2026-11-29", by_month=True) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("count", "heading", "name", "columns"),
    [(30, "週ごとの数字", "11月23日～29日", 30), (300, "月ごとの数字", "2026年11月", 10)],
)
def test_the_newest_fold_alone_is_open(
    browser: FlaskClient, services: Services, count: int, heading: str, name: str, columns: int
) -> None:
    last = date(2026, 11, 29)
    days = some_days(last - timedelta(days=count - 1), count)
    services.answers["ReadRange"] = lambda _: pb.ReadRangeResponse(days=days)
    page = browser.get("/insights/days?locale=ja").text.replace("〜", "～")
    assert heading in page
    assert page.count('<details class="details fold" open>') == 1
    newest = page[page.index('fold" open') :]
    assert name in newest[: newest.index("</summary>")]
    assert page.count('href="/insights/days/2') == count
    assert page.count('class="column"') == columns  # takings below zero draw none


def test_a_day_is_named_with_its_weekday(app: Flask) -> None:
    with app.test_request_context("/"):
        assert folds.day_word("2026-11-28")
