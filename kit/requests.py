"""State changes happen once: the request id and its answer are kept with the change itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from kit import telemetry
from kit.db import ALL_AREAS, Database, Transaction
from kit.forever import forever
from kit.pure.errors import Refusal

Answer = TypeVar("Answer")

KEEP_DAYS = 90  # a client that repeats itself after three months has forgotten what it asked
FORGET_EVERY_S = 6 * 3600
FORGET_AT_ONCE = 5_000  # rows a transaction, far below the statement's time limit


class RequestIdReused(Refusal):
    """The same request id came with another body. Use a new id for a new request."""


@dataclass(frozen=True)
class RequestKey:
    """Who asks for what: the idempotency key of a state change.

    principal: user, device or program of the token. request_id: made by the client.
    body_sha256: hash of the whole request, 32 bytes.
    """

    principal: str
    request_id: str
    body_sha256: bytes


async def once(
    tx: Transaction,
    key: RequestKey,
    answer_type: type[Answer],
    action: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Runs an action the first time a key is seen; a repeat gets the first answer.

    A concurrent equal request waits for the first one's commit. The answer must be something
    msgspec can write and read back as answer_type. Errors: RequestIdReused; whatever the action
    raises, and then nothing is kept.
    """
    claimed = await tx.fetch_one(
        "insert into requests (area, principal, request_id, body_sha256)"
        " values (%s, %s, %s, %s) on conflict do nothing returning request_id",
        (tx.area, key.principal, key.request_id, key.body_sha256),
    )
    if claimed is None:
        return await _first_answer(tx, key, answer_type)
    answer = await action()
    await tx.execute(
        "update requests set answer = %s::jsonb"
        " where area = %s and principal = %s and request_id = %s",
        (msgspec.json.encode(answer).decode(), tx.area, key.principal, key.request_id),
    )
    return answer


async def once_as(
    tx: Transaction, key: RequestKey, answer: Answer, answer_type: type[Answer]
) -> Answer | None:
    """As once, for an answer that is known before the action: a statement less.

    Returns None the first time a key is seen: the caller now makes the answer true, in the same
    transaction. Else the first answer, and there is nothing to be done. Errors: RequestIdReused.
    """
    claimed = await tx.fetch_one(
        "insert into requests (area, principal, request_id, body_sha256, answer)"
        " values (%s, %s, %s, %s, %s::jsonb) on conflict do nothing returning request_id",
        (tx.area, key.principal, key.request_id, key.body_sha256,
         msgspec.json.encode(answer).decode()),
    )  # fmt: skip
    return None if claimed is not None else await _first_answer(tx, key, answer_type)


async def answered(tx: Transaction, key: RequestKey, answer_type: type[Answer]) -> Answer | None:
    """Returns the first answer to a request that was answered before, None for a new one.

    For whoever has something to check before the action that a repeat would not pass, such as the
    password of before; `once` still keeps two equal ones apart. Errors: RequestIdReused.
    """
    known = await tx.fetch_one(
        "select from requests where area = %s and principal = %s and request_id = %s"
        " and answer is not null",
        (tx.area, key.principal, key.request_id),
    )
    return None if known is None else await _first_answer(tx, key, answer_type)


async def _first_answer(tx: Transaction, key: RequestKey, answer_type: type[Answer]) -> Answer:
    row = await tx.fetch_one(
        "select body_sha256, answer::text as answer from requests"
        " where area = %s and principal = %s and request_id = %s",
        (tx.area, key.principal, key.request_id),
    )
    if row is None or row["answer"] is None:
        raise RuntimeError("a committed request has no answer")
    if bytes(row["body_sha256"]) != key.body_sha256:
        raise RequestIdReused("This request id was used with another body. Use a new id.")
    telemetry.REQUESTS_REPEATED.inc()
    return msgspec.json.decode(row["answer"], type=answer_type)


async def forget_old(database: Database, keep_days: int) -> int:
    """Deletes keys and answers older than some days, in all areas. Returns how many."""
    forgotten = 0
    while True:
        async with database.transaction(ALL_AREAS) as tx:
            gone = await tx.execute(
                "delete from requests where ctid = any(array(select ctid from requests"
                " where create_time < now() - make_interval(days => %s) limit %s))",
                (keep_days, FORGET_AT_ONCE),
            )
        forgotten += gone
        if gone < FORGET_AT_ONCE:
            return forgotten


async def keep_forgetting(database: Database, keep_days: int) -> None:
    """Runs forget_old a few times a day until canceled."""
    await forever("requests", lambda: forget_old(database, keep_days), FORGET_EVERY_S)
