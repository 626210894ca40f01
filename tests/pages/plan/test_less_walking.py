"""Less walking, steps and wheelchairs in the form, on the page of a day and for programs."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.itinerary.domain.paths import Ease, Paths, Slope, Steps, Wheelchair
from services.itinerary.domain.trip import TripRequest
from services.itinerary.domain.walking import WalkingWish
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_api import BODY, PATH, check
from tests.pages.plan.test_bus_pages import buses
from tests.pages.plan.test_changing import tap
from tests.pages.plan.test_pages import ENGLISH, WISHES, page_of
from tests.unit.itinerary.samples import place


def trip_of(planner: Planner) -> TripRequest:
    return planner.kept[PLAN_ID].itinerary.plan.trip


def know(planner: Planner, poi_id: str, paths: Paths) -> None:
    pois: Any = planner.known.pois
    pois[poi_id] = replace(pois[poi_id], paths=paths)


def test_the_form_proposes_limits_that_count_only_with_the_tick(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = visitor.get("/plan", headers=ENGLISH).text
    assert 'name="less_walking" value="yes">' in text
    assert 'name="walk_stretch" type="text" value="15"' in text
    limits = {"walk_stretch": "20", "walk_day": "", "ease": "gentle"}
    page_of(visitor, **limits)
    assert trip_of(planner).walking == WalkingWish()
    assert trip_of(planner).ease is Ease.GENTLE
    page_of(visitor, **limits, less_walking="yes")
    assert trip_of(planner).walking == WalkingWish(20)
    again = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="less_walking" value="yes" checked' in again
    assert 'name="walk_stretch" type="text" value="20"' in again
    assert 'name="walk_day" type="text" value=""' in again
    assert 'name="ease" value="gentle" checked' in again


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"walk_day": "much"}, "Enter a whole number."),
     ({"walk_stretch": "5"}, "At a stretch 10 to 90 minutes on foot"),
     ({"ease": "flying"}, "Choose one of the possibilities.")],
)  # fmt: skip
def test_a_limit_that_is_none_is_told(
    visitor: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    form = {**WISHES, "less_walking": "yes", **wrong}
    answer = visitor.post("/plan", data=form, headers=ENGLISH)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.fixture
def bus(planner: Planner) -> None:
    planner.known.places["station"] = place("station", -18)  # type: ignore[index]
    planner.buses = buses()


@pytest.mark.usefixtures("bus")
def test_one_tap_makes_the_day_walk_less_and_another_lets_it_be(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = page_of(visitor, mode="bus", start="station")
    assert "<dt>On foot</dt><dd>50 min</dd>" in text
    text = tap(visitor, "less_walking", "")
    assert trip_of(planner).walking == WalkingWish(None, 30)
    assert "Benten Pond" in text.split("What is not in it")[1]
    assert "It would make you walk more than you want." in text
    assert 'value="less_walking"' not in text
    text = tap(visitor, "any_walking", "", 2)
    assert trip_of(planner).walking == WalkingWish()
    assert 'value="less_walking"' in text


@pytest.mark.usefixtures("bus")
def test_a_must_that_walks_too_much_is_told_with_how_much(visitor: FlaskClient) -> None:
    text = page_of(visitor, mode="bus", start="station", must="pond", less_walking="yes",
                   walk_day="40")  # fmt: skip
    assert "Even the day with the least walking" in text
    assert "It is 10 min too much. Allow more walking" in text


def test_by_car_no_page_speaks_of_walking(visitor: FlaskClient) -> None:
    text = page_of(visitor)
    assert "<dt>On foot</dt>" not in text
    assert 'value="less_walking"' not in text


def test_what_is_known_of_steps_is_told_and_what_is_not(
    visitor: FlaskClient, planner: Planner
) -> None:
    know(planner, "akiyoshido-main", Paths(Wheelchair.PARTLY, Steps.SOME, Slope.GENTLE))
    know(planner, "bath", Paths(Wheelchair.NO, Steps.MANY, Slope.STEEP))
    told = "In a wheelchair only in part or with a helper · A few steps · Gentle slopes"
    assert told in page_of(visitor)
    text = page_of(visitor, ease="wheelchair")
    assert text.count('class="plan-stop') == 1
    missed = text.split("What is not in it")[1]
    assert "Its steps or slopes are more than you want." in missed
    assert "Nobody has recorded whether it has steps or slopes." in missed
    text = page_of(visitor, ease="wheelchair", must=["akiyoshido-main", "pond"])
    assert text.count("Nobody has recorded steps and slopes here. Ask before you go.") == 1
    assert "Not possible in a wheelchair · Many steps · Steep paths" in page_of(
        visitor, must="bath"
    )


def test_programs_ask_for_less_walking_and_easy_paths(
    visitor: FlaskClient, planner: Planner
) -> None:
    know(planner, "pond", Paths(Wheelchair.YES))
    asked = {**BODY, "walking": {"stretch_minutes": 30, "day_minutes": None}, "ease": "wheelchair"}
    check("TripRequest", asked)
    plan = visitor.post(PATH, json=asked).json
    assert plan
    check("Itinerary", plan)
    assert plan["trip"]["walking"] == asked["walking"]
    assert plan["trip"]["ease"] == "wheelchair"
    assert [(visit["poi_id"], visit["paths"]) for visit in plan["visits"]] == [
        ("pond", {"wheelchair": "yes", "steps": "unknown", "slope": "unknown"})
    ]
    assert plan["total_walk_minutes"] == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"walking": 5}, "walking"), ({"walking": {"legs": 9}}, "walking"),
     ({"walking": {"day_minutes": 601}}, "walking"),
     ({"walking": {"day_minutes": True}}, "walking"),
     ({"ease": 1}, "ease"), ({"ease": ["any"]}, "ease")],
)  # fmt: skip
def test_wishes_that_are_none_are_refused(
    visitor: FlaskClient, wrong: dict[str, Any], field: str
) -> None:
    answer = visitor.post(PATH, json={**BODY, **wrong})
    assert answer.status_code == 400
    assert answer.json
    assert [each["field"] for each in answer.json["errors"]] == [field]
