"""What a paired display shows of its till's news, in the customer's language."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from meguri.payments.v1 import display_service_pb2 as display_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.display_service_pb2_grpc import DisplayServiceStub
from services.edge.board import News
from services.edge.clients import stub
from services.edge.pages import yen
from services.edge.till import basket, linked, scan_code, words

DEADLINE_S = 1.5
SHOWN_S = 180
# Kind of a payment's look -> section of the page; what was canceled is nothing to look at.
SECTIONS = {"ok": "ok", "warn": "warn", "bad": "bad", "plain": "welcome"}


@dataclass
class View:
    """A screen. on: welcome, sum, open, ok, warn or bad. code, link: drawings, "" for none.

    lost: nothing was heard of the till lately.
    """

    on: str = "welcome"
    yen: str = ""
    lines: list[str] = field(default_factory=list)
    change: str = ""
    code: str = ""
    link: str = ""
    lost: bool = False

    def as_plain(self) -> dict[str, Any]:
        """Returns it as JSON can carry it."""
        # Drawings are Markup for the page, and plain text for a script.
        return {**asdict(self), "code": str(self.code), "link": str(self.link)}


def read(
    secret: str, payment_id: str = "", merchant_code_yen: int = 0
) -> display_pb.ReadDisplayResponse:
    """Asks payments whose display this is. Errors: grpc.RpcError, DISPLAY_UNKNOWN above all."""
    wanted = display_pb.ReadDisplayRequest(
        display_secret=secret[:80], payment_id=payment_id[:80], merchant_code_yen=merchant_code_yen
    )
    return stub(DisplayServiceStub, deadline_s=DEADLINE_S).ReadDisplay(wanted)


def view(secret: str, news: News, spoken: str, *, lost: bool) -> View:
    """Returns the screen for news. What is old is not shown: a customer might pay it.

    Errors: grpc.RpcError, also where the pairing was ended.
    """
    payment_id = str(news.get("payment_id", "")) if news.get("on") == "payment" else ""
    code_yen = int(news["amount_yen"]) if news.get("on") == "code" and not lost else 0
    known = read(secret, payment_id, code_yen)
    if known.merchant_code_svg:
        code = Markup(known.merchant_code_svg.decode())  # noqa: S704 - drawn by payments
        return View("open", yen(code_yen), code=code)
    if known.payment.payment_id and not _is_over(known.payment):
        shown = _of_payment(known, int(news.get("tendered_yen", 0)))
        shown.lost = lost
        return shown
    if lost or news.get("on") != "sum":
        return View(lost=lost)
    items = basket.read_lines(news["items"])
    names = news.get("names", {})
    lines = [_line(item, names.get(item.name, {}).get(spoken) or item.name) for item in items]
    if [item.name for item in items] == [basket.FREE_NAME]:
        lines = []  # the sum says it all
    return View("sum", yen(basket.sum_yen(items)), lines)


def _line(item: pb.Item, name: str) -> str:
    text = _("Sale") if name == basket.FREE_NAME else name
    return f"{text} × {item.quantity}  {yen(item.quantity * item.unit_amount_yen)}"


def _is_over(payment: pb.Payment) -> bool:
    """Tells whether the customer is likely gone: the next one is not to see it."""
    is_old = time.time() - payment.create_time.seconds > SHOWN_S
    return is_old and not words.is_open(payment)


def _of_payment(known: display_pb.ReadDisplayResponse, tendered_yen: int) -> View:
    payment = known.payment
    look = words.look_of(payment)
    amount_yen = payment.captured_yen or payment.amount_yen
    shown = View(SECTIONS[look.kind], yen(amount_yen))
    if payment.customer_acts and words.is_open(payment):
        shown.on = "open"
        if payment.customer_code:
            shown.code = scan_code.drawing(payment.customer_code, _("Scan to pay"))
    if shown.on == "ok":
        if payment.tender == pb.TENDER_CASH_RECORD and tendered_yen > amount_yen:
            shown.change = yen(tendered_yen - amount_yen)
        address = linked.of_receipt(known.link_secret) if known.link_secret else ""
        if address:
            shown.link = scan_code.drawing(address, _("Code that opens the receipt on a phone"))
    return shown
