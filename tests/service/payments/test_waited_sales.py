"""Sales that waited for a connection: through the real door, taken once whatever is sent again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc
import pytest

from kit.ids import new_id
from meguri.payments.v1 import payments_service_pb2 as pb
from tests import harness
from tests.service.payments.test_doors import (
    TIMEOUT_S,
    area,
    database_url,
    payments,
    stub,
)

__all__ = ["area", "database_url", "payments"]

HOUR = 3600
CLERK_ID = "0199f3c5-0000-7000-8000-000000000001"


def cash(amount_yen: int = 500, request_id: str = "", **more: object) -> pb.TakePaymentRequest:
    """A cash sale as the till sends it."""
    return pb.TakePaymentRequest(
        request_id=request_id or new_id(), shop_place_id="shop-a", tender=pb.TENDER_CASH_RECORD,
        amount_yen=amount_yen, gateway="cash_record", **more,  # type: ignore[arg-type]
    )  # fmt: skip


async def upload(
    payments: harness.Running, area: str, sales: Sequence[pb.TakePaymentRequest], waited_s: int = 60
) -> list[pb.WaitingSaleResult]:
    """Sends sales that waited."""
    answer = await stub(payments, area).TakePayments(
        pb.TakePaymentsRequest(
            request_id=new_id(),
            sales=[pb.WaitingSale(sale=each, waited_s=waited_s) for each in sales],
        ),
        timeout=TIMEOUT_S,
    )
    return list(answer.results)


async def totals(payments: harness.Running, area: str, day: str = "") -> pb.ReadTotalsResponse:
    """The sums of a day."""
    wanted = pb.ReadTotalsRequest(business_date=day)
    found: pb.ReadTotalsResponse = await stub(payments, area).ReadTotals(wanted, timeout=TIMEOUT_S)
    return found


async def test_two_hundred_sales_sent_three_times_at_once_are_taken_once(
    payments: harness.Running, area: str
) -> None:
    sales = [cash(100 + number) for number in range(200)]
    first, second, third = await asyncio.gather(*(upload(payments, area, sales) for _ in range(3)))
    ids = [[each.payment.payment_id for each in results] for results in (first, second, third)]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == 200
    assert [each.request_id for each in first] == [each.request_id for each in sales]
    (row,) = (await totals(payments, area)).totals
    assert (row.captured_count, row.captured_yen) == (200, sum(range(100, 300)))
    proof = await stub(payments, area).ProveLedger(pb.ProveLedgerRequest(), timeout=TIMEOUT_S)
    assert proof.sound


async def test_a_sale_whose_answer_was_lost_is_the_same_when_it_comes_again(
    payments: harness.Running, area: str
) -> None:
    sale = cash(1300, clerk_id=CLERK_ID)
    taken = await stub(payments, area).TakePayment(sale, timeout=TIMEOUT_S)
    (again,) = await upload(payments, area, [sale], waited_s=9 * HOUR)
    assert again.payment.payment_id == taken.payment.payment_id
    assert again.payment.clerk_id == CLERK_ID
    assert not again.payment.HasField("tap_time")  # it did not wait after all


async def test_the_day_is_the_one_of_the_tap(payments: harness.Running, area: str) -> None:
    (found,) = await upload(payments, area, [cash()], waited_s=48 * HOUR)
    tapped = found.payment.tap_time.ToDatetime(tzinfo=UTC)
    assert abs(datetime.now(UTC) - timedelta(hours=48) - tapped) < timedelta(seconds=TIMEOUT_S)
    expected = tapped.astimezone(ZoneInfo("Asia/Tokyo")).date().isoformat()
    assert found.payment.business_date == expected
    (row,) = (await totals(payments, area, expected)).totals
    assert row.captured_yen == 500
    assert list((await totals(payments, area)).totals) == []
    receipt = await stub(payments, area).ReadReceipt(
        pb.ReadReceiptRequest(payment_id=found.payment.payment_id), timeout=TIMEOUT_S
    )
    assert receipt.receipt.create_time == found.payment.tap_time


async def test_a_refusal_stops_no_other_sale_and_stores_nothing(
    payments: harness.Running, area: str
) -> None:
    card = cash()
    card.tender, card.gateway = pb.TENDER_CARD, "acquirer_simulator"
    elsewhere = cash()
    elsewhere.shop_place_id = "shop-z"
    bad_lines = cash(items=[pb.Item(name="x", quantity=1, unit_amount_yen=1, tax_rate_percent=8)])
    good = cash()
    results = await upload(
        payments, area, [card, elsewhere, bad_lines, cash(0), cash(request_id="x"), good]
    )
    assert [each.reason for each in results] == [
        "NEEDS_CONNECTION", "UNKNOWN_SHOP", *["INVALID_FIELDS"] * 3, "",
    ]  # fmt: skip
    assert all(each.text for each in results[:-1])
    (row,) = (await totals(payments, area)).totals
    assert row.captured_count == 1
    # Refused is not stored: the same tap may be taken once the reason is gone.
    card.amount_yen = 777
    taken = await stub(payments, area).TakePayment(card, timeout=TIMEOUT_S)
    assert taken.payment.captured_yen == 777


async def test_another_body_under_the_same_id_is_refused(
    payments: harness.Running, area: str
) -> None:
    sale = cash(500)
    await upload(payments, area, [sale])
    (refused,) = await upload(payments, area, [cash(501, request_id=sale.request_id)])
    assert refused.reason == "REQUEST_ID_REUSED"
    same = cash(700)
    one, other = await upload(payments, area, [same, same])
    assert one.payment.payment_id == other.payment.payment_id


@pytest.mark.parametrize(
    ("waited_s", "reason"),
    [(7 * 24 * HOUR + 5, "WAITED_TOO_LONG"), (2**62, "WAITED_TOO_LONG"), (-(2**62), "")],
)
async def test_a_wait_that_is_too_long_or_cannot_be(
    payments: harness.Running, area: str, waited_s: int, reason: str
) -> None:
    (found,) = await upload(payments, area, [cash()], waited_s=waited_s)
    assert found.reason == reason


@pytest.mark.parametrize("count", [0, 201])
async def test_an_upload_has_a_size(payments: harness.Running, area: str, count: int) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        await upload(payments, area, [cash()] * count)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
