"""A receipt through its link: for whoever was handed it, for a while, and no other receipt."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from kit.auth import Role
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from services.payments.app import invoices, reads, refund
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.domain import receipt_link
from services.payments.domain.errors import ReceiptLinkLapsed, ReceiptLinkUnknown
from services.payments.domain.events import RefundChannel
from services.payments.domain.tender import Tender
from tests import harness
from tests.service.payments.conftest import AREA, CLERK, key, taken
from tests.service.payments.test_doors import (
    TIMEOUT_S,
    area,
    database_url,
    payments,
    refusal,
    sale,
    stub,
)

__all__ = ["area", "database_url", "payments"]


class Later:
    """A clock some days ahead."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def later(deps: Deps, days: float) -> Deps:
    tools = Tools(deps.db, deps.outbox, Later(days), deps.gateways, link_key=deps.link_key)
    return make_deps(tools)


async def test_a_visitor_reads_the_receipt_a_clerk_was_given(
    payments: harness.Running, area: str
) -> None:
    goods = [
        pb.Item(name="夏みかん", quantity=3, unit_amount_yen=105, tax_rate_percent=8),
        pb.Item(name="石", quantity=1, unit_amount_yen=1_185, tax_rate_percent=10),
    ]
    sold = (
        await stub(payments, area).TakePayment(
            sale(amount_yen=1_500, items=goods), timeout=TIMEOUT_S
        )
    ).payment
    told = await stub(payments, area).ReadReceipt(
        pb.ReadReceiptRequest(payment_id=sold.payment_id), timeout=TIMEOUT_S
    )
    visitor = pb_grpc.PaymentsServiceStub(payments.channel(area, Role.VISITOR))
    wanted = pb.ReadLinkedReceiptRequest(link_secret=told.link_secret)
    linked = await visitor.ReadLinkedReceipt(wanted, timeout=TIMEOUT_S)
    assert linked.receipt == told.receipt
    assert linked.link_expire_time == told.link_expire_time
    assert [(t.tax_rate_percent, t.tax_yen) for t in linked.receipt.rate_totals] == [
        (10, 107), (8, 23),
    ]  # fmt: skip

    # The id alone opens nothing, and another town's visitors open nothing with the link.
    by_id = visitor.ReadReceipt(
        pb.ReadReceiptRequest(payment_id=sold.payment_id), timeout=TIMEOUT_S
    )
    assert await refusal(by_id) == "NOT_ALLOWED"
    stranger = pb_grpc.PaymentsServiceStub(
        payments.channel(f"a{uuid.uuid4().hex[:12]}", Role.VISITOR)
    )
    assert await refusal(stranger.ReadLinkedReceipt(wanted, timeout=TIMEOUT_S)) == (
        "RECEIPT_LINK_UNKNOWN"
    )
    guess = pb.ReadLinkedReceiptRequest(link_secret="A" * 43)
    assert await refusal(visitor.ReadLinkedReceipt(guess, timeout=TIMEOUT_S)) == (
        "RECEIPT_LINK_UNKNOWN"
    )


async def test_it_lapses_with_a_reason_and_then_is_offered_no_more(deps: Deps) -> None:
    payment = await taken(deps, 500, Tender.CASH_RECORD)
    receipt = await reads.read_receipt(deps, CLERK, payment.payment_id)
    secret = receipt.link_secret
    assert (await reads.read_linked_receipt(later(deps, 29.9), AREA, secret)).link_secret == secret
    with pytest.raises(ReceiptLinkLapsed):
        await reads.read_linked_receipt(later(deps, 30.1), AREA, secret)
    old = await reads.read_receipt(later(deps, 30.1), CLERK, payment.payment_id)
    assert old.link_secret == ""
    assert old.rate_totals == receipt.rate_totals


async def test_a_sale_that_a_restore_took_away_is_an_unknown_one(deps: Deps) -> None:
    secret = receipt_link.make(deps.link_key, AREA, str(uuid.uuid4()))
    with pytest.raises(ReceiptLinkUnknown):
        await reads.read_linked_receipt(deps, AREA, secret)


async def test_the_link_opens_the_return_slips_of_its_sale_and_no_other(
    payments: harness.Running, area: str
) -> None:
    till = stub(payments, area)
    goods = [
        pb.Item(name="夏みかん", quantity=3, unit_amount_yen=108, tax_rate_percent=8),
        pb.Item(name="石", quantity=1, unit_amount_yen=1_100, tax_rate_percent=10),
    ]
    own, other = [
        (await till.TakePayment(sale(amount_yen=1_424, items=goods), timeout=TIMEOUT_S)).payment
        for _ in range(2)
    ]
    backs = [
        (await till.RefundPayment(
            pb.RefundPaymentRequest(
                request_id=str(uuid.uuid4()), payment_id=payment_id, amount_yen=yen, reason="返品",
                channel=pb.REFUND_CHANNEL_CASH,
            ), timeout=TIMEOUT_S,
        )).refund.refund_id
        for payment_id, yen in (
            (own.payment_id, 424), (own.payment_id, 1_000), (other.payment_id, 1_424)
        )
    ]  # fmt: skip
    told = await till.ReadReturnInvoice(
        pb.ReadReturnInvoiceRequest(refund_id=backs[0]), timeout=TIMEOUT_S
    )
    visitor = pb_grpc.PaymentsServiceStub(payments.channel(area, Role.VISITOR))
    linked = await visitor.ReadLinkedReceipt(
        pb.ReadLinkedReceiptRequest(link_secret=told.link_secret), timeout=TIMEOUT_S
    )
    assert [(each.refund_id, each.total_yen) for each in linked.returns] == [
        (backs[0], 424), (backs[1], 1_000),
    ]  # fmt: skip
    sums = {8: 0, 10: 0}
    for each in linked.returns:
        answer = await visitor.ReadLinkedReturnInvoice(
            pb.ReadLinkedReturnInvoiceRequest(
                link_secret=told.link_secret, refund_id=each.refund_id
            ),
            timeout=TIMEOUT_S,
        )
        slip = answer.return_invoice
        assert (slip.return_number, slip.total_yen) == (each.return_number, each.total_yen)
        assert answer.link_expire_time == linked.link_expire_time
        for total in slip.rate_totals:
            sums[total.tax_rate_percent] += total.amount_yen
    assert sums == {8: 324, 10: 1_100}
    for secret, refund_id, reason in (
        (told.link_secret, backs[2], "UNKNOWN_PAYMENT"),
        (told.link_secret, str(uuid.uuid4()), "UNKNOWN_PAYMENT"),
        (told.link_secret, "x", "INVALID_FIELDS"),
        ("A" * 43, backs[0], "RECEIPT_LINK_UNKNOWN"),
    ):
        wanted = pb.ReadLinkedReturnInvoiceRequest(link_secret=secret, refund_id=refund_id)
        call = visitor.ReadLinkedReturnInvoice(wanted, timeout=TIMEOUT_S)
        assert await refusal(call) == reason


async def test_a_return_slip_lapses_with_the_link_and_the_till_still_reads_it(deps: Deps) -> None:
    payment = await taken(deps, 500, Tender.CASH_RECORD)
    back = await refund.refund_payment(
        deps, key(), CLERK, payment.payment_id, 200, RefundChannel.CASH, "返品"
    )
    made = await invoices.read_return_invoice(deps, CLERK, back.refund_id)
    again = await invoices.read_linked_return_invoice(deps, AREA, made.link_secret, back.refund_id)
    assert again == made
    with pytest.raises(ReceiptLinkLapsed):
        await invoices.read_linked_return_invoice(
            later(deps, 30.1), AREA, made.link_secret, back.refund_id
        )
    old = await invoices.read_return_invoice(later(deps, 30.1), CLERK, back.refund_id)
    assert (old.link_secret, old.rate_totals) == ("", made.rate_totals)
