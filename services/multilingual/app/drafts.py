"""Many drafts one after another: what waits, what was opened, publishing together."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.db import Transaction
from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.publishing import Showing, check_readings, show
from services.multilingual.app.studio import check_locale, list_states
from services.multilingual.domain import review
from services.multilingual.domain.later import Plan
from services.multilingual.domain.narration import (
    Reading,
    RevisionConflict,
    check_base,
    check_replaced,
)
from services.multilingual.domain.review import Policy, SecondReaderNeeded, Submission
from services.multilingual.domain.speech import ReadingMissing
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown
from services.multilingual.store import later, narrations
from services.multilingual.store import reviews as store
from services.multilingual.store.narrations import LatestEdit


class NotOpened(Refusal):
    """The caller has not opened the draft. Read it first."""


# What keeps one text of many from being published; the names are the contract's.
PROBLEMS: dict[type[Exception], str] = {
    RevisionConflict: "REVISION_CONFLICT",
    NotOpened: "NOT_OPENED",
    SecondReaderNeeded: "SECOND_READER_NEEDED",
    ReadingMissing: "READING_MISSING",
    StopCodeUnknown: "STOP_CODE_UNKNOWN",
    StopCodeMistyped: "STOP_CODE_UNKNOWN",
}


@dataclass(frozen=True)
class Draft:
    """A text whose newest revision visitors do not see. may_publish: without saying why. plan:
    when a revision of it is shown."""

    edit: LatestEdit
    source_name: str
    opened: bool
    submission: Submission | None
    may_publish: bool
    plan: Plan | None = None


@dataclass(frozen=True)
class Wanted:
    """A text to publish: the revision that was read, and what visitors saw then."""

    stop_code: str
    revision: int
    replaced_revision: int


@dataclass(frozen=True)
class Outcome:
    """What became of many texts. left: stop code and why it was not published."""

    published: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    change_number: int


async def list_drafts(
    deps: Deps, area: str, locale: str, *, reader: str, reviews: bool
) -> list[Draft]:
    """Returns what waits to be published, in tour order; in all languages for locale ""."""
    table = await list_states(deps, area)
    async with deps.db.read(area) as tx:
        waiting = await store.list_waiting(tx)
        opened = await store.list_opened(tx, reader)
        policies = await store.list_policies(tx)
        planned = await later.list_all(tx)
    found = []
    for stop, _, cells in table.rows:
        for cell in cells:
            edit = cell.edit
            if edit is None or locale not in ("", cell.locale):
                continue
            newest = edit.head.latest_revision
            if newest <= edit.head.published_revision:
                continue
            submission = waiting.get((stop.stop_code, cell.locale))
            open_to_all = policies.get(cell.locale, Policy.OPEN) is Policy.OPEN
            found.append(Draft(
                edit, table.guide.source_text(stop).name,
                opened=(stop.stop_code, cell.locale, newest) in opened,
                submission=submission if submission and submission.revision == newest else None,
                may_publish=open_to_all or review.may_decide(
                    edit.author, edit.author, reader, reviews=reviews
                ),
                plan=planned.get((stop.stop_code, cell.locale)),
            ))  # fmt: skip
    return found


async def note_opened(
    deps: Deps, key: RequestKey, area: str, typed_code: str, locale: str, revision: int
) -> None:
    """Keeps that the caller has opened a draft. Errors: RevisionConflict, StopCodeUnknown …"""
    check_locale(locale)
    async with deps.db.transaction(area) as tx:

        async def keep() -> bool:
            stop = await find_stop_row(tx, typed_code)
            check_base(await narrations.lock_head(tx, stop.stop_code, locale), revision)
            await store.note_opened(tx, stop.stop_code, locale, key.principal, revision)
            return True

        await once(tx, key, bool, keep)


async def publish_texts(
    deps: Deps,
    key: RequestKey,
    area: str,
    locale: str,
    texts: Sequence[Wanted],
    *,
    reviews: bool,
    reason: str,
) -> Outcome:
    """Publishes drafts that were opened; each wholly, or it is left with its reason.

    Errors: InvalidFields.
    """
    check_locale(locale)
    why = review.tidy_reason(reason)
    codes = [each.stop_code for each in texts]
    if not 1 <= len(codes) <= review.MOST_TEXTS or len(set(codes)) != len(codes):
        raise InvalidFields([("texts", f"1 to {review.MOST_TEXTS}, each stop once")])
    async with deps.db.transaction(area) as tx:

        async def publish() -> Outcome:
            opened = await store.list_opened(tx, key.principal)
            policy = await store.read_policy(tx, locale)
            good: list[Showing] = []
            bad: dict[str, str] = {}
            # In one order, so that two requests never wait for each other.
            for each in sorted(texts, key=lambda text: text.stop_code):
                try:
                    good.append(await _check(
                        tx, each, locale, policy, opened, key.principal, why, reviews=reviews
                    ))  # fmt: skip
                except tuple(PROBLEMS) as error:
                    bad[each.stop_code] = PROBLEMS[type(error)]
            number = 0
            if good:
                number, _ = await show(
                    deps, tx, good, reviewed=True, publisher=key.principal, now=deps.clock.now()
                )
            return Outcome(
                tuple(each.stop_code for each in good),
                tuple((code, bad[code]) for code in codes if code in bad),
                number,
            )

        return await once(tx, key, Outcome, publish)


async def _check(
    tx: Transaction,
    wanted: Wanted,
    locale: str,
    policy: Policy,
    opened: set[tuple[str, str, int]],
    publisher: str,
    reason: str,
    *,
    reviews: bool,
) -> Showing:
    """Returns a text as it will be shown. Errors: those of PROBLEMS."""
    stop = await find_stop_row(tx, wanted.stop_code)
    head = await narrations.lock_head(tx, stop.stop_code, locale)
    check_base(head, wanted.revision)
    check_replaced(head, wanted.replaced_revision)
    written = await narrations.read_revision(tx, stop.stop_code, locale, wanted.revision)
    if written is None or wanted.revision == head.published_revision:
        raise RevisionConflict("There is no draft of this text.")
    if (stop.stop_code, locale, wanted.revision) not in opened:
        raise NotOpened("Read this draft first.")
    reading = review.reading_of(
        policy, author=written.author, publisher=publisher, reviews=reviews, reason=reason
    )
    await check_readings(tx, locale, written.text)
    told = reason if reading is Reading.ALONE else ""
    return Showing(stop.stop_code, locale, wanted.revision, reading, told)
