"""When a provider pays: what is kept of it for a way to pay, and the day that follows from it.

It is what the provider's terms say, so it is an expectation and nothing is posted by it. A payday
on which banks are closed moves, each provider's in its own way: the day here is the written one.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LAST_DAY = 31  # of a month, however long it is
MAX_DAYS = 90
MAX_MONTHS_LATER = 2
MAX_CLOSINGS = 6
_CLOSING = re.compile(r"([0-9]{1,2})\+([0-9])/([0-9]{1,2})")


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A closing within a month, paid on a day of the same month or of one after it.

    closing_day, payout_day: 1 to 31; one that a month has not is its last.
    """

    closing_day: int
    months_later: int
    payout_day: int


@dataclass(frozen=True, kw_only=True)
class PayoutTerms:
    """closings: in the order of their days, empty for none. Without them each sale is paid `days`
    later; with a weekday, 1 for Monday to 7, the sales up to that weekday `days` after it."""

    days: int = 0
    weekday: int = 0
    closings: tuple[Closing, ...] = ()


class Due(StrEnum):
    """How an expected day lies to today."""

    UNKNOWN = "unknown"
    COMING = "coming"
    OVER = "over"


def terms_problems(terms: PayoutTerms) -> list[str]:
    """Returns what cannot be used, as sentences that say what to do."""
    bad = []
    if not 0 <= terms.days <= MAX_DAYS:
        bad.append(f"a payout is 0 to {MAX_DAYS} days later")
    if not 0 <= terms.weekday <= 7:
        bad.append("give a weekday from 1 for Monday to 7, or 0 for none")
    if terms.closings and (terms.days or terms.weekday):
        bad.append("give days of the month or days after the sale, not both")
    days = [each.closing_day for each in terms.closings]
    if days != sorted(set(days)) or len(days) > MAX_CLOSINGS:
        bad.append(f"give at most {MAX_CLOSINGS} closings, each on a later day")
    for each in terms.closings:
        if not _is_day(each):
            bad.append("give days of the month from 1 to 31")
        elif not 0 <= each.months_later <= MAX_MONTHS_LATER:
            bad.append(f"a closing is paid at most {MAX_MONTHS_LATER} months later")
        elif each.months_later == 0 and each.payout_day < each.closing_day:
            bad.append(f"the closing on day {each.closing_day} is paid before it")
    return bad


def _is_day(each: Closing) -> bool:
    return 1 <= each.closing_day <= LAST_DAY and 1 <= each.payout_day <= LAST_DAY


def expected_payout(terms: PayoutTerms | None, sold: date) -> date | None:
    """Returns the day on which a sale is to be paid, None where the terms are not known."""
    if terms is None:
        return None
    if not terms.closings:
        wait = (terms.weekday - sold.isoweekday()) % 7 if terms.weekday else 0
        return sold + timedelta(days=wait + terms.days)
    year, month = sold.year, sold.month
    found = next(
        (each for each in terms.closings if sold <= _day(year, month, each.closing_day)), None
    )
    if found is None:  # after the last closing of its month
        year, month = _later(year, month, 1)
        found = terms.closings[0]
    return _day(*_later(year, month, found.months_later), found.payout_day)


def due(expected: date | None, today: date) -> Due:
    """Tells how a day lies to today; on the day itself money may still come."""
    if expected is None:
        return Due.UNKNOWN
    return Due.COMING if today <= expected else Due.OVER


def _later(year: int, month: int, months: int) -> tuple[int, int]:
    count = year * 12 + month - 1 + months
    return count // 12, count % 12 + 1


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def read_terms(text: str) -> PayoutTerms:
    """Reads terms as files of shops write them: "days 2", "weekday 3 days 2" or, by the month,
    "15+0/31 31+1/15": closed on the 15th and paid on its last day, closed on the last day and paid
    on the 15th of the next month. Errors: ValueError with a sentence."""
    words = text.split()
    if words and all(_CLOSING.fullmatch(word) for word in words):
        numbers = [[int(part) for part in re.split(r"[+/]", word)] for word in words]
        return PayoutTerms(closings=tuple(
            Closing(closing_day=closes, months_later=later, payout_day=pays)
            for closes, later, pays in numbers
        ))  # fmt: skip
    named = dict(zip(words[::2], words[1::2], strict=False))
    twice = len(words) != 2 * len(named)  # or a word without its number
    if twice or "days" not in named or set(named) - {"days", "weekday"} or not all(
        re.fullmatch(r"[0-9]{1,2}", value) for value in named.values()
    ):  # fmt: skip
        raise ValueError('write "days 2", "weekday 3 days 2" or "31+1/31"')
    return PayoutTerms(days=int(named["days"]), weekday=int(named.get("weekday", "0")))
