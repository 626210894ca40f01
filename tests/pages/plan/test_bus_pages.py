"""A day by bus as its page, its calendar and its JSON tell it."""

import re
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from services.itinerary.domain.transit.network import KnownWalk, Network, RunFacts, TimeBasis
from services.itinerary.domain.transit.timetable import Boarding
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_api import BODY, PATH, check
from tests.pages.plan.test_pages import ENGLISH, WISHES, page_of
from tests.pages.plan.test_take_along import events
from tests.unit.itinerary.bus_samples import line_of, network, stop_at
from tests.unit.itinerary.samples import place

SURE = RunFacts(TimeBasis.GUESSED, "", date(2026, 12, 31), "2026-11-02")


def buses(
    *, home: int = 1, facts: RunFacts = SURE, on: Boarding = Boarding.REGULAR, out: int = 1
) -> Network:
    """Station, cave, and the station again; a bus there and some home."""
    runs = [(550 + 180 * n, 585 + 180 * n) for n in range(out)]
    there = line_of(*runs, line_id="out", boarding=on)
    back = line_of(*((-1, 900 + 60 * n, 935 + 60 * n) for n in range(home)), line_id="back")
    stops = [stop_at("station"), stop_at("akiyoshido-main"), replace(stop_at("station"),
                                                                  stop_id="home")]  # fmt: skip
    return network(
        stops, [*there, *back],
        at_places={"stop-station": "station", "stop-akiyoshido-main": "akiyoshido-main",
                   "home": "station"},
        facts={run.run_id: facts for run in (*there, *back)},
        fares={("out", "stop-station", "stop-akiyoshido-main"): 1170},
        walks=[KnownWalk("akiyoshido-main", "pond", 25)],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def station(planner: Planner) -> None:
    planner.known.places["station"] = place("station", -18)  # type: ignore[index]
    planner.buses = buses()


def by_bus(visitor: FlaskClient, language: str = "en") -> str:
    return page_of(visitor, language, mode="bus", start="station")


def test_the_form_offers_the_bus_where_timetables_are_kept(
    visitor: FlaskClient, planner: Planner
) -> None:
    assert 'value="bus"' in visitor.get("/plan", headers=ENGLISH).text


def test_without_a_timetable_nobody_is_offered_a_bus(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.buses = None
    assert 'value="bus"' not in visitor.get("/plan", headers=ENGLISH).text


def test_each_ride_says_line_stops_times_fare_and_what_it_rests_on(visitor: FlaskClient) -> None:
    text = by_bus(visitor)
    rides = text.split('class="plan-ride"')[1:]
    assert len(rides) == 2
    for said in ("9:10", "out line", "station", "9:45", "35 min", "¥1,170", "Confirmed",
                 "Confirmed with the operator on November 2, 2026."):  # fmt: skip
        assert said in rides[0], said
    assert "fare not known" in rides[1]
    assert "Bus times here are not confirmed" not in text
    assert "By car" not in text


def test_times_nobody_confirmed_say_so_with_a_number_to_call(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.buses = buses(facts=RunFacts(TimeBasis.RECORDED, "2024-04"))
    text = by_bus(visitor)
    assert "Bus times here are not confirmed" in text
    assert text.count("This time was recorded in April 2024.") == 2
    assert text.count('href="tel:+81837000001"') == 3  # above, and with each ride
    planner.buses = buses(facts=RunFacts())
    assert by_bus(visitor).count("a guess from how often the line runs") == 2


def test_the_last_bus_is_called_the_last_and_a_taxi_has_a_price(visitor: FlaskClient) -> None:
    text = by_bus(visitor).split('id="missed-bus"')[1]
    assert "It is the last one of the day." in text
    assert "Akiyoshi Taxi" in text
    assert re.search(r"about ¥\d,\d00 by distance", text)


def test_who_misses_a_bus_reads_when_the_next_one_goes(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.buses = buses(home=3)
    text = by_bus(visitor)
    assert re.search(r"The next one leaves at 1[67]:00; you are there at 1[67]:35\.", text)
    assert re.search(r"Missed it\? The next one leaves at 1[67]:00\.", text)
    assert "It is the last one of the day." not in text


def test_where_no_taxi_is_known_the_help_desk_is_named(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.buses = replace(buses(), taxis=(), version="without")
    text = by_bus(visitor).split('id="missed-bus"')[1]
    assert "No taxi is recorded here." in text


def test_a_ride_to_be_booked_or_waved_for_says_so(visitor: FlaskClient, planner: Planner) -> None:
    planner.buses = buses(on=Boarding.CALL_AHEAD)
    assert "This ride must be booked by telephone." in by_bus(visitor)
    planner.buses = buses(on=Boarding.ASK_DRIVER)
    assert "Wave to the driver" in by_bus(visitor)


def test_no_bus_at_all_is_told_with_what_to_do(visitor: FlaskClient, planner: Planner) -> None:
    planner.known.places["station"] = place("station", -80)  # type: ignore[index]
    planner.buses = network([stop_at("station")], [])
    text = page_of(visitor, mode="bus", start="station", end="akiyoshido-main")
    assert "No bus of that day takes you from your start to your end in time." in text


def test_the_calendar_has_the_rides_too(visitor: FlaskClient) -> None:
    by_bus(visitor)
    rides = [event for event in events(visitor) if "-ride-" in str(event["uid"])]
    assert len(rides) == 2
    assert str(rides[0]["summary"]) == "out line: station → akiyoshido-main"
    assert "Confirmed with the operator" in str(rides[0]["description"])


def test_a_line_that_is_named_by_its_stops_is_named_once(
    visitor: FlaskClient, planner: Planner
) -> None:
    there = {"en": "station → akiyoshido-main"}
    kept = buses()
    lines = {name: replace(facts, names=there) for name, facts in kept.lines.items()}
    planner.buses = replace(kept, lines=lines, version="by-stops")
    by_bus(visitor)
    out, back = (event for event in events(visitor) if "-ride-" in str(event["uid"]))
    assert str(out["summary"]) == "station → akiyoshido-main"
    assert str(out["description"]).count("station → akiyoshido-main") == 1
    assert str(back["summary"]) == "station → akiyoshido-main: akiyoshido-main → station"


def test_programs_read_rides_and_plan_b(visitor: FlaskClient) -> None:
    body = {
        "visit_date": "2026-11-21", "start": {"place_id": "station"}, "start_time": "09:00",
        "end_time": "17:00", "mode": "bus",
    }  # fmt: skip
    found = visitor.post("/api/v1/itineraries", json=body, headers=ENGLISH).json
    assert found
    ride = found["legs"][0]["rides"][0]
    assert ride["line"]["name"] == "out line"
    assert (ride["basis"], ride["as_of"], ride["fare_yen"]) == ("confirmed", "2026-11-02", 1170)
    assert found["plan_b"]["next_depart_time"] is None
    assert found["plan_b"]["taxis"][0]["estimated_yen"] > 5_000


def test_admission_and_fares_stand_beside_the_budget(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = page_of(visitor, mode="bus", start="station", budget_yen="9000", children="0")
    assert "<dt>Fares</dt><dd>¥2,340 +</dd>" in text
    assert ("Budget ¥9,000: entrance fees ¥2,600 and fares ¥2,340, ¥4,940 together. "
            "+ Some fares are not known and not counted.") in text  # fmt: skip
    assert planner.kept


def test_a_childs_fare_is_told_where_it_is_known(visitor: FlaskClient, planner: Planner) -> None:
    ways = {("out", "stop-station", "stop-akiyoshido-main"): 590}
    planner.buses = replace(buses(), child_fares=ways, version="with children")
    text = by_bus(visitor)
    assert "¥1,170 (child ¥590)" in text
    plan = visitor.post(
        PATH,
        json={
            **BODY,
            "mode": "bus",
            "start": {"place_id": "station"},
            "start_time": "09:00",
            "party": {"adults": 1},
        },
    ).json
    assert plan
    check("Itinerary", plan)
    assert (plan["total_fare_yen"], plan["fare_unknown"]) == (1170, True)
    assert plan["legs"][0]["rides"][0]["child_fare_yen"] == 590
    assert plan["legs"][-1]["rides"][0]["child_fare_yen"] is None


def test_fares_alone_over_the_budget_are_told_with_what_is_missing(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = page_of(visitor, mode="bus", start="station", end="akiyoshido-main", budget_yen="1000",
                   children="0")  # fmt: skip
    assert "The fares of the day go over your budget.</strong> ¥1,340 are missing." in text


def test_by_car_there_are_no_fares(visitor: FlaskClient) -> None:
    text = page_of(visitor, budget_yen="9000")
    assert "<dt>Fares</dt>" not in text
    assert "Budget ¥9,000: entrance fees ¥" in text


def test_who_runs_a_bus_is_told_in_the_readers_language_and_as_drivers_read_it(
    visitor: FlaskClient, planner: Planner
) -> None:
    never = RunFacts()
    planner.buses = replace(buses(facts=never), version="unsure")
    text = by_bus(visitor)
    told = 'Akiyoshi Bus (<span lang="ja">秋吉バス</span>)'
    assert text.count(told) == 3, "with each ride, and whom to call"
    phone = '<a class="phone-link" href="tel:+81837000001">+81 837-00-0001</a>'
    assert f"{told} {phone}" in text
    assert 'Akiyoshi Taxi (<span lang="ja">秋吉タクシー</span>)' in text
    assert '<a class="phone-link" href="tel:+81837000000">+81 837-00-0000</a>' in text
    japanese = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "ja"}).text
    assert "Akiyoshi Bus" not in japanese
    assert '<a class="phone-link" href="tel:0837000001">0837-00-0001</a>' in japanese
    # English is what is known beside Japanese.
    korean = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "ko"}).text
    assert '<span lang="en">Akiyoshi Bus</span>' in korean
    calendar = visitor.get(f"/plan/{PLAN_ID}/day.ics", headers=ENGLISH).text.replace("\r\n ", "")
    assert "Akiyoshi Bus\\, 秋吉バス +81 837-00-0001" in calendar


def test_names_of_stops_and_places_are_there_for_a_driver_to_read(
    visitor: FlaskClient, planner: Planner
) -> None:
    known = buses()
    names = {stop: {"ja": f"停{stop}", "en": stop} for stop in known.stop_names}
    planner.buses = replace(known, stop_names=names, version="named")
    planner.known.places["akiyoshido-main"].names["en"] = "Akiyoshi-do"  # type: ignore[index]
    text = by_bus(visitor)
    shown = 'To show to the driver: <span lang="ja">停stop-station → 停stop-akiyoshido-main</span>'
    assert shown in text
    assert '<dt>Name in Japanese, to show</dt><dd lang="ja">akiyoshido-main</dd>' in text
    japanese = visitor.get(f"/plan/{PLAN_ID}", headers={"Accept-Language": "ja"}).text
    assert "運転手に見せる名前" not in japanese
    assert "<dt>日本語名</dt>" not in japanese


def test_the_page_of_all_days_says_what_buses_cost_and_which_are_not_confirmed(
    visitor: FlaskClient, planner: Planner
) -> None:
    """Who prints it may never open a day."""
    asked = {**WISHES, "mode": "bus", "start": "station", "days": "2", "nights_at": "station"}
    address = visitor.post("/plan", data=asked, headers=ENGLISH).location
    sure = visitor.get(address, headers=ENGLISH).text
    assert re.search(r"<dt>Fares</dt><dd>¥[\d,]+", sure)
    assert "Bus times here are not confirmed" not in sure
    planner.buses = buses(facts=replace(SURE, confirmed_until=None))
    again = {**asked, "request_id": "form-2-of-this-test"}
    address = visitor.post("/plan", data=again, headers=ENGLISH).location
    text = visitor.get(address, headers=ENGLISH).text
    assert "Bus times here are not confirmed" in text
    assert "Call the operator before you rely on them." in text
    by_car = visitor.post("/plan", data={**WISHES, "days": "2"}, headers=ENGLISH).location
    assert "<dt>Fares</dt>" not in visitor.get(by_car, headers=ENGLISH).text
