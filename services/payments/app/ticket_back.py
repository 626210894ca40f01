"""Giving unused tickets back, as when a gate closes: withdrawn first, then refunded.

One that was paid in parts goes back with its whole sale, each part the way it came.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey
from services.payments.app.deps import Deps, as_id
from services.payments.app.refund import refund_payment
from services.payments.app.split_sale import give_back
from services.payments.app.ticket_sale import TicketRead, complete
from services.payments.app.who import Who, check_clerk, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import UnknownTicket
from services.payments.domain.events import RefundChannel
from services.payments.domain.refund import MAX_REASON_LENGTH, Refund, RefundState
from services.payments.domain.said import says_something
from services.payments.domain.split_sale import SplitState
from services.payments.domain.tender import Custody
from services.payments.domain.ticket import Ticket
from services.payments.store import areas, payments, split_sales, tickets

MAX_GATES = 1_000
MAX_AT_ONCE = 40  # each may wait for its provider; all wait together


class Back(StrEnum):
    """What became of one ticket."""

    DONE = "done"
    UNKNOWN = "unknown"
    DECLINED = "declined"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class GivenBack:
    """One ticket. refusal: why it was skipped.

    cash_yen, device_yen: what is handed over out of the drawer, and what a device of the shop's own
    keeps until it is told; of a ticket in parts its sale knows.
    """

    ticket_id: str
    outcome: Back
    amount_yen: int = 0
    reason: str = ""
    refusal: Refusal | None = None
    cash_yen: int = 0
    device_yen: int = 0
    in_parts: bool = False


@dataclass(frozen=True)
class Unused:
    """A page of tickets that let nobody in. next_token: "" on the last page."""

    day: date
    tickets: list[TicketRead]
    next_token: str


async def list_unused(
    deps: Deps, who: Who, gate_place_id: str, day: date | None, after: str
) -> Unused:
    """Returns tickets sold at a gate for a day that let nobody in. Errors: ShopNotYours."""
    check_shop_is_own(who, gate_place_id)
    if after:
        after = as_id("page_token", after)
    async with deps.db.read(who.area) as tx:
        meant = day or business_date(deps.clock.now(), await areas.time_zone(tx))
        found = await tickets.unused(tx, gate_place_id, meant, after, MAX_AT_ONCE + 1)
        page = [await complete(tx, ticket) for ticket in found[:MAX_AT_ONCE]]
    more = len(found) > MAX_AT_ONCE
    return Unused(meant, page, page[-1].ticket.ticket_id if more else "")


async def count_unused(
    deps: Deps, area: str, gate_place_ids: Sequence[str], day: date | None
) -> tuple[date, tickets.Unused]:
    """Counts tickets sold at some gates for a day that let nobody in, and returns the day meant.

    Errors: InvalidFields.
    """
    if not 1 <= len(gate_place_ids) <= MAX_GATES:
        raise InvalidFields([("gate_place_ids", f"give 1 to {MAX_GATES} places")])
    async with deps.db.read(area) as tx:
        meant = day or business_date(deps.clock.now(), await areas.time_zone(tx))
        return meant, await tickets.count_unused(tx, gate_place_ids, meant)


async def refund_tickets(
    deps: Deps, key: RequestKey, who: Who, ticket_ids: Sequence[str],
    channel: RefundChannel, reason: str, clerk_id: str = "",
) -> list[GivenBack]:  # fmt: skip
    """Withdraws tickets and refunds their payments. A repeat finds the same refunds.

    Errors: InvalidFields; what fails for one ticket is in its own answer.
    """
    if not 1 <= len(ticket_ids) <= MAX_AT_ONCE:
        raise InvalidFields([("ticket_ids", f"give 1 to {MAX_AT_ONCE} tickets")])
    if len(reason.strip()) > MAX_REASON_LENGTH or not says_something(reason):
        raise InvalidFields([("reason", f"give a reason of 1 to {MAX_REASON_LENGTH} characters")])
    wanted = dict.fromkeys(as_id("ticket_ids", each) for each in ticket_ids)
    work = [_one(deps, key, who, each, channel, reason, clerk_id) for each in wanted]
    return list(await asyncio.gather(*work))


async def _one(
    deps: Deps, key: RequestKey, who: Who, ticket_id: str, channel: RefundChannel, reason: str,
    clerk_id: str,
) -> GivenBack:  # fmt: skip
    part = RequestKey(key.principal, f"{key.request_id}/{ticket_id}", key.body_sha256)
    try:
        ticket = await _withdraw(deps, who, ticket_id, reason, clerk_id)
        if ticket.split_sale_id:
            sale = await give_back(deps, part, who, ticket.split_sale_id, clerk_id)
            done = sale.state is SplitState.GIVEN_BACK
            outcome = Back.DONE if done else Back.UNKNOWN
            return GivenBack(ticket_id, outcome, ticket.amount_yen, in_parts=True)
        if ticket.payment_id is None:
            return GivenBack(ticket_id, Back.DONE)
        refund = await refund_payment(
            deps, part, who, ticket.payment_id, ticket.amount_yen, channel, reason, clerk_id
        )
    except Refusal as refusal:
        return GivenBack(ticket_id, Back.SKIPPED, refusal=refusal)
    except _Used:
        return GivenBack(ticket_id, Back.SKIPPED, reason="already_used")
    outcomes = {RefundState.REFUNDED: Back.DONE, RefundState.DECLINED: Back.DECLINED}
    outcome = outcomes.get(refund.state, Back.UNKNOWN)
    cash_yen, device_yen = await _by_hand(deps, who, refund) if outcome is Back.DONE else (0, 0)
    return GivenBack(
        ticket_id, outcome, refund.amount_yen, cash_yen=cash_yen, device_yen=device_yen
    )


async def _by_hand(deps: Deps, who: Who, refund: Refund) -> tuple[int, int]:
    """Returns what of a refund needs a person, out of the drawer and at the shop's own device:
    nobody else opens a drawer or taps a device."""
    async with deps.db.read(who.area) as tx:
        payment = await payments.find(tx, refund.payment_id)
    facts = deps.facts.get(payment.gateway) if payment else None
    custody = facts.custody if facts else Custody.ACQUIRER
    if refund.channel is RefundChannel.CASH or custody is Custody.DRAWER:
        return refund.amount_yen, 0
    return 0, refund.amount_yen if custody is Custody.OTHER_DEVICE else 0


class _Used(Exception):
    """The party is inside."""


async def _withdraw(deps: Deps, who: Who, ticket_id: str, reason: str, clerk_id: str) -> Ticket:
    """Has a ticket let nobody in any more, and returns it.

    In a transaction of its own before the refund: a scan comes before it or is refused after it.
    """
    async with deps.db.transaction(who.area) as tx:
        await check_device(tx, who)
        seen = await tickets.find(tx, ticket_id)
        if seen is None:
            raise UnknownTicket("There is no such ticket.")
        check_shop_is_own(who, seen.gate_place_id)
        await check_clerk(tx, who, seen.gate_place_id, clerk_id)
        if seen.split_sale_id:
            await split_sales.lock_whole(tx, seen.split_sale_id)
        if seen.payment_id:
            await payments.lock(tx, seen.payment_id)
        ticket = await tickets.lock(tx, ticket_id)
        if ticket is None or await tickets.first_admission(tx, ticket_id) is not None:
            raise _Used
        if not ticket.withdrawn:
            await tickets.withdraw(tx, ticket_id, reason)
        return ticket
