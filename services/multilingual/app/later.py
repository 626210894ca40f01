"""Showing a text from some time on: planning it, taking that back, and doing it.

What publishing asks for is asked when it is planned and once more when its time comes: somebody
may have published meanwhile, or the language may ask for a second reader since.
"""

from datetime import datetime

from kit.db import ALL_AREAS, Transaction
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.drafts import PROBLEMS
from services.multilingual.app.publishing import Showing, check_readings, show
from services.multilingual.app.studio import check_locale
from services.multilingual.domain.later import Plan, PlanUnknown, check_due
from services.multilingual.domain.narration import (
    Head,
    Reading,
    Revision,
    RevisionUnknown,
    check_replaced,
)
from services.multilingual.domain.review import NothingToReview, reading_of, tidy_reason
from services.multilingual.store import later as store
from services.multilingual.store import narrations, reviews

AT_ONCE = 50


async def plan(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    stop_code: str,
    locale: str,
    revision: int,
    replaced_revision: int,
    due_time: datetime,
    reviews_others: bool = False,
    reason: str = "",
) -> Plan:
    """Plans from when on visitors see a revision, which the planner has read; in the place of an
    earlier plan of this text.

    reviews_others, reason, errors: as publish_narration; and NothingToReview for what they see now.
    """
    check_locale(locale)
    why = tidy_reason(reason)
    async with deps.db.transaction(area) as tx:

        async def keep() -> Plan:
            check_due(due_time, deps.clock.now())
            stop = await find_stop_row(tx, stop_code)
            head = await narrations.lock_head(tx, stop.stop_code, locale)
            written = await narrations.read_revision(tx, stop.stop_code, locale, revision)
            if written is None:
                raise RevisionUnknown(f"There is no revision {revision} of this text.")
            if revision == head.published_revision:
                raise NothingToReview("Visitors see this revision already.")
            made = Plan(
                stop_code=stop.stop_code, locale=locale, revision=revision,
                replaced_revision=replaced_revision, planner=key.principal,
                reviews=reviews_others, reason=why, due_time=due_time,
                create_time=deps.clock.now(),
            )  # fmt: skip
            await _check(tx, made, written, head)
            await store.put(tx, made)
            return made

        return await once(tx, key, Plan, keep)


async def cancel(deps: Deps, key: RequestKey, area: str, typed_code: str, locale: str) -> Plan:
    """Takes a plan back; returns what it was. Errors: PlanUnknown, and as read_narration."""
    check_locale(locale)
    async with deps.db.transaction(area) as tx:

        async def end() -> Plan:
            stop = await find_stop_row(tx, typed_code)
            await narrations.lock_head(tx, stop.stop_code, locale)
            found = await store.read(tx, stop.stop_code, locale)
            if found is None:
                raise PlanUnknown("Nothing is planned for this text. Open the page again.")
            await store.forget(tx, [(stop.stop_code, locale)])
            return found

        return await once(tx, key, Plan, end)


async def show_due(deps: Deps) -> bool:
    """Shows what is due, in all areas. Returns whether there is more."""
    now = deps.clock.now()
    async with deps.db.transaction(ALL_AREAS) as tx:
        due = await store.list_due(tx, now, AT_ONCE)
    for area, stop_code, locale in due:
        async with deps.db.transaction(area) as tx:
            await _show_one(deps, tx, stop_code, locale, now)
    return len(due) == AT_ONCE


async def _show_one(
    deps: Deps, tx: Transaction, stop_code: str, locale: str, now: datetime
) -> None:
    head = await narrations.lock_head(tx, stop_code, locale)
    found = await store.read(tx, stop_code, locale)
    if found is None or not found.is_due(now):  # somebody was faster
        return
    written = await narrations.read_revision(tx, stop_code, locale, found.revision)
    if written is None:
        raise RuntimeError("a plan has no revision")
    try:
        reading = await _check(tx, found, written, head)
    except tuple(PROBLEMS) as error:
        await store.hold(tx, stop_code, locale, PROBLEMS[type(error)])
        return
    told = written.reason if written.reading else found.reason if reading is Reading.ALONE else ""
    showing = Showing(stop_code, locale, found.revision, reading, told)
    await show(deps, tx, [showing], reviewed=True, publisher=found.planner, now=now)


async def _check(tx: Transaction, wanted: Plan, written: Revision, head: Head) -> Reading:
    """Returns how the text counts as read. Errors: RevisionConflict, SecondReaderNeeded,
    ReadingMissing."""
    check_replaced(head, wanted.replaced_revision)
    # What visitors have seen before may come back, as it was read then.
    reading = written.reading or reading_of(
        await reviews.read_policy(tx, wanted.locale), author=written.author,
        publisher=wanted.planner, reviews=wanted.reviews, reason=wanted.reason,
    )  # fmt: skip
    await check_readings(tx, wanted.locale, written.text)
    return reading
