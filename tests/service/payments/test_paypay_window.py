"""PayPay takes a sale back until 00:14:59 of the next day in Japan; after that it is refunded."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kit.ids import new_id
from services.payments.domain.payment import Payment
from services.payments.domain.provider import DONE, Order, Outcome, Step
from services.payments.gateways.conformance.profiles import PROFILES
from services.payments.gateways.conformance.stage import Stage
from services.payments.gateways.paypay.mapping import TOKYO


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """PayPay's simulator."""
    async with Stage(PROFILES["paypay"], tmp_path) as set_up:
        yield set_up


async def taken_ago(stage: Stage, ago: timedelta) -> Payment:
    """A paid sale whose key was made that long ago."""
    return await stage.resolve(await stage.perform(stage.sale(1_000, made_ago=ago)))


def void_of(payment: Payment) -> Order:
    """The order that takes a sale back now."""
    return Order(
        step=Step.VOID, key=new_id(), payment_id=payment.payment_id, amount_yen=1_000,
        tender=payment.tender, captured=True, provider_ref=payment.provider_ref,
    )  # fmt: skip


async def test_within_the_window_it_is_canceled(stage: Stage) -> None:
    payment = await taken_ago(stage, timedelta(0))
    void = void_of(payment)
    assert await stage.gateway.perform(void) == DONE
    (charge,) = await stage.charges(payment.payment_id)
    assert (charge["voided"], charge["refunded_yen"]) == (True, 0)
    assert await stage.gateway.ask(void) == DONE


async def test_after_it_it_is_refunded(stage: Stage) -> None:
    midnight = datetime.now(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    ago = datetime.now(TOKYO) - midnight + timedelta(hours=25)
    payment = await taken_ago(stage, ago)
    void = void_of(payment)
    assert (await stage.gateway.perform(void)).outcome is Outcome.DONE
    (charge,) = await stage.charges(payment.payment_id)
    assert (charge["voided"], charge["refunded_yen"]) == (False, 1_000)
    assert await stage.gateway.ask(void) == DONE
