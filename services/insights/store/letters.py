"""Letters as they were written, what was decided about their proposals, and effects."""

from collections import defaultdict
from datetime import UTC, date, datetime

import msgspec

from kit.db import Row, Transaction
from services.insights.domain.effect import Effect
from services.insights.domain.kpi_edition import digest
from services.insights.domain.letter import Decided, Decision, Letter, LetterKind, Step


class LetterDamaged(Exception):
    """What is kept of a letter is not what was written."""


def frozen(letter: Letter) -> str:
    """Returns a letter as it is kept: JSON whose bytes are the same for equal letters."""
    return msgspec.json.encode(letter, order="deterministic").decode()


async def lock(tx: Transaction) -> None:
    """Lets one change of the area's letters happen after the other, until the transaction ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtext('letters/' || %s))", (tx.area,))


async def number_of(tx: Transaction, kind: LetterKind, first: date) -> int | None:
    """Returns the number of the letter of a period, None where there is none."""
    row = await tx.fetch_one(
        "select number from letters where area = %s and kind = %s and first_date = %s",
        (tx.area, kind.value, first),
    )
    return row["number"] if row else None


async def newest(tx: Transaction) -> int:
    """Returns the number of the newest letter, 0 before the first."""
    row = await tx.fetch_one(
        "select coalesce(max(number), 0) as number from letters where area = %s", (tx.area,)
    )
    return int(row["number"]) if row else 0


async def write(tx: Transaction, letter: Letter, at: datetime) -> None:
    """Writes a letter."""
    text = frozen(letter)
    await tx.execute(
        "insert into letters (area, number, kind, first_date, letter, digest, said_time)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (tx.area, letter.number, letter.kind.value, letter.first_date, text, digest(text), at),
    )


async def read(tx: Transaction, number: int) -> tuple[Letter, str, datetime] | None:
    """Returns a letter with its digest and when it was written, None where there is none.

    Errors: LetterDamaged.
    """
    row = await tx.fetch_one(
        "select number, letter, digest, said_time from letters where area = %s and number = %s",
        (tx.area, number),
    )
    return _letter(row) if row else None


async def read_all(tx: Transaction, at_most: int) -> list[tuple[Letter, str, datetime]]:
    """Returns the newest letters, the newest first. Errors: LetterDamaged."""
    rows = await tx.fetch_all(
        "select number, letter, digest, said_time from letters where area = %s"
        " order by number desc limit %s",
        (tx.area, at_most),
    )
    return [_letter(row) for row in rows]


def _letter(row: Row) -> tuple[Letter, str, datetime]:
    if digest(row["letter"]) != row["digest"]:
        raise LetterDamaged(f"letter {row['number']} is not what was written")
    letter = msgspec.json.decode(row["letter"], type=Letter)
    return letter, row["digest"], row["said_time"].astimezone(UTC)


async def decide(
    tx: Transaction, number: int, key: str, given: Decision, principal: str, at: datetime
) -> None:
    """Adds a decision, its version among it."""
    await tx.execute(
        "insert into letter_decisions (area, letter_number, proposal_key, version, step, owner,"
        " on_date, reason, signed_as, principal, said_time)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, number, key, given.version, given.step.value, given.owner, given.on_date,
         given.reason, given.signed_as, principal, at),
    )  # fmt: skip


async def decided(tx: Transaction, letters: list[Letter]) -> list[Decided]:
    """Returns all proposals of letters with what was decided about them."""
    rows = await tx.fetch_all(
        "select letter_number, proposal_key, version, step, owner, on_date, reason, signed_as,"
        " said_time from letter_decisions where area = %s and letter_number = any(%s)"
        " order by letter_number, proposal_key, version",
        (tx.area, [letter.number for letter in letters]),
    )
    by_proposal: defaultdict[tuple[int, str], list[Decision]] = defaultdict(list)
    for row in rows:
        by_proposal[row["letter_number"], row["proposal_key"]].append(_decision(row))
    return [
        Decided(letter.number, each, tuple(by_proposal[letter.number, each.key]))
        for letter in letters
        for each in letter.proposals
    ]


def _decision(row: Row) -> Decision:
    return Decision(
        Step(row["step"]), row["owner"], row["on_date"], row["reason"], row["signed_as"],
        row["said_time"].astimezone(UTC).isoformat(), row["version"],
    )  # fmt: skip


async def keep_effect(
    tx: Transaction, number: int, key: str, done: date, as_of: date, effect: Effect, at: datetime
) -> None:
    """Keeps what can be said of an action now."""
    await tx.execute(
        "insert into letter_effects (area, letter_number, proposal_key, done_date, as_of_date,"
        " effect, said_time) values (%s, %s, %s, %s, %s, %s::jsonb, %s)"
        " on conflict (area, letter_number, proposal_key) do update set"
        " done_date = excluded.done_date, as_of_date = excluded.as_of_date,"
        " effect = excluded.effect, said_time = excluded.said_time",
        (tx.area, number, key, done, as_of, msgspec.json.encode(effect).decode(), at),
    )


async def effects(tx: Transaction) -> dict[tuple[int, str], tuple[date, date, Effect]]:
    """Returns what was said last, by letter and proposal: the day it was done on, the last day that
    was looked at, the effect."""
    rows = await tx.fetch_all(
        "select letter_number, proposal_key, done_date, as_of_date, effect::text as effect"
        " from letter_effects where area = %s",
        (tx.area,),
    )
    return {
        (row["letter_number"], row["proposal_key"]): (
            row["done_date"], row["as_of_date"], msgspec.json.decode(row["effect"], type=Effect),
        )
        for row in rows
    }  # fmt: skip
