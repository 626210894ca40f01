"""Real money through our own acquirer: only with a contract, never in a shop that practices; and
tenders that a provider does not give back."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kit.pure.errors import InvalidFields
from services.payments.domain.contract import AcquirerContract, check_contract
from services.payments.domain.errors import (
    ContractMissing,
    PracticeShopLiveGateway,
    ProviderRefundUnsupported,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.provider import DONE
from services.payments.domain.refund import Refund, start_refund
from services.payments.domain.settle import settle
from services.payments.domain.shop import Shop, TenderSetting, check_real_money, check_shop
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways import registry
from services.payments.gateways.remote import live_or_practice
from tests.unit.payments.sample import ID, NOW, TODAY, fresh

LIVE = GatewayFacts("live", Mode.LIVE, Custody.ACQUIRER, frozenset({Tender.CARD}), immediate=False)
SHOP = Shop(shop_place_id="shop-a", names={"ja": "店"})
CONTRACT = AcquirerContract(
    shop_place_id="shop-a", tender=Tender.CARD, gateway="live", acquirer="Acquirer K.K.",
    contract_number="M-1", valid_from=date(2026, 4, 1),
)  # fmt: skip


def test_real_money_needs_a_contract() -> None:
    with pytest.raises(ContractMissing, match="shop-a"):
        check_real_money(SHOP, LIVE, Tender.CARD, has_contract=False)
    check_real_money(SHOP, LIVE, Tender.CARD, has_contract=True)


def test_a_shop_that_practices_moves_no_real_money_even_with_a_contract() -> None:
    with pytest.raises(PracticeShopLiveGateway):
        check_real_money(replace(SHOP, practice=True), LIVE, Tender.CARD, has_contract=True)


@pytest.mark.parametrize(
    "facts",
    [
        replace(LIVE, mode=Mode.PRACTICE),
        replace(LIVE, custody=Custody.DRAWER),
        replace(LIVE, custody=Custody.OTHER_DEVICE, unconfirmed=True),
    ],
)
def test_cash_other_devices_and_practice_need_none(facts: GatewayFacts) -> None:
    check_real_money(replace(SHOP, practice=True), facts, Tender.CARD, has_contract=False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"gateway": "nobody"}, "gateway"),
        ({"tender": Tender.ID}, "tender"),
        ({"acquirer": " "}, "acquirer"),
        ({"contract_number": "9" * 81}, "contract_number"),
        ({"valid_until": date(2026, 3, 31)}, "valid_until"),
    ],
)
def test_a_contract_that_cannot_hold_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    assert check_contract(CONTRACT, {"live": LIVE}) is CONTRACT
    with pytest.raises(InvalidFields) as refused:
        check_contract(replace(CONTRACT, **change), {"live": LIVE})
    assert [name for name, _ in refused.value.fields] == [field]


@pytest.mark.parametrize(
    ("url", "live"),
    [
        ("https://connect.squareup.com", True),
        ("https://connect.squareup.com/", True),
        ("http://connect.squareup.com", False),
        ("https://connect.squareupsandbox.com", False),
        ("https://connect.squareup.com.example", False),
        ("https://connect.squareup.com@127.0.0.1:9111", False),
        ("http://127.0.0.1:9111", False),
    ],
)
def test_only_the_provider_s_own_address_is_live(url: str, live: bool) -> None:  # noqa: FBT001 - a parameter
    assert live_or_practice(url, "connect.squareup.com") is live
    made = registry.from_environment({"MEGURI_SQUARE_URL": url})["square"]
    assert (made.facts.mode is Mode.LIVE) is live


def test_only_providers_with_an_address_are_there() -> None:
    assert set(registry.from_environment({})) == {"cash_record", "other_device"}
    every = dict.fromkeys(registry.REMOTE, "http://127.0.0.1:1")
    assert {"acquirer_simulator", "square", "adyen", "paypay"} < set(
        registry.from_environment(every)
    )


def test_a_terminal_is_named_where_the_gateway_has_to_wake_one() -> None:
    facts = {"live": replace(LIVE, needs_terminal=True)}
    for terminal, good in (("", False), ("D" * 65, False), ("DEVICE-1", True)):
        setting = TenderSetting(tender=Tender.CARD, gateway="live", terminal=terminal)
        shop = replace(SHOP, tenders=(setting,))
        if good:
            assert check_shop(shop, facts) is shop
        else:
            with pytest.raises(InvalidFields, match="terminal"):
                check_shop(shop, facts)


def test_what_the_provider_does_not_give_back_goes_back_in_cash() -> None:
    taken = settle(fresh(), ID, DONE, NOW).payment
    wanted = Refund(
        area="mine", refund_id="r", payment_id=taken.payment_id, amount_yen=400,
        channel=RefundChannel.PROVIDER, reason="wrong size", refunded_by="clerk",
        business_date=TODAY, create_time=NOW,
    )  # fmt: skip
    with pytest.raises(ProviderRefundUnsupported, match="cash"):
        start_refund(taken, wanted, provider_refunds=False)
    for channel in (RefundChannel.CASH, RefundChannel.MANUAL):
        after, _ = start_refund(taken, replace(wanted, channel=channel), provider_refunds=False)
        assert after.reserved_yen == 400
    assert start_refund(taken, wanted)[0].reserved_yen == 400
