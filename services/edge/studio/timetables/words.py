"""How the pages of timetables name states, days and what times rest on."""

from collections.abc import Iterable, Mapping
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.parts import locale
from services.edge.studio.timetables import departures
from services.edge.studio.timetables.ending import Ending
from services.edge.studio.timetables.typed import Days, one_name

DONE: dict[str, Any] = {
    "saved": _l("Kept. Day plans use it from now on."),
    "confirmed": _l("Confirmed. Visitors are told that these times are certain."),
    "assumed": _l("These runs are assumed again. Visitors are asked to call first."),
    "deleted": _l("Deleted."),
    "taken": _l("The feed is taken in. Day plans use it from now on."),
    "ways": _l("Kept. Day plans use it from now on."),
    "pinned": _l("The pin is put. Maps and day plans use it from now on."),
    "not-sure": _l("Nothing was deleted: say first that you are sure."),
}
# basis → (look of its badge, label)
BASES: dict[str, tuple[str, Any]] = {
    departures.CONFIRMED: ("ok", _l("Confirmed")),
    departures.RECORDED: ("plain", _l("Recorded")),
    departures.GUESSED: ("warn", _l("Guessed")),
}
# What a visitor is told of each.
MEANS: dict[str, Any] = {
    departures.CONFIRMED: _l(
        "Somebody asked the operator, and it holds on that date. A plan promises the bus."
    ),
    departures.RECORDED: _l(
        "Printed or seen once. A plan uses it, says of when it is, and asks to call first."
    ),
    departures.GUESSED: _l(
        "Worked out from how often the line goes. A plan says so and asks to call first."
    ),
}


QUALITIES: dict[int, Any] = {
    directory_pb.COORDINATE_QUALITY_SOURCE: _l("A published point"),
    directory_pb.COORDINATE_QUALITY_ADJACENT: _l("A published point beside it"),
    directory_pb.COORDINATE_QUALITY_TOWN_CENTROID: _l("Only the middle of the town section"),
    directory_pb.COORDINATE_QUALITY_SAME_AS_PARENT: _l("Only the point of what it belongs to"),
}


def quality_of(place: directory_pb.Place) -> str:
    """Returns how well the point of a place is known."""
    if place.coordinate_quality == directory_pb.COORDINATE_QUALITY_ESTIMATE:
        return str(_("Estimated, may be off by %(num)s m", num=place.error_m))
    return str(QUALITIES.get(place.coordinate_quality) or _("No point yet"))


def day_name(number: str) -> str:
    """Returns the short name of a day in the language of the page. number: "1" for Monday."""
    names = get_day_names("abbreviated", locale=get_locale())
    return str(names[int(number) - 1])


def days_told(days: Days) -> str:
    """Returns a kind of days in a few words: Mon–Fri, not on holidays."""
    told = _run_of_days(days.weekdays)
    if days.as_sunday and "7" in days.weekdays and len(days.weekdays) < 7:
        told = _("%(days)s and holidays", days=told)
    elif days.as_sunday and told and "7" not in days.weekdays:
        told = _("%(days)s, not on holidays", days=told)
    if days.added:
        told = _("%(days)s and extra dates", days=told) if told else _("Only on some dates")
    if days.first or days.last:
        told += f" ({days.first}–{days.last})"
    return told or _("No days yet")


def days_of(kept: pb.RunDays) -> str:
    """Returns the days of a run that is kept in a few words."""
    typed = Days(
        "", tuple(str(each) for each in sorted(kept.weekdays)),
        kept.holidays == pb.HOLIDAY_RULE_AS_SUNDAY, kept.first_date, kept.last_date,
        " ".join(kept.added_dates),
    )  # fmt: skip
    return days_told(typed)


def _run_of_days(weekdays: Iterable[str]) -> str:
    numbers = sorted(int(each) for each in weekdays)
    if len(numbers) == 7:
        return str(_("Every day"))
    follow = numbers and numbers[-1] - numbers[0] == len(numbers) - 1
    if follow and len(numbers) > 2:
        return f"{day_name(str(numbers[0]))}–{day_name(str(numbers[-1]))}"
    return " ".join(day_name(str(each)) for each in numbers)


def told_ending(found: Ending) -> str:
    """Returns what is about to end, or has."""
    if found.is_over:
        return str(_("Ended on %(date)s", date=found.day.isoformat()))
    if found.left == 0:
        return str(_("Ends today"))
    return str(
        ngettext("Ends in %(num)s day (%(date)s)", "Ends in %(num)s days (%(date)s)", found.left,
                 date=found.day.isoformat())
    )  # fmt: skip


def told_lost(count: int) -> str:
    """Returns what to say of runs that were confirmed before they were changed."""
    return str(
        ngettext(
            "%(num)s run was changed and is no longer confirmed: ask the operator again.",
            "%(num)s runs were changed and are no longer confirmed: ask the operator again.",
            count,
        )
    )


def still_here() -> str:
    """Returns what to say of a form whose login had expired."""
    return str(_("You are signed in again. What you typed is still here; it is not kept yet."))


def name_of(names: Mapping[str, str], otherwise: str) -> str:
    """Returns a name in the language of the page, else in Japanese, else what there is."""
    return one_name(dict(names), locale()) or otherwise
