"""What languages ask for, what was handed in, links to it, and who opened which draft."""

from collections.abc import Collection
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.review import Link, Phase, Policy, Submission

_SUBMISSION = (
    "select s.*, r.author from submissions s join narration_revisions r"
    " using (area, stop_code, locale, revision) where s.area = %s "
)


def _submission(row: Row) -> Submission:
    return Submission(
        submission_id=str(row["submission_id"]), stop_code=row["stop_code"], locale=row["locale"],
        revision=row["revision"], submitter=row["submitter"], author=row["author"],
        note=row["note"], create_time=row["create_time"], phase=Phase(row["phase"]),
        decider=row["decider"], reason=row["reason"], decide_time=row["decide_time"],
    )  # fmt: skip


def _link(row: Row) -> Link:
    return Link(
        link_id=str(row["link_id"]), submission_id=str(row["submission_id"]),
        author=row["author"], create_time=row["create_time"], expire_time=row["expire_time"],
        revoke_time=row["revoke_time"],
    )  # fmt: skip


async def list_policies(tx: Transaction) -> dict[str, Policy]:
    """Returns the policy of each language somebody has chosen one for."""
    rows = await tx.fetch_all(
        "select locale, policy from review_policies where area = %s", (tx.area,)
    )
    return {row["locale"]: Policy(row["policy"]) for row in rows}


async def read_policy(tx: Transaction, locale: str) -> Policy:
    """Returns what a language asks for; open where nobody has chosen."""
    return (await list_policies(tx)).get(locale, Policy.OPEN)


async def set_policy(
    tx: Transaction, locale: str, policy: Policy, author: str, now: datetime
) -> None:
    """Keeps what a language asks for."""
    await tx.execute(
        "insert into review_policies (area, locale, policy, author, change_time)"
        " values (%s, %s, %s, %s, %s) on conflict (area, locale) do update set"
        " policy = excluded.policy, author = excluded.author, change_time = excluded.change_time",
        (tx.area, locale, int(policy), author, now),
    )


async def add_submission(tx: Transaction, made: Submission) -> None:
    """Keeps what was handed in."""
    await tx.execute(
        "insert into submissions (area, submission_id, stop_code, locale, revision, submitter,"
        " note, create_time, phase) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, made.submission_id, made.stop_code, made.locale, made.revision, made.submitter,
         made.note, made.create_time, int(made.phase)),
    )  # fmt: skip


async def read_submission(tx: Transaction, submission_id: str) -> Submission | None:
    """Returns what was handed in under an id."""
    row = await tx.fetch_one(_SUBMISSION + "and s.submission_id = %s", (tx.area, submission_id))
    return _submission(row) if row else None


async def read_last(tx: Transaction, stop_code: str, locale: str) -> Submission | None:
    """Returns what was handed in last of a text."""
    row = await tx.fetch_one(
        _SUBMISSION + "and s.stop_code = %s and s.locale = %s"
        " order by s.create_time desc, s.submission_id desc limit 1",
        (tx.area, stop_code, locale),
    )
    return _submission(row) if row else None


async def list_waiting(tx: Transaction) -> dict[tuple[str, str], Submission]:
    """Returns (stop code, locale) → what waits; of a text saved anew since it is still told."""
    rows = await tx.fetch_all(_SUBMISSION + "and s.phase = %s", (tx.area, int(Phase.WAITING)))
    return {(row["stop_code"], row["locale"]): _submission(row) for row in rows}


async def decide(
    tx: Transaction, submission_id: str, phase: Phase, decider: str, reason: str, now: datetime
) -> None:
    """Keeps how a submission ended."""
    await tx.execute(
        "update submissions set phase = %s, decider = %s, reason = %s, decide_time = %s"
        " where area = %s and submission_id = %s",
        (int(phase), decider, reason, now, tx.area, submission_id),
    )


async def overtake(tx: Transaction, texts: Collection[tuple[str, str]]) -> None:
    """Ends what waits of (stop code, locale)."""
    await tx.execute_many(
        "update submissions set phase = %s where area = %s and stop_code = %s and locale = %s"
        " and phase = %s",
        [(int(Phase.OVERTAKEN), tx.area, code, locale, int(Phase.WAITING))
         for code, locale in texts],
    )  # fmt: skip


async def forget_openings(tx: Transaction, texts: Collection[tuple[str, str]]) -> None:
    """Forgets who opened the drafts of (stop code, locale)."""
    await tx.execute_many(
        "delete from draft_openings where area = %s and stop_code = %s and locale = %s",
        [(tx.area, code, locale) for code, locale in texts],
    )


async def add_link(tx: Transaction, link: Link) -> None:
    """Keeps a link."""
    await tx.execute(
        "insert into review_links (area, link_id, submission_id, author, create_time, expire_time)"
        " values (%s, %s, %s, %s, %s, %s)",
        (tx.area, link.link_id, link.submission_id, link.author, link.create_time,
         link.expire_time),
    )  # fmt: skip


async def read_link(tx: Transaction, link_id: str) -> Link | None:
    """Returns a link."""
    row = await tx.fetch_one(
        "select * from review_links where area = %s and link_id = %s", (tx.area, link_id)
    )
    return _link(row) if row else None


async def lock_link(tx: Transaction, link_id: str) -> Link | None:
    """Returns a link, which nobody else changes until the transaction ends."""
    row = await tx.fetch_one(
        "select * from review_links where area = %s and link_id = %s for update",
        (tx.area, link_id),
    )
    return _link(row) if row else None


async def list_links(tx: Transaction, submission_id: str) -> list[Link]:
    """Returns the links to a submission, newest first."""
    rows = await tx.fetch_all(
        "select * from review_links where area = %s and submission_id = %s"
        " order by create_time desc, link_id desc",
        (tx.area, submission_id),
    )
    return [_link(row) for row in rows]


async def revoke(tx: Transaction, link_id: str, now: datetime) -> None:
    """Has a link open nothing; what was revoked before keeps its time."""
    await tx.execute(
        "update review_links set revoke_time = coalesce(revoke_time, %s)"
        " where area = %s and link_id = %s",
        (now, tx.area, link_id),
    )


async def note_opened(
    tx: Transaction, stop_code: str, locale: str, reader: str, revision: int
) -> None:
    """Keeps that somebody has opened a draft."""
    await tx.execute(
        "insert into draft_openings (area, stop_code, locale, reader, revision)"
        " values (%s, %s, %s, %s, %s) on conflict (area, stop_code, locale, reader)"
        " do update set revision = excluded.revision",
        (tx.area, stop_code, locale, reader, revision),
    )


async def list_opened(tx: Transaction, reader: str) -> set[tuple[str, str, int]]:
    """Returns (stop code, locale, revision) of drafts that somebody has opened."""
    rows = await tx.fetch_all(
        "select stop_code, locale, revision from draft_openings where area = %s and reader = %s",
        (tx.area, reader),
    )
    return {(row["stop_code"], row["locale"], row["revision"]) for row in rows}
