"""Curves of a period as the page draws them."""

from collections.abc import Callable, Sequence

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from services.edge.insights.bands import Band, band
from services.edge.insights.visitors.figures import TOLD, WITHHELD, Slot
from services.edge.insights.words import state_word

EVERY_HOURS, EVERY_DAYS = 3, 5


def hours_drawn(hours: Sequence[Slot]) -> Band:
    """Returns the curve per hour: of a day with its hours below, of more days with their dates."""
    one_day = len({hour.start.date() for hour in hours}) == 1

    def label(slot: Slot) -> str:
        if one_day:
            return str(slot.start.hour) if slot.start.hour % EVERY_HOURS == 0 else ""
        return f"{slot.start.month}/{slot.start.day}" if slot.start.hour == 12 else ""

    return _drawn(hours, label, hour_name)


def days_drawn(days: Sequence[Slot]) -> Band:
    """Returns the curve per day."""
    every = EVERY_DAYS if len(days) > 2 * EVERY_DAYS else 1

    def label(slot: Slot) -> str:
        return f"{slot.start.month}/{slot.start.day}" if (slot.start.day - 1) % every == 0 else ""

    return _drawn(days, label, day_name)


def weeks_drawn(weeks: Sequence[Slot]) -> Band:
    """Returns the curve per week, with the months below."""
    first_of: dict[tuple[int, int], Slot] = {}
    for slot in weeks:
        first_of.setdefault((slot.start.year, slot.start.month), slot)
    begins = {id(slot) for slot in first_of.values()}

    def label(slot: Slot) -> str:
        return str(slot.start.month) if id(slot) in begins else ""

    return _drawn(weeks, label, week_name)


def week_name(slot: Slot) -> str:
    """Returns a week by its first day, in the reader's language."""
    return str(_("Week from %(day)s", day=day_name(slot)))


def hour_name(slot: Slot) -> str:
    """Returns an hour as a row names it: 11/28 9:00."""
    return f"{slot.start.month}/{slot.start.day} {slot.start.hour}:00"


def day_name(slot: Slot) -> str:
    """Returns a day in the reader's language."""
    return str(format_skeleton("MMMEd", slot.start, locale=get_locale()))


def _drawn(
    slots: Sequence[Slot], label: Callable[[Slot], str], name: Callable[[Slot], str]
) -> Band:
    def hint(slot: Slot) -> str:
        if slot.state != TOLD or slot.figure is None:
            return f"{name(slot)} – {state_word(slot.state)}"
        estimate, low, high = slot.figure
        hole = f" – {state_word('hole')}" if slot.holes else ""
        return f"{name(slot)} – {estimate:,} ({low:,}–{high:,}){hole}"

    return band(
        [slot.figure for slot in slots],
        [slot.state == WITHHELD for slot in slots],
        [label(slot) for slot in slots],
        [hint(slot) for slot in slots],
        [slot.holes > 0 for slot in slots],
    )
