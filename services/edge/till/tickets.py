"""Selling admission tickets at a counter: choose the party, take the money, show the code."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SALES_READERS, SELLERS
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import split_sales_service_pb2 as splits_pb
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from meguri.payments.v1.split_sales_service_pb2_grpc import SplitSalesServiceStub
from meguri.payments.v1.tickets_service_pb2_grpc import TicketsServiceStub
from services.edge import shutting
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, is_away, wants_json
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.squares import squares
from services.edge.till import asking, clerks, sale, words

TAKE_DEADLINE_S = 9.0  # as for a payment: above the gateway's deadline and its transactions
MOST = 999

blueprint = Blueprint("till_tickets", __name__)


@blueprint.get("/till/tickets")
@requires(*SELLERS)
def choose() -> str:
    """How many of each price; with numbers given, the total and how it is paid."""
    shop = shop_of(request.args.get("shop", ""))
    clerks.at_till(shop)
    party = party_of(dict(request.args))
    if not party or "change" in request.args:
        if "go" in request.args:
            notify("bad", _("Choose at least one person."))
        return _choose(shop)
    return _total(shop, party)


@blueprint.post("/till/tickets")
@requires(*SELLERS)
def sell() -> Response | tuple[str, int]:
    """Takes the payment and makes the ticket. The request id was made with the page."""
    shop = shop_of(request.form.get("shop", ""))
    try:
        clerks.check(shop, request.form.get("clerk", ""))
    except clerks.Locked:
        # Not the page of the PIN itself: it would go on with the total as a sale without a ticket.
        return redirect(f"/till/clerk?shop={shop.shop_place_id}", 303)
    party, told = party_of(dict(request.form)), told_yen()
    pay, _colon, gateway = request.form.get("pay", "").partition(":")
    tender = words.tender_of(pay)
    if pay and tender is None:
        raise Problem(400, "tender_not_accepted")
    wanted = pb.SellTicketRequest(
        request_id=request.form["request_id"], gate_place_id=shop.shop_place_id,
        lines=[pb.TicketLine(class_id=name, persons=n) for name, n in party.items()],
        amount_yen=told, tender=tender or payments_pb.TENDER_UNSPECIFIED,
        gateway=gateway, valid_date=request.form.get("valid_date", ""),
        voucher=request.form.get("voucher", "").strip()[:40],
        clerk_id=clerks.read_mark(shop.shop_place_id, request.form.get("clerk", "")),
    )  # fmt: skip
    if is_shut(wanted.gate_place_id, wanted.valid_date):
        return closed(shop, party)
    asked = asking.Asked(
        shop, wanted.tender, gateway, wanted.amount_yen, "/till/tickets", _choice(shop, party),
        may_wait=False,
    )  # fmt: skip
    question = asking.question(asked, is_usual=True) if wanted.amount_yen else None
    if question:
        return question
    try:
        done = stub(TicketsServiceStub, deadline_s=TAKE_DEADLINE_S).SellTicket(wanted)
    except grpc.RpcError as error:
        return not_sold(error, shop, party, wanted.request_id)
    cash = asking.told()
    query = f"?{urlencode(cash)}" if cash else ""
    return redirect(f"/till/tickets/{done.ticket.ticket_id}{query}", 303)


def closed(shop: payments_pb.Shop, party: dict[str, int]) -> tuple[str, int]:
    """Returns the page that sells nothing. Errors: Problem gate_closed for a program."""
    if wants_json():
        raise Problem(409, shutting.REASON, title=closed_text())
    notify("bad", closed_text())
    return _total(shop, party), 409


def told_yen() -> int:
    """Returns the total that the page showed. Errors: Problem."""
    told = request.form.get("amount_yen", "")
    if not request.form.get("request_id") or not re.fullmatch("[0-9]{1,9}", told):
        raise Problem(400, "form_expired")
    return int(told)


def not_sold(
    error: grpc.RpcError, shop: payments_pb.Shop, party: dict[str, int], request_id: str
) -> tuple[str, int]:
    """Returns the page that says why. Errors: the given one where the table of reasons says it."""
    if is_away(error):
        notify("warn", _("No answer yet. Press the same button again: it never charges twice."))
        return _total(shop, party, request_id=request_id), 503
    problem = problem_of(error)
    if problem.reason == "PRICE_CHANGED":
        notify("warn", _("The prices have changed. Look at the new total first."))
        return _total(shop, party), 409
    if problem.code is grpc.StatusCode.INVALID_ARGUMENT:
        notify("bad", _mistake([name for name, _text in problem.fields]))
        return _choose(shop), 422
    raise error


@blueprint.get("/till/tickets/<ticket_id>")
@requires(*SALES_READERS)
def show(ticket_id: str) -> str:
    """The ticket: on the screen to be photographed, or on paper. A payment's id finds its ticket:
    they are the same but for one that was printed ahead."""
    ticket = _ticket(ticket_id)
    classes = {each.class_id: each for each in classes_of()}
    return render_template(
        "till/ticket.html", ticket=ticket, shop=shop_of(ticket.gate_place_id), classes=classes,
        code=squares(ticket.payload) if ticket.payload else None, tickets_pb=pb,
        class_name=class_name, cash=_cash(ticket),
    )  # fmt: skip


def _cash(ticket: pb.Ticket) -> sale.Cash | None:
    """Returns cash and change as the address states them, of a ticket that was paid in cash, or
    whose last part was."""
    tendered = request.args.get("tendered", "")
    if tendered and ticket.split_sale_id:
        asked = splits_pb.GetSplitSaleRequest(split_sale_id=ticket.split_sale_id)
        last = stub(SplitSalesServiceStub).GetSplitSale(asked).split_sale.parts[-1]
        return sale.cash_of(tendered, last.tender, last.captured_yen)
    if not tendered or not ticket.payment_id:
        return None
    wanted = payments_pb.GetPaymentRequest(payment_id=ticket.payment_id)
    payment = stub(PaymentsServiceStub).GetPayment(wanted).payment
    return sale.cash_of(tendered, payment.tender, payment.captured_yen)


def _choice(shop: payments_pb.Shop, party: dict[str, int]) -> str:
    """Returns the address of a party's total."""
    lines = {f"n:{name}": n for name, n in party.items()}
    return f"/till/tickets?{urlencode({'shop': shop.shop_place_id, **lines})}"


def _ticket(known_id: str) -> pb.Ticket:
    tickets = stub(TicketsServiceStub)
    try:
        return tickets.GetTicket(pb.GetTicketRequest(ticket_id=known_id)).ticket
    except grpc.RpcError as error:
        if problem_of(error).reason != "UNKNOWN_TICKET":
            raise
    return tickets.GetTicket(pb.GetTicketRequest(payment_id=known_id)).ticket


def of_payment(payment_id: str) -> pb.Ticket | None:
    """Returns the ticket sold with a payment, None where none was."""
    try:
        wanted = pb.GetTicketRequest(payment_id=payment_id)
        return stub(TicketsServiceStub).GetTicket(wanted).ticket
    except grpc.RpcError as error:
        if problem_of(error).reason != "UNKNOWN_TICKET":
            raise
    return None


def is_shut(gate_place_id: str, valid_date: str) -> bool:
    """Tells whether it is a new sale of a ticket for today at a gate that is closed just now. One
    that had no answer may have been taken: sent again it is found, not refused."""
    today = datetime.now(UTC).astimezone(ZoneInfo(area().time_zone)).date().isoformat()
    if valid_date not in ("", today) or request.form.get("sent_before"):
        return False
    return shutting.now(gate_place_id) is not None


def closed_text() -> str:
    """Returns what to do where a gate is closed."""
    return str(
        _("No ticket for today: offer another entrance, or have this reopened under Operation.")
    )


def _closed(shop: payments_pb.Shop) -> dict[str, Any]:
    """What a page needs to say that the gate is closed."""
    return {
        "shut": shutting.now(shop.shop_place_id), "as_of": shutting.as_of(),
        "tickets_closed": closed_text(),
    }  # fmt: skip


def _choose(shop: payments_pb.Shop) -> str:
    return render_template(
        "till/tickets.html", shop=shop, here="tickets", classes=classes_of(shop.shop_place_id),
        given=party_of(request.values.to_dict()), tickets_pb=pb, class_name=class_name,
        **_closed(shop),
    )  # fmt: skip


def _total(shop: payments_pb.Shop, party: dict[str, int], request_id: str = "") -> str:
    """The total as payments will compute it: what differs by then is refused there."""
    classes = {each.class_id: each for each in classes_of(shop.shop_place_id)}
    if not party.keys() <= classes.keys():
        raise Problem(404, "unknown_gate")
    lines = [(classes[name], n) for name, n in party.items()]
    # With the request id the clerk stays: sent again after a lost answer it is the same request.
    clerk = clerks.at_till(shop)
    mark = clerks.mark_of(shop.shop_place_id, clerk.clerk_id) if clerk else ""
    if request_id:
        mark = request.form.get("clerk", "")
    own = [each for each in shop.tenders if each.gateway != "other_device"]
    others = [each for each in shop.tenders if each.gateway == "other_device"]
    return render_template(
        "till/ticket_total.html", shop=shop, here="tickets", lines=lines, own=own, others=others,
        amount_yen=sum(known.unit_amount_yen * n for known, n in lines),
        persons=sum(n for known, n in lines if known.kind != pb.PRICE_CLASS_KIND_ADD_ON),
        vouchers=any(known.kind == pb.PRICE_CLASS_KIND_VOUCHER for known, _n in lines),
        proofs=any(known.kind == pb.PRICE_CLASS_KIND_PROOF for known, _n in lines),
        request_id=request_id or new_request_id(), class_name=class_name, mark=mark,
        sent_before=bool(request_id), **_closed(shop),
    )  # fmt: skip


def _mistake(fields: list[str]) -> str:
    name = fields[0].rpartition(".")[2] if fields else ""
    sentences = {
        "persons": _(
            "A price is for fewer or more persons than that. A group's size is everybody."
        ),
        "voucher": _("Write the number of the agency's voucher."),
        "valid_date": _("Choose today or one of the next 180 days."),
    }
    return str(sentences.get(name) or _("This party cannot go on one ticket. Look at the numbers."))


def party_of(values: dict[str, str]) -> dict[str, int]:
    """Returns how many of each price a form names."""
    found = {}
    for name, text in values.items():
        plain = text.strip()
        if name.startswith("n:") and plain.isascii() and plain.isdigit() and len(plain) < 4:
            found[name.removeprefix("n:")] = int(plain)
    return {name: n for name, n in found.items() if 0 < n <= MOST}


def shop_of(shop_place_id: str) -> payments_pb.Shop:
    """Returns a gate. Errors: Problem unknown_shop."""
    shops = stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest()).shops
    found = next((shop for shop in shops if shop.shop_place_id == shop_place_id), None)
    if found is None:
        raise Problem(404, "unknown_shop")
    return found


def classes_of(gate: str = "") -> list[pb.PriceClass]:
    """Returns the prices of a gate, of all of them for ""."""
    found = stub(TicketsServiceStub).ListPriceClasses(pb.ListPriceClassesRequest()).price_classes
    return [each for each in found if not gate or gate in each.gate_place_ids]


def class_name(known: pb.PriceClass) -> str:
    """Returns a price class's name in the language of the page, else in Japanese."""
    names: dict[str, str] = dict(known.names)
    return str(names.get(g.locale) or names.get("ja") or known.class_id)
