"""What became of a request, by the id it was sent under: for whoever got no answer to it."""

from dataclasses import dataclass
from uuid import UUID

from kit.db import Transaction
from kit.requests import RequestKey
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.store import payments, requests, split_sales, tickets


@dataclass(frozen=True)
class Found:
    """A request that was taken, or not. Of the ids at most one: what it made or changed."""

    known: bool
    payment_id: str = ""
    ticket_id: str = ""
    split_sale_id: str = ""


async def find_request(deps: Deps, who: Who, request_id: str) -> Found:
    """Tells what became of one of the caller's own requests; another caller's are unknown."""
    async with deps.db.read(who.area) as tx:
        key = RequestKey(who.principal, request_id, b"")
        kept = (await requests.answers(tx, [key])).get((who.principal, request_id))
        return Found(known=False) if kept is None else await _of_answer(tx, kept[1] or "")


async def _of_answer(tx: Transaction, answer: str) -> Found:
    try:
        known_id = str(UUID(answer))
    except ValueError:  # of a request that makes nothing with an id of its own
        return Found(known=True)
    if await payments.find(tx, known_id):
        return Found(known=True, payment_id=known_id)
    if await split_sales.find(tx, known_id):
        return Found(known=True, split_sale_id=known_id)
    if await tickets.find(tx, known_id):
        return Found(known=True, ticket_id=known_id)
    return Found(known=True)
