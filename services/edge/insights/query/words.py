"""Measures, groups and values of questions in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from babel.dates import format_interval, format_skeleton, get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights.present import country_name, language_name, place_name
from services.edge.insights.words import reason_word

MEASURES: Mapping[int, Any] = {
    pb.QUERY_MEASURE_PAGES: _l("Pages of the guide"),
    pb.QUERY_MEASURE_ENTRIES: _l("People let in"),
    pb.QUERY_MEASURE_PLANS: _l("Days planned"),
    pb.QUERY_MEASURE_PLANNED_PEOPLE: _l("People in planned days"),
    pb.QUERY_MEASURE_SALES: _l("Sales kept"),
    pb.QUERY_MEASURE_TAKINGS: _l("Takings (yen)"),
    pb.QUERY_MEASURE_VISITORS: _l("Visitors by the hour (sensors)"),
    pb.QUERY_MEASURE_DEVICES: _l("Devices by the hour (sensors)"),
}
SENSED: Mapping[int, Any] = {
    pb.QUERY_MEASURE_VISITORS: _l(
        "Visitors of each hour as calibrated sensors estimate them, hours added up: whoever stays "
        "for three hours is in three. Withheld hours are not in it, so it can be too low."
    ),
    pb.QUERY_MEASURE_DEVICES: _l(
        "Devices of each hour as sensors count them, hours added up; not a number of people. "
        "Withheld hours are not in it, so it can be too low."
    ),
}
METHODS: Mapping[int, Any] = {
    pb.QUERY_MEASURE_PAGES: _l("Stop pages opened by QR code or link; not a number of people."),
    pb.QUERY_MEASURE_ENTRIES: _l("Persons let in with a ticket; practice not counted."),
    pb.QUERY_MEASURE_PLANS: _l("Days that visitors planned, whether followed or not."),
    pb.QUERY_MEASURE_PLANNED_PEOPLE: _l("Persons for whom days were planned."),
    pb.QUERY_MEASURE_SALES: _l("Sales of the linked shops, less canceled and refunded ones."),
    pb.QUERY_MEASURE_TAKINGS: _l("Taken less canceled and refunded, of the linked shops only."),
    **SENSED,
}
MONEY = frozenset({pb.QUERY_MEASURE_TAKINGS})
OF_SHOPS = frozenset({pb.QUERY_MEASURE_TAKINGS, pb.QUERY_MEASURE_SALES})

# Only held against something: a sum of degrees says nothing.
WEATHER: Mapping[int, Any] = {
    pb.QUERY_MEASURE_PRECIPITATION: _l("Rain (mm)"),
    pb.QUERY_MEASURE_TEMPERATURE_MAX: _l("Highest temperature (°C)"),
}
COMPARABLE: Mapping[int, Any] = {**MEASURES, **WEATHER}
RAIN: Mapping[int, Any] = {
    pb.RAIN_DRY: _l("Dry days"),
    pb.RAIN_RAIN: _l("Days with 1 to 10 mm of rain"),
    pb.RAIN_HEAVY_RAIN: _l("Days with 10 mm of rain or more"),
    pb.RAIN_UNKNOWN: _l("Weather not imported"),
}
_RAIN_OF_CODE = {"dry": 1, "rain": 2, "heavy_rain": 3, "unknown": 4}
BY_DAYS: Mapping[int, Any] = {
    pb.QUERY_BY_UNSPECIFIED: _l("all together"),
    pb.QUERY_BY_WEEKDAY: _l("day of the week"),
    pb.QUERY_BY_DAY_KIND: _l("workday, Saturday, holiday"),
    pb.QUERY_BY_RAIN: _l("rain"),
    pb.QUERY_BY_MONTH: _l("month"),
    pb.QUERY_BY_WEEK: _l("week"),
    pb.QUERY_BY_DAY: _l("day"),
}
BY_HOUR = _l("hour of the day")
_OF_SENSORS: Mapping[int, Any] = {pb.QUERY_BY_HOUR: BY_HOUR, pb.QUERY_BY_ZONE: _l("zone")}
# What only some measures can be split by, as the form lists it: measures first.
SPLITS: Mapping[int, Mapping[int, Any]] = {
    pb.QUERY_MEASURE_PAGES: {
        pb.QUERY_BY_HOUR: BY_HOUR,
        pb.QUERY_BY_LANGUAGE_ASKED: _l("language asked for"),
        pb.QUERY_BY_LANGUAGE_MISSED: _l("language asked for and not there"),
        pb.QUERY_BY_STOP: _l("stop"),
    },
    pb.QUERY_MEASURE_ENTRIES: {
        pb.QUERY_BY_HOUR: BY_HOUR,
        pb.QUERY_BY_ORIGIN: _l("country"),
        pb.QUERY_BY_GATE: _l("gate"),
    },
    pb.QUERY_MEASURE_PLANS: {
        pb.QUERY_BY_HOUR: BY_HOUR,
        pb.QUERY_BY_SPOT: _l("spot in the plan"),
        pb.QUERY_BY_LEFT_OUT: _l("why a wish was left out"),
    },
    pb.QUERY_MEASURE_VISITORS: _OF_SENSORS,
    pb.QUERY_MEASURE_DEVICES: _OF_SENSORS,
}
COLUMNS: Mapping[int, Any] = {
    pb.QUERY_BY_UNSPECIFIED: _l("no columns"),
    pb.QUERY_BY_RAIN: _l("rain"),
    pb.QUERY_BY_MONTH: _l("month"),
    pb.QUERY_BY_WEEKDAY: _l("day of the week"),
    pb.QUERY_BY_DAY_KIND: _l("workday, Saturday, holiday"),
    pb.QUERY_BY_RAIN: _l("rain"),
}
COMPARED: Mapping[int, Any] = {
    pb.QUERY_COMPARE_UNSPECIFIED: _l("nothing"),
    pb.QUERY_COMPARE_YEAR_BEFORE: _l("the same weeks a year before"),
    pb.QUERY_COMPARE_SPAN_BEFORE: _l("as many days right before"),
}
DAY_KINDS: Mapping[int, Any] = {
    pb.DAY_KIND_WORKDAY: _l("Workdays"),
    pb.DAY_KIND_SATURDAY: _l("Saturdays"),
    pb.DAY_KIND_HOLIDAY: _l("Sundays and holidays"),
}
_KIND_OF_CODE = {"workday": 1, "saturday": 2, "holiday": 3}
# Groups of which some have more days than others: their days are compared, not their sums.
PER_DAY = frozenset({
    pb.QUERY_BY_WEEKDAY, pb.QUERY_BY_DAY_KIND, pb.QUERY_BY_HOUR, pb.QUERY_BY_RAIN,
})  # fmt: skip
SOME_DAYS = PER_DAY - {pb.QUERY_BY_HOUR}  # of which each has a number of days of its own
IN_TIME = frozenset({pb.QUERY_BY_DAY, pb.QUERY_BY_WEEK, pb.QUERY_BY_MONTH})
ORDERED = PER_DAY | IN_TIME | {pb.QUERY_BY_UNSPECIFIED}


def by_word(by: int) -> str:
    """Returns what a question is split by."""
    known = [BY_DAYS, *SPLITS.values()]
    return next((str(words[by]) for words in known if by in words), "")


def fits(measure: int, by: int) -> bool:
    """Tells whether a measure can be split so."""
    return by in BY_DAYS or by in SPLITS.get(measure, {})


def value_word(by: int, value: str, names: Mapping[str, str]) -> str:
    """Returns what a row or column is called."""
    if by in _OF_DAYS:
        return _OF_DAYS[by](value)
    if by in {pb.QUERY_BY_LANGUAGE_ASKED, pb.QUERY_BY_LANGUAGE_MISSED}:
        return language_name(value)
    if by == pb.QUERY_BY_ORIGIN:
        return country_name(value) if value else str(_("Nobody asked them"))
    return reason_word(value) if by == pb.QUERY_BY_LEFT_OUT else place_name(names, value)


def _date(skeleton: str) -> Callable[[str], str]:
    return lambda value: str(
        format_skeleton(skeleton, date.fromisoformat(value), locale=get_locale())
    )


def _week(value: str) -> str:
    monday = date.fromisoformat(value)
    return str(format_interval(monday, monday + timedelta(days=6), "yMMMd", locale=get_locale()))


_OF_DAYS: Mapping[int, Callable[[str], str]] = {
    pb.QUERY_BY_UNSPECIFIED: lambda _value: str(_("All days")),
    pb.QUERY_BY_DAY: _date("yMMMEd"),
    pb.QUERY_BY_WEEK: _week,
    pb.QUERY_BY_MONTH: _date("yMMM"),
    pb.QUERY_BY_WEEKDAY: lambda value: weekday_word(int(value)),
    pb.QUERY_BY_DAY_KIND: lambda value: str(DAY_KINDS[_KIND_OF_CODE[value]]),
    pb.QUERY_BY_RAIN: lambda value: str(RAIN[_RAIN_OF_CODE[value]]),
    pb.QUERY_BY_HOUR: lambda value: f"{value}:00",
}


def weekday_word(number: int, width: str = "wide") -> str:
    """Returns a day of the week. number: ISO, Monday is 1."""
    names = get_day_names(width, "stand-alone", get_locale())  # type: ignore[arg-type] # one of its words
    return str(names[number - 1])


def span_word(first: str, last: str) -> str:
    """Returns the days from one to another in words."""
    days = date.fromisoformat(first), date.fromisoformat(last)
    if first == last:
        return str(format_skeleton("yMMMEd", days[0], locale=get_locale()))
    return str(format_interval(*days, "yMMMd", locale=get_locale()))
