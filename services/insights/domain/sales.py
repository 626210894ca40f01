"""How much of sales may be told to whoever does not keep the books: of many shops, or of whoever
says so.

The rule of official statistics for tables of businesses: a sum is told only where at least three
shops are in it and none makes up more than 70 % of it. A shop that consents may stand alone.

What consents is never told so that others come out: beside a sum that is told, shops stand alone
only while what is left of it is of many itself. "Left" is meant for somebody who noted everything
that was ever told: a shop that has taken its consent back counts as read, and as unread, whichever
leaves less. Where the sum is not told, only shops that consent are; so whatever is told of a cell
adds up to nothing else (decision 0088).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

LEAST_SHOPS, MOST_SHARE_PERCENT = 3, 70


@dataclass(frozen=True)
class Consents:
    """Shops that let their own figures be told. now: those that do; ever: and those that did."""

    now: frozenset[str] = frozenset()
    ever: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Told:
    """What of a cell may be told. whole: its sum. alone: shops whose own part may be told; with the
    sum that of all others together follows."""

    whole: bool
    alone: frozenset[str] = frozenset()


def of_many(by_shop: Mapping[str, int]) -> bool:
    """Tells whether a sum is of enough shops, none of which outweighs the others. Nothing at all
    may be told. by_shop: yen or sales; what goes back is below zero and weighs as much."""
    parts = [abs(part) for part in by_shop.values() if part]
    return not parts or (len(parts) >= LEAST_SHOPS and _is_level(max(parts), sum(parts)))


def told(by_shop: Mapping[str, int], consents: Set[str], ever: Iterable[str] = frozenset()) -> Told:
    """Returns what may be told of a cell. by_shop: of every shop in it, those with 0 too.

    consents: shops that consent now. ever: those that did at any time, where lines of single shops
    are told (the same cell may have been told before).
    """
    alone = frozenset(by_shop.keys() & consents)
    if alone == by_shop.keys():
        return Told(whole=True, alone=alone)
    if not of_many(by_shop):
        return Told(whole=False, alone=alone)
    return Told(whole=True, alone=alone if _leaves_many(by_shop, consents, ever) else frozenset())


def _leaves_many(
    by_shop: Mapping[str, int], consents: Set[str], ever: Iterable[str]
) -> bool:  # fmt: skip
    """Tells whether what is left is of many, whichever of the shops that took their consent back
    are left with those that never gave it: the worst is one of them alone."""
    given = consents | frozenset(ever)
    never = {shop: part for shop, part in by_shop.items() if shop not in given}
    weight = sum(abs(part) for part in never.values())
    taken_back = [abs(by_shop[shop]) for shop in (by_shop.keys() & given) - consents]
    return (
        weight > 0 and of_many(never) and all(_is_level(part, weight + part) for part in taken_back)
    )


def _is_level(part: int, whole: int) -> bool:
    return part * 100 <= MOST_SHARE_PERCENT * whole
