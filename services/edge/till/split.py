"""A sale paid by several tenders: opened from the counter, one part after the other, given back.

Parts come as forms of the counter with the id of their sale; the page of the sale tells what is
paid, what is open, and what the last part's provider said.
"""

from urllib.parse import quote, urlencode

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SALES_READERS, SELLERS
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import split_sales_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from meguri.payments.v1.split_sales_service_pb2_grpc import SplitSalesServiceStub
from services.edge import first_parts
from services.edge.chosen import no_shop
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, is_away, wants_json
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.till import (
    again,
    asking,
    back,
    basket,
    clerks,
    hand_back,
    sale,
    ticket_split,
    waiting,
    words,
)
from services.edge.till.amounts import AmountInvalid, read_amount
from services.edge.till.reading import read_items, read_sale

DEADLINE_S = 9.0
# What payments answers where the page of the sale has the better words.
LOOK_AGAIN = ("SPLIT_AMOUNT_TOO_LARGE", "SPLIT_SALE_ENDED", "REQUEST_ID_REUSED")

blueprint = Blueprint("till_split", __name__)


@blueprint.post("/till/splits")
@requires(*SELLERS)
def begin() -> Response | str | tuple[str, int]:
    """Opens a sale for what stands at the counter. The request id was made with that page."""
    shop = _shop(request.form.get("shop", ""))
    clerks.check(shop, request.form.get("clerk", ""))
    try:
        items = read_items(request.form, shop)
        total_yen = basket.total_yen(items) if items else read_amount(request.form["amount_yen"])
    except AmountInvalid as error:
        notify("bad", again.amount_sentence(error.reason))
        return redirect(f"/till?shop={quote(shop.shop_place_id)}", 303)
    wanted = pb.OpenSplitSaleRequest(
        request_id=form_request_id(), shop_place_id=shop.shop_place_id, total_yen=total_yen,
        items=items,
        clerk_id=clerks.read_mark(shop.shop_place_id, request.form.get("clerk", "")),
    )  # fmt: skip
    try:
        opened = _splits().OpenSplitSale(wanted).split_sale
    except grpc.RpcError as error:
        if is_away(error):
            return again.ask(_("Ask again with this button: nothing is charged yet."), shop=shop)
        raise
    return redirect(_address(opened.split_sale_id), 303)


@blueprint.get("/till/splits")
@blueprint.get("/till/splits/<split_sale_id>/parts")
@requires(*SELLERS)
def no_part(split_sale_id: str = "") -> Response:
    """Leads back whoever loads the page of a question again."""
    return redirect(_address(split_sale_id) if split_sale_id else "/till", 303)


@blueprint.get("/till/splits/<split_sale_id>")
@requires(*SALES_READERS)
def show(split_sale_id: str) -> str:
    """Shows what is paid and what is open, and how to go on."""
    found = _read(split_sale_id)
    waiting.mark_sale("taken")  # a cash part that led here waits on the device no longer
    return _page(found, _shop(found.shop_place_id))


@blueprint.post("/till/splits/<split_sale_id>/parts")
@requires(*SELLERS)
def take_part(split_sale_id: str) -> Response | tuple[str, int]:
    """Takes one part."""
    found = _read(split_sale_id)
    shop = _shop(found.shop_place_id)
    try:
        wanted = read_sale(request.form, shop)
    except AmountInvalid as error:
        waiting.mark_sale("refused")
        return _page(found, shop, again.amount_sentence(error.reason)), 422
    if wanted.split_sale_id != found.split_sale_id:
        raise Problem(400, "form_expired")
    own = _address(split_sale_id)
    asked = asking.Asked(
        shop, wanted.tender, wanted.gateway, wanted.amount_yen, f"{own}/parts", own,
        may_wait=not (found.under_way_yen or found.ticket_lines),
    )  # fmt: skip
    try:
        if page := _not_now(found, shop, wanted) or asking.question(asked):
            return page
        clerks.check(shop, request.form.get("clerk", ""))
        stub(PaymentsServiceStub, deadline_s=DEADLINE_S).TakePayment(wanted)
    except grpc.RpcError as error:
        if page := asking.no_answer(error, asked, wanted):
            return page
        if problem_of(error).reason not in LOOK_AGAIN:
            raise
        notify("warn", _("Nothing was charged: the sale has changed meanwhile. Look at it again."))
        return _page(_read(split_sale_id), shop), 409
    waiting.mark_sale("taken")
    told = f"?{urlencode(asking.told())}".rstrip("?")
    ticket = ticket_split.ticket_address(_read(split_sale_id), told) if found.ticket_lines else ""
    return redirect(ticket or f"{own}{told}", 303)


def _not_now(
    found: pb.SplitSale, shop: payments_pb.Shop, wanted: payments_pb.TakePaymentRequest
) -> tuple[str, int] | None:
    """Returns the page that says why a part is not asked for; None where it may be."""
    try:
        first_parts.check(wanted, found)
    except Problem:
        if wants_json():
            raise
        return _page(found, shop), 409
    is_first_look = request.form.get("step") == "counter"
    if is_first_look and wanted.amount_yen > found.open_yen:
        text = _("At most %(amount)s are open.", amount=f"¥{found.open_yen:,}")
        return _page(found, shop, text), 422
    return None


@blueprint.post("/till/splits/<split_sale_id>/give-back")
@requires(*SELLERS)
def give_back(split_sale_id: str) -> Response | tuple[str, int]:
    """Gives all parts back; asked again it goes on where it stopped."""
    found = _read(split_sale_id)
    clerk_id = clerks.behind_page(found.shop_place_id, _address(split_sale_id))
    wanted = pb.GiveBackSplitSaleRequest(
        request_id=form_request_id(), split_sale_id=split_sale_id, clerk_id=clerk_id,
        admitted_confirmed=back.is_confirmed(),
    )  # fmt: skip
    try:
        _splits().GiveBackSplitSale(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason == back.ADMITTED:
            return _ask_admitted(found)
        if not is_away(error):
            raise
        return again.ask(_("Ask again with this button: each part goes back only once."))
    return redirect(_address(split_sale_id), 303)


def _ask_admitted(found: pb.SplitSale) -> tuple[str, int]:
    """Warns that the ticket was used; a second tap sends the same form, confirmed."""
    kept = [pair for pair in again.fields() if pair[0] != "admitted"]
    page = render_template(
        "till/admitted.html", found=found, shop=_shop(found.shop_place_id), again=kept
    )
    return page, 409


def tenders_of(found: pb.SplitSale, shop: payments_pb.Shop) -> list[payments_pb.TenderSetting]:
    """Returns the ways to pay the next part: of one book with the parts there are."""
    living = [part for part in found.parts if part.state not in first_parts.OVER]
    return [
        each for each in shop.tenders
        if not living or (each.practice or shop.practice) is living[0].practice
    ]  # fmt: skip


def _page(found: pb.SplitSale, shop: payments_pb.Shop, error: str = "") -> str:
    newest = found.parts[-1] if found.parts else None
    waiting_part = next((part for part in reversed(found.parts) if words.is_open(part)), None)
    ways = tenders_of(found, shop)
    can_sell = found.state == pb.SPLIT_SALE_STATE_OPEN and found.open_yen
    clerk = clerks.at_till(shop) if can_sell else None
    captured = newest is not None and newest.state == payments_pb.PAYMENT_STATE_CAPTURED
    cash = None
    if newest is not None and captured:
        tendered = request.args.get("tendered", "")
        cash = sale.cash_of(tendered, newest.tender, newest.captured_yen)
    return render_template(
        "till/split.html", found=found, shop=shop, here="counter", newest=newest, error=error,
        cash=cash, split_pb=pb, steps=hand_back.steps_of_sale(found),
        waiting_part=waiting_part, amount_text=_typed(found, error),
        request_id=new_request_id(),
        own=[each for each in ways if each.gateway != "other_device"],
        others=[each for each in ways if each.gateway == "other_device"],
        left_out=_left_out(ways, shop), practice_sale=any(each.practice for each in ways),
        mark=clerks.mark_of(shop.shop_place_id, clerk.clerk_id) if clerk else "",
        ticket_address=ticket_split.ticket_address(found), **ticket_split.shown(found),
    )  # fmt: skip


def _left_out(ways: list[payments_pb.TenderSetting], shop: payments_pb.Shop) -> list[str]:
    """Returns the names of the ways to pay that this sale cannot be paid by any more."""
    names = [words.tender_word(each.tender) for each in shop.tenders if each not in ways]
    return list(dict.fromkeys(names))


def _typed(found: pb.SplitSale, error: str) -> str:
    return request.form.get("amount_yen", "")[:20] if error else f"{found.open_yen:,}"


def unfinished(shop_place_id: str, business_date: str) -> list[pb.SplitSale]:
    """Returns the sales of a shop that hold money without being paid, oldest first."""
    wanted = pb.ListUnfinishedSplitSalesRequest(
        shop_place_id=shop_place_id, business_date=business_date
    )
    return list(stub(SplitSalesServiceStub).ListUnfinishedSplitSales(wanted).split_sales)


def _address(split_sale_id: str) -> str:
    return f"/till/splits/{quote(split_sale_id, safe='')}"


def _read(split_sale_id: str) -> pb.SplitSale:
    wanted = pb.GetSplitSaleRequest(split_sale_id=split_sale_id[:80])
    return stub(SplitSalesServiceStub).GetSplitSale(wanted).split_sale


def _splits() -> SplitSalesServiceStub:
    return stub(SplitSalesServiceStub, deadline_s=DEADLINE_S)


def _shop(shop_place_id: str) -> payments_pb.Shop:
    for shop in stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest()).shops:
        if shop.shop_place_id == shop_place_id:
            return shop
    raise no_shop(shop_place_id)
