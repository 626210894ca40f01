"""What is wrong with a line, a walk or a taxi, in the language of the terminal, by its reason."""

import re
from gettext import gettext as _

from kit.pure.marked import N_

FAULTS = {
    "ADDED_AND_REMOVED": N_("one date is added and removed"),
    "BAD_AS_OF": N_("as_of is when it was recorded, such as 2024-04; a guess has none"),
    "BAD_BASIS": N_("basis is guessed or recorded; confirmed is what the confirmation says"),
    "BAD_DATE": N_("a date is written like 2026-11-29"),
    "BAD_FARE": N_("an amount is 0 to 1,000,000 yen; yen and meters go together"),
    "BAD_HOLIDAYS": N_("holidays is as_weekday or as_sunday"),
    "BAD_ID": N_("an id has lower-case letters, digits and -"),
    "BAD_LOCALE": N_("a language is written like zh-Hant"),
    "BAD_MINUTE": N_("the time is none of two days, or the walk takes too long"),
    "BAD_PHONE": N_("a phone number has digits, spaces, - and ( )"),
    "BAD_POINT": N_("latitude, longitude or how well they are known cannot be used"),
    "BAD_WEEKDAY": N_("weekdays are 1 for Monday to 7 for Sunday"),
    "DATES_GO_BACK": N_("the last date is before the first"),
    "FARE_TWICE": N_("there is a fare between these two stops already"),
    "NEVER_RUNS": N_("neither weekdays nor dates say when it runs"),
    "NOBODY": N_("nobody is named who asked"),
    "NOT_YET": N_("nobody can have confirmed it on a day to come"),
    "NO_NAME": N_("it has no name"),
    "NO_PHONE": N_("a taxi is called by telephone: its number is missing"),
    "PLACE_AND_POINT": N_("a stop at a place has no point of its own"),
    "RUN_TWICE": N_("two runs of the line have this id"),
    "SAME_PLACE": N_("both ends are the same place"),
    "STOP_DIFFERS": N_("another line says something else of this stop"),
    "STOP_TWICE": N_("both ends are the same stop"),
    "TEXT_TOO_LONG": N_("a text is too long"),
    "TIMES_GO_BACK": N_("a run is earlier at a later stop"),
    "TOO_FAR": N_("it is confirmed for more than two years"),
    "TOO_FEW_STOPS": N_("a line has two stops or more"),
    "TOO_FEW_TIMES": N_("a run stops at two of the stops or more"),
    "TOO_MANY_DATES": N_("more than 400 dates of a run, or 20,000 of a line"),
    "TOO_MANY_FARES": N_("more than 1,770 fares"),
    "TOO_MANY_RUNS": N_("more than 300 runs"),
    "TOO_MANY_STOPS": N_("more than 60 stops"),
    "TOO_MANY_TAXIS": N_("more than 20 taxis"),
    "TOO_MANY_WALKS": N_("more than 1,000 walks"),
    "UNKNOWN_RUN": N_("the line has no such run"),
    "UNKNOWN_STOP": N_("the line does not stop there"),
    "WALK_TWICE": N_("there is a walk between these two places already"),
    "WRONG_COUNT": N_("there is not one time for each stop of the line"),
    # Of the whole line.
    "OTHER_KIND": N_("a feed has this id already: take another one"),
    "TIMETABLES_FULL": N_("the area has as many timetables as it can have"),
    "VERSION_CONFLICT": N_("somebody changed it just now: say the same once more"),
    "CARD_NUMBER_TYPED": N_("a text holds a card's number"),
}
_REASON = re.compile(r"(.*) \[([A-Z_]+)\]", re.DOTALL)


def reason_of(text: str, otherwise: str) -> tuple[str, str]:
    """Returns sentence and reason of what a service said of a field."""
    found = _REASON.fullmatch(text)
    return (found[1], found[2]) if found else (text, otherwise)


def in_words(reason: str, english: str) -> str:
    """Returns the sentence for a reason; the service's own where there is none."""
    return _(FAULTS[reason]) if reason in FAULTS else english
