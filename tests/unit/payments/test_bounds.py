"""Amounts, shops and days: what is refused, and by which name."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kit.pure.errors import InvalidFields
from services.payments.domain.amount import MAX_AMOUNT_YEN, check_amount
from services.payments.domain.business_day import business_date, read_date
from services.payments.domain.errors import TenderNotAccepted
from services.payments.domain.shop import (
    Shop,
    TenderSetting,
    check_shop,
    choose_gateway,
    is_practice,
)
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender

LIVE = GatewayFacts("live", Mode.LIVE, Custody.ACQUIRER, frozenset({Tender.CARD}), immediate=False)
PLAY = replace(LIVE, name="play", mode=Mode.PRACTICE)
GATEWAYS = {"live": LIVE, "play": PLAY}
SHOP = Shop(
    shop_place_id="shop-a",
    names={"ja": "店"},
    tenders=(
        TenderSetting(tender=Tender.CARD, gateway="play"),
        TenderSetting(tender=Tender.CARD, gateway="live"),
    ),
)


@pytest.mark.parametrize("amount_yen", [0, -1, MAX_AMOUNT_YEN + 1, 10**30, True, 1.0, "100", None])
def test_an_amount_out_of_bounds_is_refused_by_name(amount_yen: Any) -> None:
    with pytest.raises(InvalidFields) as refused:
        check_amount("amount_yen", amount_yen)
    assert [name for name, _ in refused.value.fields] == ["amount_yen"]


@pytest.mark.parametrize("amount_yen", [1, MAX_AMOUNT_YEN])
def test_the_bounds_themselves_are_good(amount_yen: int) -> None:
    assert check_amount("amount_yen", amount_yen) == amount_yen


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shop_place_id": "Shop A"}, "shop_place_id"),
        ({"shop_place_id": ""}, "shop_place_id"),
        ({"names": {"en": "Shop"}}, "names"),
        ({"names": {"ja": "店" * 81}}, "names"),
        ({"registration_number": "T123"}, "registration_number"),
        ({"registration_number": "7000012050002"}, "registration_number"),
        ({"default_tax_rate_percent": 5}, "default_tax_rate_percent"),
        ({"tenders": (TenderSetting(tender=Tender.CARD, gateway="nobody"),)}, "tenders"),
        ({"tenders": (TenderSetting(tender=Tender.POINTS, gateway="live"),)}, "tenders"),
        ({"tenders": (SHOP.tenders[0], SHOP.tenders[0])}, "tenders"),
    ],
)
def test_a_shop_that_cannot_work_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        check_shop(replace(SHOP, **change), GATEWAYS)
    assert field in [name for name, _ in refused.value.fields]


def test_a_good_shop_passes() -> None:
    shop = replace(SHOP, registration_number="T7000012050002")
    assert check_shop(shop, GATEWAYS) is shop


def test_the_first_gateway_is_taken_unless_one_is_named() -> None:
    assert choose_gateway(SHOP, Tender.CARD, "", GATEWAYS) == (PLAY, "")
    assert choose_gateway(SHOP, Tender.CARD, "live", GATEWAYS) == (LIVE, "")
    assert choose_gateway(SHOP, Tender.CARD, "", {"live": LIVE}) == (LIVE, "")
    for tender, gateway in ((Tender.ID, ""), (Tender.CARD, "nobody")):
        with pytest.raises(TenderNotAccepted):
            choose_gateway(SHOP, tender, gateway, GATEWAYS)


def test_practice_comes_from_the_gateway_or_from_the_shop() -> None:
    assert is_practice(SHOP, PLAY)
    assert not is_practice(SHOP, LIVE)
    assert is_practice(replace(SHOP, practice=True), LIVE)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 15, 0, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2028, 2, 28, 15, 0, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_a_day_ends_at_midnight_of_the_place(moment: datetime, day: date) -> None:
    assert business_date(moment, "Asia/Tokyo") == day
    assert business_date(moment, "no/such/zone") == day


def test_a_date_that_is_none_is_refused() -> None:
    assert read_date("day", "2026-11-21") == date(2026, 11, 21)
    with pytest.raises(InvalidFields):
        read_date("day", "2026-02-30")
