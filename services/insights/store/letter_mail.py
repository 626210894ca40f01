"""Whom letters are mailed to, and the mails that wait, with what became of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from kit.db import Transaction
from services.insights.domain.letter_mail import MailSettings, MailState


@dataclass(frozen=True)
class Mail:
    """A mail to one recipient. letter_number: 0 for a test. error: a code, "" where there is none.
    at: when it was put here."""

    mail_id: str
    recipient: str
    letter_number: int
    state: MailState
    attempts: int
    error: str
    at: datetime


_COLUMNS = "mail_id::text as mail_id, recipient, letter_number, state, attempts, error, said_time"


async def read(tx: Transaction) -> tuple[MailSettings, int]:
    """Returns the settings and their version, 0 before the first."""
    row = await tx.fetch_one(
        "select settings::text as settings, version from letter_mail where area = %s", (tx.area,)
    )
    if row is None:
        return MailSettings(), 0
    return msgspec.json.decode(row["settings"], type=MailSettings), row["version"]


async def write(tx: Transaction, settings: MailSettings, version: int, at: datetime) -> None:
    """Keeps settings."""
    await tx.execute(
        "insert into letter_mail (area, settings, version, said_time)"
        " values (%s, %s::jsonb, %s, %s)"
        " on conflict (area) do update set settings = excluded.settings,"
        " version = excluded.version, said_time = excluded.said_time",
        (tx.area, msgspec.json.encode(settings).decode(), version, at),
    )


async def put(tx: Transaction, number: int, recipients: Sequence[str], at: datetime) -> None:
    """Lets a mail wait for each recipient; of a letter at most one each, tests (0) as many as are
    asked for."""
    await tx.execute_many(
        "insert into letter_mails (area, mail_id, recipient, letter_number, state, attempts,"
        " next_time, error, said_time) values (%s, %s, %s, %s, 'waiting', 0, %s, '', %s)"
        " on conflict do nothing",
        [(tx.area, uuid.uuid4(), recipient, number, at, at) for recipient in recipients],
    )


async def take_back(tx: Transaction, keep: Sequence[str]) -> None:
    """Forgets mails of letters that wait for somebody who is no recipient any more."""
    await tx.execute(
        "delete from letter_mails where area = %s and state = 'waiting' and letter_number > 0"
        " and recipient <> all(%s)",
        (tx.area, list(keep)),
    )


async def forget(tx: Transaction, before: datetime) -> None:
    """Forgets mails that were put here before a time."""
    await tx.execute(
        "delete from letter_mails where area = %s and said_time < %s", (tx.area, before)
    )


async def areas_with_due(tx: Transaction, now: datetime) -> list[str]:
    """Returns the areas with mails to be sent; the transaction sees all areas."""
    rows = await tx.fetch_all(
        "select distinct area from letter_mails where state in ('waiting', 'sending')"
        " and next_time <= %s order by area",
        (now,),
    )
    return [row["area"] for row in rows]


async def claim(tx: Transaction, now: datetime, until: datetime) -> Mail | None:
    """Takes the oldest mail that is due; until then nobody else does."""
    row = await tx.fetch_one(
        f"update letter_mails set state = 'sending', attempts = attempts + 1, next_time = %s"  # noqa: S608 - constants
        f" where area = %s and mail_id = (select mail_id from letter_mails where area = %s"
        f" and state in ('waiting', 'sending') and next_time <= %s order by said_time, mail_id"
        f" limit 1 for update skip locked) returning {_COLUMNS}",
        (until, tx.area, tx.area, now),
    )
    return _mail(row) if row else None


async def note(
    tx: Transaction, mail_id: str, state: MailState, next_time: datetime, error: str
) -> None:
    """Notes what became of a mail."""
    await tx.execute(
        "update letter_mails set state = %s, next_time = %s, error = %s"
        " where area = %s and mail_id = %s",
        (state.value, next_time, error, tx.area, mail_id),
    )


async def newest(tx: Transaction, at_most: int) -> list[Mail]:
    """Returns the newest mails, the newest first."""
    rows = await tx.fetch_all(
        f"select {_COLUMNS} from letter_mails where area = %s"  # noqa: S608 - constants
        " order by said_time desc, mail_id limit %s",
        (tx.area, at_most),
    )
    return [_mail(row) for row in rows]


def _mail(row: dict[str, object]) -> Mail:
    return Mail(
        str(row["mail_id"]), str(row["recipient"]), int(str(row["letter_number"])),
        MailState(str(row["state"])), int(str(row["attempts"])), str(row["error"]),
        row["said_time"].astimezone(UTC),  # type: ignore[attr-defined] # a timestamptz
    )  # fmt: skip
