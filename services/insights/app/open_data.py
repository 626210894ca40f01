"""Publishing figures of days: choosing what, and reading what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kit.db import Transaction
from kit.pure.errors import VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.app.reading import RANGE_DAYS_MAX, span_of
from services.insights.domain.open_data import (
    KIND_OF,
    OpenDay,
    OpenMeasure,
    OpenSettings,
    checked,
    open_day,
)
from services.insights.domain.rollup import by_date
from services.insights.store import areas, kpi_sums
from services.insights.store import figures as sums
from services.insights.store import open_data as store

PREVIEW_DAYS = 7
FIRST = date(2002, 1, 1)  # of a span that is asked for before there is any day


@dataclass(frozen=True)
class Published:
    """What is published. first, last: dates that there are, None before the first event."""

    settings: OpenSettings
    days: Sequence[OpenDay]
    first: date | None
    last: date | None
    demo: bool


@dataclass(frozen=True)
class Choice:
    """The settings and their version; days as they would be told with everything chosen."""

    settings: OpenSettings
    version: int
    preview: Sequence[OpenDay]


async def read(deps: Deps, area: str, from_text: str, until_text: str) -> Published:
    """Returns what is published of the dates asked for. Errors: InvalidFields."""
    async with deps.db.read(area) as tx:
        settings, _version = await store.read(tx)
        first, last = await _there(deps, tx)
        state = await areas.read(tx)
        end = last or FIRST
        begin = end - timedelta(days=RANGE_DAYS_MAX - 1)
        span = span_of(from_text or until_text or begin.isoformat(), until_text or end.isoformat())
        days: Sequence[OpenDay] = ()
        if first and last and settings.measures:
            days = await _days(tx, max(first, span.first), min(last, span.last), settings.measures)
        return Published(settings, days, first, last, state.demo)


async def read_choice(deps: Deps, area: str) -> Choice:
    """Returns the choice, for who makes it."""
    async with deps.db.read(area) as tx:
        settings, version = await store.read(tx)
        first, last = await _there(deps, tx)
        preview: Sequence[OpenDay] = ()
        if first and last:
            since = max(first, last - timedelta(days=PREVIEW_DAYS - 1))
            preview = await _days(tx, since, last, tuple(OpenMeasure))
        return Choice(settings, version, preview)


async def save(
    deps: Deps, key: RequestKey, area: str, expected_version: int, given: OpenSettings
) -> int:
    """Keeps a choice and returns its version. An equal one changes nothing, whatever version.

    Errors: InvalidFields, VersionConflict.
    """
    settings = checked(given)
    async with deps.db.transaction(area) as tx:

        async def keep() -> int:
            await store.lock(tx)
            kept, version = await store.read(tx)
            if kept == settings:
                return version
            if version != expected_version:
                raise VersionConflict("Somebody else has changed this meanwhile. Look at it again.")
            await store.write(tx, settings, version + 1, deps.clock.now())
            return version + 1

        return await once(tx, key, int, keep)


async def _there(deps: Deps, tx: Transaction) -> tuple[date | None, date | None]:
    """Returns the first and the last date that is over; None, None before there is one."""
    first = await sums.first_date(tx)
    state = await areas.read(tx)
    last = deps.clock.now().astimezone(state.zone).date() - timedelta(days=1)
    return (first, last) if first and first <= last else (None, None)


async def _days(
    tx: Transaction, first: date, last: date, measures: Sequence[OpenMeasure]
) -> list[OpenDay]:
    kept = by_date(await sums.totals(tx, first, last) | await sums.by_shop(tx, first, last))
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    begins = await kpi_sums.begins(tx)
    return [
        open_day(
            kept.get(on, {}), on,
            [measure for measure in measures if begins.get(KIND_OF[measure], date.max) <= on],
        )
        for on in dates
    ]  # fmt: skip
