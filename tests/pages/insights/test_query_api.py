"""Questions for programs: asked in words, answered with what each figure rests on."""

import pytest
from flask.testing import FlaskClient

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights.query import api, words
from services.edge.insights.query.openapi import ASK, RELATE
from tests.pages.insights.test_pages import app, backstage
from tests.pages.insights.test_query_pages import Services, cell, languages, services, staff

__all__ = ["app", "backstage", "services", "staff"]  # fixtures
QUERY = "/api/v1/insights/query"
SPAN = "from=2026-05-01&until=2026-05-28"


def test_a_question_in_words_is_the_one_that_the_page_asks(
    staff: FlaskClient, services: Services
) -> None:
    answer = staff.get(
        f"{QUERY}?measure=pages&by=language_asked&then_by=weekday&{SPAN}"
        "&weekday=6&weekday=7&kind=holiday&rain=dry&locale=en"
    )
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    (asked,) = services.asked
    assert asked == pb.AskRequest(
        measure=pb.QUERY_MEASURE_PAGES, by=pb.QUERY_BY_LANGUAGE_ASKED,
        then_by=pb.QUERY_BY_WEEKDAY, from_date="2026-05-01", until_date="2026-05-28",
        only=pb.DayFilter(weekdays=[6, 7], day_kinds=[pb.DAY_KIND_HOLIDAY], rain=[pb.RAIN_DRY]),
    )  # fmt: skip
    assert answer.json
    assert answer.json["question"] == {
        "measure": "pages", "by": "language_asked", "then_by": "weekday", "compare": None,
        "from": "2026-05-01", "until": "2026-05-28", "weekday": [6, 7], "kind": ["holiday"],
        "rain": ["dry"],
    }  # fmt: skip


def test_every_figure_has_its_ends_its_days_its_source_and_the_rules(
    staff: FlaskClient, services: Services
) -> None:
    services.found.as_of_time.FromJsonString("2026-05-29T03:00:00Z")
    found = staff.get(f"{QUERY}?by=language_asked&{SPAN}&locale=en").json
    assert found
    german, japanese, _english = found["rows"]
    assert german["name"] == "German"
    assert german["figure"] == {
        "low": 0, "high": 40, "exact": False, "day_count": 28, "told_day_count": 28,
    }  # fmt: skip
    assert japanese["figure"]["exact"]
    assert found["whole"]["low"] == 3_440
    assert found["other"] is None
    assert found["source"] == {
        "service": "multilingual",
        "method": "Stop pages opened by QR code or link; not a number of people.",
        "begin_date": "2026-01-01", "as_of_time": "2026-05-29T12:00:00+09:00", "demo": False,
    }  # fmt: skip
    assert found["privacy"] == {
        "suppression_k": 10, "least_shops": 3, "most_share_percent": 70, "noise_added": False,
    }  # fmt: skip


def test_sales_of_too_few_shops_are_null_and_not_nothing(
    staff: FlaskClient, services: Services
) -> None:
    services.found = languages()
    services.found.whole.CopyFrom(cell(0, 0, 28, 0))
    services.found.rows[0].other.CopyFrom(cell(5, 5, 28, 20))
    found = staff.get(f"{QUERY}?measure=takings&compare=year_before&{SPAN}").json
    assert found
    assert (found["whole"]["low"], found["whole"]["high"], found["whole"]["exact"]) == (
        None, None, False,
    )  # fmt: skip
    assert found["whole"]["told_day_count"] == 0
    assert found["rows"][0]["other"]["told_day_count"] == 20
    assert found["source"]["service"] == "payments"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("measure=people", "measure"), ("measure=precipitation", "measure"), ("by=nothing", "by"),
        ("measure=pages&by=origin", "by"), ("then_by=hour", "then_by"), ("by=7", "by"),
        ("compare=yesterday", "compare"), ("kind=sunday", "kind"), ("rain=wet", "rain"),
        ("weekday=8", "weekday"), ("from=2026-02-30", "from"), ("until=soon", "until"),
        ("from=2026-05-02&until=2026-05-01", "until"),
        ("from=2020-01-01&until=2026-01-01", "until"),
        ("by=month&then_by=month", "then_by"), ("compare=year_before&by=day", "compare"),
        ("weekdays=6", "weekdays"), ("area=demo", "area"), ("second=entries", "second"),
        ("from=2026-05-01&from=2026-05-02", "from"), ("measure=pages&measure=plans", "measure"),
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_is_refused_and_nothing_else_answered(
    staff: FlaskClient, services: Services, asked: str, field: str
) -> None:
    answer = staff.get(f"{QUERY}?{asked}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json
    assert field in [each["field"] for each in answer.json["errors"]]
    assert services.asked == []


def test_who_knows_the_answer_already_is_told_so(staff: FlaskClient) -> None:
    first = staff.get(f"{QUERY}?{SPAN}")
    again = staff.get(f"{QUERY}?{SPAN}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_two_measures_come_with_their_intervals(staff: FlaskClient, services: Services) -> None:
    services.together = pb.RelateResponse(
        days=[pb.RelatedDay(date="2026-05-01", first=10, second=25)],
        all_days=pb.Correlation(together=pb.TOGETHER_FALL, value=-0.5, low=-0.7, high=-0.2,
                                effective_day_count=41.5),
        left_out_count=3,
    )  # fmt: skip
    found = staff.get(f"{QUERY}/together?measure=entries&second=precipitation&{SPAN}").json
    assert found
    (asked,) = services.asked
    assert (asked.first, asked.second) == (
        pb.QUERY_MEASURE_ENTRIES, pb.QUERY_MEASURE_PRECIPITATION,
    )  # fmt: skip
    assert found["all_days"] == {
        "together": "fall", "value": -0.5, "low": -0.7, "high": -0.2, "effective_day_count": 41.5,
    }  # fmt: skip
    assert found["within_kinds"]["together"] == "too_few_days"
    assert found["within_kinds"]["value"] is None
    assert (found["day_count"], found["left_out_count"]) == (1, 3)
    assert found["source"] == {"measure": "payments", "second": "import"}
    assert found["days"] == [{"date": "2026-05-01", "measure": 10, "second": 25}]
    refused = staff.get(f"{QUERY}/together?measure=pages&by=origin")
    assert refused.status_code == 400
    assert refused.json
    assert [each["field"] for each in refused.json["errors"]] == ["by"]


def test_a_measure_is_not_held_against_itself(staff: FlaskClient, services: Services) -> None:
    refused = staff.get(f"{QUERY}/together?measure=entries&second=entries")
    assert refused.status_code == 400
    assert refused.json
    assert [each["field"] for each in refused.json["errors"]] == ["second"]
    number = pb.QUERY_MEASURE_ENTRIES
    page = staff.get(f"/insights/query/together?measure={number}&second={number}&locale=en")
    assert page.status_code == 400
    assert "Choose another figure than the first one." in page.text
    assert services.asked == []
    assert staff.get(f"/insights/query/together?measure={number}").status_code == 200
    assert [asked.second for asked in services.asked] == [pb.QUERY_MEASURE_PAGES]


def test_all_that_can_be_asked_has_a_word_and_is_described() -> None:
    assert set(api.MEASURES.values()) == set(words.MEASURES) == set(api.OWNERS)
    assert set(api.BY.values()) == set(pb.QueryBy.values()) - {0}
    described = {each["name"]: each["schema"] for each in ASK}
    assert described["by"]["enum"] == list(api.BY)
    assert set(described) == {
        "measure", "by", "then_by", "compare", "from", "until", "weekday", "kind", "rain",
    }  # fmt: skip
    assert {each["name"] for each in RELATE} >= {"measure", "second"}
    assert set(described) | {"locale"} == api.ASKS
    assert {each["name"] for each in RELATE} | {"locale"} == api.RELATES


@pytest.mark.parametrize("path", [
    "days?until=null", "days?from=2026-11-01&from=2026-11-02", "days?until=", "agreement?until=x",
    "visitors/dwell?span=decade", "visitors/dwell?span=day&span=week", "visitors/presence?on=never",
])  # fmt: skip
def test_what_a_program_asks_for_in_vain_is_told(staff: FlaskClient, path: str) -> None:
    answer = staff.get(f"/api/v1/insights/{path}")
    assert (answer.status_code, answer.get_json()["reason"]) == (400, "invalid_fields")
    assert answer.get_json()["errors"][0]["field"] == path.partition("?")[2].partition("=")[0]
