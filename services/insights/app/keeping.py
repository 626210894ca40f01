"""Keeping facts: parts of months ahead of time, and letting go what is over its term."""

import asyncio
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kit import telemetry
from kit.db import ALL_AREAS, Transaction
from kit.pure.errors import VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.domain.fact import Kind
from services.insights.domain.keeping import (
    TERMS,
    Group,
    KeepSettings,
    checked,
    first_kept,
    group_of,
    to_remove,
    to_seal,
)
from services.insights.domain.months import ahead, plus
from services.insights.domain.ratings import Heard
from services.insights.domain.replies import Reply
from services.insights.domain.told import ToldMonth, told_month
from services.insights.store import areas, facts, figures, parts
from services.insights.store import keeping as store

EVERY_S = 6 * 3600.0
TIDYING = 0x74696479  # the lock of who tidies
REMOVED_AT_ONCE = 5_000  # rows a transaction, far below the statement's time limit
LEAST_MONTHS = min(term.least for term in TERMS.values())
ANSWERS = [kind for kind in Kind if group_of(kind) is Group.ANSWERS]


@dataclass(frozen=True)
class Choice:
    """The settings, their version, and from which date on single facts of each group are there:
    None where none has been let go yet."""

    settings: KeepSettings
    version: int
    sealed: dict[Group, date | None]


async def tidy(deps: Deps) -> int:
    """Makes the parts of the months to come, seals what is over its term in every area, and lets
    it go. Returns how many facts went one by one; whole parts are not counted by facts.

    Stopped at any point it may be run again: what is sealed is in no sum that is made anew. One
    process of the installation does it at a time; the others return 0.
    """
    async with deps.db.alone(TIDYING) as mine:
        return await _tidy(deps) if mine else 0


async def _tidy(deps: Deps) -> int:
    async with deps.db.transaction(ALL_AREAS) as tx:
        await parts.make(tx, ahead(deps.clock.now()))
        known = await areas.names(tx)
    for area in known:
        await _seal(deps, area)
    async with deps.db.read(ALL_AREAS) as tx:
        there = await parts.there(tx, plus(ahead(deps.clock.now())[0], -LEAST_MONTHS))
    for part in there:
        async with deps.db.transaction(ALL_AREAS) as tx:
            if await parts.drop_gone(tx, part):
                telemetry.FACT_PARTS_DROPPED.inc()
    return sum([await _remove(deps, area) for area in known])


async def _seal(deps: Deps, area: str) -> None:
    async with deps.db.read(area) as tx:
        state, (settings, _version) = await areas.read(tx), await store.read(tx)
        kept = first_kept(settings, deps.clock.now().astimezone(state.zone).date())
        wanted = to_seal(state.sealed, kept)
        if not wanted:
            return
        before = max((wanted[kind] for kind in ANSWERS if kind in wanted), default=date.min)
        heard = [
            (month, await _answers(tx, month))
            for month in await store.months_with(tx, ANSWERS, before)
        ]
    # Reading thousands and their chance takes a while, in which others read their day.
    told = {month: await asyncio.to_thread(told_month, *answers) for month, answers in heard}
    async with deps.db.transaction(area) as tx:
        # Alone: whoever counts a fact meanwhile must know whether its day is sealed.
        state = await areas.change(tx)
        await areas.take_time(tx)
        for month, each in told.items():
            await store.keep_told(tx, month, each)
        wanted = to_seal(state.sealed, kept)
        for kind, first in wanted.items():
            await facts.seal_late(tx, kind, first, state.sealed.get(kind))
        await areas.seal(tx, wanted)


async def _answers(tx: Transaction, month: date) -> tuple[Iterator[Heard], Iterator[Reply]]:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return (
        await figures.ratings_heard(tx, month, last), await figures.replies_heard(tx, month, last),
    )  # fmt: skip


async def _remove(deps: Deps, area: str) -> int:
    removed = 0
    while True:
        async with deps.db.transaction(area) as tx:
            settings, _version = await store.read(tx)
            before = to_remove(settings, (await areas.read(tx)).sealed)
            gone = await facts.remove(tx, before, REMOVED_AT_ONCE) if before else 0
        removed += gone
        telemetry.FACTS_REMOVED.inc(gone)
        if gone < REMOVED_AT_ONCE:
            return removed


async def read_told(tx: Transaction, first: date, sealed: bool) -> ToldMonth | None:  # noqa: FBT001 - what it is about
    """Returns what a month of answers told where they are sealed: nothing where nobody answered."""
    return (await store.read_told(tx, first) or ToldMonth()) if sealed else None


async def read_choice(deps: Deps, area: str) -> Choice:
    """Returns what the area chose, and what is gone."""
    async with deps.db.read(area) as tx:
        settings, version = await store.read(tx)
        state = await areas.read(tx)
    sealed = {
        group: min((first for kind, first in state.sealed.items() if group_of(kind) is group),
                   default=None)
        for group in Group
    }  # fmt: skip
    return Choice(settings, version, sealed)


async def save(
    deps: Deps, key: RequestKey, area: str, expected_version: int, given: KeepSettings
) -> int:
    """Keeps a choice and returns its version. An equal one changes nothing, whatever version.

    What goes by it goes with the next tidying, within hours. Errors: InvalidFields,
    VersionConflict.
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
