"""Split sales given back: by whom, how often and after whatever crash, each part goes back once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import ManualClock
from kit.ids import new_id
from services.payments.app import reads, refund, resolve, split_sale
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.app.office import setup
from services.payments.domain.errors import (
    ClerkPinMissing,
    ShopNotYours,
    SplitSaleEnded,
    UnknownSplitSale,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import State
from services.payments.domain.provider import Answer, Order, Outcome
from services.payments.domain.refund import RefundState
from services.payments.domain.split_sale import SplitSale, SplitState, Void
from services.payments.domain.tender import Tender
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from tests.service.payments.conftest import CLERK, DEADLINE_S, Simulator, key, said
from tests.service.payments.test_split_sale import (
    given_back,
    opened,
    paid,
    pay,
    practicing,
    seen,
)
from tests.service.payments.test_take import resolved, sound

__all__ = ["practicing"]

Closing = Callable[[AcquirerSimulator], AcquirerSimulator]


@pytest.fixture
async def closing() -> AsyncIterator[Closing]:
    """Closes a gateway of the test's own at its end."""
    async with AsyncExitStack() as stack:

        def enter(gateway: AcquirerSimulator) -> AcquirerSimulator:
            stack.push_async_callback(gateway.close)
            return gateway

        yield enter


async def test_who_walks_away_gets_every_part_back_once(deps: Deps, simulator: Simulator) -> None:
    split = await opened(deps)
    cash = await pay(deps, split, 1000, Tender.CASH_RECORD)
    card = await pay(deps, split, 999)
    backs = await asyncio.gather(*(given_back(deps, split) for _ in range(4)))
    assert {each.state for each in backs} <= {SplitState.GIVEN_BACK, SplitState.GIVING_BACK}
    after = await given_back(deps, split)
    assert after.state is SplitState.GIVEN_BACK
    assert {part.payment_id: part.state for part in after.parts} == {
        cash.payment_id: State.VOIDED, card.payment_id: State.VOIDED,
    }  # fmt: skip
    assert simulator.charges()[card.payment_id]["voided"]
    with pytest.raises(SplitSaleEnded):
        await pay(deps, split, 500, Tender.CASH_RECORD)
    await sound(deps)


class Crash(Exception):
    """The process dies here."""


async def test_a_crash_after_the_first_transaction_leaves_nothing_behind(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = await opened(deps)
    await pay(deps, split, 1000, Tender.CASH_RECORD)
    await pay(deps, split, 999)

    async def die(*_: Any) -> SplitSale:
        raise Crash

    with monkeypatch.context() as dying:
        dying.setattr(split_sale, "go_on", die)
        with pytest.raises(Crash):
            await given_back(deps, split)
    assert (await seen(deps, split)).held_yen == 1999
    clock = ManualClock(deps.clock.now())
    after = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    assert await split_sale.go_on_due(after) == 0  # whoever asked comes first
    clock.advance(split_sale.FIRST_TRY)
    assert await split_sale.go_on_due(after) == 1
    assert (await seen(deps, split)).state is SplitState.GIVEN_BACK


class DiesInVoid(AcquirerSimulator):
    """The process ends between the two transactions of a void, before anybody was asked."""

    async def perform(self, order: Order) -> Answer:
        """Dies."""
        if order.step == "void":
            raise Crash
        return await super().perform(order)


async def test_a_crash_between_parts_and_between_transactions_is_healed(
    deps: Deps, simulator: Simulator, closing: Closing
) -> None:
    gateway, clock = closing(DiesInVoid(simulator.url, DEADLINE_S)), ManualClock(deps.clock.now())
    gateways = {**deps.gateways, "acquirer_simulator": gateway}
    dying = make_deps(Tools(deps.db, deps.outbox, clock, gateways))
    split = await opened(dying)
    await pay(dying, split, 1000, Tender.CASH_RECORD)
    card = await pay(dying, split, 999)
    with pytest.raises(Crash):
        await given_back(dying, split)
    half = await seen(dying, split)
    assert (half.state, half.held_yen) == (SplitState.GIVING_BACK, 999)
    after = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    for _ in range(12):
        clock.advance(timedelta(seconds=15))
        await resolve.resolve_due(after)
        await split_sale.go_on_due(after)
    assert (await seen(deps, split)).state is SplitState.GIVEN_BACK
    assert simulator.charges()[card.payment_id]["voided"]
    types = [each.type for each in await said(deps) if each.type == "payment_voided"]
    assert len(types) == 2
    await sound(deps)


async def test_a_part_that_was_not_known_goes_back_once_it_is(
    deps: Deps, simulator: Simulator
) -> None:
    split = await opened(deps)
    simulator.order("time_out_after")
    unheard = await pay(deps, split, 999)
    assert (await given_back(deps, split)).state is SplitState.GIVING_BACK
    assert (await resolved(deps, unheard)).state is State.CAPTURED
    clock = ManualClock(deps.clock.now() + split_sale.FIRST_TRY)
    later = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    assert await split_sale.go_on_due(later) == 1
    assert (await seen(deps, split)).state is SplitState.GIVEN_BACK
    clock.advance(timedelta(days=1))
    assert await split_sale.go_on_due(later) == 0


class NoVoid(AcquirerSimulator):
    """A provider that voids nothing, as after its own close; refunds as `refunds` says."""

    def __init__(self, url: str, *, refunds: bool) -> None:
        super().__init__(url, DEADLINE_S)
        self._refunds = refunds

    async def perform(self, order: Order) -> Answer:
        """Refuses."""
        if order.step == "void" or (order.step == "refund" and not self._refunds):
            return Answer(Outcome.REFUSED, reason="refused")
        return await super().perform(order)


@pytest.mark.parametrize("refunds", [True, False])
async def test_a_void_that_is_refused_becomes_a_refund_or_a_person_s_work(
    deps: Deps, simulator: Simulator, closing: Closing, *, refunds: bool
) -> None:
    gateway = closing(NoVoid(simulator.url, refunds=refunds))
    clock = ManualClock(deps.clock.now())
    gateways = {**deps.gateways, "acquirer_simulator": gateway}
    strict = make_deps(Tools(deps.db, deps.outbox, clock, gateways))
    split = await opened(strict)
    card = await pay(strict, split, 999)
    after = await given_back(strict, split)
    assert after.state is (SplitState.GIVEN_BACK if refunds else SplitState.GIVING_BACK)
    clock.advance(timedelta(hours=2))
    assert await split_sale.go_on_due(strict) == 0  # nothing tries by itself what was refused
    if not refunds:
        done = await refund.refund_payment(
            strict, key(), CLERK, card.payment_id, 999, RefundChannel.CASH, "現金で返金"
        )
        assert done.state is RefundState.REFUNDED
        assert (await seen(strict, split)).state is SplitState.GIVEN_BACK
    await sound(strict)


@pytest.mark.parametrize("tender", [Tender.CARD, Tender.CASH_RECORD])
async def test_a_part_that_changed_after_it_was_read_is_looked_at_again(
    deps: Deps, tender: Tender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refund of the part came in between: what is left of it goes back all the same."""
    split, *both = await paid(deps)
    (part,) = (each for each in both if each.tender is tender)
    channel = RefundChannel.PROVIDER
    await refund.refund_payment(deps, key(), CLERK, part.payment_id, 60, channel, "x")
    with monkeypatch.context() as stale:
        stale.setattr(split_sale, "way_back", lambda *_, **__: Void())
        after = await given_back(deps, split)
    assert (after.state, after.held_yen) == (SplitState.GIVING_BACK, part.captured_yen - 60)
    clock = ManualClock(deps.clock.now() + split_sale.FIRST_TRY)
    later = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    assert await split_sale.go_on_due(later) == 1
    assert (await seen(deps, split)).state is SplitState.GIVEN_BACK
    clock.advance(timedelta(days=1))
    assert await split_sale.go_on_due(later) == 0
    await sound(deps)


async def test_a_paid_sale_is_given_back_the_next_day_by_refunds(deps: Deps) -> None:
    split, cash, card = await paid(deps)
    clock = ManualClock(deps.clock.now() + timedelta(days=1))
    tomorrow = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    after = await given_back(tomorrow, split)
    assert after.state is SplitState.GIVEN_BACK
    assert {part.refunded_yen for part in after.parts} == {cash.captured_yen, card.captured_yen}
    receipt = await reads.read_receipt(deps, CLERK, cash.payment_id)
    assert receipt.split is not None
    assert receipt.split.state is SplitState.GIVEN_BACK


async def test_where_a_shop_has_clerks_only_a_pin_gives_back(deps: Deps) -> None:
    clerk_id = await setup.put_clerk(
        deps, key(), CLERK, "shop-p", "", "花子", "4711", disabled=False
    )
    split = await opened(deps)
    await pay(deps, split, 1000, Tender.CASH_RECORD)
    with pytest.raises(ClerkPinMissing):
        await given_back(deps, split)
    assert (await seen(deps, split)).state is SplitState.OPEN
    assert (await given_back(deps, split, clerk_id)).state is SplitState.GIVEN_BACK


async def test_a_sale_of_another_shop_is_neither_shown_nor_given_back(deps: Deps) -> None:
    split = await opened(deps)
    stranger = replace(CLERK, shops=frozenset({"shop-a"}))
    with pytest.raises(ShopNotYours):
        await split_sale.read_split_sale(deps, stranger, split.split_sale_id)
    with pytest.raises(ShopNotYours):
        await split_sale.give_back(deps, key(), stranger, split.split_sale_id, "")
    with pytest.raises(UnknownSplitSale):
        await split_sale.read_split_sale(deps, CLERK, new_id())
