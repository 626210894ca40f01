"""Reads the form of the counter. A sale that waited for a connection comes as the same form, so
that both ways ask payments for the same thing under the same request id.

Invariant: what is asked of payments is a function of the form alone, whenever it is read. A form
that is read differently after a setting changed would be another request under the same id, and
payments would refuse a sale it may have taken. So a form that means something else gets a new
number (FORM), and the old ones are read as before for as long as a device may hold them.
Form 1 said nothing about the shop's usual rate: it is read with the shop's settings of the day.
"""

from werkzeug.datastructures import MultiDict

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.till import basket, clerks, words
from services.edge.till.amounts import AmountInvalid, read_amount

Form = MultiDict[str, str]
RATES = ("0", "8", "10")
FORM = "2"


def read_sale(form: Form, shop: pb.Shop) -> pb.TakePaymentRequest:
    """Returns what to take: a sale, or a part of the split sale that the form names.

    Errors: AmountInvalid; Problem for what no button sends.
    """
    request_id = form.get("request_id", "")
    if not request_id:
        raise Problem(400, "form_expired")
    pay, _colon, gateway = form.get("pay", "").partition(":")
    tender = words.tender_of(pay)
    if tender is None:
        raise Problem(400, "tender_not_accepted")
    if form.get("split"):
        return pb.TakePaymentRequest(
            request_id=request_id[:80], shop_place_id=shop.shop_place_id, tender=tender,
            amount_yen=read_amount(form.get("amount_yen", "")), capture=pb.CAPTURE_MODE_NOW,
            gateway=gateway, split_sale_id=form["split"][:80],
            clerk_id=clerks.read_mark(shop.shop_place_id, form.get("clerk", "")),
        )  # fmt: skip
    items = read_items(form, shop)
    typed = form.get("amount_yen", "")
    amount_yen = basket.total_yen(items) if items else read_amount(typed)
    return pb.TakePaymentRequest(
        request_id=request_id[:80], shop_place_id=shop.shop_place_id,
        tender=tender, amount_yen=amount_yen,
        capture=pb.CAPTURE_MODE_NOW, items=items, gateway=gateway,
        clerk_id=clerks.read_mark(shop.shop_place_id, form.get("clerk", "")),
    )  # fmt: skip


def read_items(form: Form, shop: pb.Shop) -> list[pb.Item]:
    """Returns the lines; none for form 1 where one amount at the shop's own rate says it all.

    An amount that is still typed when somebody pays is a line too. Errors: AmountInvalid, Problem.
    """
    lines = basket.read_lines(form.getlist("item"))
    rate_percent = read_rate(form, shop)
    try:
        amount_yen = read_amount(form.get("amount_yen", ""))
    except AmountInvalid as error:
        if lines and error.reason == "empty":
            return lines
        raise
    is_old = form.get("form") != FORM
    if is_old and not lines and rate_percent == shop.default_tax_rate_percent:
        return []
    return basket.put(lines, basket.free_line(amount_yen, rate_percent))


def read_rate(form: Form, shop: pb.Shop) -> int:
    """Returns the rate of the typed amount, else the usual one of the page. Errors: Problem."""
    usual = str(shop.default_tax_rate_percent) if form.get("form") != FORM else ""
    rate = form.get("tax_rate_percent") or form.get("usual_rate_percent") or usual
    if rate not in RATES:
        raise Problem(400, "invalid_fields", fields=[("tax_rate_percent", "give 8, 10 or 0")])
    return int(rate)
