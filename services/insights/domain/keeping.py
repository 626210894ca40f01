"""How long single facts are kept; what they add up to stays for good.

A fact is kept until so many whole months after the month of its date are over. Each group has as
many as somebody still needs the facts themselves for:

* answers: what people said. Ratings and surveys are told by whole months; half a year later every
  phone that had no signal has reported, and the list of unliked texts looks at two months alone.
  What a month told is written down before its answers go.
* happenings: pages opened, plans, entries, closures. Two whole years: so far an area whose zone was
  set wrongly can be dated anew, and any sum be counted again beside it.
* money: payments as heard. Until the accounts of the fiscal year before the last are settled,
  closes of shops are compared with them payment by payment; the books themselves are payments'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.insights.domain.fact import Kind
from services.insights.domain.months import plus


class Group(StrEnum):
    """Facts that are kept equally long."""

    ANSWERS = "answers"
    HAPPENINGS = "happenings"
    MONEY = "money"


@dataclass(frozen=True)
class Term:
    """Whole months after that of a fact. usual: without a choice, and the most; least: the least
    that an area may choose."""

    usual: int
    least: int


TERMS: Mapping[Group, Term] = {
    Group.ANSWERS: Term(6, 2),
    Group.HAPPENINGS: Term(24, 3),
    Group.MONEY: Term(24, 14),
}
LONGEST = max(term.usual for term in TERMS.values())

_ANSWERS = frozenset({Kind.RATED, Kind.UNRATED, Kind.ANSWERED})
_MONEY = frozenset({
    Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED, Kind.DECLINED, Kind.EXPIRED, Kind.UNKNOWN,
    Kind.RELEASED,
})  # fmt: skip


_PAYMENT = ("tender", "shop", "amount_yen", "practice")
# What a fact of a kind holds besides its date, hour and the id of its event: of each event that
# insights hears it takes these and nothing else (tests/unit/insights/test_records.py).
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SCAN: ("locale_asked", "locale_served", "locale_missed", "stop", "offline", "count"),
    Kind.RATED: ("face", "complaint"),
    Kind.UNRATED: ("face", "complaint"),
    Kind.ANSWERED: ("answer",),
    Kind.CAPTURED: (*_PAYMENT, "split_sale"),
    Kind.VOIDED: (*_PAYMENT, "split_sale"),
    Kind.REFUNDED: (*_PAYMENT, "split_sale", "ended"),
    Kind.DECLINED: (*_PAYMENT, "reason"),
    Kind.EXPIRED: _PAYMENT,
    Kind.UNKNOWN: _PAYMENT,
    Kind.RELEASED: (*_PAYMENT, "split_sale"),
    Kind.ADMITTED: ("shop", "origin", "persons", "practice"),
    Kind.PLANNED: ("chosen", "left_out", "persons"),
    Kind.REPAIRED: (),
    Kind.CLOSED: ("shop",),
    Kind.REOPENED: ("shop",),
}


@dataclass(frozen=True)
class KeepSettings:
    """What an area chose, in whole months; a group that is not in it has its usual term."""

    months: Mapping[Group, int]


def group_of(kind: Kind) -> Group:
    """Returns the group of a kind."""
    if kind in _ANSWERS:
        return Group.ANSWERS
    return Group.MONEY if kind in _MONEY else Group.HAPPENINGS


def checked(given: KeepSettings) -> KeepSettings:
    """Returns the settings without terms that are usual anyway. Errors: InvalidFields."""
    wrong = [
        (f"settings.{group.value}_months", f"give {TERMS[group].least} to {TERMS[group].usual}")
        for group, months in given.months.items()
        if not TERMS[group].least <= months <= TERMS[group].usual
    ]
    if wrong:
        raise InvalidFields(wrong)
    return KeepSettings(
        {group: months for group, months in sorted(given.months.items())
         if months != TERMS[group].usual}
    )  # fmt: skip


def months_kept(settings: KeepSettings, group: Group) -> int:
    """Returns for how many whole months after their own facts of a group are kept."""
    return settings.months.get(group, TERMS[group].usual)


def first_kept(settings: KeepSettings, today: date) -> dict[Kind, date]:
    """Returns of each kind the first date of which single facts are kept: always that of a month.

    today: in the area's own calendar.
    """
    this = today.replace(day=1)
    return {kind: plus(this, -months_kept(settings, group_of(kind))) for kind in Kind}


def to_seal(sealed: Mapping[Kind, date], kept: Mapping[Kind, date]) -> dict[Kind, date]:
    """Returns the kinds of which more is to go, and up to which date. A longer term brings nothing
    back: what is sealed stays so."""
    return {kind: first for kind, first in kept.items() if sealed.get(kind, date.min) < first}


def to_remove(settings: KeepSettings, sealed: Mapping[Kind, date]) -> dict[Kind, date]:
    """Returns of each kind the date before which facts go one by one.

    What is kept longest goes with the part of its month, which holds the first hours of the next
    one too where midnight is before that of UTC, as in Japan: a month later that part is over as
    a whole. By then whatever is left, said long after it happened, goes singly.
    """
    return {
        kind: plus(first, -1) if months_kept(settings, group_of(kind)) == LONGEST else first
        for kind, first in sealed.items()
    }
