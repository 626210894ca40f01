"""Receipts, return invoices and tax-free sales between protobuf and values."""

from datetime import date

from kit.pure.errors import InvalidFields
from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.app.invoices import ReturnInvoice
from services.payments.app.reads import Receipt
from services.payments.domain.receipt import RateTotal, receipt_number
from services.payments.domain.refund import Refund
from services.payments.domain.split_sale import SplitSale, SplitState
from services.payments.domain.tax_free import TaxFreeSale, TaxFreeState
from services.payments.domain.tender import GatewayFacts
from services.payments.wire import item_messages, refund_channel_number, tender_number, timestamp
from services.payments.wire.settings import shop_message


def receipt_message(receipt: Receipt, facts: dict[str, GatewayFacts]) -> pb.Receipt:
    """Encodes a receipt."""
    if receipt.split is not None:
        return _split_receipt(receipt, receipt.split, facts)
    payment, day = receipt.payment, receipt.payment.business_date.isoformat()
    return pb.Receipt(
        payment_id=payment.payment_id,
        receipt_number=receipt_number(payment.payment_id, day),
        shop=shop_message(receipt.shop, 0, facts),
        items=item_messages(payment.items),
        rate_totals=_rate_total_messages(receipt.rate_totals),
        total_yen=payment.captured_yen,
        tender=tender_number(payment.tender),
        practice=payment.practice,
        business_date=day,
        create_time=timestamp(payment.sale_time),
        refunded_yen=payment.refunded_yen,
        voided=payment.state == "voided",
        qualified=bool(receipt.shop.registration_number),
    )


def _split_receipt(
    receipt: Receipt, split: SplitSale, facts: dict[str, GatewayFacts]
) -> pb.Receipt:
    """The one receipt of a sale paid in parts; what went back is summed over them."""
    day = split.business_date.isoformat()
    voided = split.state in (SplitState.GIVING_BACK, SplitState.GIVEN_BACK)
    # Parts that were voided and taken another way while the sale went on paid nothing in the end.
    paid = [part for part in split.parts
            if part.captured_yen and (voided or part.state == "captured")]  # fmt: skip
    return pb.Receipt(
        payment_id=receipt.payment.payment_id,
        receipt_number=receipt_number(split.split_sale_id, day),
        shop=shop_message(receipt.shop, 0, facts),
        items=item_messages(split.items),
        rate_totals=_rate_total_messages(receipt.rate_totals),
        total_yen=split.total_yen,
        tender=tender_number(receipt.payment.tender),
        practice=split.practice,
        business_date=day,
        create_time=timestamp(max(part.sale_time for part in paid)),
        refunded_yen=sum(part.refunded_yen for part in paid),
        voided=voided,
        qualified=bool(receipt.shop.registration_number),
        split_sale_id=split.split_sale_id,
        tender_shares=[
            pb.TenderShare(
                payment_id=part.payment_id, tender=tender_number(part.tender),
                amount_yen=part.captured_yen,
            )
            for part in paid
        ],
    )  # fmt: skip


def _rate_total_messages(totals: tuple[RateTotal, ...]) -> list[pb.RateTotal]:
    return [
        pb.RateTotal(
            tax_rate_percent=total.tax_rate_percent,
            amount_yen=total.amount_yen,
            tax_yen=total.tax_yen,
        )
        for total in totals
    ]


def return_invoice_message(
    invoice: ReturnInvoice, facts: dict[str, GatewayFacts]
) -> pb.ReturnInvoice:
    """Encodes a return invoice."""
    payment, refund = invoice.payment, invoice.refund
    sold = invoice.split or payment
    sold_id = invoice.split.split_sale_id if invoice.split else payment.payment_id
    day, sale_day = refund.business_date.isoformat(), sold.business_date.isoformat()
    return pb.ReturnInvoice(
        refund_id=refund.refund_id,
        payment_id=payment.payment_id,
        return_number=receipt_number(refund.refund_id, day),
        receipt_number=receipt_number(sold_id, sale_day),
        shop=shop_message(invoice.shop, 0, facts),
        business_date=day,
        sale_date=sale_day,
        items=item_messages(sold.items),
        rate_totals=_rate_total_messages(invoice.rate_totals),
        total_yen=refund.amount_yen,
        due=invoice.due,
        practice=payment.practice,
        channel=refund_channel_number(refund.channel),
    )


def linked_return_message(refund: Refund) -> pb.LinkedReturn:
    """Encodes a refund whose return invoice a link opens."""
    day = refund.business_date.isoformat()
    return pb.LinkedReturn(
        refund_id=refund.refund_id,
        return_number=receipt_number(refund.refund_id, day),
        business_date=day,
        total_yen=refund.amount_yen,
    )


def tax_free_message(sale: TaxFreeSale, today: date) -> pb.TaxFreeSale:
    """Encodes a tax-free sale as it stands today."""
    recorded = sale.state is TaxFreeState.RECORDED
    return pb.TaxFreeSale(
        tax_free_sale_id=sale.tax_free_sale_id,
        payment_id=sale.payment_id,
        shop_place_id=sale.shop_place_id,
        purchase_record_id=sale.purchase_record_id,
        sale_date=sale.sale_date.isoformat(),
        confirm_until=sale.confirm_until.isoformat(),
        tax_yen=sale.tax_yen,
        state=pb.TaxFreeState.Value(f"TAX_FREE_STATE_{sale.state.name}"),
        confirm_date=sale.confirm_date.isoformat() if sale.confirm_date else "",
        refund_id=sale.refund_id,
        serials=[
            pb.TaxFreeSerial(line=line, serial=serial)
            for line, serial in sorted(sale.serials.items())
        ],
        expired=recorded and today > sale.confirm_until,
    )


def serial_values(messages: list[pb.TaxFreeSerial]) -> dict[int, str]:
    """Decodes numbers of dear things. Errors: InvalidFields for a line given twice or below 0."""
    found = {message.line: message.serial for message in messages}
    if len(found) != len(messages) or any(line < 0 for line in found):
        raise InvalidFields([("serials", "give each line once, from 0")])
    return found
