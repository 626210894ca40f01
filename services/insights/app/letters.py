"""Letters: reading them, and deciding about their proposals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.app.letter_effects import Followed, followed, is_followed
from services.insights.domain import letter as rules
from services.insights.domain.letter import (
    Decided,
    Decision,
    Letter,
    LetterKind,
    Step,
    period_before,
)
from services.insights.store import areas, figures
from services.insights.store import letters as store

DAY = timedelta(days=1)
LISTED = 200
DRAWN = 12  # effects that are told by day; those before them in words alone
MISSING = "There is no such letter. Open the list again."


@dataclass(frozen=True)
class Shown:
    """A letter as it was written, with its digest, and what was decided about it since."""

    letter: Letter
    digest: str
    write_time: datetime
    decided: Sequence[Decided]


@dataclass(frozen=True)
class Shelf:
    """All letters, the newest first, and the actions that are followed. next_dates: by kind, when
    the next letter can be written, None before the first event."""

    letters: Sequence[Shown]
    followed: Sequence[Followed]
    next_dates: dict[LetterKind, date | None]
    demo: bool


async def read_letter(deps: Deps, area: str, number: int) -> Shown:
    """Returns a letter, the newest for 0. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        found = await store.read(tx, number or await store.newest(tx))
        if found is None:
            raise NotFound(MISSING)
        return await _shown(tx, *found)


async def _shown(tx: Transaction, letter: Letter, digest: str, at: datetime) -> Shown:
    return Shown(letter, digest, at, await store.decided(tx, [letter]))


async def read_shelf(deps: Deps, area: str) -> Shelf:
    """Returns the newest letters and the actions that are followed."""
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        today = deps.clock.now().astimezone(state.zone).date()
        found = await store.read_all(tx, LISTED)
        decided = await store.decided(tx, [letter for letter, _digest, _at in found])
        effects = await store.effects(tx)
        first = await figures.first_date(tx)
    by_letter: dict[int, list[Decided]] = {}
    for one in decided:
        by_letter.setdefault(one.number, []).append(one)
    return Shelf(
        [
            Shown(letter, digest, at, by_letter.get(letter.number, ()))
            for letter, digest, at in found
        ],
        _drawn([followed(one, effects) for one in decided if is_followed(one)]),
        {
            kind: None if first is None else _next_date(kind, first, today)
            for kind in LetterKind
        },
        state.demo,
    )  # fmt: skip


def _drawn(found: Sequence[Followed]) -> list[Followed]:
    """Returns actions, the newest with the days of their effects: of years they would be more than
    a message holds."""
    return [
        replace(one, effect=replace(one.effect, days=())) if one.effect and n >= DRAWN else one
        for n, one in enumerate(found)
    ]


def _next_date(kind: LetterKind, first: date, today: date) -> date:
    begins = rules.period_after(kind, first)
    if begins > today:
        return begins
    on = today + DAY
    while period_before(kind, on).last != on - DAY:
        on += DAY
    return on


async def decide(
    deps: Deps, key: RequestKey, area: str, number: int, proposal_key: str,
    expected_version: int, given: Decision,
) -> int:  # fmt: skip
    """Keeps what somebody decided about a proposal and returns its version. The same once more
    changes nothing, whatever version. Errors: InvalidFields, NotFound, VersionConflict."""
    given = replace(
        given, owner=given.owner.strip(), reason=given.reason.strip(),
        signed_as=given.signed_as.strip(),
    )  # fmt: skip
    async with deps.db.transaction(area) as tx:

        async def keep() -> int:
            await store.lock(tx)
            now = deps.clock.now()
            rules.check_decision(given, now.astimezone((await areas.read(tx)).zone).date())
            found = await store.read(tx, number)
            known = await store.decided(tx, [found[0]]) if found else []
            one = next((each for each in known if each.proposal.key == proposal_key), None)
            if one is None:
                raise NotFound("There is no such proposal. Open the letter again.")
            if _same(one.standing, given):
                return one.version
            if one.version != expected_version:
                raise VersionConflict("Somebody else has decided meanwhile. Look at it again.")
            if given.step is Step.TAKEN_BACK and one.standing is None:
                raise InvalidFields([("step", "there is nothing to take back")])
            version = one.version + 1
            await store.decide(
                tx, number, proposal_key, replace(given, version=version), key.principal, now
            )
            return version

        return await once(tx, key, int, keep)


def _same(held: Decision | None, given: Decision) -> bool:
    return held is not None and (held.step, held.owner, held.on_date, held.reason) == (
        given.step, given.owner, given.on_date, given.reason,
    )  # fmt: skip
