"""Public holidays of Japan (国民の祝日に関する法律), 振替休日 and 国民の休日 among them.

Source: the package `holidays` (MIT), asked here and nowhere else.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

LANGUAGES = {"ja": "ja", "en": "en_US"}  # of names, as the package calls them


def is_public_holiday(day: date) -> bool:
    """Tells whether a day is a public holiday, also a substituted one."""
    return day in of_year(day.year)


def holiday_names(day: date) -> Mapping[str, str]:
    """Returns the names of a public holiday by locale (ja, en), none on other days."""
    return of_year(day.year).get(day, {})


@lru_cache(maxsize=64)
def of_year(year: int) -> Mapping[date, Mapping[str, str]]:
    """Returns the public holidays of a year with their names by locale."""
    import holidays  # noqa: PLC0415 - 0.2 s that only a process that asks should pay

    found: dict[date, dict[str, str]] = {}
    for locale, language in LANGUAGES.items():
        for day, name in holidays.country_holidays("JP", years=year, language=language).items():
            found.setdefault(day, {})[locale] = name
    return found
