"""Pairing a screen with a till: once, in time, for one shop, and not after it was ended."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from kit.auth import Role
from kit.requests import RequestKey
from meguri.payments.v1 import display_service_pb2 as pb
from meguri.payments.v1 import display_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.payments.app import displays
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.app.who import Who
from services.payments.domain.display import MOST_DISPLAYS
from services.payments.domain.errors import (
    DisplayCodeUnknown,
    DisplayUnknown,
    ShopNotYours,
    TooManyDisplays,
    UnknownShop,
)
from services.payments.domain.tender import Tender
from tests import harness
from tests.service.payments.conftest import AREA, CLERK, GATE, SHOP, key, taken
from tests.service.payments.test_doors import (
    TIMEOUT_S,
    area,
    database_url,
    new_id,
    payments,
    refusal,
    sale,
    stub,
)
from tests.service.payments.test_papers import CODE, configure, shop
from tests.service.payments.test_receipt_link import Later

__all__ = ["area", "database_url", "payments"]
TILL = "a1b2c3d4e5f6"
OWNER_OF_B = Who(area=AREA, principal="owner", shops=frozenset({"shop-b"}), device=False)


def screen() -> RequestKey:
    return RequestKey("visitor", new_id(), b"body".ljust(32))


async def offered(deps: Deps, shop: str = "shop-a", till: str = TILL) -> str:
    code, _ = await displays.offer(deps, key(), CLERK, shop, till)
    return code


def later(deps: Deps, minutes: float) -> Deps:
    clock = Later(minutes / 1440)
    return make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways, link_key=deps.link_key))


async def test_a_screen_is_paired_follows_its_till_and_is_ended(
    payments: harness.Running, area: str
) -> None:
    till: Any = pb_grpc.DisplayServiceStub(payments.channel(area, Role.CLERK))
    visitor: Any = pb_grpc.DisplayServiceStub(payments.channel(area, Role.VISITOR))
    offer = await till.OfferDisplay(
        pb.OfferDisplayRequest(request_id=new_id(), shop_place_id="shop-a", counter_id=TILL),
        timeout=TIMEOUT_S,
    )
    wanted = pb.PairDisplayRequest(request_id=new_id(), code=offer.code.lower())
    paired = await visitor.PairDisplay(wanted, timeout=TIMEOUT_S)
    assert await visitor.PairDisplay(wanted, timeout=TIMEOUT_S) == paired  # its answer was lost
    assert (paired.display.shop_place_id, paired.display.counter_id) == ("shop-a", TILL)
    again = pb.PairDisplayRequest(request_id=new_id(), code=offer.code)
    assert await refusal(visitor.PairDisplay(again, timeout=TIMEOUT_S)) == "DISPLAY_CODE_UNKNOWN"

    sold = (await stub(payments, area).TakePayment(sale(), timeout=TIMEOUT_S)).payment
    request = pb.ReadDisplayRequest(
        display_secret=paired.display_secret, payment_id=sold.payment_id
    )
    seen = await visitor.ReadDisplay(request, timeout=TIMEOUT_S)
    assert (seen.payment.amount_yen, seen.payment.state) == (
        500, payments_pb.PAYMENT_STATE_CAPTURED,
    )  # fmt: skip
    receipt = await stub(payments, area).ReadLinkedReceipt(
        payments_pb.ReadLinkedReceiptRequest(link_secret=seen.link_secret), timeout=TIMEOUT_S
    )
    assert receipt.receipt.payment_id == sold.payment_id

    coded = pb.ReadDisplayRequest(display_secret=paired.display_secret, merchant_code_yen=1300)
    assert await refusal(visitor.ReadDisplay(coded, timeout=TIMEOUT_S)) == "NO_MERCHANT_CODE"
    await configure(payments, area, shop(merchant_code=CODE))
    drawn = await visitor.ReadDisplay(coded, timeout=TIMEOUT_S)
    assert drawn.merchant_code_svg.startswith(b"<svg")
    assert "1,300円" in drawn.merchant_code_svg.decode()

    listed = await till.ListDisplays(
        pb.ListDisplaysRequest(shop_place_id="shop-a"), timeout=TIMEOUT_S
    )
    assert list(listed.displays) == [paired.display]
    ending = pb.RemoveDisplayRequest(request_id=new_id(), display_id=paired.display.display_id)
    await till.RemoveDisplay(ending, timeout=TIMEOUT_S)
    await till.RemoveDisplay(ending, timeout=TIMEOUT_S)
    assert await refusal(visitor.ReadDisplay(request, timeout=TIMEOUT_S)) == "DISPLAY_UNKNOWN"
    assert await refusal(visitor.PairDisplay(wanted, timeout=TIMEOUT_S)) == "DISPLAY_UNKNOWN"
    for call in (
        visitor.OfferDisplay(pb.OfferDisplayRequest(request_id=new_id()), timeout=TIMEOUT_S),
        visitor.ListDisplays(pb.ListDisplaysRequest(), timeout=TIMEOUT_S),
        visitor.RemoveDisplay(ending, timeout=TIMEOUT_S),
    ):
        assert await refusal(call) == "NOT_ALLOWED"


async def test_a_code_works_once_however_many_try_at_once(deps: Deps) -> None:
    code = await offered(deps)
    tries = [displays.pair(deps, screen(), AREA, code) for _ in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, DisplayCodeUnknown) for each in results) == 7
    assert len(await displays.list_displays(deps, CLERK, "shop-a")) == 1


async def test_a_code_lapses_within_minutes_and_is_forgotten(deps: Deps) -> None:
    code = await offered(deps)
    with pytest.raises(DisplayCodeUnknown):
        await displays.pair(later(deps, 5.1), screen(), AREA, code)
    await displays.pair(later(deps, 4.9), screen(), AREA, code)
    with pytest.raises(DisplayCodeUnknown):
        await displays.pair(deps, screen(), "hagi", await offered(deps))


async def test_it_sees_no_sale_of_another_shop(deps: Deps) -> None:
    _, secret = await displays.pair(deps, screen(), AREA, await offered(deps))
    own = await taken(deps, 500, Tender.CASH_RECORD)
    other = await taken(deps, 700, Tender.CASH_RECORD, shop_place_id="gate-a")
    seen = await displays.read(deps, AREA, secret, own.payment_id)
    assert seen.payment is not None
    assert seen.payment.amount_yen == 500
    for strange in (other.payment_id, str(uuid.uuid4()), ""):
        nothing = await displays.read(deps, AREA, secret, strange)
        assert (nothing.payment, nothing.link_secret) == (None, "")
        assert nothing.display.shop_place_id == "shop-a"
    with pytest.raises(DisplayUnknown):
        await displays.read(deps, "hagi", secret, own.payment_id)


async def test_people_of_another_shop_touch_none_of_it(deps: Deps) -> None:
    display, _ = await displays.pair(deps, screen(), AREA, await offered(deps))
    for attempt in (
        displays.offer(deps, key(), OWNER_OF_B, "shop-a", TILL),
        displays.list_displays(deps, OWNER_OF_B, "shop-a"),
        displays.remove(deps, key(), OWNER_OF_B, display.display_id),
    ):
        with pytest.raises(ShopNotYours):
            await attempt
    with pytest.raises(UnknownShop):
        await displays.offer(deps, key(), CLERK, "shop-of-nobody", TILL)
    assert await displays.list_displays(deps, CLERK, "shop-a") == [display]


async def test_a_shop_has_so_many_and_no_more(deps: Deps) -> None:
    for _ in range(MOST_DISPLAYS):
        display, _ = await displays.pair(deps, screen(), AREA, await offered(deps))
    with pytest.raises(TooManyDisplays):
        await offered(deps)
    await offered(deps, GATE.shop_place_id)
    await displays.remove(deps, key(), CLERK, display.display_id)
    await offered(deps, SHOP.shop_place_id)


async def test_neither_code_nor_secret_is_in_the_database(deps: Deps) -> None:
    waiting = await offered(deps)
    used = await offered(deps)
    _, secret = await displays.pair(deps, screen(), AREA, used)
    async with deps.db.read(AREA) as tx:
        rows = [
            *await tx.fetch_all("select * from displays"),
            *await tx.fetch_all("select * from requests"),
        ]
    assert len(rows) >= 5
    kept = json.dumps(rows, default=lambda value: bytes(value).decode("latin-1")
                      if isinstance(value, bytes | memoryview) else str(value))  # fmt: skip
    for text in (waiting, used, secret):
        assert text not in kept
    assert sum(row.get("code_hash") is not None for row in rows) == 1
