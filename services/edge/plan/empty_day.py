"""A day of several that stays empty: why, counted over all its places, and what to do about it."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext

from meguri.itinerary.v1 import itinerary_service_pb2 as pb

_CLOSED = {pb.WHY_OUT_CLOSED_THAT_DAY, pb.WHY_OUT_CLOSURE}
_UNKNOWN = {pb.WHY_OUT_HOURS_UNKNOWN}
_TIME = {pb.WHY_OUT_NOT_ENOUGH_TIME, pb.WHY_OUT_CLOSED_AT_THAT_TIME, pb.WHY_OUT_NOT_WORTH_THE_WAY}
_WAY = {
    pb.WHY_OUT_NO_BUS, pb.WHY_OUT_TOO_FAR_ON_FOOT, pb.WHY_OUT_TOO_FAR_BY_CYCLE,
    pb.WHY_OUT_ESTIMATED_POINT_ON_FOOT, pb.WHY_OUT_NO_POINT, pb.WHY_OUT_TOO_MUCH_WALKING,
}  # fmt: skip
_PATHS = {pb.WHY_OUT_PATHS_TOO_HARD, pb.WHY_OUT_PATHS_UNKNOWN}


def reasons(itinerary: pb.Itinerary) -> list[str]:
    """Returns why nothing is left for a day, a line for each reason, and last what to do. Empty for
    a day that has visits, or of which a conflict says it."""
    if itinerary.visits or itinerary.conflicts:
        return []
    why = [left.why for left in itinerary.left_out]
    other, shut = _count(why, {pb.WHY_OUT_ANOTHER_DAY}), _count(why, _CLOSED)
    time, way, paths = _count(why, _TIME), _count(why, _WAY), _count(why, _PATHS)
    said = []
    if other:
        # Other ways into what the other days have are among them: their number would mislead.
        said.append(_("What else could be visited is on your other days."))
    if shut:
        said.append(ngettext("%(num)s place is closed on this day.",
                             "%(num)s places are closed on this day.", shut))  # fmt: skip
    if unknown := _count(why, _UNKNOWN):
        said.append(ngettext("The opening hours of %(num)s place are not known.",
                             "The opening hours of %(num)s places are not known.",
                             unknown))  # fmt: skip
    if time:
        said.append(ngettext("%(num)s place does not fit between your times.",
                             "%(num)s places do not fit between your times.", time))  # fmt: skip
    if way:
        said.append(
            ngettext("%(num)s place cannot be reached in the way you travel.",
                     "%(num)s places cannot be reached in the way you travel.", way)
        )  # fmt: skip
    if paths:
        said.append(
            ngettext("%(num)s place has steps or slopes, or nobody knows whether it has.",
                     "%(num)s places have steps or slopes, or nobody knows whether they have.",
                     paths)
        )  # fmt: skip
    return [*map(str, said), _todo(itinerary.trip.mode, time, way, paths)]


def _todo(mode: int, time: int, way: int, paths: int) -> str:
    if paths and paths >= max(time, way):
        return str(_("Open the day and put in what you have asked about, or plan a day less."))
    if way and way >= time and mode == pb.TRAVEL_MODE_BUS:
        return str(_("Travel by car that day, or plan a day less."))
    if way and way >= time and mode != pb.TRAVEL_MODE_CAR:
        return str(_("Travel by car or by bus that day, or plan a day less."))
    if time:
        return str(_("Begin earlier or end later that day, or plan a day less."))
    return str(_("Rest that day, plan a day less, or choose other dates."))


def _count(why: Iterable[int], those: Iterable[int]) -> int:
    wanted = {*those}
    return sum(each in wanted for each in why)
