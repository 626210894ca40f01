"""What became of the rides of a day, in the visitor's words."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import words
from services.edge.plan.clock import Clock
from services.edge.plan.texts import told

Names = Mapping[str, Mapping[str, str]]
Parts = Mapping[str, str]

_SAID: Mapping[int, Any] = {
    pb.RIDE_TROUBLE_GONE: lambda it: _(
        "%(line)s at %(clock)s from %(stop)s no longer runs on this day.", **it
    ),
    pb.RIDE_TROUBLE_SUSPENDED: lambda it: _("%(line)s is suspended: no bus runs.", **it),
    pb.RIDE_TROUBLE_CANCELED: lambda it: _(
        "%(line)s at %(clock)s from %(stop)s is canceled today.", **it
    ),
    pb.RIDE_TROUBLE_EARLIER: lambda it: _(
        "%(line)s from %(stop)s leaves at %(now)s, earlier than planned (%(clock)s).", **it
    ),
    pb.RIDE_TROUBLE_LATER: lambda it: _(
        "%(line)s at %(clock)s from %(stop)s is %(time)s late: it leaves at %(now)s.", **it
    ),
    pb.RIDE_TROUBLE_MISSED: lambda it: _(
        "You would miss %(line)s at %(now)s from %(stop)s by %(time)s.", **it
    ),
    pb.RIDE_TROUBLE_UNCONFIRMED: lambda it: _(
        "Nobody confirms %(line)s at %(clock)s from %(stop)s any more. Call before you go.", **it
    ),
}
# A timetable that says other times is no delay.
_LATER_FROM_NOW_ON = pb.RIDE_TROUBLE_LATER


def sentences(
    effects: Iterable[pb.RideEffect], names: Names, clock: Clock, locale: str
) -> list[str]:
    """Returns what became of rides, each once. names: of POIs, by id and locale."""
    return list(dict.fromkeys(_sentence(each, names, clock, locale) for each in effects))


def all_works(effects: Iterable[pb.RideEffect]) -> bool:
    """Tells whether a day can be followed all the same."""
    return all(effect.holds for effect in effects)


def _sentence(effect: pb.RideEffect, names: Names, clock: Clock, locale: str) -> str:
    parts = {
        "line": told(effect.line_names, locale).text,
        "stop": told(effect.from_names, locale).text,
        "clock": clock.of(effect.planned_depart_time),
        "now": clock.of(effect.depart_time),
        "time": words.duration(effect.minutes),
    }
    if effect.trouble == _LATER_FROM_NOW_ON and not effect.live:
        said = _(
            "%(line)s from %(stop)s leaves at %(now)s, later than planned (%(clock)s).", **parts
        )
    else:
        said = _SAID[effect.trouble](parts)
    if effect.poi_id:
        name = told(names.get(effect.poi_id, {}), locale, effect.poi_id).text
        too_late = _("You would be too late for “%(name)s”.", name=name)
        return f"{said} {too_late}"
    return str(said)
