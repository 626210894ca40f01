"""Selling admission tickets at a counter: choose the party, take the money, show the code."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

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
from services.edge import asked_before, shutting
from services.edge.chosen import no_shop
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, is_away, sentence, wants_json
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import day_there
from services.edge.squares import squares
from services.edge.till import asking, at_shop, clerks, sale, words

TAKE_DEADLINE_S = 9.0  # as for a payment: above the gateway's deadline and its transactions
MOST = 999

blueprint = Blueprint("till_tickets", __name__)


@blueprint.get("/till/tickets")
@requires(*SELLERS)
def choose() -> str:
    """How many of each price; with numbers given, the total and how it is paid."""
    shop = at_shop.chosen_shop()
    clerks.at_till(shop)
    party = party_of(dict(request.args))
    if not party or "change" in request.args:
        if "go" in request.args:
            notify("bad", _("Choose at least one person."))
        return _choose(shop)
    page = _total(shop, party)
    if mistake := _mistake_of(shop, party):
        notify("bad", mistake)
        return _choose(shop)
    return page


@blueprint.post("/till/tickets")
@requires(*SELLERS)
def sell() -> Response | tuple[str, int]:
    """Takes the payment and makes the ticket. The request id was made with the page."""
    shop, party = shop_of(request.form.get("shop", "")), party_of(dict(request.form))
    try:
        clerks.check(shop, request.form.get("clerk", ""))
    except clerks.Locked as locked:
        # Not to the counter after the PIN: it would go on with a sale without a ticket.
        raise clerks.Locked(shop, locked.people, after_pin(shop, party)) from locked
    told = told_yen()
    pay, _colon, gateway = request.form.get("pay", "").partition(":")
    tender = words.tender_of(pay)
    if pay and tender is None:
        raise Problem(400, "tender_not_accepted")
    wanted = pb.SellTicketRequest(
        request_id=request.form["request_id"], gate_place_id=shop.shop_place_id,
        lines=[pb.TicketLine(class_id=name, persons=n) for name, n in party.items()],
        amount_yen=told, tender=tender or payments_pb.TENDER_UNSPECIFIED,
        gateway=gateway, valid_date=told_day(),
        voucher=request.form.get("voucher", "").strip()[:40],
        clerk_id=clerks.read_mark(shop.shop_place_id, request.form.get("clerk", "")),
    )  # fmt: skip
    try:
        if is_shut(wanted.gate_place_id, wanted.valid_date, wanted.request_id):
            return closed(shop, party)
        if sale.asks_for_cash(request.form, gateway) and _quoted_yen(wanted) != told:
            return _price_changed(shop, party)
    except grpc.RpcError as error:
        return not_sold(error, shop, party, wanted.request_id)
    asked = asking.Asked(
        shop, wanted.tender, gateway, wanted.amount_yen, "/till/tickets", choice(shop, party),
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


def after_pin(shop: payments_pb.Shop, party: dict[str, int]) -> str:
    """Returns where a PIN leads to that was asked of a sale of a ticket: to what payments took of
    it before, else to its total. Errors: grpc.RpcError where payments cannot be asked."""
    request_id = request.form.get("request_id", "")
    found = asked_before.find(request_id) if request_id else payments_pb.FindRequestResponse()
    if found.split_sale_id:
        return f"/till/splits/{found.split_sale_id}"
    taken = found.payment_id or found.ticket_id
    return f"/till/tickets/{taken}" if taken else choice(shop, party)


def _quoted_yen(wanted: pb.SellTicketRequest) -> int:
    """Has payments look at a party before anybody counts cash for it; returns what it costs.

    Errors: grpc.RpcError, as of its sale.
    """
    quote = pb.QuoteTicketRequest(
        gate_place_id=wanted.gate_place_id, lines=wanted.lines, valid_date=wanted.valid_date,
        voucher=wanted.voucher,
    )  # fmt: skip
    return stub(TicketsServiceStub).QuoteTicket(quote).amount_yen


def _mistake_of(shop: payments_pb.Shop, party: dict[str, int]) -> str:
    """Returns what is wrong with a party before it is told how to pay, "" where nothing is.

    A voucher's number is asked for with the total. Payments being away, its sale will tell.
    """
    lines = [pb.TicketLine(class_id=name, persons=n) for name, n in party.items()]
    try:
        _quoted_yen(pb.SellTicketRequest(gate_place_id=shop.shop_place_id, lines=lines))
    except grpc.RpcError as error:
        fields = [name for name, _text in problem_of(error).fields]
        if error.code() is grpc.StatusCode.INVALID_ARGUMENT and fields != ["voucher"]:
            return _mistake(fields, shop, party)
        if error.code() is not grpc.StatusCode.INVALID_ARGUMENT and not is_away(error):
            raise
    return ""


def _price_changed(shop: payments_pb.Shop, party: dict[str, int]) -> tuple[str, int]:
    notify("warn", _("The prices have changed. Look at the new total first."))
    return _total(shop, party), 409


def closed(shop: payments_pb.Shop, party: dict[str, int]) -> tuple[str, int]:
    """Returns the page that sells nothing. Errors: Problem gate_closed for a program."""
    if wants_json():
        raise Problem(409, shutting.REASON)
    return _total(shop, party), 409  # its own notice says why, and for what it still sells


def told_yen() -> int:
    """Returns the total that the page showed. Errors: Problem."""
    told = request.form.get("amount_yen", "")
    if not request.form.get("request_id") or not re.fullmatch("[0-9]{1,9}", told):
        raise Problem(400, "form_expired")
    return int(told)


def told_day(told: str | None = None) -> str:
    """Returns the day of a form, or a given one, as YYYY-MM-DD, "" for today. Errors: Problem."""
    told = request.form.get("valid_date", "") if told is None else told
    try:
        if told and date.fromisoformat(told).isoformat() != told:
            raise ValueError(told)
    except ValueError as error:
        fields = [("valid_date", "give a date as YYYY-MM-DD")]
        raise Problem(400, "invalid_fields", fields=fields) from error
    return told


def not_sold(
    error: grpc.RpcError, shop: payments_pb.Shop, party: dict[str, int], request_id: str
) -> tuple[str, int]:
    """Returns the page that says why. Errors: the given one where the table of reasons says it."""
    if is_away(error):
        notify("warn", _("No answer yet. Press the same button again: it never charges twice."))
        return _total(shop, party, request_id=request_id), 503
    problem = problem_of(error)
    if problem.reason == "PRICE_CHANGED":
        return _price_changed(shop, party)
    if problem.code is grpc.StatusCode.INVALID_ARGUMENT:
        notify("bad", _mistake([name for name, _text in problem.fields], shop, party))
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


def choice(shop: payments_pb.Shop, party: dict[str, int]) -> str:
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


def is_shut(gate_place_id: str, valid_date: str, request_id: str) -> bool:
    """Tells whether it is a new sale of a ticket for today at a gate that is closed just now.

    One that had no answer may have been taken: where payments knows its request id it is found,
    not refused. Errors: grpc.RpcError where that cannot be asked: then nothing is sold.
    """
    return is_closed_for(gate_place_id, valid_date) and not asked_before.is_known(request_id)


def is_closed_for(gate_place_id: str, valid_date: str) -> bool:
    """Tells whether a gate is closed just now and a ticket is for today ("" or a date)."""
    is_today = not valid_date or date.fromisoformat(valid_date) == day_there()
    return is_today and shutting.now(gate_place_id) is not None


def closed_text() -> str:
    """Returns what to do where a gate is closed."""
    return str(sentence(shutting.REASON))


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
        tickets_pb=pb, tomorrow=(day_there() + timedelta(days=1)).isoformat(),
        # One without an answer may have been taken: its button stays, to ask about it.
        other_day_only=not request_id and is_closed_for(shop.shop_place_id, _shown_day()),
        **_closed(shop),
    )  # fmt: skip


def _shown_day() -> str:
    try:
        return told_day(request.values.get("valid_date", ""))
    except Problem:
        return ""  # of an address that somebody wrote by hand


def _mistake(fields: list[str], shop: payments_pb.Shop, party: dict[str, int]) -> str:
    """Returns what to do about a party that payments refused. fields: what it named."""
    line, _dot, name = (fields[0] if fields else "").rpartition(".")
    number = re.fullmatch(r"lines\[([0-9]{1,2})\]", line)
    if name == "persons" and number and int(number[1]) < len(party):
        class_id = list(party)[int(number[1])]
        known = {each.class_id: each for each in classes_of(shop.shop_place_id)}
        if class_id in known:
            return _wrong_size(known[class_id], party[class_id], _persons(party, known))
    sentences = {
        "voucher": _("Write the number of the agency's voucher."),
        "valid_date": _("Choose today or one of the next 180 days."),
    }
    return str(sentences.get(name) or _("This party cannot go on one ticket. Look at the numbers."))


def _wrong_size(known: pb.PriceClass, of_class: int, in_all: int) -> str:
    """Returns for how many persons a price is, and how many there are: of a group's everybody."""
    is_group = known.persons_min > 1
    said = {
        "name": class_name(known), "least": known.persons_min, "most": known.persons_max,
        "n": in_all if is_group else of_class,
    }  # fmt: skip
    if is_group:
        text = _("“%(name)s” is for %(least)s to %(most)s persons in all, not for %(n)s.", **said)
    else:
        text = _("“%(name)s” is for %(least)s to %(most)s persons, not for %(n)s.", **said)
    return str(text)


def _persons(party: dict[str, int], known: dict[str, pb.PriceClass]) -> int:
    """Returns how many persons a party has; an add-on is for those counted already."""
    return sum(
        n for name, n in party.items()
        if name in known and known[name].kind != pb.PRICE_CLASS_KIND_ADD_ON
    )  # fmt: skip


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
        raise no_shop(shop_place_id)
    return found


def classes_of(gate: str = "") -> list[pb.PriceClass]:
    """Returns the prices of a gate, of all of them for ""."""
    found = stub(TicketsServiceStub).ListPriceClasses(pb.ListPriceClassesRequest()).price_classes
    return [each for each in found if not gate or gate in each.gate_place_ids]


def class_name(known: pb.PriceClass) -> str:
    """Returns a price class's name in the language of the page, else in Japanese."""
    names: dict[str, str] = dict(known.names)
    return str(names.get(g.locale) or names.get("ja") or known.class_id)
