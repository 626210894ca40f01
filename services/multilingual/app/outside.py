"""Readers without a login: what a link opens, and what it lets them decide."""

from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.app.reviewing import conclude, lock_submission
from services.multilingual.domain import review
from services.multilingual.domain.narration import Reading, Text
from services.multilingual.domain.review import Link, Phase, Submission
from services.multilingual.store import areas, narrations
from services.multilingual.store import reviews as store


@dataclass(frozen=True)
class Linked:
    """The text behind a link. source: None where the text is the source itself."""

    locale: str
    text: Text
    source_locale: str
    source: Text | None
    note: str
    expire_time: datetime


async def read(deps: Deps, area: str, secret: str) -> Linked:
    """Returns the text behind a link. Errors: LinkUnknown, LinkOver."""
    link_id = review.read_secret(deps.link_key, area, secret)
    async with deps.db.read(area) as tx:
        link = _found(await store.read_link(tx, link_id))
        submission = await store.read_submission(tx, link.submission_id)
        if submission is None:
            raise review.LinkUnknown("There is no such link.")
        code, locale = submission.stop_code, submission.locale
        latest = await narrations.read_latest(tx, code, locale)
        await _check_open(tx, link, submission, latest.revision if latest else 0, deps)
        if latest is None:
            raise RuntimeError("an open link has no text")
        source_locale = (await areas.read_settings(tx)).source_locale
        source = await narrations.read_published(tx, code, source_locale)
    beside = source.text if source and locale != source_locale else None
    return Linked(locale, latest.text, source_locale, beside, submission.note, link.expire_time)


async def decide(
    deps: Deps, key: RequestKey, area: str, secret: str, *, approve: bool, reason: str
) -> Phase:
    """Publishes the text behind a link as reviewed, or gives it back.

    Errors: LinkUnknown, LinkOver, ReadingMissing, InvalidFields.
    """
    link_id = review.read_secret(deps.link_key, area, secret)
    kept = review.tidy_reason(reason, needed=not approve)
    async with deps.db.transaction(area) as tx:

        async def keep() -> Phase:
            link = _found(await store.read_link(tx, link_id))
            submission, head = await lock_submission(tx, link.submission_id)
            # Behind the lock of the text: a link that was taken back meanwhile is seen.
            link = _found(await store.lock_link(tx, link_id))
            await _check_open(tx, link, submission, head.latest_revision, deps)
            decided = await conclude(
                deps, tx, submission, review.OUTSIDE + link_id, Reading.OUTSIDE_READER, kept,
                approve=approve,
            )  # fmt: skip
            return decided.phase

        return await once(tx, key, Phase, keep)


def _found(link: Link | None) -> Link:
    if link is None:
        raise review.LinkUnknown("There is no such link.")
    return link


async def _check_open(
    tx: Transaction, link: Link, submission: Submission, latest_revision: int, deps: Deps
) -> None:
    policy = await store.read_policy(tx, submission.locale)
    if not review.is_open(link, submission, policy, latest_revision, deps.clock.now()):
        raise review.LinkOver("This link opens nothing any longer. Ask for a new one.")
