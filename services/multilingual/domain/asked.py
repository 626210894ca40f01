"""The asked list: what visitors asked for and nobody has seen to, most useful first.

A *matter* is put on the list by what visitors did, never by a person, and leaves it when that ends.
A person marks it as done or puts it off; done, it returns when the same thing goes on afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from kit.pure.errors import InvalidFields, NotFound
from kit.pure.suppression import K
from services.multilingual.domain.narration import holds_forbidden

WINDOW_DAYS = 30
KEEP_DAYS = 365  # marks, with who made them
MAX_MARKS = 500  # shown
MAX_REASON = 200
MAX_PUT_OFF_DAYS = 180
MAX_UNLIKED = 6_000
STRAYS_SHOWN = 20
TEXTS_SHOWN = 5

# What one view is worth to the visitor behind it: led nowhere, read in another language, read what
# is no longer true, read what few like. A language that is not offered would need every text.
NOWHERE, OTHER_LANGUAGE, OLD_WORDS, NOT_LIKED, NOT_OFFERED = 1.0, 0.5, 0.25, 0.5, 0.25


class MatterUnknown(NotFound):
    """There is no such matter. Open the list again."""


class MarkUnknown(NotFound):
    """There is no such mark. Open the list again."""


class Kind(IntEnum):
    """What a matter is about; the numbers are those of the contract."""

    STRAY_CODE = 1
    UNLIKED_TEXT = 2
    LANGUAGE_BEHIND = 3
    LANGUAGE_NOT_OFFERED = 4


class Outcome(IntEnum):
    """What somebody said about a matter; the numbers are those of the contract."""

    DONE = 1
    PUT_OFF = 2


@dataclass(frozen=True, order=True)
class Matter:
    """Names a matter. stop_code, locale: "" where it has none."""

    kind: Kind
    stop_code: str = ""
    locale: str = ""


@dataclass(frozen=True)
class Mark:
    """What somebody said about a matter; never changed, at most taken back."""

    mark_id: str
    matter: Matter
    outcome: Outcome
    reason: str
    author: str
    create_time: datetime
    until_time: datetime | None = None
    withdraw_time: datetime | None = None

    def holds_back(self, now: datetime) -> bool:
        """Tells whether its matter is off the list whatever visitors do: put off, not yet over."""
        return self.until_time is not None and now < self.until_time

    @property
    def done_time(self) -> datetime | None:
        """From when on only what happens afterwards counts; None for what was put off."""
        return self.create_time if self.outcome is Outcome.DONE else None


@dataclass(frozen=True)
class Wished:
    """A text wished for in a language that is behind. outdated: else it is missing."""

    stop_code: str
    views: int
    outdated: bool


@dataclass(frozen=True)
class Item:
    """A matter that waits. views: as counted, told by band only; worth: what puts it in order.

    last: of a stray code, the last day. texts: of a language that is behind, most wished for first.
    """

    matter: Matter
    views: int
    worth: float
    last: date | None = None
    texts: tuple[Wished, ...] = ()
    earlier: Mark | None = None


def band(views: int) -> int:
    """Returns 10, 20, 50, 100, 200 … so that there are at least so many views; 0 below K.

    Steps of one or two views would tell what one visitor did to whoever reads the list twice.
    """
    found, step = 0, K
    while step <= views:
        found = next(step * times for times in (5, 2, 1) if step * times <= views)
        step *= 10
    return found


def behind(locale: str, texts: Iterable[Wished]) -> Item | None:
    """Returns a language of the area with what was wished in it, None for fewer than K views."""
    found = sorted(texts, key=lambda each: (-_worth(each), each.stop_code))
    views = sum(each.views for each in found)
    if views < K:
        return None
    worth = sum(map(_worth, found))
    return Item(Matter(Kind.LANGUAGE_BEHIND, locale=locale), views, worth, texts=tuple(found))


def not_offered(locale: str, views: int) -> Item | None:
    """Returns a language that the area does not offer, None for fewer than K views."""
    matter = Matter(Kind.LANGUAGE_NOT_OFFERED, locale=locale)
    return Item(matter, views, views * NOT_OFFERED) if views >= K else None


def stray(code: str, views: int, last: date) -> Item | None:
    """Returns a code that leads nowhere, None for fewer than K times."""
    matter = Matter(Kind.STRAY_CODE, stop_code=code)
    return Item(matter, views, views * NOWHERE, last) if views >= K else None


def unliked(stop_code: str, locale: str, views: int, percent: int) -> Item:
    """Returns a text that few like. views: of that text; percent: who do not like it, about."""
    matter = Matter(Kind.UNLIKED_TEXT, stop_code, locale)
    return Item(matter, 0, views * NOT_LIKED * percent / 100)


def in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """Returns items most useful first; of stray codes, which strangers can make up, the first."""
    found, strays = [], 0
    for each in sorted(items, key=lambda each: (-each.worth, each.matter)):
        strays += each.matter.kind is Kind.STRAY_CODE
        if each.matter.kind is not Kind.STRAY_CODE or strays <= STRAYS_SHOWN:
            found.append(each)
    return tuple(found)


def day_after(mark: Mark | None, window: date, zone_date: date | None) -> date:
    """Returns the first day that counts: that of the window, or the one after the mark's own.

    zone_date: the area's date when the mark was made. What went on earlier that day is no sign
    that it was not done.
    """
    if mark is None or mark.done_time is None or zone_date is None:
        return window
    return max(window, zone_date + timedelta(days=1))


def newest(marks: Iterable[Mark]) -> Mapping[Matter, Mark]:
    """Returns the mark in force of each matter. marks: newest first."""
    found: dict[Matter, Mark] = {}
    for each in marks:
        if each.withdraw_time is None:
            found.setdefault(each.matter, each)
    return found


def check_mark(outcome: Outcome | None, reason: str, put_off_days: int) -> None:
    """Errors: InvalidFields. reason: tidied."""
    wrong = []
    if outcome is None:
        wrong.append(("outcome", "say whether it is done or put off"))
    if len(reason) > MAX_REASON:
        wrong.append(("reason", f"at most {MAX_REASON} characters"))
    if holds_forbidden(reason):
        wrong.append(("reason", "control and direction marks cannot be kept; type it anew"))
    if outcome is Outcome.PUT_OFF and not reason:
        wrong.append(("reason", "say why it is put off"))
    if outcome is Outcome.PUT_OFF and not 1 <= put_off_days <= MAX_PUT_OFF_DAYS:
        wrong.append(("put_off_days", f"1 to {MAX_PUT_OFF_DAYS}"))
    if outcome is Outcome.DONE and put_off_days:
        wrong.append(("put_off_days", "what is done is not put off"))
    if wrong:
        raise InvalidFields(wrong)


def _worth(text: Wished) -> float:
    return text.views * (OLD_WORDS if text.outdated else OTHER_LANGUAGE)
