"""What visitors said, as marketing staff read it: least liked first, small figures withheld."""

import re

import grpc
from flask.testing import FlaskClient

from meguri.insights.v1 import insights_service_pb2 as pb
from tests.pages.edge.fakes import Failure
from tests.pages.insights.test_pages import Services, app, backstage, browser, services

__all__ = ["app", "backstage", "browser", "services"]
EN = {"Accept-Language": "en"}


def rows(page: str) -> list[str]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    plain = [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")]
    return [" ".join(row.split()) for row in plain if row.strip()]


def test_the_least_liked_text_stands_first_with_its_reasons(browser: FlaskClient) -> None:
    page = browser.get("/insights/feedback?month=2026-05", headers=EN).text
    first, second, third = rows(page)
    assert first == "百枚皿 Chinese (Traditional) 20 few Hard to understand"
    assert second == "百枚皿 Other languages 10 most"
    assert third == "百枚皿 Japanese 30 nearly all"
    assert page.count("badge--warn") == 1
    assert "nobody’s own rating can be worked out" in page


def test_questions_come_in_the_order_and_words_of_the_survey(browser: FlaskClient) -> None:
    page = browser.get("/insights/feedback", headers=EN).text
    for words in ("Japan", "Yamaguchi", "Alone", "Shown from 10 answers on."):
        assert words in page
    assert page.index("South Korea") < page.index("Yamaguchi") < page.index("Alone")
    assert "shoal" in page  # an option the survey no longer knows keeps its id
    assert 'month=2026-04"' in page
    assert 'month=2026-06"' in page


def test_figures_are_shown_while_the_guide_is_away(
    browser: FlaskClient, services: Services
) -> None:
    services.away.add("multilingual")
    page = browser.get("/insights/feedback", headers=EN).text
    assert "<h2>party</h2>" in page


def test_an_empty_month_says_what_to_do(browser: FlaskClient, services: Services) -> None:
    services.answers["ReadFeedback"] = lambda _: pb.ReadFeedbackResponse(
        month="2026-11", ratings_withheld=True, suppression_k=10
    )
    page = browser.get("/insights/feedback", headers=EN).text
    assert "fewer than 10" in page
    assert "No survey was filled in this month" in page
    answer = browser.get("/api/v1/insights/feedback").get_json()
    assert answer["rating_count"] is None  # a 0 would look like a count
    assert answer["reply_count"] == 0


def test_programs_get_words_and_no_share(browser: FlaskClient) -> None:
    found = browser.get("/api/v1/insights/feedback").get_json()
    chinese = found["stops"][0]["languages"][0]
    assert (chinese["count"], chinese["liking"]) == (20, pb.LIKING_FEW)
    assert [each["value"] for each in chinese["reasons"]] == ["hard"]
    assert found["rating_count"] == 60
    assert "tenths" not in str(found)


def test_a_month_that_is_none_is_refused(browser: FlaskClient, services: Services) -> None:
    def refuse(_: object) -> pb.ReadFeedbackResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")

    services.answers["ReadFeedback"] = refuse
    assert browser.get("/api/v1/insights/feedback?month=May").status_code == 400
