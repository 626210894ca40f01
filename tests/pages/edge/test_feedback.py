"""Ratings and the survey: with a script and without one, and pages that stay the same for all."""

import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import feedback_service_pb2 as pb
from services.edge import cookies, prefectures
from services.edge.parts import Parts
from services.multilingual.domain.first_questions import FIRST_QUESTIONS
from services.multilingual.domain.survey import PREFECTURES
from tests.pages.edge.fakes import LOCALES, FakeServices

ID = "7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d11"
RATING = {"rating_id": ID, "stop_code": "8WXC3", "locale": "en", "face": "poor",
          "reasons": ["hard", "sound"], "change": 2}  # fmt: skip
SURVEY = {"survey_id": ID, "locale": "en", "answers": {"country": "KR", "party": "alone"}}
OWN = {"Origin": "http://localhost"}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def test_ratings_are_handed_on_and_the_same_body_is_the_same_request(
    browser: FlaskClient, services: FakeServices
) -> None:
    for _ in range(2):
        answer = browser.post("/api/v1/ratings", json={"ratings": [RATING]})
        assert answer.get_json() == {"recorded": 1, "repeated": 0, "rejected": []}
    first, second = services.called("RecordRatings")
    assert first.request_id == second.request_id
    [rating] = first.ratings
    assert (rating.face, rating.change) == (pb.FACE_POOR, 2)
    assert rating.reasons == [pb.RATING_REASON_HARD, pb.RATING_REASON_SOUND]


def test_surveys_are_handed_on_and_refusals_are_told(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.answers["RecordReplies"] = lambda _: pb.RecordRepliesResponse(
        rejected=[pb.RejectedAnswer(answer_id=ID, reason="OPTION_UNKNOWN")]
    )
    answer = browser.post("/api/v1/surveys", json={"surveys": [SURVEY]})
    assert answer.get_json()["rejected"] == [{"survey_id": ID, "reason": "option_unknown"}]
    [reply] = services.called("RecordReplies")[0].replies
    assert {(each.question_id, each.option_id) for each in reply.answers} == {
        ("country", "KR"), ("party", "alone"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("ratings", {}, "ratings"),
        ("ratings", {"ratings": [RATING] * 101}, "ratings"),
        ("ratings", {"ratings": ["x"]}, "ratings[0]"),
        ("ratings", {"ratings": [RATING, {**RATING, "face": "angry"}]}, "ratings[1].face"),
        ("ratings", {"ratings": [{**RATING, "face": ["good"]}]}, "ratings[0].face"),
        ("ratings", {"ratings": [{**RATING, "reasons": ["my name is"]}]}, "ratings[0].reasons"),
        ("ratings", {"ratings": [{**RATING, "reasons": [{}]}]}, "ratings[0].reasons"),
        ("ratings", {"ratings": [{**RATING, "change": 0}]}, "ratings[0].change"),
        ("ratings", {"ratings": [{**RATING, "change": True}]}, "ratings[0].change"),
        ("ratings", {"ratings": [{**RATING, "rating_id": ""}]}, "ratings[0].rating_id"),
        ("ratings", {"ratings": [{**RATING, "locale": 3}]}, "ratings[0].locale"),
        ("ratings", {"ratings": [{**RATING, "rating_time": "noon"}]}, "ratings[0].rating_time"),
        ("surveys", {"surveys": []}, "surveys"),
        ("surveys", {"surveys": [{**SURVEY, "answers": []}]}, "surveys[0].answers"),
        ("surveys", {"surveys": [{**SURVEY, "answers": {}}]}, "surveys[0].answers"),
        ("surveys", {"surveys": [{**SURVEY, "answers": {"a": 1}}]}, "surveys[0].answers"),
        ("surveys", {"surveys": [{**SURVEY, "answers": {"a": "b" * 41}}]}, "surveys[0].answers"),
        ("surveys", {"surveys": [{**SURVEY, "survey_id": ""}]}, "surveys[0].survey_id"),
    ],
)
def test_bad_batches_change_nothing(
    browser: FlaskClient, services: FakeServices, path: str, body: Any, field: str
) -> None:
    answer = browser.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["reason"] == "invalid_fields"
    assert [each["field"] for each in answer.get_json()["errors"]] == [field]
    assert not services.called("RecordRatings") + services.called("RecordReplies")


@pytest.mark.parametrize(
    "path", ["/api/v1/ratings", "/api/v1/surveys", "/survey", "/g/8WXC3/rating"]
)
def test_forms_of_another_site_are_refused(browser: FlaskClient, path: str) -> None:
    answer = browser.post(path, json={}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_a_stop_page_offers_three_faces_and_is_the_same_for_everybody(
    browser: FlaskClient, parts: Parts
) -> None:
    page = browser.get("/g/8WXC3", headers={"Accept-Language": "en"}).text
    assert re.findall(r'name="face" value="(\w+)"', page) == ["good", "fair", "poor"]
    assert parts.ready.get("mine", "8WXC3", "en") is not None
    assert page == browser.get("/g/8WXC3", headers={"Accept-Language": "en"}).text
    assert "rating_id" not in page


def test_without_a_script_a_face_leads_to_a_page_with_an_id_that_counts_once(
    browser: FlaskClient, services: FakeServices
) -> None:
    answer = browser.get("/g/8WXC3/rating?face=poor")
    assert answer.headers["Cache-Control"] == "no-store"
    assert services.called("RecordRatings") == []  # a link changes nothing
    assert re.search(r'value="poor" checked', answer.text)
    rating_id = hidden(answer.text, "rating_id")
    assert UUID(rating_id).version == 4  # at random: no time is in it
    form = {"rating_id": rating_id, "change": hidden(answer.text, "change"), "in": "en",
            "face": "poor", "reason": ["hard"]}  # fmt: skip
    pages = [browser.post("/g/8WXC3/rating", data=form, headers=OWN) for _ in range(2)]
    first, second = services.called("RecordRatings")
    assert first.ratings == second.ratings  # sent twice, the guide takes it once
    assert first.ratings[0].reasons == [pb.RATING_REASON_HARD]
    changed = {**form, "change": hidden(pages[0].text, "change"), "face": "withdrawn"}
    assert changed["change"] == "2"
    assert hidden(pages[0].text, "rating_id") == rating_id
    browser.post("/g/8WXC3/rating", data=changed, headers=OWN)
    [last] = services.called("RecordRatings")[-1].ratings
    assert (last.rating_id, last.face, list(last.reasons)) == (rating_id, pb.FACE_WITHDRAWN, [])


def test_a_rating_form_that_is_wrong_changes_nothing(
    browser: FlaskClient, services: FakeServices
) -> None:
    form = {"rating_id": ID, "change": "1", "in": "en", "face": "good"}
    for wrong in ({**form, "rating_id": "me"}, {**form, "face": "poor", "reason": "rude words"}):
        assert browser.post("/g/8WXC3/rating", data=wrong, headers=OWN).status_code == 400
    none = browser.post("/g/8WXC3/rating", data={**form, "face": ""}, headers=OWN)
    assert "Choose one of the faces." in none.text
    assert services.called("RecordRatings") == []
    services.answers["RecordRatings"] = lambda _: pb.RecordRatingsResponse(
        rejected=[pb.RejectedAnswer(answer_id=ID, reason="CHANGE_INVALID")]
    )
    assert browser.post("/g/8WXC3/rating", data=form, headers=OWN).status_code == 400
    assert browser.get("/g/8WXC4/rating?face=good").status_code == 404


def test_the_survey_is_a_form_in_which_everything_may_be_left_out(
    browser: FlaskClient, services: FakeServices
) -> None:
    answer = browser.get("/survey", headers={"Accept-Language": "en"})
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.text
    assert len(re.findall(r'value="" checked', page)) == 2
    for name in ("Japan", "Hong Kong", "Another country", "Yamaguchi", "Alone"):
        assert f">{name}<" in page
    assert page.count("Machine translated") == 1
    form = {"survey_id": hidden(page, "survey_id"), "q-country": "JP", "q-prefecture": "JP-35",
            "q-party": ""}  # fmt: skip
    done = browser.post("/survey", data=form, headers=OWN)
    assert "Thank you." in done.text
    [reply] = services.called("RecordReplies")[0].replies
    assert reply.reply_id == form["survey_id"]
    assert {each.question_id: each.option_id for each in reply.answers} == {
        "country": "JP", "prefecture": "JP-35",
    }  # fmt: skip


def test_whoever_leaves_everything_out_is_thanked_and_counted_nowhere(
    browser: FlaskClient, services: FakeServices
) -> None:
    done = browser.post("/survey", data={"survey_id": ID, "q-party": ""}, headers=OWN)
    assert done.status_code == 200
    assert services.called("RecordReplies") == []
    assert browser.post("/survey", data={"q-party": "alone"}, headers=OWN).status_code == 400


@pytest.mark.parametrize("way", ["/survey", "/survey/no"])
def test_the_survey_is_offered_once_and_its_cookie_says_nothing(
    browser: FlaskClient, way: str
) -> None:
    assert "data-offer" in browser.get("/pack").text
    answer = browser.post(way, data={"survey_id": ID}, headers=OWN)
    [cookie] = [
        each for each in answer.headers.getlist("Set-Cookie") if cookies.SURVEY.name in each
    ]
    assert cookie.startswith(f"{cookies.SURVEY.name}=1;")
    assert "data-offer" not in browser.get("/pack").text


@pytest.mark.parametrize("name", [cookies.SURVEY.name, f"__Host-{cookies.SURVEY.name}"])
def test_who_answered_before_the_name_changed_is_not_asked_again(
    browser: FlaskClient, name: str
) -> None:
    browser.set_cookie(name, "1", domain="guide.example.jp", secure=True)
    answer = browser.get("/pack", base_url="https://guide.example.jp")
    assert (answer.status_code, "data-offer" in answer.text) == (200, False)


def test_the_pack_holds_the_survey_without_an_id(browser: FlaskClient) -> None:
    document = browser.get("/packs/mine/en/manifest.json").get_json()
    [entry] = [each for each in document["files"] if each["path"] == "/survey"]
    page = browser.get(f"/packs/mine/en/files/{entry['sha256']}").text
    assert hidden(page, "survey_id") == ""
    assert "visitor/survey.js" in page


def test_every_option_of_the_first_survey_has_a_name_in_every_language(
    browser: FlaskClient, services: FakeServices
) -> None:
    kinds = {
        1: pb.QUESTION_KIND_CHOICE,
        2: pb.QUESTION_KIND_COUNTRY,
        3: pb.QUESTION_KIND_PREFECTURE,
    }
    asked = [
        pb.Question(
            question_id=each.question_id, kind=kinds[each.kind],
            options=[pb.QuestionOption(option_id=option.option_id) for option in each.options],
        )
        for each in FIRST_QUESTIONS if each.kind != 1
    ]  # fmt: skip
    services.answers["ReadSurvey"] = lambda _: pb.ReadSurveyResponse(questions=asked)
    for locale in LOCALES:
        page = browser.get(f"/survey?locale={locale}").text
        labels = re.findall(r'name="q-country" value="([A-Z]{2})">([^<]+)<', page)
        assert len(labels) == 16
        assert all(name != code for code, name in labels), locale
    assert set(prefectures.BY_CODE) == set(PREFECTURES)
    assert prefectures.name("JP-35", "zh-Hant") == "山口県"
    assert prefectures.name("JP-35", "th") == "Yamaguchi"


def test_a_change_of_absurd_length_is_no_malfunction(browser: FlaskClient) -> None:
    told = {"rating_id": ID, "face": "poor", "in": "en", "change": "9" * 5000}
    answer = browser.post("/g/8WXC3/rating", data=told, headers={"Origin": "http://localhost"})
    assert answer.status_code < 500
