"""Square behind the whole service: real database, the provider's simulator as a process, webhooks
through the same settling as answers, real money only on a contract."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.clock import ManualClock, SystemClock
from kit.db import Database
from kit.ids import new_id
from kit.outbox import Outbox
from kit.requests import RequestIdReused
from services.payments import events
from services.payments.app import change, contracts, reads, refund, resolve, shops, take, webhook
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.app.units import Answered
from services.payments.app.webhook import Received
from services.payments.domain.contract import AcquirerContract
from services.payments.domain.errors import (
    CaptureLaterUnsupported,
    ContractMissing,
    PracticeShopLiveGateway,
    ProviderRefundUnsupported,
    ShopNotYours,
    UnknownProvider,
    UnknownShop,
    WebhookForged,
    WebhookMismatch,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State
from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order
from services.payments.domain.refund import RefundState
from services.payments.domain.shop import Shop, TenderSetting
from services.payments.domain.tender import Mode, Tender
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.conformance.profiles import PROFILES
from services.payments.gateways.conformance.stage import Stage
from services.payments.gateways.webhook import Webhook, sign
from tests.service.payments.conftest import AREA, CLERK, key, said, sale

SQUARE = PROFILES["square"]
URL = SQUARE.secrets["MEGURI_SQUARE_WEBHOOK_URL"]
WAYS = ("card", "transit_ic", "code_payment")
SHOP = Shop(
    shop_place_id="shop-a",
    names={"ja": "試しの店"},
    tenders=(
        *(TenderSetting(tender=Tender(n), gateway="square", terminal="DEVICE-1") for n in WAYS),
        TenderSetting(tender=Tender.CASH_RECORD, gateway="cash_record"),
    ),
)
CONTRACT = AcquirerContract(
    shop_place_id="shop-a", tender=Tender.CARD, gateway="square", acquirer="Acquirer K.K.",
    contract_number="M-1", valid_from=date(2026, 1, 1),
)  # fmt: skip


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Square's simulator; its webhooks are gathered in `hooks`."""
    async with Stage(SQUARE, tmp_path) as set_up:
        yield set_up


@pytest.fixture
async def deps(service_database: Callable[[str], str], stage: Stage) -> AsyncIterator[Deps]:
    """The use cases with Square as a gateway."""
    async with AsyncExitStack() as stack:
        database = Database(service_database("payments"))
        await database.open()
        stack.push_async_callback(database.close)
        gateways = {"square": stage.gateway, "cash_record": CashRecord()}
        made = make_deps(Tools(database, Outbox(events.ENCODERS), SystemClock(), gateways))
        await shops.configure_shops(made, key(), AREA, [SHOP])
        yield made


async def begun(deps: Deps, amount_yen: int, tender: Tender = Tender.CARD) -> Payment:
    """A sale at the terminal."""
    return (await take.take_payment(deps, key(), CLERK, sale(amount_yen, tender))).payment


async def stored(deps: Deps, payment: Payment) -> Payment:
    """The payment as it is in the database."""
    return (await reads.get_payment(deps, CLERK, payment.payment_id))[0]


async def ended(deps: Deps, payment: Payment) -> Payment:
    """The payment when its outcome has been asked for."""
    for _ in range(200):
        await resolve.resolve_due(deps)
        payment = await stored(deps, payment)
        if payment.pending is None:
            return payment
        await asyncio.sleep(0.05)
    raise AssertionError("no outcome")


async def hook_of(
    stage: Stage, payment: Payment, kind: str = "terminal.checkout.updated"
) -> Webhook:
    """The webhook of a payment's checkout, once it has come."""
    for _ in range(200):
        for hook in stage.hooks:
            if payment.payment_id.encode() in hook.body and kind.encode() in hook.body:
                return hook
        await asyncio.sleep(0.05)
    raise AssertionError("no webhook")


async def receive(deps: Deps, hook: Webhook) -> Received:
    """Gives payments a webhook."""
    return await webhook.receive_webhook(deps, "square", hook)


def signed(document: dict[str, Any]) -> Webhook:
    """A webhook with a genuine signature."""
    body = json.dumps(document).encode()
    mac = sign(SQUARE.secrets["MEGURI_SQUARE_WEBHOOK_KEY"].encode(), URL.encode() + body)
    return Webhook(body, {"x-square-hmacsha256-signature": mac})


async def test_a_sale_waits_for_its_customer_and_is_found_within_two_seconds(
    deps: Deps, stage: Stage
) -> None:
    await stage.customer(after_s=0.3)
    payment = await begun(deps, 1_200)
    assert (payment.state, payment.practice) == (State.CREATED, True)
    assert payment.provider_ref
    payment = await ended(deps, payment)
    assert payment.state is State.CAPTURED
    assert [each.type.rpartition(".")[2] for each in await said(deps)] == ["payment_captured"]
    assert (await reads.prove_ledger(deps, CLERK)).sound
    assert len(await stage.charges(payment.payment_id)) == 1


async def test_while_the_customer_is_at_it_the_provider_is_asked_every_two_seconds(
    deps: Deps, stage: Stage
) -> None:
    await stage.customer(after_s=60)
    payment = await begun(deps, 1_250)
    clock = ManualClock(payment.update_time)
    later = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    asked_s = []
    for second in range(8):
        if await resolve.resolve_due(later):
            asked_s.append(second)
        clock.advance(timedelta(seconds=1))
    assert asked_s == [1, 2, 4, 6]
    assert (await stored(deps, payment)).state is State.CREATED


async def test_a_webhook_ends_the_sale_once_whatever_comes_after(deps: Deps, stage: Stage) -> None:
    payment = await begun(deps, 1_300)
    hook = await hook_of(stage, payment)
    answers = await asyncio.gather(*(receive(deps, hook) for _ in range(10)))
    assert set(answers) <= {Received.ACCEPTED, Received.DUPLICATE}
    assert await receive(deps, hook) is Received.DUPLICATE
    late = await hook_of(stage, payment, "terminal.checkout.created")
    assert await receive(deps, late) is Received.ACCEPTED
    payment = await stored(deps, payment)
    assert payment.state is State.CAPTURED
    assert [each.type.rpartition(".")[2] for each in await said(deps)] == ["payment_captured"]
    assert (await reads.prove_ledger(deps, CLERK)).sound
    assert await resolve.resolve_due(deps) == 0


async def test_a_webhook_before_the_answer_is_the_answer(deps: Deps, stage: Stage) -> None:
    await stage.order("late")
    asked = asyncio.create_task(begun(deps, 1_350))
    for _ in range(200):
        if stage.hooks and b"COMPLETED" in stage.hooks[-1].body:
            break
        await asyncio.sleep(0.02)
    assert await receive(deps, stage.hooks[-1]) is Received.ACCEPTED
    payment = await asked
    assert payment.state is State.CAPTURED
    assert payment.provider_ref
    assert len(await said(deps)) == 1


async def test_what_is_forged_or_tells_another_amount_changes_nothing(
    deps: Deps, stage: Stage
) -> None:
    await stage.customer(after_s=60)
    payment = await begun(deps, 1_400)
    before = await stored(deps, payment)
    checkout = {
        "reference_id": payment.payment_id, "status": "COMPLETED", "payment_ids": ["p"],
        "amount_money": {"amount": 1_400, "currency": "JPY"},
    }  # fmt: skip
    document = {
        "event_id": "e-1", "created_at": datetime.now(UTC).isoformat(),
        "data": {"object": {"checkout": checkout}},
    }  # fmt: skip
    with pytest.raises(WebhookForged):
        await receive(deps, replace(signed(document), headers={}))
    checkout["amount_money"] = {"amount": 1, "currency": "JPY"}
    with pytest.raises(WebhookMismatch):
        await receive(deps, signed(document))
    checkout |= {"amount_money": {"amount": 1_400, "currency": "JPY"}, "reference_id": new_id()}
    assert await receive(deps, signed(document)) is Received.IGNORED
    checkout["reference_id"] = "no id"
    assert await receive(deps, signed(document)) is Received.IGNORED
    assert await stored(deps, payment) == before
    with pytest.raises(UnknownProvider):
        await webhook.receive_webhook(deps, "cash_record", signed(document))
    with pytest.raises(UnknownProvider):
        await webhook.receive_webhook(deps, "nobody", signed(document))


async def test_money_for_a_sale_that_is_over_is_told_to_people(
    deps: Deps, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.customer(pays=False)
    payment = await ended(deps, await begun(deps, 1_450))
    assert payment.state is State.DECLINED
    assert payment.decline_reason == "canceled_by_customer"
    checkout = {
        "reference_id": payment.payment_id, "status": "COMPLETED", "payment_ids": ["p"],
        "amount_money": {"amount": 1_450, "currency": "JPY"},
    }  # fmt: skip
    document = {
        "event_id": "e-2", "created_at": datetime.now(UTC).isoformat(),
        "data": {"object": {"checkout": checkout}},
    }  # fmt: skip
    assert await receive(deps, signed(document)) is Received.ACCEPTED
    assert (await stored(deps, payment)).state is State.DECLINED
    written = capsys.readouterr()
    assert "the provider took money for a payment that is over" in written.err + written.out


async def test_a_refund_that_a_webhook_reports_first_is_made_once(deps: Deps, stage: Stage) -> None:
    payment = await ended(deps, await begun(deps, 2_000))
    stage.hooks.clear()
    await stage.order("late")
    asked = asyncio.create_task(
        refund.refund_payment(
            deps, key(), CLERK, payment.payment_id, 700, RefundChannel.PROVIDER, "wrong size"
        )
    )
    for _ in range(200):
        await asyncio.sleep(0 if stage.hooks else 0.02)
    told = json.loads(stage.hooks[0].body)
    told["data"]["object"]["refund"]["amount_money"]["amount"] = 699
    with pytest.raises(WebhookMismatch):
        await receive(deps, signed(told))
    assert await receive(deps, stage.hooks[0]) is Received.ACCEPTED
    assert await receive(deps, stage.hooks[0]) is Received.DUPLICATE
    assert (await asked).state is RefundState.REFUNDED
    payment = await stored(deps, payment)
    assert (payment.refunded_yen, payment.reserved_yen) == (700, 0)
    (charge,) = await stage.charges(payment.payment_id)
    assert charge["refunded_yen"] == 700
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_the_clerk_stops_a_sale_that_the_customer_does_not_finish(
    deps: Deps, stage: Stage
) -> None:
    await stage.customer(after_s=60)
    payment = await begun(deps, 1_700)
    stopped = await change.void_payment(deps, key(), CLERK, payment.payment_id)
    assert (stopped.state, stopped.decline_reason) == (State.DECLINED, "canceled_at_terminal")
    assert await stored(deps, payment) == stopped
    assert await stage.charges(payment.payment_id) == []
    felica = await begun(deps, 1_700, Tender.TRANSIT_IC)
    going_on = await change.void_payment(deps, key(), CLERK, felica.payment_id)
    assert going_on == await stored(deps, felica)
    assert going_on.state is State.CREATED
    stranger = replace(CLERK, shops=frozenset({"shop-b"}))
    with pytest.raises(ShopNotYours):
        await change.void_payment(deps, key(), stranger, felica.payment_id)


@pytest.mark.parametrize("the_customer_paid", [True, False])
async def test_a_request_to_stop_waiting_never_takes_a_paid_sale_back(
    deps: Deps, stage: Stage, monkeypatch: pytest.MonkeyPatch, *, the_customer_paid: bool
) -> None:
    await stage.customer(after_s=60)
    payment = await begun(deps, 1_700)
    same = key("stop-waiting-1")
    with monkeypatch.context() as lost:
        lost.setattr(type(stage.gateway), "cancel", _unanswered)
        going_on = await change.void_payment(deps, same, CLERK, payment.payment_id)
    assert going_on.state is State.CREATED
    other_body = key("stop-waiting-1", b"another payment")
    with pytest.raises(RequestIdReused):
        await change.void_payment(deps, other_body, CLERK, payment.payment_id)
    if the_customer_paid:
        done = Answered(payment.payment_id, payment.payment_id, DONE)
        await deps.writer.submit(AREA, done)
    again = await change.void_payment(deps, same, CLERK, payment.payment_id)
    assert again == await stored(deps, payment)
    assert again.state is (State.CAPTURED if the_customer_paid else State.DECLINED)
    assert await change.void_payment(deps, same, CLERK, payment.payment_id) == again


async def _unanswered(_gateway: object, _order: Order) -> Answer:
    return UNANSWERED


async def test_felica_goes_back_in_cash(deps: Deps, stage: Stage) -> None:
    payment = await ended(deps, await begun(deps, 900, Tender.TRANSIT_IC))
    for refused in (
        refund.refund_payment(
            deps, key(), CLERK, payment.payment_id, 900, RefundChannel.PROVIDER, "returned"
        ),
        change.void_payment(deps, key(), CLERK, payment.payment_id),
    ):
        with pytest.raises(ProviderRefundUnsupported, match="cash"):
            await refused
    assert await stored(deps, payment) == payment
    back = await refund.refund_payment(
        deps, key(), CLERK, payment.payment_id, 900, RefundChannel.CASH, "returned"
    )
    assert back.state is RefundState.REFUNDED
    (charge,) = await stage.charges(payment.payment_id)
    assert charge["refunded_yen"] == 0
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_felica_cannot_be_held_for_later(deps: Deps) -> None:
    wanted = sale(900, Tender.TRANSIT_IC, capture_at_once=False)
    request = key()
    with pytest.raises(CaptureLaterUnsupported):
        await take.take_payment(deps, request, CLERK, wanted)
    async with deps.db.read(AREA) as tx:
        assert await tx.fetch_one("select 1 as there from payments") is None
        assert await tx.fetch_one("select 1 as there from requests where answer is null") is None


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("none", ContractMissing), ("another tender", ContractMissing), ("ended", ContractMissing),
        ("not begun", ContractMissing), ("replaced by its end", ContractMissing),
        ("practice shop", PracticeShopLiveGateway), ("good", None),
    ],
)  # fmt: skip
async def test_real_money_moves_only_on_a_contract(
    deps: Deps, stage: Stage, case: str, error: type[Exception] | None
) -> None:
    # The gateway of the simulator, called live: only the rules around it are tried here.
    stage.gateway.facts = replace(stage.gateway.facts, mode=Mode.LIVE)  # type: ignore[misc]
    lines = {
        "none": [], "another tender": [replace(CONTRACT, tender=Tender.TRANSIT_IC)],
        "ended": [replace(CONTRACT, valid_until=date(2026, 1, 2))],
        "not begun": [replace(CONTRACT, valid_from=date(2999, 1, 1))],
        "replaced by its end": [CONTRACT, replace(CONTRACT, valid_until=date(2026, 1, 2))],
    }.get(case, [CONTRACT])  # fmt: skip
    for line in lines:
        request = key()
        first = await contracts.record_contract(deps, request, CLERK, line)
        assert await contracts.record_contract(deps, request, CLERK, line) == first
    assert await contracts.list_contracts(deps, CLERK) == lines[-1:]
    if case == "practice shop":
        await shops.configure_shops(deps, key(), AREA, [replace(SHOP, practice=True)])
    if error is None:
        payment = await ended(deps, await begun(deps, 1_500))
        assert (payment.state, payment.practice) == (State.CAPTURED, False)
        return
    with pytest.raises(error):
        await begun(deps, 1_500)
    async with deps.db.read(AREA) as tx:
        assert await tx.fetch_one("select 1 as there from payments") is None
    assert (await stage.call("GET", "/admin/charges"))["charges"] == []
    cash = await begun(deps, 1_500, Tender.CASH_RECORD)
    assert cash.state is State.CAPTURED


async def test_a_contract_of_a_shop_that_is_none_is_refused(deps: Deps) -> None:
    with pytest.raises(UnknownShop):
        await contracts.record_contract(
            deps, key(), CLERK, replace(CONTRACT, shop_place_id="nowhere")
        )
    assert await contracts.list_contracts(deps, CLERK) == []


async def test_what_webhooks_leave_behind_holds_no_body_and_no_address(
    deps: Deps, stage: Stage
) -> None:
    payment = await begun(deps, 1_600)
    await receive(deps, await hook_of(stage, payment))
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all("select * from webhooks")
    assert [set(row) for row in rows] == [
        {"area", "provider", "event_id", "step_key", "receive_time"}
    ]
    assert str(rows[0]["step_key"]) == payment.payment_id
