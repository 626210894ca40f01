"""What became of the rides of a day, in the visitor's words."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import words
from services.edge.plan.changing import LATE
from services.edge.plan.clock import Clock, is_under_way
from services.edge.plan.texts import Told, told

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


def late_choices(itinerary: pb.Itinerary) -> list[tuple[int, str]]:
    """Returns what a party on its way can say about itself; nothing before the day and after it."""
    if not is_under_way(itinerary):
        return []
    return [(minutes, str(_("%(time)s late", time=words.duration(minutes)))) for minutes in LATE]


def said_late(itinerary: pb.Itinerary, clock: Clock, locale: str) -> list[str]:
    """Returns what a party said of itself, and how it now gets home."""
    minutes = itinerary.latest_change.late_minutes
    said = _("You said that you go on now.")
    if minutes:
        said = _("You said that you are %(time)s late.", time=words.duration(minutes))
    if not (itinerary.legs and itinerary.legs[-1].rides):
        return [str(said)]
    home = itinerary.legs[-1].rides[-1]
    way = _("You go home by %(line)s at %(clock)s from %(stop)s.",
            line=told(home.line_names, locale).text, clock=clock.of(home.depart_time),
            stop=told(home.from_names, locale).text)  # fmt: skip
    return [str(said), str(way)]


def messages(itinerary: pb.Itinerary, locale: str) -> list[tuple[Told, Told]]:
    """Returns what operators say, heading and text, each once."""
    said = [
        (told(each.titles, locale), told(each.texts, locale)) for each in itinerary.messages
    ]  # fmt: skip
    return list(dict.fromkeys(said))


def as_told(itinerary: pb.Itinerary, clock: Clock) -> str:
    """Returns of when it is what operators tell of delays, or that it is too old to be used; ""
    where none of them tells anything."""
    told_by = [each for each in itinerary.live_states if each.HasField("told_time")]
    for state in sorted(told_by, key=lambda each: (not each.stale, each.told_time.seconds)):
        when = clock.of(state.told_time)
        if state.stale:
            return str(
                _("Delays are not known just now: the operator's last message is from %(clock)s.",
                  clock=when)
            )  # fmt: skip
        return str(_("As the operator told at %(clock)s.", clock=when))
    return ""


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
        said = f"{said} {too_late}"
    why = told(effect.notes, locale).text
    return f"{said} {why}" if why else str(said)
