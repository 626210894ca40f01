"""The form and the page of a day."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import words
from services.itinerary.domain.plan import Effect
from services.itinerary.domain.roads import Roads, RoadWay
from tests.pages.edge.fakes import closure
from tests.pages.plan.conftest import PLAN_ID, Planner

ENGLISH = {"Accept-Language": "en"}
WISHES = {
    "visit_date": "2026-11-21", "start_time": "09:00", "end_time": "17:00", "mode": "car",
    "start": "akiyoshido-main", "end": "", "pace": "normal", "adults": "2", "junior_high": "0",
    "children": "1", "infants": "0", "budget_yen": "", "request_id": "form-1-of-this-test",
}  # fmt: skip


def page_of(visitor: FlaskClient, language: str = "en", **wishes: Any) -> str:
    answer = visitor.post("/plan", data={**WISHES, **wishes}, headers=ENGLISH)
    assert answer.status_code == 303, answer.text
    assert answer.location == f"/plan/{PLAN_ID}"
    return visitor.get(answer.location, headers={"Accept-Language": language}).text


def test_the_form_opens_with_sensible_entries(visitor: FlaskClient) -> None:
    text = visitor.get("/plan", headers=ENGLISH).text
    assert re.search(r'name="visit_date" type="date" value="\d{4}-\d\d-\d\d"', text)
    assert '<option value="akiyoshido-main" lang="ja" selected>' in text
    assert 'name="mode" value="car" checked' in text
    assert "≈" in text.split('value="bath"')[1][:40]
    assert "<script>" not in text


def test_fees_say_for_whom_they_are(visitor: FlaskClient) -> None:
    text = page_of(visitor, interest="nature")
    said = re.sub(r"\s+", " ", text.split('plan-sums__who">')[1].split("</small>")[0])
    assert said == "Adults 2 · Primary school 1"


def test_form_and_day_tell_what_is_closed(visitor: FlaskClient, planner: Planner) -> None:
    closures = visitor.application.extensions["meguri"].closures
    planner.closures = [closure("flood")]
    closures.forget("mine")
    for text in (visitor.get("/plan", headers=ENGLISH).text, page_of(visitor)):
        assert text.count("Kurotani gate is closed") == 1
        assert "High water" in text
    closures.forget("mine")  # the application is shared


def test_an_area_without_places_says_what_is_missing(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.known.pois.clear()  # type: ignore[attr-defined]
    text = visitor.get("/plan", headers=ENGLISH).text
    assert "No places to plan with yet" in text
    assert "Make my day" not in text


def test_a_place_can_be_wished_for_by_the_address(visitor: FlaskClient) -> None:
    text = visitor.get("/plan?must=pond", headers=ENGLISH).text
    assert 'name="must" value="pond" checked' in text


def test_a_day_is_told_from_start_to_end(visitor: FlaskClient) -> None:
    text = page_of(visitor, interest="nature")
    assert "Saturday, November 21, 2026" in text
    assert text.count('class="plan-stop') == 3
    for said in ("Benten Pond", "¥3,300",
                 "You like: Nature", "A highlight here", "Few people know it",
                 "Fee not known", "Ask before you go", 'href="tel:+81839620332"', "≈",
                 "Closed on this day.", "At weekends", "more minutes"):  # fmt: skip
        assert said in text, said
    assert 'lang="ja">akiyoshido-main</span> <small class="tongue">日本語</small>' in text
    assert '<svg class="sketch"' in text
    assert "sketch__pin--estimated" in text


def test_names_come_in_the_readers_language_or_the_nearest(visitor: FlaskClient) -> None:
    page_of(visitor)
    hant = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "zh-TW"}).text
    hans = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "zh-CN"}).text
    korean = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "ko"}).text
    assert "</span> 別府弁天池" in hant
    assert '<span lang="zh-Hant">別府弁天池</span>' in hans
    assert '<span lang="en">Benten Pond</span> <small class="tongue">English' in korean
    assert '<html lang="ko"' in korean


def test_two_taps_are_one_plan_and_a_changed_wish_is_another(
    visitor: FlaskClient, planner: Planner
) -> None:
    for wishes in ({}, {}, {"end_time": "16:00"}):
        page_of(visitor, **wishes)
    first, second, third = (call.request_id for call in planner.called("PlanItinerary"))
    assert first == second != third


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"visit_date": ""}, "Choose a date."),
        ({"start_time": "soon"}, "Enter a time such as 09:30."),
        ({"mode": "rocket"}, "Choose one of the possibilities."),
        ({"start": ""}, "Choose a place."),
        ({"adults": "two"}, "Enter a whole number."),
        ({"adults": "0", "children": "0"}, "A party has 1 to 500 people."),
        ({"budget_yen": "-5"}, "Enter a whole number."),
        ({"interest": "quantum"}, "Choose from the list."),
        ({"must": [f"p{n}" for n in range(9)]}, "Choose at most 8."),
    ],
)
def test_a_wrong_entry_keeps_the_form_and_says_what_to_do(
    visitor: FlaskClient, planner: Planner, wishes: dict[str, Any], said: str
) -> None:
    answer = visitor.post("/plan", data={**WISHES, **wishes}, headers=ENGLISH)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert not planner.called("PlanItinerary")


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"start_time": "18:00"}, "The day ends before it starts."),
        ({"must": "museum"}, "cannot be visited on this day."),
        ({"must": "pond", "never": "pond"}, "is both a must and to be left out."),
        ({"must": "far", "end_time": "10:00"}, "cannot be visited on this day."),
        ({"must": ["akiyoshido-main", "bath"], "end_time": "14:00", "start_time": "12:40"},
         "do not both fit into this day."),
        ({"start": "bath", "mode": "foot"}, "only roughly, so we draw no walk from it."),
        ({"must": "akiyoshido-main", "budget_yen": "100"}, "cannot be visited on this day."),
    ],
)  # fmt: skip
def test_contradictions_are_told_with_what_to_do(
    visitor: FlaskClient, wishes: dict[str, Any], said: str
) -> None:
    text = page_of(visitor, **wishes)
    assert "Not everything you asked for is possible" in text
    assert said in text
    assert "Change my wishes" in text


def test_a_day_without_a_visit_says_so(visitor: FlaskClient) -> None:
    assert "No day could be made of this" in page_of(visitor, start_time="18:00")


def test_a_closure_is_shown_and_the_day_can_be_planned_around_it(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    now = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    planner.effects = (Effect("pond", "c1", "flood", now, None),)
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert "Benten Pond is closed until further notice: High water" in text
    assert "plan-stop--closed" in text
    planner.effects = (Effect("pond", "c1", "other", now, datetime(2026, 11, 21, 6, tzinfo=UTC)),)
    said = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert re.search(r"Pond is closed until November 21.{0,6}, 15:00: Closed", said)
    planner.effects = (Effect("pond", "c1", "flood", now, datetime(2026, 11, 21, 15, tzinfo=UTC)),)
    said = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert re.search("Pond is closed until the end of November 21.{0,6}: High water", said)
    planner.effects = (Effect("pond", "retired/pond", "retired", now, None),)
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert "Benten Pond is no longer offered." in text
    assert "No longer offered" in text
    answer = visitor.post(f"/plan/{PLAN_ID}/repair", data={"request_id": "repair-1"})
    assert answer.status_code == 303
    assert planner.called("RepairItinerary")[0].itinerary_id == PLAN_ID


def test_the_wishes_of_a_plan_fill_the_form_again(visitor: FlaskClient) -> None:
    page_of(visitor, must=["pond"], never=["bath"], interest="nature", start_time="10:15",
            pace="unhurried", budget_yen="9,000", children="3")  # fmt: skip
    text = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    for entry in ('value="10:15"', 'name="must" value="pond" checked', 'value="unhurried" checked',
                  'name="never" value="bath" checked', 'value="nature" checked', 'value="9000"',
                  'name="children" type="text" value="3"'):  # fmt: skip
        assert entry in text, entry


def test_an_unknown_plan_and_a_planner_away(visitor: FlaskClient, planner: Planner) -> None:
    assert visitor.get("/plan/nonsense").status_code == 404
    planner.away.add("itinerary")
    assert visitor.get("/plan").status_code == 503
    assert visitor.post("/plan", data=WISHES).status_code == 503


def test_texts_of_others_are_escaped(visitor: FlaskClient, planner: Planner) -> None:
    planner.known.places["pond"].names["en"] = '<script>alert("x")</script>'  # type: ignore[index]
    text = page_of(visitor)
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_closed_start_and_another_way_in_are_said(visitor: FlaskClient, planner: Planner) -> None:
    assert "closed place" not in page_of(visitor)
    planner.closed_ends = {"akiyoshido-main": "flood"}
    page = page_of(visitor)
    assert "Your day starts or ends at a closed place" in page
    assert page.count("is closed at that time: High water") == 1
    answer = visitor.get(f"/api/v1/itineraries/{PLAN_ID}").json
    assert answer is not None
    assert answer["start"]["closure_reason"] == "flood"
    reason = pb.InReason(why=pb.WHY_IN_OTHER_WAY_IN)
    with visitor.application.test_request_context(headers=ENGLISH):
        assert words.why_in(reason) == "Another entrance is closed"


@pytest.mark.parametrize(
    ("locale", "told"),
    [("en", "about 8.8 km"), ("vi", "khoảng 8,8 km"), ("id", "sekitar 8,8 km"),
     ("th", "ประมาณ 8.8 กม.")],
)  # fmt: skip
def test_kilometers_are_written_as_the_language_writes_them(
    visitor: FlaskClient, locale: str, told: str
) -> None:
    with visitor.application.test_request_context(), force_locale(locale):
        assert words.distance(8_800) == told
        assert words.distance(12_300) == told.replace("8.8", "12").replace("8,8", "12")


def test_the_form_of_a_kept_day_knows_what_was_changed_of_its_visits(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    form = {"version": 1, "request_id": "page-1", "poi_id": "pond"}
    visitor.post(f"/plan/{PLAN_ID}/change", data={**form, "do": "stay", "stay": "90"})
    form |= {"version": 2, "do": "fix", "start": "14:30"}
    visitor.post(f"/plan/{PLAN_ID}/change", data=form)
    text = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="wish" value="pond|90|870" checked' in text
    said = text.split("What you changed of single visits")[2]
    assert re.search(r"Benten Pond</span><small>stay 1 h 30 min[^<]*begin at 14:30</small>", said)
    page_of(visitor, wish="pond|90|870")
    [pond] = planner.kept[PLAN_ID].itinerary.plan.trip.visit_wishes
    assert (pond.poi_id, pond.stay_minutes, pond.start_minute) == ("pond", 90, 870)


def test_a_day_that_ends_after_midnight_comes_back_as_one(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, start_time="20:00", end_time="02:00")
    assert planner.kept[PLAN_ID].itinerary.plan.trip.end_minute == 1560
    text = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="end_time" type="time" value="02:00"' in text


def test_a_bus_center_that_is_also_a_sight_is_offered_once_as_a_start(
    visitor: FlaskClient, planner: Planner
) -> None:
    there = [
        directory.Place(
            place_id=name,
            names={"ja": name},
            coordinate_quality=directory.COORDINATE_QUALITY_SOURCE,
        )
        for name in ("pond", "station")
    ]
    planner.answers["ListPlaces"] = lambda _request: directory.ListPlacesResponse(places=there)
    starts = visitor.get("/plan", headers=ENGLISH).text.partition('name="start"')[2]
    starts = starts.partition("</select>")[0]
    assert (starts.count('value="pond"'), starts.count('value="station"')) == (1, 1)


def test_the_page_says_whether_its_times_come_from_roads(
    visitor: FlaskClient, planner: Planner
) -> None:
    estimated, measured = "straight distance, not from road data", "come from road data"
    text = page_of(visitor)
    assert estimated in text
    assert measured not in text
    points = [place.location.point for place in planner.known.places.values() if place.location]
    ways = {(one, other): RoadWay(300, 4000) for one in points for other in points}
    planner.known = replace(planner.known, roads=Roads(ways))
    text = page_of(visitor, request_id="on-roads")
    assert measured in text
    assert estimated not in text
