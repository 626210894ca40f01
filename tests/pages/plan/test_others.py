"""Other days beside the kept one, and taking one."""

import re

from flask.testing import FlaskClient

from services.itinerary.domain.poi import Category
from services.itinerary.domain.trip import Pace
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_bus_pages import buses
from tests.pages.plan.test_pages import ENGLISH, page_of
from tests.unit.itinerary.samples import place, poi

OTHERS, TAKE = f"/plan/{PLAN_ID}/others", f"/plan/{PLAN_ID}/take"


def visited(planner: Planner) -> list[str]:
    return [visit.poi_id for visit in planner.kept[PLAN_ID].itinerary.plan.visits]


def test_days_stand_side_by_side_with_what_is_new_in_them(
    visitor: FlaskClient, planner: Planner
) -> None:
    assert f'href="{OTHERS}"' in page_of(visitor, start_time="13:00", end_time="16:30")
    text = visitor.get(OTHERS, headers=ENGLISH).text
    assert "Your day now" in text
    assert text.count('class="card plan-choice"') >= 2
    assert "Other places" in text or "A calmer day" in text
    assert "<script" not in text


def lists(text: str) -> list[str]:
    return [part.split("</ol>")[0] for part in text.split('class="plan-list">')[1:]]


def test_each_day_says_where_its_lunch_is(visitor: FlaskClient, planner: Planner) -> None:
    planner.known.pois["inn"] = poi("inn", category=Category.FOOD)  # type: ignore[index]
    planner.known.places["inn"] = place("inn", 0.5)  # type: ignore[index]
    page_of(visitor)
    days = lists(visitor.get(OTHERS, headers=ENGLISH).text)
    assert len(days) >= 2
    for day in days:
        [marked] = [line for line in day.split("<li") if "Your lunch" in line]
        assert ">inn<" in marked
        assert "Break for lunch" not in day
    page_of(visitor, lunch="no")
    assert "Your lunch" not in visitor.get(OTHERS, headers=ENGLISH).text


def test_each_day_says_when_it_breaks_for_what_was_brought_along(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)
    days = lists(visitor.get(OTHERS, headers=ENGLISH).text)
    assert len(days) >= 2
    for day in days:
        [pause] = [line for line in day.split("<li") if "Break for lunch" in line]
        assert re.search(r"plan-list__time\">1[1-4]:\d\d<", pause)
    clock = page_of(visitor).split("plan-pause")[1].split('timeline__time">')[1].split("<")[0]
    assert f'plan-list__time">{clock}<' in days[0], "as the day itself does"


def test_one_is_taken_whole_and_taken_back(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor, start_time="13:00", end_time="16:30")
    before = visited(planner)
    text = visitor.get(OTHERS, headers=ENGLISH).text
    kind = text.split('name="kind" value="')[1].split('"')[0]
    form = {"kind": kind, "version": 1, "request_id": "page-1"}
    answer = visitor.post(TAKE, data=form, headers=ENGLISH)
    assert "Your day is changed" in visitor.get(answer.location, headers=ENGLISH).text
    assert visited(planner) != before
    visitor.post(f"/plan/{PLAN_ID}/undo", data={"version": 2, "request_id": "page-2"})
    assert visited(planner) == before


def test_an_unhurried_day_is_offered_a_fuller_one(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor, pace="unhurried", start_time="12:00", end_time="16:00")
    assert planner.kept[PLAN_ID].itinerary.plan.trip.pace is Pace.UNHURRIED
    text = visitor.get(OTHERS, headers=ENGLISH).text
    assert "A calmer day" not in text
    assert "A fuller day" in text or "There is no other day for these wishes" in text


def test_where_there_is_no_other_day_it_says_so(visitor: FlaskClient, planner: Planner) -> None:
    for poi_id in ("pond", "bath", "museum", "far"):
        del planner.known.pois[poi_id]  # type: ignore[attr-defined]
    page_of(visitor, start_time="12:00", end_time="13:30", wish="akiyoshido-main|60|740")
    text = visitor.get(OTHERS, headers=ENGLISH).text
    assert "There is no other day for these wishes" in text


def test_by_bus_days_at_other_times_stand_there_too(visitor: FlaskClient, planner: Planner) -> None:
    planner.known.places["station"] = place("station", -18)  # type: ignore[index]
    planner.buses = buses(home=4, out=2)
    page_of(visitor, mode="bus", start="station", end_time="21:00")
    text = visitor.get(OTHERS, headers=ENGLISH).text
    assert text.count('class="card plan-choice"') == 3
    assert ("The same places, longer stays." in text) == ("A calmer day" in text)


def test_what_is_not_offered_cannot_be_taken(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    assert visitor.post(TAKE, data={"kind": "9", "version": 1}).status_code == 400
    assert planner.kept[PLAN_ID].itinerary.version == 1


def test_a_second_tap_is_the_first_one(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor, start_time="12:00", end_time="16:00")
    text = visitor.get(OTHERS, headers=ENGLISH).text
    kinds = [part.split('"')[0] for part in text.split('name="kind" value="')[1:]]
    form = {"kind": kinds[-1], "version": 1, "request_id": "page-1"}
    for _ in range(2):
        answer = visitor.post(TAKE, data=form, headers=ENGLISH)
        assert answer.status_code == 303
        assert "?not=" not in answer.location
    assert planner.kept[PLAN_ID].itinerary.version == 2


def test_one_that_stood_beside_another_day_says_that_the_day_was_changed(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor, start_time="12:00", end_time="16:00")
    calm = {"kind": "2", "version": 1, "request_id": "page-1"}
    visitor.post(TAKE, data=calm, headers=ENGLISH)
    # A calm day is offered no calmer one; and the page of the other phone says more than "400".
    for form in (calm | {"request_id": "page-2"}, calm | {"kind": "1"}):
        answer = visitor.post(TAKE, data=form, headers=ENGLISH)
        assert "changed on another phone" in visitor.get(answer.location, headers=ENGLISH).text
    assert planner.kept[PLAN_ID].itinerary.version == 2
