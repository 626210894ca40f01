"""Request ids of many payments at once: the set-based twin of kit.requests.once.

The answer kept is the payment's id; its state is read anew for every repeat.
"""

from collections.abc import Mapping, Sequence

import msgspec

from kit.db import Transaction
from kit.requests import RequestKey

# Body hash and payment id, by principal and request id.
Kept = Mapping[tuple[str, str], tuple[bytes, str]]

# Claims request ids for payment ids; one that is known already stays as it is. A concurrent equal
# claim waits for the other's commit. Part of a statement of store/ground.py.
CLAIM = (
    "insert into requests (area, principal, request_id, body_sha256, answer)"
    " select %(area)s, principal, request_id, decode(body, 'hex'), answer"
    " from json_to_recordset(%(wanted)s::json)"
    " as given(principal text, request_id text, body text, answer jsonb)"
    " on conflict do nothing"
)


async def kept(tx: Transaction, wanted: Sequence[tuple[RequestKey, str]], claimed: int) -> Kept:
    """Returns what is kept for each key after so many of them were claimed."""
    if claimed < len(wanted):  # some were known, or came twice
        return await answers(tx, [key for key, _ in wanted])
    return {
        (key.principal, key.request_id): (key.body_sha256, payment_id) for key, payment_id in wanted
    }


def written(wanted: Sequence[tuple[RequestKey, str]]) -> str:
    """Returns keys and payment ids as CLAIM wants them, in one order for all transactions."""
    rows = [
        {"principal": key.principal, "request_id": key.request_id,
         "body": key.body_sha256.hex(), "answer": payment_id}
        for key, payment_id in sorted(wanted, key=lambda each: (each[0].principal,
                                                                each[0].request_id))
    ]  # fmt: skip
    return msgspec.json.encode(rows).decode()


async def answers(tx: Transaction, keys: Sequence[RequestKey]) -> Kept:
    """Returns what is kept for each key."""
    rows = await tx.fetch_all(
        "select principal, request_id, body_sha256, answer #>> '{}' as answer from requests"
        " where area = %s and (principal, request_id) in"
        " (select * from unnest(%s::text[], %s::text[]))",
        (tx.area, [key.principal for key in keys], [key.request_id for key in keys]),
    )
    return {
        (row["principal"], row["request_id"]): (bytes(row["body_sha256"]), row["answer"])
        for row in rows
    }


async def release(tx: Transaction, keys: Sequence[RequestKey]) -> None:
    """Gives back request ids whose payment was refused before anything was stored."""
    if keys:
        await tx.execute(
            "delete from requests where area = %s and (principal, request_id) in"
            " (select * from unnest(%s::text[], %s::text[]))",
            (tx.area, [key.principal for key in keys], [key.request_id for key in keys]),
        )
