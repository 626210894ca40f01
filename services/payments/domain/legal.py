"""Figures the law asks for twice a year: unused prepaid balances on 31 March and 30 September.

Source: Payment Services Act (資金決済法): an issuer of prepaid means whose unused balance passes
10,000,000 yen on a base date notifies and deposits half. Points given free and admission tickets
are exempt. Meguri sells no stored value; the figure is computed from the ledger nevertheless.
"""

from dataclasses import dataclass
from datetime import date

LIMIT_YEN = 10_000_000
PREPAID_ACCOUNTS = "prepaid/"  # what holders of sold stored value are owed
POINT_ACCOUNTS = "points/"  # what holders of points given free are owed


@dataclass(frozen=True, kw_only=True)
class UnusedBalance:
    """What is unused on a base date. over_limit: notification and deposit are due."""

    base_date: date
    prepaid_yen: int
    free_points_yen: int

    @property
    def over_limit(self) -> bool:
        """Whether the law's duties begin."""
        return self.prepaid_yen > LIMIT_YEN


def base_dates(today: date, count: int = 4) -> list[date]:
    """Returns the latest base dates up to a day, newest first."""
    found: list[date] = []
    for year in range(today.year, today.year - count - 1, -1):
        found += [day for day in (date(year, 9, 30), date(year, 3, 31)) if day <= today]
    return found[:count]
