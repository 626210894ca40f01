"""Editions of a book: frozen for good, numbered, each with what it corrects in the one before."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.insights.domain.kpi import Point
from services.insights.domain.kpi_book import Book, Kpi


@dataclass(frozen=True)
class Mark:
    """An edition's number within its fiscal year, who froze it, when (ISO 8601, UTC) and why."""

    number: int
    frozen_time: str
    frozen_by: str
    note: str


@dataclass(frozen=True)
class Correction:
    """What an edition says otherwise than the one before. kpi: None for the whole book. what: see
    the message. before, after: None where nothing is said."""

    kpi: Kpi | None
    what: str
    before: int | None
    after: int | None


def digest(text: str) -> str:
    """Returns the SHA-256 of what was frozen, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def says_the_same(one: Book, other: Book) -> bool:
    """Tells whether two books say the same of all but until when events were heard."""
    return not list(corrections(one, other)) and _described(one) == _described(other)


def _described(book: Book) -> list[tuple[str, object]]:
    return [(kpi.kpi_id, kpi.settings) for kpi in book.kpis]


def corrections(before: Book, after: Book) -> Iterator[Correction]:
    """Yields what one edition says otherwise than the one before."""
    old = {kpi.kpi_id: kpi for kpi in before.kpis}
    for kpi in after.kpis:
        known = old.pop(kpi.kpi_id, None)
        if known is None:
            yield Correction(kpi, "added", None, _value(kpi))
        else:
            yield from _of_one(known, kpi)
    for kpi in old.values():
        yield Correction(kpi, "left_out", _value(kpi), None)
    for what, one, other in (
        ("shops", before.frame.shop_count, after.frame.shop_count),
        ("reporting_shops", before.reporting_shop_count, after.reporting_shop_count),
        ("costs", _cost(before), _cost(after)),
    ):
        if one != other:
            yield Correction(None, what, one, other)


def _of_one(before: Kpi, after: Kpi) -> Iterator[Correction]:
    pairs: list[tuple[str, int | None, int | None]] = [
        ("figure", _value(before), _value(after)),
        ("baseline", _of(before.settings.baseline), _of(after.settings.baseline)),
        ("target", _of(before.settings.target), _of(after.settings.target)),
    ]
    now = {each.period for kpi in (before, after) for each in kpi.years[-1:] if kpi.figure}
    old, new = _years(before), _years(after)
    pairs += [
        (year, old.get(year), new.get(year))
        for year in sorted(old.keys() | new.keys()) if year not in now
    ]  # fmt: skip
    for what, one, other in pairs:
        if one != other:
            yield Correction(after, what, one, other)


def _years(kpi: Kpi) -> dict[str, int]:
    return {each.period: each.figure.value for each in kpi.years if each.figure}


def _value(kpi: Kpi) -> int | None:
    return kpi.figure.value if kpi.figure else None


def _of(point: Point | None) -> int | None:
    return point.value if point else None


def _cost(book: Book) -> int:
    return sum(each.amount_yen for each in book.frame.costs)
