"""Help: taking requests exactly once, the steps of the staff, answers behind a link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kit.db import ALL_AREAS, Transaction
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import help as rules
from services.multilingual.domain import help_sent
from services.multilingual.domain.help import Act, HelpRequest, State, Step
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_sent import Rejected, Sent
from services.multilingual.store import areas
from services.multilingual.store import help as store
from services.multilingual.store import help_desk as desk_store
from services.multilingual.store import stops as stop_store

MAX_LISTED = 200
AT_ONCE = 100  # requests that the clock closes in one turn


@dataclass(frozen=True)
class Outcome:
    """What became of a batch. Kept for repeats: it holds nothing that was written."""

    recorded: int
    repeated: int
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True)
class Changed:
    """How a request stands after a step. Kept for repeats likewise."""

    help_id: str
    state: State
    version: int


@dataclass(frozen=True)
class Listed:
    """Requests with what is needed to tell when each is erased."""

    requests: tuple[HelpRequest, ...]
    desk: Desk
    now: datetime
    waiting: int
    overdue: int


@dataclass(frozen=True)
class Read:
    """One request with its steps."""

    request: HelpRequest
    steps: tuple[Step, ...]
    desk: Desk
    now: datetime


async def record(deps: Deps, key: RequestKey, area: str, batch: Sequence[Sent]) -> Outcome:
    """Takes what is new and right of a batch; the rest is told apart.

    Errors: InvalidFields, HelpDeskFull.
    """
    if len(batch) > help_sent.MAX_BATCH:
        raise InvalidFields([("help_requests", f"at most {help_sent.MAX_BATCH} at once")])
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:

        async def take() -> Outcome:
            settings = await areas.read_settings(tx)
            standing = rules.new_standing(await desk_store.read(tx), settings.time_zone, now)
            codes = [help_sent.code_of(each.stop_code) for each in batch]
            stops = await stop_store.places_of(tx, codes)
            judged = [
                help_sent.judge(each, stops, standing, now, settings.locales) for each in batch
            ]
            fine = {each.help_id: each for each in judged if isinstance(each, HelpRequest)}
            rejected = tuple(each for each in judged if isinstance(each, Rejected))
            new = await store.add_new(tx, list(fine.values()))
            waiting, _ = await store.count_waiting(tx, now)
            if new and waiting > rules.MAX_WAITING:
                raise rules.HelpDeskFull("Too many requests wait already. Send this one later.")
            return Outcome(new, len(batch) - len(rejected) - new, rejected)

        return await once(tx, key, Outcome, take)


async def change(
    deps: Deps, key: RequestKey, area: str, help_id: str, version: int, step: Step,
    due_date: str = "",
) -> Changed:  # fmt: skip
    """Takes a step with a request. step: its author and time are filled in here. due_date: see
    domain.help.due_of.

    Errors: HelpRequestUnknown, VersionConflict, HelpStepRefused, PlaceholderLeft, InvalidFields.
    """
    help_id, step = rules.id_of(help_id), rules.tidy_step(step)
    async with deps.db.transaction(area) as tx:

        async def act() -> Changed:
            now = deps.clock.now()
            found = _known(await store.lock(tx, help_id), await desk_store.read(tx), now)
            taken = replace(step, author=key.principal, step_time=now)
            if step.act is Act.SET_DUE:
                zone = (await areas.read_settings(tx)).time_zone
                taken = replace(taken, due_time=rules.due_of(due_date, zone, now))
            standing = rules.take_step(found.standing, version, taken)
            await store.add_step(tx, help_id, standing, taken)
            return Changed(help_id, standing.state, standing.version)

        return await once(tx, key, Changed, act)


async def list_requests(deps: Deps, area: str, *, closed: bool) -> Listed:
    """Returns requests that wait, overdue ones first, or those that were closed."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        desk = await desk_store.read(tx)
        listing = store.list_closed if closed else store.list_open
        found = [each for each in await listing(tx, MAX_LISTED) if not each.is_gone(desk, now)]
        waiting, overdue = await store.count_waiting(tx, now)
    return Listed(tuple(found), desk, now, waiting, overdue)


async def read(deps: Deps, area: str, help_id: str) -> Read:
    """Returns one request. Errors: HelpRequestUnknown."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        desk = await desk_store.read(tx)
        found = _known(await store.read(tx, rules.id_of(help_id)), desk, now)
        return Read(found, tuple(await store.list_steps(tx, found.help_id)), desk, now)


async def read_answer(deps: Deps, area: str, secret: str) -> Read:
    """Returns the request of a secret with its answers alone. Errors: HelpLinkUnknown."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        desk = await desk_store.read(tx)
        found = await store.read_by_secret(tx, rules.hash_of(secret))
        if found is None or found.is_gone(desk, now) or now >= found.link_expire_time():
            raise rules.HelpLinkUnknown("Nothing is to be read here, or no longer.")
        steps = await store.list_steps(tx, found.help_id)
    return Read(found, tuple(each for each in steps if each.act is Act.ANSWER), desk, now)


async def tidy_up(deps: Deps) -> bool:
    """Closes what was left open too long and erases what is over, in all areas. Returns whether
    there is more to close."""
    now = deps.clock.now()
    async with deps.db.transaction(ALL_AREAS) as tx:
        left = await store.left_open(
            tx, now - timedelta(days=rules.ANSWERED_DAYS),
            now - timedelta(days=rules.FORGOTTEN_DAYS), AT_ONCE,
        )  # fmt: skip
        await store.erase(tx, now, Desk.keep_days)
    for area, help_id in left:
        async with deps.db.transaction(area) as tx:
            await _close_by_clock(tx, help_id, now)
    return len(left) == AT_ONCE


async def _close_by_clock(tx: Transaction, help_id: str, now: datetime) -> None:
    found = await store.lock(tx, help_id)
    if found is None:
        return
    at = rules.clock_closes_at(found.standing, found.arrive_time)
    if at is None or at > now:  # somebody was faster
        return
    step = Step(Act.CLOSE, rules.CLOCK, now)
    standing = replace(
        found.standing, state=State.CLOSED, close_time=now, version=found.standing.version + 1
    )
    await store.add_step(tx, help_id, standing, step)


def _known(found: HelpRequest | None, desk: Desk, now: datetime) -> HelpRequest:
    if found is None or found.is_gone(desk, now):
        raise rules.HelpRequestUnknown("There is no such request. Open the list again.")
    return found
