"""Questions on their pages, with answers made up and no service behind."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import query_service_pb2 as pb
from services.edge import cookies
from services.edge.insights.query import drawn, ready, words
from services.edge.insights.query.asked import Asked
from tests.pages.edge.fakes import SESSION, FakeServices
from tests.pages.insights.test_pages import Backstage, app, backstage

__all__ = ["app", "backstage"]  # fixtures
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
PAGES, ENTRIES, TAKINGS = (
    pb.QUERY_MEASURE_PAGES, pb.QUERY_MEASURE_ENTRIES, pb.QUERY_MEASURE_TAKINGS,
)  # fmt: skip


def cell(low: int, high: int | None = None, days: int = 28, told: int | None = None) -> Any:
    return pb.AskedCell(
        low=low, high=low if high is None else high, day_count=days,
        told_day_count=days if told is None else told,
    )  # fmt: skip


def languages() -> pb.AskResponse:
    return pb.AskResponse(
        rows=[
            pb.AskedRow(value="de", whole=cell(0, 40)), pb.AskedRow(value="ja", whole=cell(2_800)),
            pb.AskedRow(value="en", whole=cell(560, 600)),
        ],
        whole=cell(3_440), from_date="2026-05-01", until_date="2026-05-28",
        begin_date="2026-01-01", suppression_k=10, least_shops=3, most_share_percent=70,
    )  # fmt: skip


class Services(FakeServices):
    """Stand-ins that answer with what `found` and `together` say."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", roles=[directory_pb.ROLE_ANALYST]
        )
        self.found, self.together = languages(), pb.RelateResponse()
        self.asked: list[Any] = []
        self.answers |= {"Ask": self._ask, "Relate": self._relate}

    def _ask(self, request: Any) -> Any:
        self.asked.append(request)
        return self.found

    def _relate(self, request: Any) -> Any:
        self.asked.append(request)
        return self.together


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


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("address", ["", "?by=7", "?by=99", "?from=2026-05-02&until=2026-05-01"])
def test_pages_open_in_every_language(staff: FlaskClient, address: str, locale: str) -> None:
    answer = staff.get(
        f"/insights/query{address}", headers={"Cookie": f"{cookies.SESSION.name}={SESSION}",
                                              "Accept-Language": locale},
    )  # fmt: skip
    assert answer.status_code in {200, 400}
    assert f'<html lang="{locale}"' in answer.text
    assert "style=" not in answer.text


def test_without_a_question_ready_ones_are_offered(staff: FlaskClient, services: Services) -> None:
    answer = staff.get("/insights/query", headers={"Accept-Language": "en"})
    assert "Which languages does the guide need?" in answer.text
    assert services.asked == []


def test_every_ready_question_can_be_asked(
    staff: FlaskClient, services: Services, app: Flask
) -> None:
    del services.found.rows[1:]
    with app.test_request_context():
        addresses = [each.address for theme in ready.themes() for each in theme.questions]
    assert len(addresses) == len(set(addresses)) == 14
    for address in addresses:
        # A weekday, an hour or a code; rain has words of its own.
        services.found.rows[0].value = "dry" if "by=15" in address else "7"
        assert staff.get(address).status_code == 200, address


def test_what_the_form_says_is_asked(staff: FlaskClient, services: Services) -> None:
    staff.get(
        "/insights/query?measure=4&by=6&then_by=5&from=2026-05-01&until=2026-05-28"
        "&weekday=6&weekday=7&weekday=9&kind=3&kind=x"
    )
    (asked,) = services.asked
    assert asked == pb.AskRequest(
        measure=ENTRIES, by=pb.QUERY_BY_HOUR, then_by=pb.QUERY_BY_DAY_KIND,
        from_date="2026-05-01", until_date="2026-05-28",
        only=pb.DayFilter(weekdays=[6, 7], day_kinds=[pb.DAY_KIND_HOLIDAY]),
    )  # fmt: skip


def test_usual_days_are_four_weeks_until_yesterday(staff: FlaskClient, services: Services) -> None:
    staff.get("/insights/query?by=4")
    (asked,) = services.asked
    first, last = date.fromisoformat(asked.from_date), date.fromisoformat(asked.until_date)
    assert last - first == timedelta(days=27)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("measure=6&by=6", "f-by"), ("by=3&then_by=3", "f-then_by"),
        ("by=1&compare=1", "f-compare"),
        ("by=4&then_by=5&compare=2", "f-compare"), ("from=2026-05-02&until=2026-05-01", "f-until"),
        ("from=2024-05-02&until=2026-05-01", "f-until"),
        ("from=2098-05-02&until=2098-06-01", "f-from"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_at_its_field(
    staff: FlaskClient, services: Services, address: str, field: str
) -> None:
    answer = staff.get(f"/insights/query?{address}")
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert staff.get(f"/insights/query/answer.csv?{address}").status_code == 400
    assert services.asked == []


def test_an_answer_is_told_with_what_it_rests_on(staff: FlaskClient) -> None:
    text = staff.get("/insights/query?by=7", headers={"Accept-Language": "en"}).text
    table = text.partition("query-answer")[2]
    assert table.index("Japanese") < table.index("English") < table.index("German")
    for part in (
        "2,800",
        "560–600",
        "20.0–21.4",
        "0–40",
        "fewer than 10 people",
        "January 1, 2026",
    ):
        assert part in text


def test_days_of_too_few_shops_are_said(staff: FlaskClient, services: Services) -> None:
    services.found = pb.AskResponse(
        rows=[pb.AskedRow(value="1", whole=cell(120_000, days=4, told=3))],
        whole=cell(120_000, days=4, told=3), from_date="2026-05-01", until_date="2026-05-28",
        begin_date="2026-01-01", least_shops=3, most_share_percent=70,
    )  # fmt: skip
    text = staff.get("/insights/query?measure=6&by=4", headers={"Accept-Language": "en"}).text
    for part in ("¥120,000", "¥40,000", "3 of 4 days", "1 day is left out for that."):
        # Of a row without a day left out its number of days would stand there.
        assert part in text


def test_columns_are_days_of_each(staff: FlaskClient, services: Services) -> None:
    services.found = pb.AskResponse(
        rows=[pb.AskedRow(value="9", whole=cell(70), cells=[cell(50, days=20), cell(20, days=4)])],
        columns=["workday", "holiday"], whole=cell(70), from_date="2026-05-01",
        until_date="2026-05-28", begin_date="2026-01-01",
    )  # fmt: skip
    text = staff.get("/insights/query?by=6&then_by=5", headers={"Accept-Language": "en"}).text
    assert "Workdays" in text
    assert 'shade--3">2.5<' in text
    assert 'shade--4">5.0<' in text


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((110, 110), (100, 100), "+10 %"), ((90, 90), (100, 100), "-10 %"), ((5, 5), (0, 0), "–"),
        ((120, 130), (100, 100), "+20 % … +30 %"), ((90, 130), (100, 100), "not sure"),
        ((100, 100), (100, 100), "+0 %"),
    ],
)  # fmt: skip
def test_a_change_is_said_where_it_is_sure(
    app: Flask, now: tuple[int, int], before: tuple[int, int], said: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}, path="/?locale=en"):
        assert drawn.change(now, before) == said


def test_nothing_counted_and_nothing_told_are_two_things(
    staff: FlaskClient, services: Services
) -> None:
    english = {"Accept-Language": "en"}
    services.found = pb.AskResponse(from_date="2026-05-01", until_date="2026-05-28")
    assert (
        "Nothing of this was counted yet" in staff.get("/insights/query?by=7", headers=english).text
    )
    services.found.begin_date = "2026-01-01"
    assert "None of these days tells" in staff.get("/insights/query?by=7", headers=english).text


def test_the_file_has_each_cell_in_a_line(staff: FlaskClient, services: Services) -> None:
    services.found.rows[0].other.CopyFrom(cell(7, 9))
    services.found.other_from_date, services.found.other_until_date = "2025-05-02", "2025-05-29"
    answer = staff.get("/insights/query/answer.csv?by=7&from=2026-05-01&until=2026-05-28&weekday=1")
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [(line["from"], line["value"], line["low"], line["high"]) for line in lines] == [
        ("2026-05-01", "de", "0", "40"), ("2025-05-02", "de", "7", "9"),
        ("2026-05-01", "ja", "2800", "2800"), ("2026-05-01", "en", "560", "600"),
    ]  # fmt: skip
    assert {line["measure"] for line in lines} == {"pages"}
    assert {line["by"] for line in lines} == {"language_asked"}


def test_every_split_of_a_measure_has_a_word(app: Flask) -> None:
    with app.test_request_context():
        for by in pb.QueryBy.values():
            assert words.by_word(by)
        for measure in words.MEASURES:
            assert words.MEASURES[measure]
            assert words.METHODS[measure]


def test_the_address_of_a_question_asks_it_again(app: Flask) -> None:
    asked = Asked(
        measure=TAKINGS, by=pb.QUERY_BY_MONTH, first=date(2026, 4, 1), last=date(2026, 9, 30),
        weekdays=frozenset({6}), kinds=frozenset({pb.DAY_KIND_SATURDAY}),
    )  # fmt: skip
    assert asked.address == "measure=6&by=3&from=2026-04-01&until=2026-09-30&weekday=6&kind=2"


def correlation(together: Any, value: float) -> pb.Correlation:
    return pb.Correlation(
        together=together, value=value, low=value - 0.1, high=value + 0.1, effective_day_count=48.6
    )


@pytest.mark.parametrize(
    ("all_days", "within", "said"),
    [
        (pb.TOGETHER_RISE, pb.TOGETHER_RISE, "than usual there is more"),
        (pb.TOGETHER_RISE, pb.TOGETHER_UNCLEAR, "on the same kinds of days"),
        (pb.TOGETHER_UNCLEAR, pb.TOGETHER_FALL, "than usual there is less"),
        (pb.TOGETHER_UNCLEAR, pb.TOGETHER_UNCLEAR, "cannot be told"),
    ],
)
def test_two_measures_are_held_against_each_other(
    staff: FlaskClient,
    services: Services,
    all_days: Any,
    within: Any,
    said: str,
) -> None:
    services.together = pb.RelateResponse(
        days=[
            pb.RelatedDay(date="2026-05-01", first=100, second=-40),
            pb.RelatedDay(date="2026-05-02", first=0, second=2_000),
        ],
        all_days=correlation(all_days, 0.5), within_kinds=correlation(within, 0.3),
        left_out_count=1,
    )  # fmt: skip
    text = staff.get(
        "/insights/query/together?measure=4&second=6", headers={"Accept-Language": "en"}
    ).text
    assert said in text
    for part in ("+0.30 (+0.20 … +0.40)", "about 49 independent", "1 is left out", "2,000"):
        assert part in text
    assert text.count('class="spot"') == 2


def test_too_few_days_say_nothing(staff: FlaskClient, services: Services) -> None:
    text = staff.get("/insights/query/together", headers={"Accept-Language": "en"}).text
    assert "it takes 20 days" in text
    (asked,) = services.asked
    assert (asked.first, asked.second) == (PAGES, ENTRIES)
    wrong = staff.get("/insights/query/together?from=2026-05-02&until=2026-05-01&measure=6&by=6")
    assert wrong.status_code == 400
    assert 'id="f-until-error"' in wrong.text
    assert len(services.asked) == 1
