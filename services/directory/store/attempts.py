"""Attempts to sign in, as keyed hashes."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from services.directory.domain.attempts import LONGEST_WINDOW, Brake


async def take(tx: Transaction, brakes: Sequence[Brake], now: datetime) -> bool:
    """Notes an attempt unless one of the brakes is full; returns whether it may be made.

    A refused attempt is not noted, so that nobody can keep a brake full by trying on.
    """
    await tx.execute(
        "delete from sign_in_tries where area = %s and try_time < %s",
        (tx.area, now - LONGEST_WINDOW),
    )
    for brake in sorted(brakes, key=lambda each: each.key):  # one order: no deadlock
        # Attempts of the same moment wait for one another, else all would see the last free place.
        await tx.execute(
            "select pg_advisory_xact_lock(%s)", (int.from_bytes(brake.key[:8], signed=True),)
        )
        row = await tx.fetch_one(
            "select count(*) as count from sign_in_tries"
            " where area = %s and key = %s and try_time >= %s",
            (tx.area, brake.key, now - brake.window),
        )
        if row is None or row["count"] >= brake.at_most:
            return False
    for brake in brakes:
        await tx.execute(
            "insert into sign_in_tries (area, key, try_time) values (%s, %s, %s)",
            (tx.area, brake.key, now),
        )
    return True


async def forgive(tx: Transaction, brakes: Sequence[Brake], taken: datetime) -> None:
    """After a sign-in that went well: clears the count of this sender or browser, and takes only
    this one attempt back from what strangers share."""
    own, *shared = brakes
    await tx.execute("delete from sign_in_tries where area = %s and key = %s", (tx.area, own.key))
    for brake in shared:
        await tx.execute(
            "delete from sign_in_tries where area = %s and key = %s and try_time = %s",
            (tx.area, brake.key, taken),
        )
