"""The lunch of a day: in a form, in JSON, on the page."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import words
from services.edge.plan.clock import Clock
from services.edge.plan.minutes import clock, minute_of

USUAL = 11 * 60, 14 * 60
FROM, UNTIL = (clock(minute) for minute in USUAL)
LEAST_MINUTES = 30
NOON_FROM, NOON_UNTIL = 690, 810  # who is under way at one of them may wish for a lunch
YES, NO = "yes", "no"

Entries = Mapping[str, str]


def entries_of(trip: pb.TripRequest) -> list[tuple[str, str]]:
    """Returns the entries of a form for the lunch of a trip."""
    if trip.HasField("lunch") and not trip.lunch.none:
        begin, end = clock(trip.lunch.from_minute), clock(trip.lunch.until_minute)
    else:
        begin, end = FROM, UNTIL
    without = trip.HasField("lunch") and trip.lunch.none and _has_noon(trip)
    return [
        ("lunch", NO if without else YES), ("lunch_from", begin), ("lunch_until", end),
    ]  # fmt: skip


def body_of(form: Entries) -> Any:
    """Returns the lunch of a submitted form as JSON has it; None for what is usual."""
    if form.get("lunch") == NO:
        return False
    begin, end = form.get("lunch_from", ""), form.get("lunch_until", "")
    # The times that a form proposes are no wish: a day that has no noon has no lunch.
    if not (begin or end) or (begin, end) == (FROM, UNTIL):
        return None
    return {"from": begin, "until": end}


def read(value: object, trip: pb.TripRequest, errors: dict[str, str]) -> None:
    """Reads the lunch of a JSON body into a trip: false, {"from", "until"}, or what is usual."""
    if value is None or value is True:
        return
    if value is False:
        trip.lunch.none = True
        return
    given = value if isinstance(value, Mapping) else {}
    begin, end = (minute_of(str(given.get(name, ""))) for name in ("from", "until"))
    if begin is None or end is None:
        errors["lunch"] = _("Enter a time such as 09:30.")
    elif end - begin < LEAST_MINUTES:
        errors["lunch"] = _("Lunch needs half an hour or more.")
    else:
        trip.lunch.from_minute, trip.lunch.until_minute = begin, end


def as_json(trip: pb.TripRequest) -> Any:
    """Returns the lunch of a trip as JSON has it."""
    if not trip.HasField("lunch") or trip.lunch.none:
        return False
    return {"from": clock(trip.lunch.from_minute), "until": clock(trip.lunch.until_minute)}


def _has_noon(trip: pb.TripRequest) -> bool:
    return trip.start_minute < NOON_UNTIL and trip.end_minute > NOON_FROM


def button_of(trip: pb.TripRequest) -> str:
    """Returns which change of the day a page offers: "lunch", "no_lunch", "" for none."""
    if trip.HasField("lunch") and not trip.lunch.none:
        return "no_lunch"
    return "lunch" if _has_noon(trip) else ""


def switch_on(_itinerary: pb.Itinerary, trip: pb.TripRequest) -> None:
    """Wishes for a lunch at the usual time."""
    begin, end = USUAL
    trip.lunch.CopyFrom(pb.LunchWish(from_minute=begin, until_minute=end))


def switch_off(_itinerary: pb.Itinerary, trip: pb.TripRequest) -> None:
    """Wishes for no lunch."""
    trip.lunch.CopyFrom(pb.LunchWish(none=True))


def pause_of(visit: pb.PlannedVisit, at: Clock) -> tuple[str, str]:
    """Returns when a break after a visit begins and what is said of it; twice "" for none."""
    if not visit.pause_minutes:
        return "", ""
    said = _("Break for lunch, %(time)s", time=words.duration(visit.pause_minutes))
    return at.of(visit.end_time), str(said)


def place_of(visit: pb.PlannedVisit) -> str:
    """Returns what is said of a visit where the party has its lunch; "" of any other."""
    return next((words.why_in(each) for each in visit.reasons if each.why == pb.WHY_IN_LUNCH), "")


def bring_something() -> str:
    """Returns why a day has a break and no restaurant."""
    return str(
        _("We know of no place to eat that is open then and fits into this day. "
          "Bring something to eat.")
    )  # fmt: skip
