"""The words of the contract as visitors read them."""

from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.closures import REASONS

RETIRED = "retired"  # what itinerary gives as the reason of a POI that the area took away
INTERESTS: dict[int, Any] = {
    pb.INTEREST_CAVE: _l("Caves"),
    pb.INTEREST_NATURE: _l("Nature"),
    pb.INTEREST_VIEW: _l("Views"),
    pb.INTEREST_HISTORY: _l("History"),
    pb.INTEREST_SCIENCE: _l("Rocks and fossils"),
    pb.INTEREST_FOOD: _l("Food"),
    pb.INTEREST_BATH: _l("Hot springs"),
    pb.INTEREST_ANIMALS: _l("Animals"),
    pb.INTEREST_SHOPPING: _l("Shops and crafts"),
    pb.INTEREST_ACTIVITY: _l("Walking and doing"),
    pb.INTEREST_ART: _l("Art"),
}
CATEGORIES: dict[int, Any] = {
    pb.POI_CATEGORY_CAVE: _l("Cave"),
    pb.POI_CATEGORY_VIEWPOINT: _l("Viewpoint"),
    pb.POI_CATEGORY_NATURE: _l("Nature"),
    pb.POI_CATEGORY_PARK: _l("Park"),
    pb.POI_CATEGORY_MUSEUM: _l("Museum"),
    pb.POI_CATEGORY_VISITOR_CENTER: _l("Visitor center"),
    pb.POI_CATEGORY_HERITAGE: _l("History"),
    pb.POI_CATEGORY_ZOO: _l("Animal park"),
    pb.POI_CATEGORY_HOT_SPRING: _l("Hot spring"),
    pb.POI_CATEGORY_ACTIVITY: _l("Something to do"),
    pb.POI_CATEGORY_SCENIC_DRIVE: _l("Scenic drive"),
    pb.POI_CATEGORY_HIKE: _l("Hike"),
    pb.POI_CATEGORY_SHOPPING: _l("Shops"),
    pb.POI_CATEGORY_FOOD: _l("Food"),
    pb.POI_CATEGORY_ROADSIDE_STATION: _l("Roadside station"),
    pb.POI_CATEGORY_CULTURE: _l("Culture"),
    pb.POI_CATEGORY_LODGING: _l("Place to stay"),
    pb.POI_CATEGORY_TRANSPORT: _l("Bus center"),
    pb.POI_CATEGORY_PARKING: _l("Car park"),
    pb.POI_CATEGORY_OCCASION: _l("Festival"),
}
PACES: dict[int, Any] = {
    pb.PACE_QUICK: _l("Quick"),
    pb.PACE_NORMAL: _l("Normal"),
    pb.PACE_UNHURRIED: _l("Unhurried"),
}
MODES: dict[int, Any] = {
    pb.TRAVEL_MODE_CAR: _l("By car"),
    pb.TRAVEL_MODE_BUS: _l("By bus"),
    pb.TRAVEL_MODE_FOOT: _l("On foot"),
    pb.TRAVEL_MODE_CYCLE: _l("By cycle"),
}
CLOSED_WHY: dict[int, Any] = {
    pb.WHY_OUT_CLOSED_THAT_DAY: _l("Closed on this day"),
    pb.WHY_OUT_NOT_HELD_THAT_DAY: _l("Not on this day"),
    pb.WHY_OUT_CLOSURE: _l("Closed by the staff"),
    pb.WHY_OUT_CLOSED_AT_THAT_TIME: _l("Open too short for a visit"),
    pb.WHY_OUT_HOURS_UNKNOWN: _l("Opening hours not known"),
}
_WHY_IN: dict[int, Any] = {
    pb.WHY_IN_MUST_VISIT: _l("You asked for it"),
    pb.WHY_IN_HIGHLIGHT: _l("A highlight here"),
    pb.WHY_IN_ON_THE_WAY: _l("Close to your way"),
    pb.WHY_IN_HIDDEN_SPOT: _l("Few people know it"),
    pb.WHY_IN_ALREADY_BEGUN: _l("Already visited"),
    pb.WHY_IN_OTHER_WAY_IN: _l("Another entrance is closed"),
    pb.WHY_IN_RECOMMENDED: _l("The area recommends this spot"),
    pb.WHY_IN_LUNCH: _l("Your lunch"),
}
CROWDS: dict[int, Any] = {
    pb.CROWD_LEVEL_QUIETER_TIME: _l("At this time fewer people have planned to be here."),
    pb.CROWD_LEVEL_FULL: _l("At this time more people than fit have planned to be here."),
    pb.CROWD_LEVEL_BUSY_NOW: _l("It is busy here now."),
}
_WHY_OUT: dict[int, Any] = {
    pb.WHY_OUT_CLOSED_THAT_DAY: _l("Closed on this day."),
    pb.WHY_OUT_CLOSED_AT_THAT_TIME: _l("Not open at a time when you could be there."),
    pb.WHY_OUT_NOT_ENOUGH_TIME: _l("The day is too short for it."),
    pb.WHY_OUT_NEVER_ASKED_FOR: _l("You asked to leave it out."),
    pb.WHY_OUT_ESTIMATED_POINT_ON_FOOT: _l(
        "We know its position only roughly, so we draw no walk to it. Ask at the place you start."
    ),
    pb.WHY_OUT_NO_POINT: _l("Its position is not recorded yet."),
    pb.WHY_OUT_OVER_BUDGET: _l("Its fee, or the fare of the way there, would go over your budget."),
    pb.WHY_OUT_SAME_AS_CHOSEN: _l("It is another way into something already in your plan."),
    pb.WHY_OUT_RESERVATION_ONLY: _l("Only with a reservation. Mark it as a must to plan it."),
    pb.WHY_OUT_NOT_A_VISIT: _l("A place to sleep, park or change."),
    pb.WHY_OUT_HOURS_UNKNOWN: _l("Its opening hours are not known."),
    pb.WHY_OUT_TOO_FAR_ON_FOOT: _l("Too far to walk."),
    pb.WHY_OUT_NO_BUS: _l("No bus takes you there and back in time on this day."),
    pb.WHY_OUT_CROWDED: _l(
        "It is expected to be full when you could be there. The day has places with room instead."
    ),
    pb.WHY_OUT_TOO_MUCH_WALKING: _l("It would make you walk more than you want."),
    pb.WHY_OUT_PATHS_TOO_HARD: _l("Its steps or slopes are more than you want."),
    pb.WHY_OUT_PATHS_UNKNOWN: _l(
        "Nobody has recorded whether it has steps or slopes. Ask first, or put it in all the same."
    ),
    pb.WHY_OUT_NOT_WORTH_THE_WAY: _l("The way there would cost more than it adds to your day."),
    pb.WHY_OUT_ANOTHER_DAY: _l("Another of your days has it."),
    pb.WHY_OUT_TOO_FAR_BY_CYCLE: _l("Every way to it by cycle takes more than an hour."),
    pb.WHY_OUT_NOT_HELD_THAT_DAY: _l("It is not held on this day."),
}


def why_in(reason: pb.InReason) -> str:
    """Returns why a place is in the plan."""
    if reason.why == pb.WHY_IN_INTEREST:
        return str(_("You like: %(what)s", what=INTERESTS.get(reason.interest, "")))
    return str(_WHY_IN.get(reason.why, ""))


def why_out(why: int, missing_minutes: int = 0, closure_reason: str = "") -> str:
    """Returns why a place is not in the plan: minutes it would need, reason it is shut."""
    if why == pb.WHY_OUT_CLOSURE and closure_reason == RETIRED:
        return str(_("It is no longer offered."))
    if why == pb.WHY_OUT_CLOSURE:
        reason = REASONS.get(closure_reason, REASONS["other"])
        return str(_("Closed by the staff at that time (%(why)s).", why=reason))
    if why == pb.WHY_OUT_NOT_ENOUGH_TIME and missing_minutes:
        return str(_("It would need %(minutes)s more minutes.", minutes=missing_minutes))
    return str(_WHY_OUT.get(why, ""))


def duration(minutes: int) -> str:
    """Returns a length of time in words: 45 min, 1 h, 1 h 20 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return str(_("%(minutes)s min", minutes=rest))
    if not rest:
        return str(_("%(hours)s h", hours=hours))
    return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=rest))


def distance(meters: int) -> str:
    """Returns a length of way in words, no more exact than the estimate it is."""
    if meters < 950:
        return str(_("about %(meters)s m", meters=max(50, round(meters / 50) * 50)))
    kilometers = meters / 1000
    digits = "0.0" if kilometers < 10 else "0"  # 8.8 in English, 8,8 in Vietnamese
    return str(_("about %(km)s km", km=format_decimal(kilometers, format=digits)))
