"""Invoices, tax-free sales and merchants' codes through the gRPC door."""

import io

import grpc
import pytest
import zxingcpp
from PIL import Image

from kit.client import problem_of
from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.domain.emvqr.merchant import parse_merchant
from tests import harness
from tests.service.payments.test_doors import (
    SHOP,
    TIMEOUT_S,
    area,
    database_url,
    new_id,
    payments,
    refusal,
    sale,
    stub,
)

__all__ = ["area", "database_url", "payments"]
CODE = pb.MerchantCodeSetting(mcc="7991", name="TEST SHOP", city="MINE", postal_code="7540511")


def shop(**changes: object) -> pb.Shop:
    changed = pb.Shop()
    changed.CopyFrom(SHOP)
    changed.MergeFrom(pb.Shop(**changes))  # type: ignore[arg-type]  # fields of the message
    return changed


async def configure(it: harness.Running, area: str, wanted: pb.Shop) -> pb.ConfigureShopsResponse:
    request = pb.ConfigureShopsRequest(request_id=new_id(), shops=[wanted])
    answer: pb.ConfigureShopsResponse = await stub(it, area).ConfigureShops(
        request, timeout=TIMEOUT_S
    )
    return answer


async def test_a_doubtful_number_is_told_and_taken(payments: harness.Running, area: str) -> None:
    good = await configure(payments, area, shop(registration_number="T7000012050002"))
    assert list(good.doubtful_registration_shop_place_ids) == []
    trader = await configure(payments, area, shop(registration_number="T7000012050003"))
    assert list(trader.doubtful_registration_shop_place_ids) == ["shop-a"]
    found = await stub(payments, area).ListShops(pb.ListShopsRequest(), timeout=TIMEOUT_S)
    assert found.shops[0].registration_number == "T7000012050003"


async def test_a_code_is_made_shown_and_scanned(payments: harness.Running, area: str) -> None:
    calls = stub(payments, area)
    none = calls.MakeMerchantCode(
        pb.MakeMerchantCodeRequest(shop_place_id="shop-a"), timeout=TIMEOUT_S
    )
    assert await refusal(none) == "NO_MERCHANT_CODE"
    for levels, sample in (([], True), (["1" * 13, "0001", "000001", "000001"], False)):
        setting = pb.MerchantCodeSetting(jpqr_store_id=levels, jpqr_issued=not sample)
        setting.MergeFrom(CODE)
        wanted = pb.Shop()
        wanted.CopyFrom(SHOP)
        wanted.merchant_code.CopyFrom(setting)
        await configure(payments, area, wanted)
        for amount_yen, dynamic in ((0, "11"), (1300, "12")):
            made = await calls.MakeMerchantCode(
                pb.MakeMerchantCodeRequest(shop_place_id="shop-a", amount_yen=amount_yen),
                timeout=TIMEOUT_S,
            )
            (scanned,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(made.png)))
            code = parse_merchant(scanned.text)
            assert (scanned.text, made.sample, code.is_jpqr) == (made.payload, sample, True)
            assert (code.value("01"), code.value("54")) == (dynamic, str(amount_yen or ""))
            assert (b"SAMPLE" in made.svg) == sample
    found = await calls.ListShops(pb.ListShopsRequest(), timeout=TIMEOUT_S)
    assert found.shops[0].merchant_code == setting


@pytest.mark.parametrize("amount_yen", [-1, 10_000_000])
async def test_an_amount_that_is_none_makes_no_code(
    payments: harness.Running, area: str, amount_yen: int
) -> None:
    call = stub(payments, area).MakeMerchantCode(
        pb.MakeMerchantCodeRequest(shop_place_id="shop-a", amount_yen=amount_yen),
        timeout=TIMEOUT_S,
    )
    with pytest.raises(grpc.RpcError) as refused:
        await call
    assert [name for name, _ in problem_of(refused.value).fields] == ["amount_yen"]


async def test_receipt_return_invoice_and_tax_free_sale(
    payments: harness.Running, area: str
) -> None:
    calls = stub(payments, area)
    await configure(payments, area, shop(registration_number="T7000012050002", tax_free=True))
    goods = [pb.Item(name="石", quantity=1, unit_amount_yen=11_000, tax_rate_percent=10)]
    sold = (
        await calls.TakePayment(sale(amount_yen=11_000, items=goods), timeout=TIMEOUT_S)
    ).payment
    receipt = await calls.ReadReceipt(
        pb.ReadReceiptRequest(payment_id=sold.payment_id), timeout=TIMEOUT_S
    )
    assert receipt.receipt.qualified
    request = pb.RecordTaxFreeSaleRequest(
        request_id=new_id(), payment_id=sold.payment_id, purchase_record_id="PR-1",
        serials=[pb.TaxFreeSerial(line=0, serial="W-7")],
    )  # fmt: skip
    first = await calls.RecordTaxFreeSale(request, timeout=TIMEOUT_S)
    assert first == await calls.RecordTaxFreeSale(request, timeout=TIMEOUT_S)
    record = first.tax_free_sale
    assert (record.tax_yen, record.serials[0].serial) == (1_000, "W-7")
    settled = await calls.SettleTaxFreeSale(
        pb.SettleTaxFreeSaleRequest(
            request_id=new_id(), tax_free_sale_id=record.tax_free_sale_id, confirmed=True,
            confirm_date=record.sale_date,
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip
    assert settled.tax_free_sale.state == pb.TAX_FREE_STATE_CONFIRMED
    again = pb.RefundTaxFreeSaleRequest(
        request_id=new_id(), tax_free_sale_id=record.tax_free_sale_id
    )
    done = await calls.RefundTaxFreeSale(again, timeout=TIMEOUT_S)
    assert (done.refund.amount_yen, done.refund.state) == (1_000, pb.REFUND_STATE_REFUNDED)
    assert done == await calls.RefundTaxFreeSale(again, timeout=TIMEOUT_S)
    listed = await calls.ListTaxFreeSales(
        pb.ListTaxFreeSalesRequest(payment_id=sold.payment_id), timeout=TIMEOUT_S
    )
    assert [each.refund_id for each in listed.tax_free_sales] == [done.refund.refund_id]

    back = await calls.RefundPayment(
        pb.RefundPaymentRequest(
            request_id=new_id(), payment_id=sold.payment_id, amount_yen=10_000, reason="broken"
        ),
        timeout=TIMEOUT_S,
    )
    slip = await calls.ReadReturnInvoice(
        pb.ReadReturnInvoiceRequest(refund_id=back.refund.refund_id), timeout=TIMEOUT_S
    )
    invoice = slip.return_invoice
    assert (invoice.total_yen, invoice.due) == (10_000, True)
    assert [(t.tax_rate_percent, t.tax_yen) for t in invoice.rate_totals] == [(10, 909)]
    assert (invoice.receipt_number, invoice.sale_date) == (
        receipt.receipt.receipt_number, sold.business_date
    )  # fmt: skip


async def test_refusals_have_their_reasons(payments: harness.Running, area: str) -> None:
    calls = stub(payments, area)
    sold = (await calls.TakePayment(sale(amount_yen=11_000), timeout=TIMEOUT_S)).payment
    request = pb.RecordTaxFreeSaleRequest(
        request_id=new_id(), payment_id=sold.payment_id, purchase_record_id="PR-1"
    )
    not_permitted = calls.RecordTaxFreeSale(request, timeout=TIMEOUT_S)
    assert await refusal(not_permitted) == "TAX_FREE_NOT_POSSIBLE"
    unknown = pb.RefundTaxFreeSaleRequest(request_id=new_id(), tax_free_sale_id=new_id())
    assert await refusal(calls.RefundTaxFreeSale(unknown, timeout=TIMEOUT_S)) == (
        "UNKNOWN_TAX_FREE_SALE"
    )
    nothing = pb.ReadReturnInvoiceRequest(refund_id=new_id())
    assert await refusal(calls.ReadReturnInvoice(nothing, timeout=TIMEOUT_S)) == "UNKNOWN_PAYMENT"
