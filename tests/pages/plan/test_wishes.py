"""From form entries to a trip request and back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

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
        budget_amount_yen=0,
    )  # fmt: skip
    assert of_form(of_trip(trip)) == (trip, {})


@share(30)
@given(st.dictionaries(st.sampled_from(
    ["visit_date", "start_time", "end_time", "mode", "start", "pace", "adults", "budget_yen"]
), st.text(max_size=12)))  # fmt: skip
def test_any_entries_are_read_or_told(entries: dict[str, str]) -> None:
    from werkzeug.datastructures import MultiDict  # noqa: PLC0415 - only here

    app = Flask("test")
    from flask_babel import Babel  # noqa: PLC0415 - only here

    Babel(app)
    with app.test_request_context():
        trip, errors = of_form(MultiDict(entries))
    assert isinstance(trip, pb.TripRequest)
    assert all(errors.values())
