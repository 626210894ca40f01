"""How an area steers visitors to or around a POI: openly, within bounds, and never by who they are.

A capacity makes plans avoid the hours in which more people than fit would be there (crowd.py). A
recommendation makes a visit worth up to a fifth more for some weeks, and its reason is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.itinerary.domain.trip import DATE

# Of fewer people than K a plan that goes around a place could tell of one single party.
LEAST_CAPACITY, MOST_CAPACITY = K, 100_000
MOST_PERCENT = 20
MOST_DAYS = 180
MAX_REASON = 200
MAX_LOCALES = 20


@dataclass(frozen=True)
class Promotion:
    """The area recommends a POI. percent: how much more a visit is worth. first_date, last_date:
    of visits, YYYY-MM-DD. reason: by locale."""

    percent: int
    first_date: str
    last_date: str
    reason: Mapping[str, str]

    def holds_on(self, visit_date: str) -> bool:
        """Tells whether a visit on a date is recommended."""
        return self.first_date <= visit_date <= self.last_date


@dataclass(frozen=True)
class SpotSettings:
    """capacity: people who fit there at once; None: plans send any number."""

    capacity: int | None = None
    promotion: Promotion | None = None

    def promoted_percent(self, visit_date: str) -> int:
        """Returns how much more a visit on a date is worth."""
        promotion = self.promotion
        return promotion.percent if promotion and promotion.holds_on(visit_date) else 0


NOT_STEERED = SpotSettings()


def check_settings(settings: SpotSettings) -> None:
    """Errors: InvalidFields for what no area may set."""
    found = []
    capacity, promotion = settings.capacity, settings.promotion
    if capacity is not None and not LEAST_CAPACITY <= capacity <= MOST_CAPACITY:
        found.append(("settings.capacity", f"{LEAST_CAPACITY} to {MOST_CAPACITY:,} people"))
    if promotion is not None:
        if not 1 <= promotion.percent <= MOST_PERCENT:
            found.append(("settings.promotion.percent", f"1 to {MOST_PERCENT} percent"))
        found += _bad_dates(promotion) + _bad_reason(promotion.reason)
    if found:
        raise InvalidFields(found)


def _bad_dates(promotion: Promotion) -> list[tuple[str, str]]:
    days = []
    for name in ("first_date", "last_date"):
        text = getattr(promotion, name)
        try:
            if not DATE.fullmatch(text):
                raise ValueError("other ISO 8601 forms of a date are not ours")
            days.append(date.fromisoformat(text))
        except ValueError:
            return [(f"settings.promotion.{name}", "a date such as 2026-11-21")]
    if not 0 <= (days[1] - days[0]).days <= MOST_DAYS:
        text = f"on or after the first, at most {MOST_DAYS} days later"
        return [("settings.promotion.last_date", text)]
    return []


def _bad_reason(reason: Mapping[str, str]) -> list[tuple[str, str]]:
    name = "settings.promotion.reason"
    if not any(reason.get(locale, "").strip() for locale in ("ja", "en")):
        return [(name, "say why, in Japanese or English at least")]
    if len(reason) > MAX_LOCALES or any(len(text) > MAX_REASON for text in reason.values()):
        return [(name, f"at most {MAX_REASON} characters each")]
    return []
