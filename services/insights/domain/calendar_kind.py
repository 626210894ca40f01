"""What kind of day a date is, by rule alone: nothing is measured, nothing has to be imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from kit.pure.public_holidays import holiday_names, is_public_holiday

LONG_DAYS = 3  # days off in a row that make a long weekend
LONGEST_RUN = 14  # no run of weekends and holidays in Japan is longer


class DayKind(StrEnum):
    """A kind of day. A date has one of the first three and may have others besides.

    OBON: 13 to 16 August, as shops and firms keep it; no law names it. NEW_YEAR: 29 December to 3
    January, when public offices are closed (Act on Holidays of Administrative Organs, art. 1).
    """

    WORKDAY = "workday"  # Monday to Friday, no national holiday
    WEEKEND = "weekend"  # Saturday or Sunday, no national holiday
    HOLIDAY = "holiday"  # national, substitutes and days between two of them included
    LONG_WEEKEND = "long_weekend"  # one of three or more days off in a row
    OBON = "obon"
    NEW_YEAR = "new_year"


@dataclass(frozen=True)
class CalendarDay:
    """A date and its kinds, in the order of DayKind. weekday: 0 is Monday. names: of its national
    holiday by locale (ja, en), empty on other days."""

    on: date
    weekday: int
    kinds: tuple[DayKind, ...]
    names: Mapping[str, str] = field(default_factory=dict)


def calendar_day(on: date) -> CalendarDay:
    """Returns what kind of day a date is."""
    holiday = is_public_holiday(on)
    kinds = [
        DayKind.HOLIDAY if holiday else DayKind.WEEKEND if on.weekday() >= 5 else DayKind.WORKDAY
    ]
    if is_off(on) and run_of(on) >= LONG_DAYS:
        kinds.append(DayKind.LONG_WEEKEND)
    if on.month == 8 and 13 <= on.day <= 16:
        kinds.append(DayKind.OBON)
    if (on.month, on.day) >= (12, 29) or (on.month, on.day) <= (1, 3):
        kinds.append(DayKind.NEW_YEAR)
    return CalendarDay(on, on.weekday(), tuple(kinds), holiday_names(on))


def run_of(on: date) -> int:
    """Returns how many days off stand in a row around one."""
    count = 1
    for step in (-1, 1):
        for away in range(1, LONGEST_RUN):
            if not is_off(on + timedelta(days=step * away)):
                break
            count += 1
    return count


def is_off(on: date) -> bool:
    """Tells whether a day is a Saturday, a Sunday or a national holiday."""
    return on.weekday() >= 5 or is_public_holiday(on)
