"""Editions of a book: frozen for good, numbered, each with what it corrects in the one before."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.insights.domain.kpi import Figure, KpiSettings, Point
from services.insights.domain.kpi_book import Book, Kpi


@dataclass(frozen=True)
class Mark:
    """An edition's number within its fiscal year, who froze it, when (ISO 8601, UTC) and why."""

    number: int
    frozen_time: str
    frozen_by: str
    note: str


@dataclass(frozen=True)
class Said:
    """What a book says of something. high: the most it can be. year: of a baseline or target, else
    0."""

    value: int
    high: int
    year: int = 0


@dataclass(frozen=True)
class Correction:
    """What an edition says otherwise than the one before. kpi: None for the whole book. what: see
    the message. before, after: None where nothing is said."""

    kpi: Kpi | None
    what: str
    before: Said | None = None
    after: Said | None = None


def digest(text: str) -> str:
    """Returns the SHA-256 of what was frozen, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def corrections(before: Book, after: Book) -> Iterator[Correction]:
    """Yields what one edition says otherwise than the one before, whatever of it is printed; but
    until when events were heard is not."""
    old = {kpi.kpi_id: kpi for kpi in before.kpis}
    for kpi in after.kpis:
        known = old.pop(kpi.kpi_id, None)
        if known is None:
            yield Correction(kpi, "added", None, _of(kpi.figure))
        else:
            yield from _of_one(known, kpi)
    for kpi in old.values():
        yield Correction(kpi, "left_out", _of(kpi.figure), None)
    for what, one, other in (
        ("shops", before.frame.shop_count, after.frame.shop_count),
        ("reporting_shops", before.reporting_shop_count, after.reporting_shop_count),
        ("costs", _cost(before), _cost(after)),
    ):
        if one != other:
            yield Correction(None, what, Said(one, one), Said(other, other))
        elif what == "costs" and before.frame.costs != after.frame.costs:
            yield Correction(None, "cost_lines")


def _of_one(before: Kpi, after: Kpi) -> Iterator[Correction]:
    pairs = [
        ("figure", _of(before.figure), _of(after.figure)),
        ("baseline", _at(before.settings.baseline), _at(after.settings.baseline)),
        ("target", _at(before.settings.target), _at(after.settings.target)),
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
    if pairs[0][1] == pairs[0][2] and _from(before.figure) != _from(after.figure):
        yield Correction(after, "source")
    if _described(before.settings) != _described(after.settings):
        yield Correction(after, "description")


def _years(kpi: Kpi) -> dict[str, Said | None]:
    return {each.period: _of(each.figure) for each in kpi.years if each.figure}


def _of(figure: Figure | None) -> Said | None:
    return Said(figure.value, figure.high) if figure else None


def _at(point: Point | None) -> Said | None:
    return Said(point.value, point.value, point.fiscal_year) if point else None


def _from(figure: Figure | None) -> object:
    # Not when: the same figure entered again from the same place says nothing new.
    return figure and (
        figure.certainty, figure.months, figure.entered_by, figure.source_note, figure.untold_days,
    )  # fmt: skip


def _described(settings: KpiSettings) -> KpiSettings:
    return replace(settings, baseline=None, target=None)


def _cost(book: Book) -> int:
    return sum(each.amount_yen for each in book.frame.costs)
