"""A second reader: what a language asks for, handing in, deciding, links for readers outside."""

from dataclasses import dataclass, replace

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.publishing import Showing, check_readings, show
from services.multilingual.app.studio import check_locale
from services.multilingual.domain import review
from services.multilingual.domain.later import Plan
from services.multilingual.domain.narration import (
    Head,
    Reading,
    RevisionUnknown,
    check_base,
)
from services.multilingual.domain.review import Link, Phase, Policy, Submission
from services.multilingual.store import areas, later, narrations
from services.multilingual.store import reviews as store


@dataclass(frozen=True)
class Review:
    """How one text stands with its readers. links: with their secret, "" for one that is over.
    plan: when it is shown, None for nothing planned."""

    policy: Policy
    submission: Submission | None
    links: tuple[tuple[Link, str], ...]
    may_publish: bool
    may_decide: bool
    plan: Plan | None = None


async def list_policies(deps: Deps, area: str) -> list[tuple[str, Policy]]:
    """Returns what each language of the area asks for, the source first."""
    async with deps.db.read(area) as tx:
        locales = (await areas.read_settings(tx)).locales
        chosen = await store.list_policies(tx)
    return [(locale, chosen.get(locale, Policy.OPEN)) for locale in locales]


async def set_policy(
    deps: Deps, key: RequestKey, area: str, locale: str, policy: Policy
) -> tuple[str, Policy]:
    """Keeps what a language asks for from now on. Errors: InvalidFields."""
    async with deps.db.transaction(area) as tx:

        async def keep() -> tuple[str, Policy]:
            if locale not in (await areas.read_settings(tx)).locales:
                raise InvalidFields([("locale", "the area has no such language")])
            await store.set_policy(tx, locale, policy, key.principal, deps.clock.now())
            return locale, policy

        return await once(tx, key, tuple[str, Policy], keep)


async def hand_in(
    deps: Deps, key: RequestKey, area: str, *, stop_code: str, locale: str, revision: int, note: str
) -> Submission:
    """Hands in the newest revision of a text.

    Errors: RevisionConflict, RevisionUnknown, AlreadyHandedIn, NothingToReview, InvalidFields.
    """
    check_locale(locale)
    kept = review.tidy_reason(note, name="note")
    async with deps.db.transaction(area) as tx:

        async def keep() -> Submission:
            stop = await find_stop_row(tx, stop_code)
            head = await narrations.lock_head(tx, stop.stop_code, locale)
            check_base(head, revision)
            written = await narrations.read_revision(tx, stop.stop_code, locale, revision)
            if written is None:
                raise RevisionUnknown(f"There is no revision {revision} of this text.")
            if revision == head.published_revision:
                raise review.NothingToReview("Visitors see this revision already.")
            last = await store.read_last(tx, stop.stop_code, locale)
            if last and review.phase_of(last, revision) is Phase.WAITING:
                raise review.AlreadyHandedIn("This revision waits for a reader already.")
            await store.overtake(tx, [(stop.stop_code, locale)])
            made = Submission(
                submission_id=new_id(), stop_code=stop.stop_code, locale=locale, revision=revision,
                submitter=key.principal, author=written.author, note=kept,
                create_time=deps.clock.now(),
            )  # fmt: skip
            await store.add_submission(tx, made)
            return made

        return await once(tx, key, Submission, keep)


async def decide(
    deps: Deps, key: RequestKey, area: str, submission_id: str, *, approve: bool, reason: str
) -> Submission:
    """Publishes what was handed in as reviewed, or gives it back.

    Errors: SubmissionUnknown, SubmissionOver, OwnText, ReadingMissing, InvalidFields.
    """
    kept = review.tidy_reason(reason, needed=not approve)
    async with deps.db.transaction(area) as tx:

        async def keep() -> Submission:
            submission, head = await lock_submission(tx, submission_id)
            review.check_decision(submission, key.principal, head.latest_revision)
            return await conclude(
                deps, tx, submission, key.principal, Reading.SECOND_READER, kept, approve=approve
            )

        return await once(tx, key, Submission, keep)


async def conclude(
    deps: Deps,
    tx: Transaction,
    submission: Submission,
    decider: str,
    reading: Reading,
    reason: str,
    *,
    approve: bool,
) -> Submission:
    """Publishes or gives back what waits, which the caller has made sure of and locked."""
    now = deps.clock.now()
    phase = Phase.APPROVED if approve else Phase.GIVEN_BACK
    await store.decide(tx, submission.submission_id, phase, decider, reason, now)
    if approve:
        code, locale, revision = submission.stop_code, submission.locale, submission.revision
        written = await narrations.read_revision(tx, code, locale, revision)
        if written is None:
            raise RuntimeError("a submission has no revision")
        await check_readings(tx, locale, written.text)
        showing = Showing(code, locale, revision, reading)
        await show(deps, tx, [showing], reviewed=True, publisher=decider, now=now)
    return replace(submission, phase=phase, decider=decider, reason=reason, decide_time=now)


async def read_review(
    deps: Deps, area: str, typed_code: str, locale: str, *, reader: str, reviews: bool
) -> Review:
    """Returns how a text stands with its readers. Errors: as read_narration."""
    check_locale(locale)
    async with deps.db.read(area) as tx:
        stop = await find_stop_row(tx, typed_code)
        policy = await store.read_policy(tx, locale)
        latest = await narrations.read_latest(tx, stop.stop_code, locale)
        last = await store.read_last(tx, stop.stop_code, locale)
        links = await store.list_links(tx, last.submission_id) if last else []
        planned = await later.read(tx, stop.stop_code, locale)
    newest = latest.revision if latest else 0
    now = deps.clock.now()
    waits = last is not None and review.phase_of(last, newest) is Phase.WAITING
    return Review(
        policy,
        replace(last, phase=review.phase_of(last, newest)) if last else None,
        tuple(
            (link, review.secret_of(deps.link_key, area, link.link_id)
             if last and review.is_open(link, last, policy, newest, now) else "")
            for link in links
        ),
        may_publish=policy is Policy.OPEN or (
            latest is not None
            and review.may_decide(latest.author, latest.author, reader, reviews=reviews)
        ),
        may_decide=bool(waits and last and review.may_decide(
            last.author, last.submitter, reader, reviews=reviews
        )),
        plan=planned,
    )  # fmt: skip


async def offer_link(deps: Deps, key: RequestKey, area: str, submission_id: str) -> Link:
    """Makes a link to what was handed in.

    Errors: SubmissionUnknown, SubmissionOver, OutsideReaderOff, TooManyLinks.
    """
    async with deps.db.transaction(area) as tx:

        async def keep() -> Link:
            submission, head = await lock_submission(tx, submission_id)
            review.check_waiting(submission, head.latest_revision)
            if await store.read_policy(tx, submission.locale) is not Policy.OUTSIDE_READER:
                raise review.OutsideReaderOff("This language does not allow outside readers.")
            if len(await store.list_links(tx, submission_id)) >= review.MOST_LINKS:
                raise review.TooManyLinks(f"At most {review.MOST_LINKS} links to one text.")
            now = deps.clock.now()
            made = Link(
                link_id=new_id(), submission_id=submission.submission_id, author=key.principal,
                create_time=now, expire_time=now + review.LINK_LIFE,
            )  # fmt: skip
            await store.add_link(tx, made)
            return made

        return await once(tx, key, Link, keep)


async def revoke_link(deps: Deps, key: RequestKey, area: str, link_id: str) -> Link:
    """Has a link open nothing any longer. Errors: LinkUnknown."""
    async with deps.db.transaction(area) as tx:

        async def keep() -> Link:
            await store.revoke(tx, link_id, deps.clock.now())
            link = await store.read_link(tx, link_id)
            if link is None:
                raise review.LinkUnknown("There is no such link.")
            return link

        return await once(tx, key, Link, keep)


async def lock_submission(tx: Transaction, submission_id: str) -> tuple[Submission, Head]:
    """Returns what was handed in and where its text stands, which nobody else changes meanwhile.

    Errors: SubmissionUnknown.
    """
    found = await store.read_submission(tx, submission_id)
    if found is None:
        raise review.SubmissionUnknown("Nothing was handed in under this id.")
    head = await narrations.lock_head(tx, found.stop_code, found.locale)
    # Read anew: whoever held the lock before may have decided it.
    locked = await store.read_submission(tx, submission_id)
    if locked is None:
        raise review.SubmissionUnknown("Nothing was handed in under this id.")
    return locked, head
