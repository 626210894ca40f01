"""Days by cycle in the form, on the page of a day, for programs, in a calendar and on a map."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from services.itinerary.domain.heights import with_heights
from services.itinerary.domain.place import Closure, PointQuality
from services.itinerary.domain.plan import Effect
from services.itinerary.domain.poi import Category, PoiTexts
from services.itinerary.domain.roads import Roads, RoadWay
from services.itinerary.domain.trip import TravelMode, TripRequest
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_api import BODY, PATH, check
from tests.pages.plan.test_changing import tap
from tests.pages.plan.test_pages import ENGLISH, WISHES, page_of
from tests.pages.plan.test_take_along import GPX, NAMES, events
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import place, poi

PHONE = '<a class="phone-link" href="tel:+81837620115">'
NO_PLACE = "We know of no place here that rents cycles."


def trip_of(planner: Planner) -> TripRequest:
    return planner.kept[PLAN_ID].itinerary.plan.trip


def rent(planner: Planner, opening: str = "08:30-16:00", **more: Any) -> None:
    """Has a place near the cave rent cycles."""
    pois: Any = planner.known.pois
    places: Any = planner.known.places
    pois["hub"] = replace(
        poi("hub", category=Category.TRANSPORT, score=0, opening=opening, cycle_rental=True,
            phone="0837-62-0115", texts=PoiTexts(summary={"en": "Electric cycles"})),
        **more,
    )  # fmt: skip
    places["hub"] = place("hub", 0.4, quality=PointQuality.ESTIMATE, error_m=300)


def by_cycle(visitor: FlaskClient, **more: str) -> str:
    return page_of(visitor, mode="cycle", **more)


def test_the_form_offers_rented_cycles_and_ones_own(visitor: FlaskClient, planner: Planner) -> None:
    text = visitor.get("/plan", headers=ENGLISH).text
    assert 'name="mode" value="cycle">' in text
    assert 'name="own_cycle"' not in text
    assert "We know of no place here that rents cycles: bring one" in text
    rent(planner)
    by_cycle(visitor)
    text = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="mode" value="cycle" checked' in text
    assert 'name="own_cycle" value="" checked' in text
    assert PHONE in text
    by_cycle(visitor, own_cycle="1")
    assert trip_of(planner).own_cycle
    text = visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text
    assert 'name="own_cycle" value="1" checked' in text


def test_a_choice_of_cycles_is_none_of_other_days(visitor: FlaskClient, planner: Planner) -> None:
    """Whoever chose by cycle first and by car then leaves the other choice behind, unseen."""
    page_of(visitor, own_cycle="1")
    assert not trip_of(planner).own_cycle
    assert trip_of(planner).mode is TravelMode.CAR


def test_a_rented_day_says_where_until_when_and_whom_to_call(
    visitor: FlaskClient, planner: Planner
) -> None:
    rent(planner)
    text = by_cycle(visitor, children="0")
    card = text.partition('class="card plan-rental"')[2].partition("</section>")[0]
    assert ">hub</span>" in card
    for said in ("open that day 8:30–16:00", "Bring the cycle back by 16:00", "Electric cycles",
                 "Your day begins and ends there", "Ask also for the price", PHONE,
                 "Uphill a way can take longer"):  # fmt: skip
        assert said in card
    assert "Ask first" not in card
    assert "children" not in card
    assert "By cycle, ≈ " in text
    assert "#cycle" in text.partition('class="timeline__leg"')[2]
    assert "By car" not in text.partition("<main")[2]
    assert "Climbs count where we know how high both places lie" in text


def test_a_day_on_roads_says_nothing_of_hills_that_do_not_count(
    visitor: FlaskClient, planner: Planner
) -> None:
    """The engine has counted them."""
    rent(planner)
    spots = [each.location.point for each in planner.known.places.values() if each.location]
    ways = {(one, other): RoadWay(600, 2500) for one in spots for other in spots}
    planner.known = replace(planner.known, roads=Roads(ways))
    text = by_cycle(visitor)
    assert "come from road data" in text
    assert "Climbs count" not in text
    assert "Uphill a way can take longer" not in text


def test_what_is_not_sure_is_to_be_asked(visitor: FlaskClient, planner: Planner) -> None:
    rent(planner, estimated_fields=("opening",))
    assert "Its hours come from weak sources" in by_cycle(visitor, children="2")
    assert "Ask for cycles or seats for the children." in by_cycle(visitor, children="2")
    rent(planner, "")
    text = by_cycle(visitor)
    assert "We do not know its hours. Ask by when the cycle must be back." in text
    assert "Bring the cycle back by" not in text


def test_whoever_chose_the_rental_place_is_not_told_that_it_was_moved(
    visitor: FlaskClient, planner: Planner
) -> None:
    rent(planner)
    assert "Your day begins and ends there" not in by_cycle(visitor, start="hub")
    near = by_cycle(visitor)
    assert "from the start you chose" not in near
    assert "That is about 4.8 km in a straight line from the start you chose." in by_cycle(
        visitor, start="pond"
    )


def test_a_day_on_ones_own_cycle_says_nothing_of_renting(
    visitor: FlaskClient, planner: Planner
) -> None:
    assert NO_PLACE in by_cycle(visitor)
    assert NO_PLACE not in page_of(visitor)
    rent(planner)
    assert "plan-rental" not in by_cycle(visitor, own_cycle="1")


@pytest.mark.parametrize(
    ("opening", "why"),
    [("08:30-16:00; Sa off", "Closed on this day."),
     ("06:00-08:30", "Not open at a time when you could be there.")],
)  # fmt: skip
def test_a_closed_rental_place_is_told_with_what_to_do(
    visitor: FlaskClient, planner: Planner, opening: str, why: str
) -> None:
    rent(planner, opening)
    text = by_cycle(visitor)
    assert "No cycle can be rented for this day at “hub”." in text
    assert f"{why} This day is for a cycle of your own." in text
    assert "plan-rental" not in text
    assert "plan-stop" in text


def test_a_place_that_shuts_early_is_told_to_who_is_on_its_cycle(
    visitor: FlaskClient, planner: Planner
) -> None:
    rent(planner)
    by_cycle(visitor)
    kept = planner.kept[PLAN_ID]
    plan = replace(kept.itinerary.plan, conflicts=_closed(planner))
    planner.kept[PLAN_ID] = replace(kept, itinerary=replace(kept.itinerary, plan=plan))
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert "You cannot bring the cycle back to “hub” in time." in text
    assert "Call +81 837-62-0115 and ask where to leave it." in text


def _closed(planner: Planner) -> Any:
    night = datetime(2026, 11, 20, 15, tzinfo=UTC)
    shut = Closure("c", frozenset({"hub"}), "flood", night, None)
    known = planner.known
    planner.known = replace(known, closures=[shut])
    return plan_day(planner.known, trip_of(planner)).conflicts


def test_a_closure_of_the_rental_place_is_told_once(visitor: FlaskClient, planner: Planner) -> None:
    rent(planner)
    by_cycle(visitor)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    planner.effects = (Effect("hub", "c", "flood", at, None),)
    planner.closed_ends = {"hub": "flood"}
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert "hub is closed until further notice" in text
    assert "You can meet in front of it" not in text


def test_a_sight_that_rents_the_cycles_and_is_no_longer_offered_is_told_once(
    visitor: FlaskClient, planner: Planner
) -> None:
    rent(planner)
    by_cycle(visitor)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    planner.effects = tuple(Effect("hub", name, "retired", at, None) for name in ("hub", "cycles"))
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert text.count("hub is no longer offered.") == 1


def test_a_wheelchair_by_cycle_is_told(visitor: FlaskClient) -> None:
    text = by_cycle(visitor, ease="wheelchair")
    assert "A wheelchair and a day by cycle do not go together, as far as we know." in text
    assert "Go by car or by bus." in text


def test_a_leg_says_how_far_it_leads_up(visitor: FlaskClient, planner: Planner) -> None:
    pois: Any = planner.known.pois
    for name, height in (("akiyoshido-main", 90), ("museum", 240)):
        pois[name] = replace(pois[name], elevation_m=height, opening="24/7")
    known = with_heights(planner.known.places, planner.known.pois.values())
    planner.known = replace(planner.known, places=known)
    wishes = {"mode": "foot", "must": "museum", "interest": "science"}
    text = page_of(visitor, **wishes)
    assert "150 m up" in text
    assert text.count(" m up") == 1
    assert " m up" not in page_of(visitor, mode="car", must="museum")


def test_programs_get_cycles_rentals_and_climbs(visitor: FlaskClient, planner: Planner) -> None:
    rent(planner)
    answer = visitor.post(PATH, json={**BODY, "mode": "cycle"})
    assert answer.status_code == 201
    made: Any = answer.json
    check("Itinerary", made)
    assert (made["trip"]["mode"], made["trip"]["own_cycle"]) == ("cycle", False)
    assert made["rental"]["poi_id"] == "hub"
    assert made["rental"]["open"] == [{"from": "08:30", "until": "16:00"}]
    assert made["rental"]["back_by_time"] == "2026-11-21T16:00:00+09:00"
    assert made["start"]["place_id"] == made["end"]["place_id"] == "hub"
    assert {leg["climb_m"] for leg in made["legs"]} == {None}
    own: Any = visitor.post(PATH, json={**BODY, "mode": "cycle", "own_cycle": True}).json
    check("Itinerary", own)
    assert (own["trip"]["own_cycle"], own["rental"]) == (True, None)
    wrong = visitor.post(PATH, json={**BODY, "mode": "cycle", "own_cycle": "yes"})
    assert wrong.status_code == 400
    assert "own_cycle" in wrong.text


def test_a_calendar_reminds_of_the_cycle_and_a_map_has_the_place(
    visitor: FlaskClient, planner: Planner
) -> None:
    rent(planner, estimated_fields=("opening",))
    by_cycle(visitor)
    found = {
        str(e["uid"]).partition("-cycle-")[2]: e for e in events(visitor) if "-cycle-" in e["uid"]
    }
    plan = planner.kept[PLAN_ID].itinerary.plan
    assert set(found) == {"fetch@meguri", "back@meguri"}
    assert str(found["back@meguri"]["summary"]) == "Bring the cycle back by 16:00"
    begin = found["back@meguri"]["dtstart"].dt
    assert begin.hour * 60 + begin.minute == plan.finish_minute
    assert "Phone: +81 837-62-0115" in str(found["back@meguri"]["description"])
    answer = visitor.get(GPX, headers=ENGLISH)
    last = ET.fromstring(answer.data).findall("g:wpt", NAMES)[-1]  # noqa: S314 - we wrote it
    assert last.findtext("g:name", "", NAMES) == "hub"
    assert "Bring the cycle back by 16:00" in last.findtext("g:desc", "", NAMES)
    by_cycle(visitor, own_cycle="1")
    assert not [event for event in events(visitor) if "-cycle-" in event["uid"]]


def test_one_tap_keeps_the_day_a_day_by_cycle(visitor: FlaskClient, planner: Planner) -> None:
    rent(planner)
    by_cycle(visitor)
    gone = planner.kept[PLAN_ID].itinerary.plan.visits[0].poi_id
    tap(visitor, "out", gone)
    plan = planner.kept[PLAN_ID].itinerary.plan
    assert plan.trip.mode is TravelMode.CYCLE
    assert plan.rental
    assert gone not in [visit.poi_id for visit in plan.visits]


def test_several_days_are_by_cycle_too(visitor: FlaskClient, planner: Planner) -> None:
    rent(planner)
    form = {**WISHES, "mode": "cycle", "days": "2", "nights_at": "pond"}
    answer = visitor.post("/plan", data=form, headers=ENGLISH)
    assert answer.status_code == 303
    text = visitor.get(answer.location, headers=ENGLISH).text
    visits = [len(read.itinerary.plan.visits) for read in planner.kept.values()]
    assert sorted(visits) == [1, 2]
    assert text.count("Bring the cycle back by 16:00") == 2
    assert "Night" not in text.partition("plan-sojourn")[2]  # nobody sleeps where cycles are rented
    plans = [read.itinerary.plan for read in planner.kept.values()]
    assert [(plan.start.place_id, plan.end.place_id) for plan in plans] == [("hub", "hub")] * 2


def test_the_rental_place_is_named_as_people_there_read_it(
    visitor: FlaskClient, planner: Planner
) -> None:
    rent(planner)
    planner.known.places["hub"].names["en"] = "Cycle hub"  # type: ignore[index]
    text = by_cycle(visitor)
    assert '<strong>Cycle hub (<span lang="ja">hub</span>)</strong>' in text
    japanese = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "ja"}).text
    assert "Cycle hub" not in japanese
