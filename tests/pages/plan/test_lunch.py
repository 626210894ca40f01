"""Lunch in the form, on the page of a day, in the calendar and for programs."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.itinerary.domain.poi import Category
from services.itinerary.domain.trip import LunchWish
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_api import BODY, PATH, check
from tests.pages.plan.test_changing import tap
from tests.pages.plan.test_pages import ENGLISH, WISHES, page_of
from tests.pages.plan.test_take_along import GPX, events
from tests.unit.itinerary.samples import place, poi

BRING = "Bring something to eat."


def lunch_of(planner: Planner) -> LunchWish | None:
    return planner.kept[PLAN_ID].itinerary.plan.trip.lunch


@pytest.fixture
def inn(planner: Planner) -> str:
    """Noodles beside the cave."""
    planner.known.pois["inn"] = poi("inn", category=Category.FOOD)  # type: ignore[index]
    planner.known.places["inn"] = place("inn", 0.5)  # type: ignore[index]
    return "inn"


def test_the_form_proposes_a_lunch_and_a_day_after_noon_has_none(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = visitor.get("/plan", headers=ENGLISH).text
    assert 'name="lunch" value="yes" checked' in text
    assert 'name="lunch_from" type="time" value="11:00"' in text
    usual = {"lunch": "yes", "lunch_from": "11:00", "lunch_until": "14:00"}
    page_of(visitor, **usual)
    assert lunch_of(planner) == LunchWish()
    page_of(visitor, **usual, start_time="13:00")
    assert lunch_of(planner) is None


@pytest.mark.usefixtures("inn")
def test_the_place_of_the_lunch_says_so(visitor: FlaskClient) -> None:
    text = page_of(visitor)
    assert text.count("<li>Your lunch</li>") == 1
    assert BRING not in text


def test_without_a_place_to_eat_a_break_says_to_bring_something(visitor: FlaskClient) -> None:
    text = page_of(visitor)
    assert text.count("Break for lunch, 40 min") == 1
    assert f"We know of no place to eat that is open then and fits into this day. {BRING}" in text
    [event] = [event for event in events(visitor) if "-lunch@" in str(event["uid"])]
    assert str(event["summary"]) == "Break for lunch, 40 min"
    assert (event["dtend"].dt - event["dtstart"].dt).seconds == 2400
    assert BRING in str(event["description"])
    assert BRING in visitor.get(GPX, headers=ENGLISH).text


def test_a_window_of_ones_own_comes_back_in_the_form(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, lunch="yes", lunch_from="12:00", lunch_until="13:00")
    assert lunch_of(planner) == LunchWish(720, 780)
    again = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="lunch_from" type="time" value="12:00"' in again
    page_of(visitor, lunch="no", lunch_from="12:00", lunch_until="13:00")
    assert lunch_of(planner) is None
    again = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="lunch" value="no" checked' in again


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [("12:00", "12:20", "Lunch needs half an hour or more."),
     ("noon", "13:00", "Enter a time such as 09:30."), ("", "13:00", "Enter a time such as")],
)  # fmt: skip
def test_a_window_nobody_could_eat_in_is_told(
    visitor: FlaskClient, begin: str, end: str, said: str
) -> None:
    form = {**WISHES, "lunch": "yes", "lunch_from": begin, "lunch_until": end}
    answer = visitor.post("/plan", data=form, headers=ENGLISH)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_lunch_that_cannot_be_is_told_with_what_to_do(visitor: FlaskClient) -> None:
    text = page_of(visitor, lunch_from="20:00", lunch_until="21:00")
    assert "No lunch fits between the times you gave" in text
    assert "Choose other times for lunch" in text


def test_one_tap_takes_the_lunch_out_and_puts_it_back(
    visitor: FlaskClient, planner: Planner
) -> None:
    assert 'value="no_lunch"' in page_of(visitor)
    text = tap(visitor, "no_lunch", "")
    assert lunch_of(planner) is None
    assert "Break for lunch" not in text
    assert "Break for lunch" in tap(visitor, "lunch", "", 2)
    assert lunch_of(planner) == LunchWish()


def test_an_evening_is_offered_no_lunch(visitor: FlaskClient) -> None:
    text = page_of(visitor, start_time="14:00", end_time="20:00")
    assert 'value="lunch"' not in text.split('class="plan-tune')[1]
    assert 'value="no_lunch"' not in text


@pytest.mark.usefixtures("inn")
@pytest.mark.parametrize(
    ("asked", "kept"),
    [({}, {"from": "11:00", "until": "14:00"}), ({"lunch": False}, False),
     ({"lunch": True}, {"from": "11:00", "until": "14:00"}),
     ({"lunch": {"from": "12:00", "until": "12:45"}}, {"from": "12:00", "until": "12:45"})],
)  # fmt: skip
def test_programs_ask_for_a_lunch_and_read_where_it_is(
    visitor: FlaskClient, asked: dict[str, Any], kept: Any
) -> None:
    check("TripRequest", {**BODY, **asked})
    plan = visitor.post(PATH, json={**BODY, **asked}).json
    assert plan
    check("Itinerary", plan)
    assert plan["trip"]["lunch"] == kept
    lunches = [
        visit["poi_id"] for visit in plan["visits"]
        if any(reason["why"] == "lunch" for reason in visit["reasons"])
    ]  # fmt: skip
    assert lunches == (["inn"] if kept else [])
    assert all(visit["pause_minutes"] == 0 for visit in plan["visits"])


@pytest.mark.parametrize("wrong", [5, "yes", {"from": "12:00"}, {"from": "12:00", "until": 13}])
def test_a_lunch_that_is_none_is_refused(visitor: FlaskClient, wrong: Any) -> None:
    answer = visitor.post(PATH, json={**BODY, "lunch": wrong})
    assert answer.status_code == 400
    assert answer.json
    assert [each["field"] for each in answer.json["errors"]] == ["lunch"]
