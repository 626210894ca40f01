"""Registers are told of their shop's payments: with the state, signed, again until they hear."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook, WebhookVerificationError

from kit.clock import Clock
from kit.db import Transaction
from kit.pure.errors import InvalidFields
from services.payments.app import change, notice_sending, notices, refund, shops
from services.payments.app.commit import write_group
from services.payments.app.deps import Deps
from services.payments.app.notices import Sending
from services.payments.app.units import Take
from services.payments.domain.errors import NoticeAddressOff, ShopNotYours, UnknownNoticeAddress
from services.payments.domain.events import RefundChannel
from services.payments.domain.notice import (
    OFF_AFTER,
    OVERLAP,
    SUBSCRIBED,
    AddressState,
    NoticeState,
    NoticeType,
    OffReason,
    shown_secret,
)
from services.payments.domain.tender import Tender
from services.payments.gateways.notice_sender import HttpSender
from services.payments.gateways.signer import Signer
from services.payments.store import notices as store
from tests.service.payments.conftest import AREA, CLERK, SHOP, key, sale, taken

OWN_MACHINE = ["127.0.0.0/8"]
ALL = list(SUBSCRIBED)


@dataclass
class Register:
    """A register's own server. answers: HTTP statuses to give next; 204 after them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """Takes a notice."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append((headers, await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": self.url})

    def verified(self, secret: bytes) -> list[Any]:
        """What was heard, as the library of the specification reads it."""
        receiver = Webhook(shown_secret(secret))
        return [receiver.verify(body, headers) for headers, body in self.heard]


@pytest.fixture
async def register() -> AsyncIterator[Register]:
    """A register that listens."""
    made = Register()
    application = web.Application()
    application.router.add_post("/notices", made.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notices"
    yield made
    await runner.cleanup()


class Later(Clock):
    """A clock that is ahead."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The time there."""
        return self._inner.now() + self.ahead


@pytest.fixture
async def sending(deps: Deps) -> AsyncIterator[Sending]:
    """Everything notices stand on; the shop practices."""
    await shops.configure_shops(deps, key(), AREA, [replace(SHOP, practice=True)])
    made = Sending(
        replace(deps, clock=Later(deps.clock)), HttpSender(OWN_MACHINE),
        Signer(Ed25519PrivateKey.generate()),
    )  # fmt: skip
    yield made
    await made.sender.close()


async def _made(sending: Sending, url: str, types: list[NoticeType] | None = None) -> Any:
    return await notices.make_address(sending, key(), CLERK, "shop-a", url, types or ALL)


def _clock(sending: Sending) -> Later:
    clock = sending.tools.clock
    assert isinstance(clock, Later)
    return clock


async def _all(sending: Sending, address_id: str, state: NoticeState | None = None) -> Any:
    return await notices.list_notices(sending.tools, CLERK, address_id, state)


async def test_capture_refund_and_void_are_told_and_signed(
    deps: Deps, sending: Sending, register: Register
) -> None:
    _, secret = await _made(sending, register.url)
    sold = await taken(deps, 1_300, Tender.CASH_RECORD)
    await refund.refund_payment(
        deps, key(), CLERK, sold.payment_id, 300, RefundChannel.CASH, "broken"
    )
    other = await taken(deps, 500, Tender.CASH_RECORD)
    await change.void_payment(deps, key(), CLERK, other.payment_id)
    assert await notice_sending.send_due(sending) == 4
    told = register.verified(secret)
    by_type = sorted((each["type"], each["data"]["amount_yen"]) for each in told)
    assert by_type == [("payment.captured", 500), ("payment.captured", 1_300),
                       ("payment.refunded", 300), ("payment.voided", 500)]  # fmt: skip
    [refunded] = [each["data"] for each in told if each["type"] == "payment.refunded"]
    assert refunded["payment_id"] == sold.payment_id
    assert refunded["refund_id"]
    assert await notice_sending.send_due(sending) == 0
    with pytest.raises(WebhookVerificationError):
        register.verified(secret[::-1])


async def test_only_what_was_asked_for_is_told_and_only_of_the_own_shop(
    deps: Deps, sending: Sending, register: Register
) -> None:
    await _made(sending, register.url, [NoticeType.REFUNDED])
    await taken(deps, 500, Tender.CASH_RECORD)
    await taken(deps, 500, Tender.CASH_RECORD, shop_place_id="gate-a")
    assert await notice_sending.send_due(sending) == 0


async def test_a_payment_that_is_not_stored_is_not_told(
    deps: Deps, sending: Sending, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = await _made(sending, register.url)

    async def write_and_fail(tx: Transaction, events: Any) -> None:
        await written(tx, events)
        raise RuntimeError("the machine stops here")

    written = store.write
    monkeypatch.setattr(store, "write", write_and_fail)
    with pytest.raises(RuntimeError):
        await write_group(deps, AREA, [Take(key(), CLERK, sale(500, Tender.CASH_RECORD))])
    assert await _all(sending, address.address_id) == []


async def test_it_is_tried_until_it_is_heard_always_under_one_id(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await _made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [500, 307]
    clock: Any = sending.tools.clock
    for _ in range(3):
        assert await notice_sending.send_due(sending) == 1
        assert await notice_sending.send_due(sending) == 0
        clock.ahead += timedelta(minutes=2)
    ids = {headers["webhook-id"] for headers, _ in register.heard}
    assert (len(register.heard), len(ids)) == (3, 1)  # the redirect was not followed
    [notice] = await _all(sending, address.address_id, NoticeState.DELIVERED)
    assert (notice["tries"], notice["status"], notice["notice_id"]) == (3, 204, ids.pop())


async def test_dead_notices_are_kept_and_sent_again_when_somebody_says_so(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, secret = await _made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [410]
    await notice_sending.send_due(sending)
    [shown] = await notices.list_addresses(sending.tools, CLERK, "shop-a")
    assert (shown.waiting_count, shown.dead_count) == (0, 1)
    assert (shown.state, shown.off_reason) == (AddressState.OFF, OffReason.GONE)
    with pytest.raises(NoticeAddressOff):
        await notices.replay(sending.tools, key(), CLERK, address.address_id, [])
    await notices.switch_address(sending.tools, key(), CLERK, address.address_id, off=False)
    again = key()
    for _ in range(2):  # a double tap is one replay
        assert await notices.replay(sending.tools, again, CLERK, address.address_id, []) == 1
    assert await notice_sending.send_due(sending) == 1
    assert len(register.verified(secret)) == 2


async def test_private_addresses_are_not_knocked_at(
    deps: Deps, sending: Sending, register: Register
) -> None:
    """Neither by number nor by a name that leads there."""
    strict = replace(sending, sender=HttpSender([]))
    by_number, _ = await _made(strict, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    await notice_sending.send_due(strict)
    [notice] = await _all(sending, by_number.address_id)
    assert (notice["fault"], notice["state"]) == ("address_forbidden", "waiting")
    port = register.url.rpartition(":")[2]
    tried = await strict.sender.send(f"http://localhost:{port}", b"{}", {})
    assert tried.fault == "address_forbidden"
    assert register.heard == []
    await strict.sender.close()


async def test_a_new_secret_signs_and_the_old_one_for_a_day(
    deps: Deps, sending: Sending, register: Register
) -> None:
    """A receiver that takes any signature that fits, as the specification says, misses nothing."""
    address, old = await _made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    turn, clock = key(), _clock(sending)
    first = await notices.turn_secret(sending, turn, CLERK, address.address_id)
    assert await notices.turn_secret(sending, turn, CLERK, address.address_id) == first
    turned, new = first
    assert (turned.generation, new != old) == (2, True)
    assert turned.old_until
    assert turned.old_until - clock.now() > OVERLAP - timedelta(minutes=1)
    await notice_sending.send_due(sending)
    assert len(register.verified(new)) == len(register.verified(old)) == 1
    register.heard.clear()
    clock.ahead += OVERLAP
    await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    [(headers, _)] = register.heard
    assert len(headers["webhook-signature"].split()) == 1


async def test_a_secret_that_got_known_signs_nothing_more(
    sending: Sending, register: Register
) -> None:
    address, old = await _made(sending, register.url)
    _, new = await notices.turn_secret(sending, key(), CLERK, address.address_id, at_once=True)
    await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert len(register.verified(new)) == 1
    with pytest.raises(WebhookVerificationError):
        register.verified(old)


async def test_an_address_tells_how_it_fares(
    deps: Deps, sending: Sending, register: Register
) -> None:
    """Quiet, failing since the first failure, healthy after the next 2xx."""
    address, _ = await _made(sending, register.url)
    clock = _clock(sending)

    async def now() -> Any:
        [shown] = await notices.list_addresses(sending.tools, CLERK, "")
        return shown

    assert (await now()).state is AddressState.QUIET
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [500, 503]
    await notice_sending.send_due(sending)
    since = (await now()).failing_since
    clock.ahead += timedelta(seconds=10)
    await notice_sending.send_due(sending)
    assert ((await now()).state, (await now()).failing_since) == (AddressState.FAILING, since)
    clock.ahead += timedelta(minutes=2)
    await notice_sending.send_due(sending)
    shown = await now()
    assert (shown.state, shown.failing_since) == (AddressState.HEALTHY, None)
    [notice] = await _all(sending, address.address_id)
    assert notice["try_time"] == shown.deliver_time


async def test_an_address_nothing_gets_through_to_goes_off_and_loses_nothing(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await _made(sending, register.url)
    clock = _clock(sending)
    await taken(deps, 500, Tender.CASH_RECORD)
    register.answers = [500] * 11
    for _ in range(11):
        assert await notice_sending.send_due(sending) == 1
        clock.ahead += timedelta(hours=25)
    [shown] = await notices.list_addresses(sending.tools, CLERK, "shop-a")
    assert (shown.state, shown.off_reason) == (AddressState.OFF, OffReason.FAILING)
    assert shown.off_time
    assert shown.failing_since
    assert shown.off_time - shown.failing_since >= OFF_AFTER
    await taken(deps, 700, Tender.CASH_RECORD)  # kept, not sent
    assert await notice_sending.send_due(sending) == 0
    faults = {each["fault"] for each in await _all(sending, address.address_id, NoticeState.DEAD)}
    assert faults == {"refused", "address_off"}
    tested = await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert tested["state"] == "delivered"  # a test goes out all the same
    await notices.switch_address(sending.tools, key(), CLERK, address.address_id, off=False)
    register.answers = [500]
    await notice_sending.test_address(sending, key(), CLERK, address.address_id)
    assert await notices.replay(sending.tools, key(), CLERK, address.address_id, []) == 2
    assert await notice_sending.send_due(sending) == 2  # the sales, not the test


async def test_whoever_switches_an_address_off_hears_nothing_until_it_is_on(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await _made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    off = key()
    for _ in range(2):  # a double tap
        shown = await notices.switch_address(
            sending.tools, off, CLERK, address.address_id, off=True
        )
        assert (shown.state, shown.off_reason) == (AddressState.OFF, OffReason.OWNER)
    assert await notice_sending.send_due(sending) == 0
    shown = await notices.switch_address(sending.tools, key(), CLERK, address.address_id, off=False)
    assert (shown.state, shown.dead_count) == (AddressState.QUIET, 1)
    await taken(deps, 600, Tender.CASH_RECORD)
    assert await notice_sending.send_due(sending) == 1


async def test_a_test_is_sent_once_and_says_what_became_of_it(
    sending: Sending, register: Register
) -> None:
    address, secret = await _made(sending, register.url, [NoticeType.REFUNDED])
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
    assert await notice_sending.send_due(sending) == 0  # nobody waits for a second try
    other = replace(CLERK, shops=frozenset({"gate-a"}))
    with pytest.raises(ShopNotYours):
        await notice_sending.test_address(sending, key(), other, address.address_id)
    assert await notices.list_addresses(sending.tools, other, "") == []


async def test_a_removed_address_hears_nothing_more(
    deps: Deps, sending: Sending, register: Register
) -> None:
    address, _ = await _made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    await notices.remove_address(sending.tools, key(), CLERK, address.address_id)
    await taken(deps, 500, Tender.CASH_RECORD)
    assert await notice_sending.send_due(sending) == 0
    with pytest.raises(UnknownNoticeAddress):
        await _all(sending, address.address_id)


async def test_whoever_belongs_to_another_shop_sees_and_changes_nothing(
    sending: Sending, register: Register
) -> None:
    address, _ = await _made(sending, register.url)
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
    made = key()
    first = [
        await notices.make_address(sending, made, CLERK, "shop-a", register.url, ALL)
        for _ in range(2)
    ]
    assert first[0] == first[1]  # a repeat is answered with the same secret
    for _ in range(9):
        await _made(sending, register.url)
    with pytest.raises(InvalidFields, match="at most"):
        await _made(sending, register.url)
    await shops.configure_shops(deps, key(), AREA, [SHOP])
    with pytest.raises(InvalidFields, match="https"):
        await _made(sending, register.url)


async def test_two_workers_send_each_notice_once(
    deps: Deps, sending: Sending, register: Register
) -> None:
    await _made(sending, register.url)
    for _ in range(5):
        await taken(deps, 500, Tender.CASH_RECORD)
    sent = await asyncio.gather(notice_sending.send_due(sending), notice_sending.send_due(sending))
    assert sum(sent) == 5
    assert len({headers["webhook-id"] for headers, _ in register.heard}) == 5
