"""Addresses of registers: secrets that overlap, how they fare, switched off and on, tested."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from kit.pure.errors import InvalidFields
from services.payments.app import notice_sending, notices, shops
from services.payments.app.deps import Deps
from services.payments.app.notices import Sending
from services.payments.domain.errors import ShopNotYours, UnknownNoticeAddress
from services.payments.domain.notice import (
    OFF_AFTER,
    OVERLAP,
    AddressState,
    NoticeState,
    NoticeType,
    OffReason,
)
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import AREA, CLERK, SHOP, key, taken
from tests.service.payments.notices.conftest import ALL, Register, all_of, clock_of, made, send_due


async def test_a_new_secret_signs_and_the_old_one_for_a_day(
    deps: Deps, sending: Sending, register: Register
) -> None:
    """A receiver that takes any signature that fits, as the specification says, misses nothing."""
    address, old = await made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    turn, clock = key(), clock_of(sending)
    first = await notices.turn_secret(sending, turn, CLERK, address.address_id)
    assert await notices.turn_secret(sending, turn, CLERK, address.address_id) == first
    turned, new = first
    assert (turned.generation, new != old) == (2, True)
    assert turned.old_until
    assert turned.old_until - clock.now() > OVERLAP - timedelta(minutes=1)
    await send_due(sending)
    assert len(register.verified(new)) == len(register.verified(old)) == 1
    register.heard.clear()
    clock.ahead += OVERLAP
    await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    [(headers, _)] = register.heard
    assert len(headers["webhook-signature"].split()) == 1


async def test_a_secret_that_got_known_signs_nothing_more(
    sending: Sending, register: Register
) -> None:
    address, old = await made(sending, register.url)
    _, new = await notices.turn_secret(sending, key(), CLERK, address.address_id, at_once=True)
    await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert len(register.verified(new)) == 1
    with pytest.raises(WebhookVerificationError):
        register.verified(old)


async def test_an_address_tells_how_it_fares(
    deps: Deps, sending: Sending, register: Register
) -> None:
    """Quiet, failing since the first failure, healthy after the next 2xx."""
    address, _ = await made(sending, register.url)
    clock = clock_of(sending)

    async def now() -> Any:
        [shown] = await notices.list_addresses(sending.tools, CLERK, "")
        return shown

    assert (await now()).state is AddressState.QUIET
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [500, 503]
    await send_due(sending)
    since = (await now()).failing_since
    clock.ahead += timedelta(seconds=10)
    await send_due(sending)
    assert ((await now()).state, (await now()).failing_since) == (AddressState.FAILING, since)
    clock.ahead += timedelta(minutes=2)
    await send_due(sending)
    shown = await now()
    assert (shown.state, shown.failing_since) == (AddressState.HEALTHY, None)
    [notice] = await all_of(sending, address.address_id)
    assert notice["try_time"] == shown.deliver_time


async def test_an_address_nothing_gets_through_to_goes_off_and_loses_nothing(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    clock = clock_of(sending)
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [500] * 11
    for _ in range(11):
        assert await send_due(sending) == 1
        clock.ahead += timedelta(hours=25)
    [shown] = await notices.list_addresses(sending.tools, CLERK, "shop-a")
    assert (shown.state, shown.off_reason) == (AddressState.OFF, OffReason.FAILING)
    assert shown.off_time
    assert shown.failing_since
    assert shown.off_time - shown.failing_since >= OFF_AFTER
    await taken(deps, 700, Tender.CASH_RECORD)  # kept, not sent
    assert await send_due(sending) == 0
    faults = {each["fault"] for each in await all_of(sending, address.address_id, NoticeState.DEAD)}
    assert faults == {"refused", "address_off"}
    tested = await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert tested["state"] == "delivered"  # a test goes out all the same
    await notices.switch_address(sending.tools, key(), CLERK, address.address_id, off=False)
    register.answers = [500]
    await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert await notices.replay(sending.tools, key(), CLERK, address.address_id, []) == 2
    assert await send_due(sending) == 2  # the sales, not the test


async def test_whoever_switches_an_address_off_hears_nothing_until_it_is_on(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    off = key()
    for _ in range(2):  # a double tap
        shown = await notices.switch_address(
            sending.tools, off, CLERK, address.address_id, off=True
        )
        assert (shown.state, shown.off_reason) == (AddressState.OFF, OffReason.OWNER)
    assert await send_due(sending) == 0
    shown = await notices.switch_address(sending.tools, key(), CLERK, address.address_id, off=False)
    assert (shown.state, shown.dead_count) == (AddressState.QUIET, 1)
    await taken(deps, 600, Tender.CASH_RECORD)
    assert await send_due(sending) == 1


async def test_a_test_is_sent_once_and_says_what_became_of_it(
    sending: Sending, register: Register
) -> None:
    address, secret = await made(sending, register.url, [NoticeType.REFUNDED])
    again = key()
    for _ in range(2):
        tested = await notice_sending.test_address(sending, again, CLERK, address.address_id)
        assert (tested["state"], tested["status"], tested["payment_id"]) == ("delivered", 204, None)
    [told] = register.verified(secret)
    assert told["type"] == "meguri.test"
    assert told["data"] == {"address_id": address.address_id, "shop_place_id": "shop-a"}
    register.answers = [500]
    failed = await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert (failed["state"], failed["fault"], failed["next_time"]) == ("dead", "refused", None)
    assert await send_due(sending) == 0  # nobody waits for a second try
    other = replace(CLERK, shops=frozenset({"gate-a"}))
    with pytest.raises(ShopNotYours):
        await notice_sending.test_address(sending, key(), other, address.address_id)
    assert await notices.list_addresses(sending.tools, other, "") == []


async def test_a_removed_address_hears_nothing_more(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    await notices.remove_address(sending.tools, key(), CLERK, address.address_id)
    await taken(deps, 500, Tender.CASH_RECORD)
    assert await send_due(sending) == 0
    with pytest.raises(UnknownNoticeAddress):
        await all_of(sending, address.address_id)


async def test_whoever_belongs_to_another_shop_sees_and_changes_nothing(
    sending: Sending, register: Register
) -> None:
    address, _ = await made(sending, register.url)
    other = replace(CLERK, shops=frozenset({"gate-a"}))
    with pytest.raises(ShopNotYours):
        await notices.make_address(sending, key(), other, "shop-a", register.url, ALL)
    with pytest.raises(ShopNotYours):
        await notices.replay(sending.tools, key(), other, address.address_id, [])
    with pytest.raises(ShopNotYours):
        await notices.turn_secret(sending, key(), other, address.address_id)
    with pytest.raises(ShopNotYours):
        await notices.remove_address(sending.tools, key(), other, address.address_id)


async def test_addresses_are_bounded_and_a_live_shop_needs_tls(
    deps: Deps, sending: Sending, register: Register
) -> None:
    once = key()
    first = [
        await notices.make_address(sending, once, CLERK, "shop-a", register.url, ALL)
        for _ in range(2)
    ]
    assert first[0] == first[1]  # a repeat is answered with the same secret
    for _ in range(9):
        await made(sending, register.url)
    with pytest.raises(InvalidFields, match="at most"):
        await made(sending, register.url)
    await shops.configure_shops(deps, key(), AREA, [SHOP])
    with pytest.raises(InvalidFields, match="https"):
        await made(sending, register.url)


async def test_two_workers_send_each_notice_once(
    deps: Deps, sending: Sending, register: Register
) -> None:
    await made(sending, register.url)
    for _ in range(5):
        await taken(deps, 500, Tender.CASH_RECORD)
    sent = await asyncio.gather(send_due(sending), send_due(sending))
    assert sum(sent) == 5
    assert len({headers["webhook-id"] for headers, _ in register.heard}) == 5
