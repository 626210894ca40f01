"""The book of a fiscal year: put together, frozen, read again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, Refusal
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.domain import kpi as rules
from services.insights.domain.kpi import Figure, Measure, Series
from services.insights.domain.kpi_book import Book, KeptKpi, Kpi, kpi_of
from services.insights.domain.kpi_edition import Correction, Mark, corrections
from services.insights.domain.kpi_imported import ImportedMonth, beside_entered, from_import
from services.insights.domain.kpi_measures import from_events, month_of
from services.insights.domain.lines import is_line
from services.insights.store import areas, imported, kpi_editions, kpi_sums, kpis
from services.insights.store import figures as sums

LAST_YEARS = 10  # before the book's own, of figures from events

Measured = Mapping[Measure, Mapping[str, Figure]]


class NothingChanged(Refusal):
    """The book says the same as its newest edition."""


@dataclass(frozen=True)
class Standing:
    """A book as it stands. changed: it says something else than its newest edition, or there is
    none; pending: what an edition frozen now would correct in that."""

    book: Book
    editions: Sequence[Mark]
    retired: Sequence[Kpi]
    changed: bool
    pending: Sequence[Correction]


@dataclass(frozen=True)
class Edition:
    """A frozen book, its mark and digest, and what it corrects in the one before."""

    book: Book
    mark: Mark
    digest: str
    corrections: Sequence[Correction]


async def read_year(deps: Deps, tx: Transaction, fiscal_year: int) -> Standing:
    """Returns the book of a year as it stands; 0 for the running one. Errors: InvalidFields.

    Figures from events are of whole days: of the running one nothing is in it.
    """
    state = await areas.read(tx)
    today = deps.clock.now().astimezone(state.zone).date()
    year = fiscal_year or rules.year_of(today)
    if not rules.is_year(year):
        raise InvalidFields([("fiscal_year", f"give {rules.FIRST_YEAR} to {rules.LAST_YEAR}")])
    first, last = rules.dates_of(year)
    until = min(last, today - timedelta(days=1))
    found = await kpis.read_all(tx)
    measured = await _measured(tx, year, until, {kept.settings.measure for kept in found})
    entered = await kpis.entered(tx)
    begun = tuple(m for m in rules.months_of(year) if rules.first_day(m) <= today)

    of_files = await _imported(tx, found, today)

    def in_book(kept: KeptKpi) -> Kpi:
        own = beside_entered(of_files.get(kept.kpi_id, {}), entered.get(kept.kpi_id, {}))
        own |= measured.get(kept.settings.measure, {})
        return kpi_of(kept, own, year, begun, rules.year_of(today))

    book = Book(
        year, first.isoformat(), last.isoformat(),
        until.isoformat() if until >= first else "",
        tuple(in_book(kept) for kept in found if not kept.settings.retired),
        await sums.shop_count(tx, first, until), await kpis.read_frame(tx, year), state.demo,
    )  # fmt: skip
    marks = await kpi_editions.marks(tx, year)
    newest = await kpi_editions.read(tx, year, marks[0].number) if marks else None
    pending = tuple(corrections(newest[0], book)) if newest else ()
    retired = [in_book(kept) for kept in found if kept.settings.retired]
    return Standing(book, marks, retired, newest is None or bool(pending), pending)


async def _imported(
    tx: Transaction, found: Sequence[KeptKpi], today: date
) -> dict[str, dict[str, Figure]]:
    """Returns the figures of KPIs that take theirs from what was imported."""
    return {
        kept.kpi_id: from_import(
            kept.settings.series, await imported_months(tx, kept.settings.series), month_of(today)
        )
        for kept in found if kept.settings.series is not None
    }  # fmt: skip


async def imported_months(tx: Transaction, series: Series) -> list[ImportedMonth]:
    """Returns all months of what and where a series is of."""
    return [
        ImportedMonth(
            month_of(each.month), each.value, each.source_note, each.number, each.signed_as,
            each.kept_time.isoformat(),
        )
        for each in await imported.months_of(tx, series.measure, series.place)
        if (each.measure, each.place) == (series.measure, series.place)
    ]  # fmt: skip


async def _measured(
    tx: Transaction, year: int, until: date, measures: set[Measure]
) -> dict[Measure, dict[str, Figure]]:
    if not measures - {Measure.HAND}:
        return {}
    begun = await kpi_sums.begins(tx)
    first = rules.dates_of(max(rules.FIRST_YEAR, year - LAST_YEARS))[0]
    first = max(first, min(begun.values(), default=first))
    found = await kpi_sums.read(
        tx, begun, first, until, origins=Measure.FOREIGN_ENTRIES in measures,
        sales=Measure.TAKINGS in measures,
    )  # fmt: skip
    return from_events(found, first, until)


async def freeze(
    deps: Deps, key: RequestKey, area: str, fiscal_year: int, note: str, signed_as: str
) -> int:
    """Freezes the book of a year as its next edition and returns the number.

    Errors: InvalidFields, NothingChanged.
    """
    note, signed_as = note.strip(), signed_as.strip()
    wrong = [
        (name, "give one line")
        for name, text, most in (
            ("note", note, rules.MOST_NOTE), ("signed_as", signed_as, rules.MOST_OWNER),
        )
        if not text or not is_line(text, most)
    ]  # fmt: skip
    if not rules.is_year(fiscal_year):
        wrong.append(("fiscal_year", "give a year"))
    if wrong:
        raise InvalidFields(wrong)
    async with deps.db.transaction(area) as tx:

        async def make() -> int:
            await kpis.lock(tx)
            standing = await read_year(deps, tx, fiscal_year)
            if not standing.book.kpis:
                raise InvalidFields([("fiscal_year", "a book without KPIs says nothing")])
            if not standing.changed:
                raise NothingChanged(
                    "The newest edition says the same. There is nothing to freeze."
                )
            number = standing.editions[0].number + 1 if standing.editions else 1
            await kpi_editions.freeze(
                tx, standing.book, number, note, signed_as, key.principal, deps.clock.now()
            )
            return number

        return await once(tx, key, int, make)


async def read_edition(deps: Deps, area: str, fiscal_year: int, number: int) -> Edition:
    """Returns an edition as it was frozen. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        found = await kpi_editions.read(tx, fiscal_year, number)
        if found is None:
            raise NotFound("There is no such edition. Open the book of the year again.")
        before = await kpi_editions.read(tx, fiscal_year, number - 1)
    book, mark, digest = found
    changes = tuple(corrections(before[0], book)) if before else ()
    return Edition(book, mark, digest, changes)
