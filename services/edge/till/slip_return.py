"""What a return slip says: the qualified return invoice (適格返還請求書) of a refund."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.pages import yen
from services.edge.till import basket
from services.edge.till.slip import (
    Row,
    Slip,
    Text,
    both,
    issuer,
    item_name,
    practice,
    reduced_note,
    taxes,
)

CHANNELS: Mapping[int, Any] = {
    pb.REFUND_CHANNEL_PROVIDER: _l("back the way it was paid"),
    pb.REFUND_CHANNEL_CASH: _l("in cash"),
    pb.REFUND_CHANNEL_MANUAL: _l("by other means"),
}


def of_return(invoice: pb.ReturnInvoice) -> Slip:
    """Returns what a return slip says: which lines came back nobody recorded, so all stand there
    without amounts, and what went back stands per tax rate."""
    made = Slip(
        title=both("返金伝票", _("Return slip")),
        number=invoice.return_number,
        when=invoice.business_date,
        when_label=both("返金日", _("Returned on")),
        sale=Row(both("お買上げ日", _("Sold on")), invoice.receipt_number, invoice.sale_date),
        **issuer(invoice.shop),
        kind=_kind() if invoice.shop.registration_number else None,
        total=Row(both("返金額", _("Returned")), yen(-invoice.total_yen)),
        banners=[both("練習・入金されません", practice())] if invoice.practice else [],
        items=_items(invoice),
        taxes=taxes(invoice.rate_totals, -1),
        paid=[Row(both("返金方法", _("Which way")), str(CHANNELS.get(invoice.channel, "")))],
    )
    if len(invoice.rate_totals) > 1:
        made.notes.append(_shared())
    made.notes += reduced_note(invoice.rate_totals)
    return made


def _kind() -> Text:
    return both("適格返還請求書", _("Qualified return invoice"))


def _shared() -> Text:
    return both(
        "返金額は税率ごとの残額に応じて分けています",
        _("Shared among the tax rates by what was left of each"),
    )


def _items(invoice: pb.ReturnInvoice) -> list[Row]:
    rows = [
        Row(
            item_name(item.name, item.tax_rate_percent), "",
            f"× {item.quantity}" if item.quantity > 1 else "",
        )
        for item in invoice.items
    ]  # fmt: skip
    if rows:
        return rows
    rate = invoice.rate_totals[0].tax_rate_percent if invoice.rate_totals else 0
    return [Row(item_name(basket.FREE_NAME, rate), "")]
