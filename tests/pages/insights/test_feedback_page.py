"""What visitors said, as marketing staff read it: least liked first, small figures withheld."""

import re

import grpc
from flask.testing import FlaskClient

from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.multilingual.v1 import feedback_service_pb2 as feedback_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from tests.pages.edge.fakes import Failure
from tests.pages.insights.test_pages import Services, app, backstage, browser, cell, services

__all__ = ["app", "backstage", "browser", "services"]
EN = {"Accept-Language": "en"}


def rows(page: str) -> list[str]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    plain = [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")]
    return [" ".join(row.split()) for row in plain if row.strip()]


def test_the_least_liked_text_stands_first_with_its_reasons(browser: FlaskClient) -> None:
    page = browser.get("/insights/feedback?month=2026-05", headers=EN).text
    assert "<p>May 2026" in page
    first, second, third = rows(page)
    assert first == "百枚皿 Chinese (Traditional) 20 few Hard to understand"
    assert second == "百枚皿 Other languages 10 most"
    assert third == "百枚皿 Japanese 30 nearly all"
    assert page.count("badge--warn") == 1
    assert "nobody’s own rating can be worked out" in page


def test_questions_come_in_the_order_and_words_of_the_survey(browser: FlaskClient) -> None:
    page = browser.get("/insights/feedback", headers=EN).text
    for words in ("Japan", "Yamaguchi", "Alone", "of 40 surveys", "About how many"):
        assert words in page
    assert page.index("Japan</th>") < page.index("Yamaguchi") < page.index("Alone")
    assert "shoal" in page  # an option the survey no longer knows keeps its id
    assert 'month=2026-04"' in page
    assert 'month=2026-06"' in page


def test_the_page_says_how_replies_are_counted(browser: FlaskClient) -> None:
    page = browser.get("/insights/feedback", headers=EN).text
    assert "Told in whole groups of 10 surveys" in page
    assert "nobody’s own answers can be worked out" in page


def test_words_are_those_of_the_reader_and_not_of_the_first_one(browser: FlaskClient) -> None:
    for language, words in (("ja", "出どころ: 案内"), ("en", "Source: Guide"), ("ja", "案内")):
        page = browser.get("/insights/feedback", headers={"Accept-Language": language}).text
        assert words in page


def test_a_question_of_which_nothing_is_told_says_so(
    browser: FlaskClient, services: Services
) -> None:
    services.answers["ReadFeedback"] = lambda _: pb.ReadFeedbackResponse(
        month="2026-05", reply_count=10, suppression_k=10
    )
    page = browser.get("/insights/feedback", headers=EN).text
    assert page.count("No answer has been chosen often enough") == page.count("<h3>") > 1


def test_questions_no_longer_asked_keep_their_words(
    browser: FlaskClient, services: Services
) -> None:
    """Their ids, such as `prefecture`, say nothing to anybody in Korea."""
    asked: list[feedback_pb.ReadSurveyRequest] = []

    def survey(request: feedback_pb.ReadSurveyRequest) -> feedback_pb.ReadSurveyResponse:
        asked.append(request)
        words = {"party": "누구와 오셨나요?", "prefecture": "도도부현", "country": "어디 사세요?"}
        kinds = {"prefecture": 3, "country": 2}
        return feedback_pb.ReadSurveyResponse(questions=[
            feedback_pb.Question(
                question_id=key, kind=kinds.get(key, 1),  # type: ignore[arg-type]
                label=guide_pb.LocalizedText(text=text), not_asked=key != "party",
            )
            for key, text in words.items()
        ])  # fmt: skip

    services.answers["ReadSurvey"] = survey
    page = browser.get("/insights/feedback", headers={"Accept-Language": "ko"}).text
    assert asked[0].include_not_asked
    for words in ("도도부현", "어디 사세요?", "일본", "더 이상 묻지 않음"):
        assert words in page
    assert ">prefecture" not in page
    assert "JP" not in page[page.index("<h3>") :]


def test_figures_are_shown_while_the_guide_is_away(
    browser: FlaskClient, services: Services
) -> None:
    services.away.add("multilingual")
    page = browser.get("/insights/feedback", headers=EN).text
    for words in ("Who came together", "Where visitors live", "Japan", "Yamaguchi"):
        assert words in page
    assert "The guide does not answer just now" in page


def test_an_empty_month_says_what_to_do(browser: FlaskClient, services: Services) -> None:
    services.answers["ReadFeedback"] = lambda _: pb.ReadFeedbackResponse(
        month="2026-11", ratings_withheld=True, suppression_k=10
    )
    page = browser.get("/insights/feedback", headers=EN).text
    assert "fewer than 10" in page
    assert "No 10 surveys have been filled in this month yet" in page
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


def test_languages_nothing_is_read_in_are_one_line_in_words(
    browser: FlaskClient, services: Services
) -> None:
    line = pb.Breakdown(cells=[cell("other", 12)], n=12, suppression_k=10)
    services.day.scans.by_locale_asked.CopyFrom(line)
    page = browser.get("/insights?locale=ko").text
    assert "그 밖의 언어" in page
    assert ">other<" not in page
