"""Money goes back only behind the PIN of one of the shop's clerks, whichever way it is asked."""

from dataclasses import replace

import pytest

from services.payments.app import change, refund
from services.payments.app.deps import Deps
from services.payments.app.office import setup
from services.payments.domain.errors import ClerkPinMissing, NoClerkWorks
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State
from services.payments.domain.refund import RefundState
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import CLERK, key, taken

CASH = RefundChannel.CASH


@pytest.fixture
async def aya(deps: Deps) -> str:
    """A clerk of the shop, and one who left."""
    await setup.put_clerk(deps, key(), CLERK, "shop-a", "", "健", "1470", disabled=True)
    return await setup.put_clerk(deps, key(), CLERK, "shop-a", "", "彩", "2580", disabled=False)


@pytest.fixture
async def sold(deps: Deps) -> Payment:
    """¥500 in cash."""
    return await taken(deps, 500, Tender.CASH_RECORD)


@pytest.mark.parametrize("clerk_id", ["", "nobody", "01a22031-4fc2-723b-a200-3630cfb20cf8"])
async def test_without_a_clerk_s_pin_nothing_goes_back(
    deps: Deps, aya: str, sold: Payment, clerk_id: str
) -> None:
    with pytest.raises(ClerkPinMissing):
        await change.void_payment(deps, key(), CLERK, sold.payment_id, clerk_id)
    with pytest.raises(ClerkPinMissing):
        await refund.refund_payment(
            deps, key(), CLERK, sold.payment_id, 100, CASH, "wrong size", clerk_id
        )
    async with deps.db.read(CLERK.area) as tx:
        row = await tx.fetch_one("select (select count(*) from refunds) as n, state from payments")
    assert row == {"n": 0, "state": State.CAPTURED}


async def test_the_clerk_is_kept_with_the_refund(deps: Deps, aya: str, sold: Payment) -> None:
    done = await refund.refund_payment(
        deps, key(), CLERK, sold.payment_id, 100, CASH, "wrong size", aya
    )
    assert (done.state, done.clerk_id) == (RefundState.REFUNDED, aya)


async def test_somebody_who_left_has_no_right(deps: Deps, aya: str, sold: Payment) -> None:
    await setup.put_clerk(deps, key(), CLERK, "shop-a", "", "光", "3690", disabled=False)
    await setup.put_clerk(deps, key(), CLERK, "shop-a", aya, "彩", "", disabled=True)
    with pytest.raises(ClerkPinMissing):
        await change.void_payment(deps, key(), CLERK, sold.payment_id, aya)


async def test_a_shop_whose_last_clerk_left_stays_closed_until_somebody_has_a_pin(
    deps: Deps, aya: str, sold: Payment
) -> None:
    await setup.put_clerk(deps, key(), CLERK, "shop-a", aya, "彩", "", disabled=True)
    for clerk_id in ("", aya):
        with pytest.raises(NoClerkWorks, match="payments clerk --shop shop-a"):
            await change.void_payment(deps, key(), CLERK, sold.payment_id, clerk_id)
        with pytest.raises(NoClerkWorks):
            await refund.refund_payment(
                deps, key(), CLERK, sold.payment_id, 100, CASH, "wrong size", clerk_id
            )
    await setup.put_clerk(deps, key(), CLERK, "shop-a", aya, "彩", "9163", disabled=False)
    after = await change.void_payment(deps, key(), CLERK, sold.payment_id, aya)
    assert after.state is State.VOIDED


async def test_a_register_has_rights_of_its_own(deps: Deps, aya: str, sold: Payment) -> None:
    device = replace(CLERK, principal="register-1", device=True)
    after = await change.void_payment(deps, key(), device, sold.payment_id)
    assert after.state is State.VOIDED


async def test_a_shop_without_clerks_works_as_before(deps: Deps, sold: Payment) -> None:
    after = await change.void_payment(deps, key(), CLERK, sold.payment_id)
    assert after.state is State.VOIDED
