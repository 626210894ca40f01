"""Registers are told of their shop's payments: with the state, signed, again until they hear."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from standardwebhooks import WebhookVerificationError

from kit.db import Transaction
from services.payments.app import change, notices, refund, split_sale
from services.payments.app.commit import write_group
from services.payments.app.deps import Deps
from services.payments.app.notices import Sending
from services.payments.app.units import SplitOpening, Take
from services.payments.domain.errors import NoticeAddressOff
from services.payments.domain.events import PaymentCaptured, RefundChannel
from services.payments.domain.notice import (
    AddressState,
    NoticeState,
    NoticeType,
    OffReason,
)
from services.payments.domain.payment import Payment
from services.payments.domain.tender import Tender
from services.payments.gateways.notice_sender import HttpSender
from services.payments.store import notices as store
from tests.service.payments.conftest import AREA, CLERK, key, sale, taken
from tests.service.payments.notices.conftest import Register, all_of, made, send_due


async def test_capture_refund_and_void_are_told_and_signed(
    deps: Deps, sending: Sending, register: Register
) -> None:
    _, secret = await made(sending, register.url)
    sold = await taken(deps, 1_300, Tender.CASH_RECORD)
    await refund.refund_payment(
        deps, key(), CLERK, sold.payment_id, 300, RefundChannel.CASH, "broken"
    )
    other = await taken(deps, 500, Tender.CASH_RECORD)
    await change.void_payment(deps, key(), CLERK, other.payment_id)
    assert await send_due(sending) == 4
    told = register.verified(secret)
    by_type = sorted((each["type"], each["data"]["amount_yen"]) for each in told)
    assert by_type == [("payment.captured", 500), ("payment.captured", 1_300),
                       ("payment.refunded", 300), ("payment.voided", 500)]  # fmt: skip
    [refunded] = [each["data"] for each in told if each["type"] == "payment.refunded"]
    assert refunded["payment_id"] == sold.payment_id
    assert refunded["refund_id"]
    assert await send_due(sending) == 0
    with pytest.raises(WebhookVerificationError):
        register.verified(secret[::-1])


async def test_of_parts_the_sale_is_told_and_of_others_none(
    deps: Deps, sending: Sending, register: Register
) -> None:
    _, secret = await made(sending, register.url)
    wanted = SplitOpening(shop_place_id="shop-a", total_yen=1_300, items=())
    split = await split_sale.open_split_sale(deps, key(), CLERK, wanted)
    first = await taken(deps, 300, Tender.CASH_RECORD, split_sale_id=split.split_sale_id)
    await change.void_payment(deps, key(), CLERK, first.payment_id)
    for yen in (300, 1_000):
        part = await taken(deps, yen, Tender.CASH_RECORD, split_sale_id=split.split_sale_id)
    await refund.refund_payment(
        deps, key(), CLERK, part.payment_id, 200, RefundChannel.CASH, "返品"
    )
    await taken(deps, 77, Tender.CASH_RECORD)
    while await send_due(sending):
        pass
    told = register.verified(secret)
    of_sale = [each for each in told if each["data"]["amount_yen"] != 77]
    assert sorted(each["type"] for each in of_sale) == [
        "payment.captured", "payment.captured", "payment.captured", "payment.refunded",
        "payment.voided",
    ]  # fmt: skip
    assert {each["data"]["split_sale_id"] for each in of_sale} == {split.split_sale_id}
    [other] = [each for each in told if each not in of_sale]
    assert "split_sale_id" not in other["data"]


async def test_only_what_was_asked_for_is_told_and_only_of_the_own_shop(
    deps: Deps, sending: Sending, register: Register
) -> None:
    await made(sending, register.url, [NoticeType.REFUNDED])
    await taken(deps, 500, Tender.CASH_RECORD)
    await taken(deps, 500, Tender.CASH_RECORD, shop_place_id="gate-a")
    assert await send_due(sending) == 0


async def test_a_payment_that_is_not_stored_is_not_told(
    deps: Deps, sending: Sending, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = await made(sending, register.url)

    async def write_and_fail(tx: Transaction, events: Any, unheard: Any) -> None:
        await written(tx, events, unheard)
        raise RuntimeError("the machine stops here")

    written = store.write
    monkeypatch.setattr(store, "write", write_and_fail)
    with pytest.raises(RuntimeError):
        await write_group(deps, AREA, [Take(key(), CLERK, sale(500, Tender.CASH_RECORD))])
    assert await all_of(sending, address.address_id) == []


async def test_of_two_shops_in_one_group_the_one_that_listens_is_told(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    cash = sale(500, Tender.CASH_RECORD)
    other = msgspec.structs.replace(cash, shop_place_id="gate-a")
    sales = [Take(key(), CLERK, cash), Take(key(), CLERK, other)]
    mine, _gate = await write_group(deps, AREA, sales)
    assert isinstance(mine, Payment)
    told = await all_of(sending, address.address_id)
    assert [each["payment_id"] for each in told] == [mine.payment_id]


async def test_of_a_shop_known_to_have_no_address_nothing_is_made(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    payment = await taken(deps, 500, Tender.CASH_RECORD)
    event = PaymentCaptured(
        area=AREA, aggregate_id=payment.payment_id, version=9, occur_time=payment.update_time,
        shop_place_id="shop-a", tender=payment.tender, amount_yen=500, channel=payment.channel,
        business_date=payment.business_date, practice=payment.practice,
    )  # fmt: skip
    async with deps.db.transaction(AREA) as tx:
        await store.write(tx, [event], unheard={"shop-a"})
    assert len(await all_of(sending, address.address_id)) == 1
    async with deps.db.transaction(AREA) as tx:
        await store.write(tx, [event], unheard={"gate-a"})
    assert len(await all_of(sending, address.address_id)) == 2


async def test_it_is_tried_until_it_is_heard_always_under_one_id(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [500, 307]
    clock: Any = sending.tools.clock
    for _ in range(3):
        assert await send_due(sending) == 1
        assert await send_due(sending) == 0
        clock.ahead += timedelta(minutes=2)
    ids = {headers["webhook-id"] for headers, _ in register.heard}
    assert (len(register.heard), len(ids)) == (3, 1)  # the redirect was not followed
    [notice] = await all_of(sending, address.address_id, NoticeState.DELIVERED)
    assert (notice["tries"], notice["status"], notice["notice_id"]) == (3, 204, ids.pop())


async def test_dead_notices_are_kept_and_sent_again_when_somebody_says_so(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, secret = await made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [410]
    await send_due(sending)
    [shown] = await notices.list_addresses(sending.tools, CLERK, "shop-a")
    assert (shown.waiting_count, shown.dead_count) == (0, 1)
    assert (shown.state, shown.off_reason) == (AddressState.OFF, OffReason.GONE)
    with pytest.raises(NoticeAddressOff):
        await notices.replay(sending.tools, key(), CLERK, address.address_id, [])
    await notices.switch_address(sending.tools, key(), CLERK, address.address_id, off=False)
    again = key()
    for _ in range(2):  # a double tap is one replay
        assert await notices.replay(sending.tools, again, CLERK, address.address_id, []) == 1
    assert await send_due(sending) == 1
    assert len(register.verified(secret)) == 2


async def test_private_addresses_are_not_knocked_at(
    deps: Deps, sending: Sending, register: Register
) -> None:
    """Neither by number nor by a name that leads there."""
    strict = replace(sending, sender=HttpSender([]))
    by_number, _ = await made(strict, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    await send_due(strict)
    [notice] = await all_of(sending, by_number.address_id)
    assert (notice["fault"], notice["state"]) == ("address_forbidden", "waiting")
    port = register.url.rpartition(":")[2]
    tried = await strict.sender.send(f"http://localhost:{port}", b"{}", {})
    assert tried.fault == "address_forbidden"
    assert register.heard == []
    await strict.sender.close()
