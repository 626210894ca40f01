"""From form entries to a trip request and back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan.minutes import clock, minute_of
from services.edge.plan.wishes import of_form, of_trip, propose
from tests.examples import share

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("hour", "minute", "day", "start"),
    [
        (7, 0, "2026-11-21", "09:00"), (9, 0, "2026-11-21", "09:00"),
        (10, 1, "2026-11-21", "10:30"), (14, 59, "2026-11-21", "15:00"),
        (15, 0, "2026-11-22", "09:00"), (23, 59, "2026-11-22", "09:00"),
    ],
)  # fmt: skip
def test_a_fresh_form_proposes_a_day_that_is_still_to_come(
    hour: int, minute: int, day: str, start: str
) -> None:
    entries = propose(datetime(2026, 11, 21, hour, minute, tzinfo=TOKYO), "station")
    assert (entries["visit_date"], entries["start_time"]) == (day, start)


@pytest.mark.parametrize(
    ("text", "minute"),
    [("09:30", 570), ("9:05", 545), ("26:00", 1560), ("2026-11-21T08:00:00+09:00", 480),
     ("", None), ("9", None), ("09:60", None), ("30:00", None), ("09:3０", None), ("٩:30", None),
     ("२६:00", None), ("２０२６-11-21T08:00", None), ("2026-11-21", None)],
)  # fmt: skip
def test_times(text: str, minute: int | None) -> None:
    assert minute_of(text) == minute


@given(st.integers(0, 1799))
def test_times_come_back(minute: int) -> None:
    assert minute_of(clock(minute)) == minute


def test_a_trip_survives_the_way_through_the_form() -> None:
    trip = pb.TripRequest(
        visit_date="2026-11-21", start=pb.Location(place_id="a"), end=pb.Location(place_id="b"),
        start_minute=600, end_minute=1500, mode=pb.TRAVEL_MODE_FOOT, pace=pb.PACE_QUICK,
        party=pb.Party(adult_count=2, junior_high_count=1, child_count=3, infant_count=1),
        interests=[pb.INTEREST_BATH, pb.INTEREST_ART], must_poi_ids=["x"], never_poi_ids=["y", "z"],
        budget_amount_yen=0, seed=7, less_poi_ids=["far", "museum"],
        visit_wishes=[pb.VisitWish(poi_id="x", stay_minutes=45),
                      pb.VisitWish(poi_id="cave/main", start_minute=1470)],
    )  # fmt: skip
    assert of_form(of_trip(trip)) == (trip, {})


@pytest.mark.parametrize(
    ("start", "end", "minute"),
    [("09:00", "17:00", 1020), ("20:00", "02:00", 1560), ("20:00", "06:00", 1800),
     ("20:00", "06:01", 361), ("05:00", "05:30", 330), ("05:00", "05:00", 300),
     ("17:00", "09:00", 540), ("09:00", "26:00", 1560)],
)  # fmt: skip
def test_a_form_ends_in_the_next_morning_where_that_is_meant(
    start: str, end: str, minute: int
) -> None:
    trip, _ = of_form(MultiDict({"start_time": start, "end_time": end}))
    assert trip.end_minute == minute


@pytest.mark.parametrize("end", [0, 1, 540, 1439, 1440, 1441, 1500, 1800])
def test_every_end_comes_back_from_a_form_that_browsers_can_show(end: int) -> None:
    trip = pb.TripRequest(start_minute=1200, end_minute=end)
    entries = of_trip(trip)
    assert entries["end_time"] < "24:00"
    if end > 1200 or end > 360:
        assert of_form(entries)[0].end_minute == end


@pytest.mark.parametrize(
    "wish", ["", "x", "x|5", "|5|", "x|4|", "x|601|", "x|five|", "x|0|soon", "x|0|1801", "x|-5|"]
)
def test_a_wish_nobody_could_have_made_is_told(app: Flask, wish: str) -> None:
    with app.test_request_context():
        trip, errors = of_form(MultiDict([("wish", wish)]))
    assert "wish" in errors
    assert not trip.visit_wishes


@share(30)
@given(st.dictionaries(st.sampled_from(
    ["visit_date", "start_time", "end_time", "mode", "start", "pace", "adults", "budget_yen"]
), st.text(max_size=12)))  # fmt: skip
def test_any_entries_are_read_or_told(entries: dict[str, str]) -> None:
    app = Flask("test")
    from flask_babel import Babel  # noqa: PLC0415 - only here

    Babel(app)
    with app.test_request_context():
        trip, errors = of_form(MultiDict(entries))
    assert isinstance(trip, pb.TripRequest)
    assert all(errors.values())
