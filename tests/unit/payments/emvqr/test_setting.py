"""A shop's own code: what may be set up, and what it says with and without an amount."""

from dataclasses import replace
from typing import Any

import pytest

from kit.pure.errors import InvalidFields
from services.payments.domain.emvqr.jpqr import StoreId
from services.payments.domain.emvqr.make import make_merchant
from services.payments.domain.emvqr.merchant import parse_merchant
from services.payments.domain.emvqr.setting import CodeSetting, draft_for, setting_problems
from services.payments.domain.shop import Shop, check_shop

SETTING = CodeSetting(mcc="7991", name="CAVE GATE", city="MINE", postal_code="7540511")


def test_a_sticker_is_static_and_a_sale_has_its_amount() -> None:
    sticker = parse_merchant(make_merchant(draft_for(SETTING, "秋芳洞", 0)))
    sale = parse_merchant(make_merchant(draft_for(SETTING, "秋芳洞", 1300)))
    assert (sticker.value("01"), sticker.value("54")) == ("11", "")
    assert (sale.value("01"), sale.value("54")) == ("12", "1300")
    assert sticker.is_jpqr
    assert sale.is_jpqr
    assert sale.value("64", "01") == "秋芳洞"


def test_a_name_of_its_own_goes_first() -> None:
    own = replace(SETTING, local_name="洞")
    assert parse_merchant(make_merchant(draft_for(own, "秋芳洞", 0))).value("64", "01") == "洞"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mcc": "79"}, "merchant_code.mcc"),
        ({"name": "秋芳洞"}, "merchant_code.name"),
        ({"city": ""}, "merchant_code.city"),
        ({"postal_code": ""}, "merchant_code.postal_code"),
        ({"local_name": "洞" * 26}, "merchant_code.local_name"),
        ({"store_id": StoreId(levels=("1", "2", "3", "4"))}, "merchant_code.jpqr_store_id"),
        ({"store_id": StoreId(levels=("あ" * 13, "0" * 4, "0" * 6, "0" * 6))},
         "merchant_code.accounts.26"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_up_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    setting = replace(SETTING, **change)
    assert field in [name for name, _ in setting_problems(setting, "秋芳洞")]
    with pytest.raises(InvalidFields):
        check_shop(Shop(shop_place_id="a", names={"ja": "店"}, merchant_code=setting), {})


def test_a_good_setting_and_none_at_all_pass() -> None:
    assert setting_problems(SETTING, "秋芳洞") == []
    assert setting_problems(None, "") == []
    assert setting_problems(SETTING, "洞" * 26)  # too long for a code: give it a shorter one
