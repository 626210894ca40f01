"""A month and a year on their pages, with answers made up and no service behind."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1 import query_service_pb2 as pb
from services.edge import cookies
from services.edge.insights.months.figures import month_of
from tests.pages.edge.fakes import SESSION, FakeServices
from tests.pages.insights.test_pages import Backstage, app, backstage

__all__ = ["app", "backstage"]  # fixtures
ENGLISH = {"Accept-Language": "en"}
OF_DAYS = {pb.QUERY_BY_DAY, pb.QUERY_BY_MONTH}


class Services(FakeServices):
    """Stand-ins that answer each question of a measure that `counted` names."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", roles=[directory_pb.ROLE_ANALYST]
        )
        self.counted = set(pb.QueryMeasure.values())
        self.empty = False  # of days before the first that was counted
        self.asked: list[Any] = []
        self.answers |= {"AskMany": self._many}

    def _many(self, request: Any) -> Any:
        self.asked.append(request)
        return pb.AskManyResponse(answers=[self._one(each) for each in request.questions])

    def _one(self, asked: Any) -> Any:
        found = pb.AskResponse(
            from_date=asked.from_date, until_date=asked.until_date, suppression_k=10
        )
        if asked.measure not in self.counted:
            found.whole.CopyFrom(pb.AskedCell())
            return found
        found.begin_date = "2025-01-01"
        if self.empty:
            found.whole.CopyFrom(pb.AskedCell())
            return found
        cell = pb.AskedCell(low=3_100, high=3_100, day_count=31, told_day_count=31)
        if asked.measure == pb.QUERY_MEASURE_TAKINGS:
            cell.told_day_count = 25
        found.whole.CopyFrom(cell)
        value = f"{asked.from_date[:7]}-01" if asked.by in OF_DAYS else "7"
        row = pb.AskedRow(value=value, whole=cell)
        if asked.compare:
            other = pb.AskedCell(low=1_550, high=1_550, day_count=31, told_day_count=31)
            found.other.CopyFrom(other)
            row.other.CopyFrom(other)
        found.rows.append(row)
        return found


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


@pytest.fixture
def staff(app: Flask, services: Services) -> Iterator[FlaskClient]:
    app.extensions["meguri"].sessions.forget_all()
    with app.test_client() as client:
        client.set_cookie(cookies.SESSION.name, SESSION)
        yield client


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("page", ["/insights/months/2026-05", "/insights/years/2026"])
def test_pages_open_in_every_language(staff: FlaskClient, page: str, locale: str) -> None:
    answer = staff.get(page, headers={"Accept-Language": locale})
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert "style=" not in answer.text


def test_a_month_is_asked_at_once_and_stands_beside_a_year_before(
    staff: FlaskClient, services: Services
) -> None:
    text = staff.get("/insights/months/2026-05", headers=ENGLISH).text
    (asked,) = services.asked
    assert len(asked.questions) == 16
    assert {(each.from_date, each.until_date) for each in asked.questions} == {
        ("2026-05-01", "2026-05-31")
    }
    for part in ("May 2026", "3,100", "+100 % a day", "People let in, day by day",
                 "6 days of too few shops are not in it.", "/insights/months/2026-04",
                 "/insights/query?measure=1&amp;by=9"):  # fmt: skip
        assert part in text


def test_what_was_never_counted_is_said_and_takes_no_room(
    staff: FlaskClient, services: Services
) -> None:
    services.counted = {pb.QUERY_MEASURE_PAGES}
    text = staff.get("/insights/months/2026-05", headers=ENGLISH).text
    assert text.count("Nothing of this was counted yet") == 3
    assert "Where guests come from" not in text
    assert "Pages of the guide: at which hours" in text
    services.counted = set()
    assert "Nothing was counted in this month" in staff.get(
        "/insights/months/2026-05", headers=ENGLISH
    ).text  # fmt: skip
    assert "Nothing was counted in this year" in staff.get(
        "/insights/years/2026", headers=ENGLISH
    ).text  # fmt: skip


def test_days_without_a_count_are_not_called_secret(staff: FlaskClient, services: Services) -> None:
    services.empty = True
    text = staff.get("/insights/months/2026-05", headers=ENGLISH).text
    assert "Nothing of this was counted in these days." in text
    assert "may be told" not in text


def test_a_year_stands_beside_the_one_before(staff: FlaskClient, services: Services) -> None:
    text = staff.get("/insights/years/2026", headers=ENGLISH).text
    (asked,) = services.asked
    assert len(asked.questions) == 8
    assert "/insights/months/2026-01" in text
    assert "/insights/months/2026-02" not in text  # nothing was told of it
    assert "+0 %" in text


@pytest.mark.parametrize(
    "address", ["months/2026", "months/2026-13", "months/x", "months/2098-01", "months/0001-01",
                "years/26", "years/x", "years/2098", "years/2026-01"],
)  # fmt: skip
def test_what_is_no_month_or_still_to_come_is_not_there(
    staff: FlaskClient, services: Services, address: str
) -> None:
    assert staff.get(f"/insights/{address}").status_code == 404
    assert services.asked == []


@pytest.mark.parametrize(("begun", "whole"), [("2025-01-01", True), ("today", False), ("", False)])
def test_without_a_month_the_last_whole_one_is_shown_if_there_is_one(
    staff: FlaskClient, services: Services, begun: str, *, whole: bool
) -> None:
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    first_date = today.isoformat() if begun == "today" else begun
    services.answers["ReadRange"] = lambda _: insights_pb.ReadRangeResponse(first_date=first_date)
    answer = staff.get("/insights/months")
    assert answer.status_code == 302
    assert (answer.headers["Location"] < f"/insights/months/{today:%Y-%m}") is whole


def test_a_running_month_ends_today() -> None:
    today = date(2026, 2, 10)
    running = month_of("2026-02", today)
    assert running
    assert (running.last, running.over) == (today, False)
    assert (running.before, running.after) == ("2026-01", "2026-03")
    whole = month_of("2025-12", today)
    assert whole
    assert (whole.last, whole.over, whole.after) == (date(2025, 12, 31), True, "2026-01")
    assert month_of("2026-03", today) is None
