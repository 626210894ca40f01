"""How many days, and where a party sleeps: what a form says besides the wishes for one day.

The first day begins and the last one ends as the form has it for a day by itself. In between the
party sleeps at one place, comes there until an hour of the evening and leaves in the morning.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from services.edge.plan.minutes import MINUTES_OF_A_DAY, clock, clock_face, end_of, minute_of
from services.edge.whole import read_whole

DAYS, NIGHTS_AT, MORNING, EVENING = "days", "nights_at", "morning", "evening"
LEAST_DAYS, MOST_DAYS = 2, 4
LAST_MORNING = MINUTES_OF_A_DAY - 1
USUAL_MORNING, USUAL_EVENING = "09:00", "17:00"

Entries = Mapping[str, str]


def proposed() -> dict[str, str]:
    """Returns the entries of a fresh form: one day."""
    return {DAYS: "1", NIGHTS_AT: "", MORNING: USUAL_MORNING, EVENING: USUAL_EVENING}


def read(form: Entries, trip: pb.TripRequest, errors: dict[str, str]) -> list[sojourn_pb.LaterDay]:
    """Returns the days after the first, none for one day; the trip then ends where they sleep.

    trip: as read for one day. errors: gets a sentence for each entry that cannot be used.
    """
    count = read_whole(form.get(DAYS) or "1")
    if count is None or not 1 <= count <= MOST_DAYS:
        errors[DAYS] = _("Choose one of the possibilities.")
        return []
    if count == 1:
        return []
    morning = _minute(form, MORNING, USUAL_MORNING, errors)
    evening = _minute(form, EVENING, USUAL_EVENING, errors)
    if morning > LAST_MORNING:
        errors[MORNING] = _("Enter a time such as 09:30.")
    back = end_of(trip.start_minute, evening)
    if back - MINUTES_OF_A_DAY > morning:
        errors[MORNING] = _("You leave before you are back. Leave later, or come back earlier.")
    if "visit_date" in errors:
        return []
    first = date.fromisoformat(trip.visit_date)
    if date.max - first < timedelta(days=count):
        errors["visit_date"] = _("Choose a date.")
        return []
    home = trip.end if trip.HasField("end") else trip.start
    nights = pb.Location(place_id=form[NIGHTS_AT]) if form.get(NIGHTS_AT) else home
    later = [
        sojourn_pb.LaterDay(
            visit_date=(first + timedelta(days=number)).isoformat(),
            start=nights, end=nights, start_minute=morning, end_minute=end_of(morning, evening),
            lunch=trip.lunch if trip.HasField("lunch") else None,
        )
        for number in range(1, count)
    ]  # fmt: skip
    later[-1].end.CopyFrom(home)
    later[-1].end_minute = trip.end_minute
    trip.end.CopyFrom(nights)
    trip.end_minute = back
    return later


def _minute(form: Entries, name: str, usual: str, errors: dict[str, str]) -> int:
    minute = minute_of(form.get(name) or usual)
    if minute is None:
        errors[name] = _("Enter a time such as 09:30.")
    return minute or 0


def as_one(trips: Sequence[pb.TripRequest]) -> pb.TripRequest:
    """Returns the wishes of days in one trip: it begins as the first day and ends as the last."""
    whole = pb.TripRequest()
    wishes: dict[str, pb.VisitWish] = {}
    whole.CopyFrom(trips[0])
    for trip in trips:
        whole.must_poi_ids.extend([p for p in trip.must_poi_ids if p not in whole.must_poi_ids])
        whole.never_poi_ids.extend([p for p in trip.never_poi_ids if p not in whole.never_poi_ids])
        # A day that fixes a time of a visit says more of it than one that does not have it.
        wishes |= {
            wish.poi_id: wish for wish in trip.visit_wishes
            if wish.HasField("start_minute") or wish.poi_id not in wishes
        }  # fmt: skip
    del whole.visit_wishes[:]
    whole.visit_wishes.extend(wishes.values())
    whole.end.CopyFrom(trips[-1].end)
    whole.end_minute = trips[-1].end_minute
    return whole


def entries_of(trips: Sequence[pb.TripRequest]) -> Iterator[tuple[str, str]]:
    """Gives the entries of a form that would ask for so many days again."""
    yield DAYS, str(len(trips))
    yield NIGHTS_AT, "" if trips[0].end == trips[-1].end else trips[0].end.place_id
    yield MORNING, clock(trips[1].start_minute)
    yield EVENING, clock_face(trips[0].end_minute)
