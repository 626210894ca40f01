"""What the pages of spots say: names, reasons, dates."""

from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from meguri.itinerary.v1 import itinerary_service_pb2 as words_pb
from meguri.itinerary.v1 import spot_service_pb2 as pb
from services.edge.parts import locale

MAX_REASON = 200
MOST_DAYS = 180
# As the association asks: why do people not get there?
LEFT_OUT: dict[int, Any] = {
    words_pb.WHY_OUT_CLOSED_THAT_DAY: _l("Closed on the day"),
    words_pb.WHY_OUT_CLOSED_AT_THAT_TIME: _l("Closed when they could come"),
    words_pb.WHY_OUT_CLOSURE: _l("Closed by the staff"),
    words_pb.WHY_OUT_NOT_ENOUGH_TIME: _l("Not enough time"),
    words_pb.WHY_OUT_NEVER_ASKED_FOR: _l("Asked to leave it out"),
    words_pb.WHY_OUT_ESTIMATED_POINT_ON_FOOT: _l("Position not exact enough to walk there"),
    words_pb.WHY_OUT_NO_POINT: _l("Position not recorded"),
    words_pb.WHY_OUT_OVER_BUDGET: _l("Over the budget"),
    words_pb.WHY_OUT_SAME_AS_CHOSEN: _l("Another entrance was chosen"),
    words_pb.WHY_OUT_RESERVATION_ONLY: _l("Only with a reservation"),
    words_pb.WHY_OUT_NOT_A_VISIT: _l("No place to visit"),
    words_pb.WHY_OUT_HOURS_UNKNOWN: _l("Opening hours not known"),
    words_pb.WHY_OUT_TOO_FAR_ON_FOOT: _l("Too far to walk"),
    words_pb.WHY_OUT_TOO_FAR_BY_CYCLE: _l("Too far by cycle"),
    words_pb.WHY_OUT_NOT_HELD_THAT_DAY: _l("Not held on that day"),
    words_pb.WHY_OUT_NOT_WORTH_THE_WAY: _l("Not worth the way"),
    words_pb.WHY_OUT_NO_BUS: _l("No bus there and back"),
    words_pb.WHY_OUT_TOO_MUCH_WALKING: _l("More walking than wanted"),
    words_pb.WHY_OUT_PATHS_TOO_HARD: _l("Steps or slopes too hard"),
    words_pb.WHY_OUT_PATHS_UNKNOWN: _l("Steps and slopes not recorded"),
    words_pb.WHY_OUT_CROWDED: _l("Too full at that time"),
    words_pb.WHY_OUT_ANOTHER_DAY: _l("On another day of theirs"),
}


def name_of(spot: pb.Spot) -> str:
    """Returns the name of a spot for the staff, else the nearest one there is."""
    for tag in (locale(), "ja", "en"):
        if spot.names.get(tag):
            return str(spot.names[tag])
    return spot.poi_id


def left_out(why: int) -> str:
    """Returns why plans left a spot out."""
    return str(LEFT_OUT.get(why, ""))


def reason_code(why: "words_pb.WhyOut.ValueType") -> str:
    """Returns a reason as programs read it."""
    return words_pb.WhyOut.Name(why).removeprefix("WHY_OUT_").lower()


def category_code(category: "words_pb.PoiCategory.ValueType") -> str:
    """Returns a category as programs read it."""
    return words_pb.PoiCategory.Name(category).removeprefix("POI_CATEGORY_").lower()


def length(count: int, most: int) -> int:
    """Returns how long a bar is, 0 to 100, beside the longest one."""
    return round(100 * count / most) if most else 0


def day_of(text: str) -> date | None:
    """Returns a date as a service tells it; None for none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days_between(first: str, last: str) -> int | None:
    """Returns the days from one date to another; None where one cannot be read."""
    one, other = day_of(first), day_of(last)
    return (other - one).days if one and other else None


def month_name(text: str) -> str:
    """Returns a month, YYYY-MM, as readers of the language write it."""
    day = day_of(f"{text}-01")
    return format_skeleton("yMMMM", day, locale=get_locale()) if day else text
