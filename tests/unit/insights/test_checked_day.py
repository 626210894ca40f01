"""When a day may be called compared: zero on both sides or silence proves nothing."""

import pytest

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights.agreement import Check, CheckedDay

MONEY = Check("payments", "captured_yen", False, 24_000, 24_000)  # noqa: FBT003 - a row
NO_MONEY = Check("payments", "captured_yen", False, 0, 0)  # noqa: FBT003
UNASKED = Check("payments", "captured_yen", False, 24_000, None)  # noqa: FBT003
SCANS = Check("multilingual", "scan_count", False, 12, None)  # noqa: FBT003
OTHER_NIGHT = Check("payments", "captured_yen", False, 24_000, 23_999)  # noqa: FBT003
PLANS = Check("itinerary", "plan_count", False, 3, 0)  # noqa: FBT003
OPEN = pb.ShopClose(shop_place_id="a", waiting_yen=500)
CLOSED = pb.ShopClose(shop_place_id="b", close_number=1, agrees=True, waiting_yen=70)
WRONG = pb.ShopClose(shop_place_id="c", close_number=4, agrees=False, waiting_yen=9)


@pytest.mark.parametrize(
    ("day", "agrees", "complete"),
    [
        (CheckedDay("", (NO_MONEY, SCANS)), None, False),
        (CheckedDay("", (NO_MONEY,)), None, False),
        (CheckedDay("", (UNASKED,), (), (OPEN,)), None, False),
        (CheckedDay("", (UNASKED,), (), (CLOSED,)), True, False),
        (CheckedDay("", (MONEY, SCANS), (MONEY,)), True, False),
        (CheckedDay("", (MONEY,)), True, False),
        (CheckedDay("", (MONEY,), (MONEY,)), True, True),
        (CheckedDay("", (MONEY,), (MONEY,), (CLOSED,)), True, True),
        (CheckedDay("", (MONEY,), (MONEY,), (CLOSED, OPEN)), True, False),
        (CheckedDay("", (MONEY,), (MONEY,), (CLOSED, WRONG)), False, True),
        (CheckedDay("", (MONEY,), (OTHER_NIGHT,)), False, True),
        (CheckedDay("", (MONEY, PLANS)), False, False),
    ],
)
def test_a_day_agrees_only_by_what_was_said(
    day: CheckedDay, agrees: object, *, complete: bool
) -> None:
    assert (day.agrees, day.complete) == (agrees, complete)


def test_shops_stand_where_their_closes_say() -> None:
    day = CheckedDay("", (MONEY,), (), (OPEN, CLOSED, WRONG))
    assert [shop.shop_place_id for shop in day.closed] == ["b", "c"]
    assert [shop.shop_place_id for shop in day.open] == ["a"]
    assert [shop.shop_place_id for shop in day.differing_closes] == ["c"]
    assert day.waiting_yen == 70
