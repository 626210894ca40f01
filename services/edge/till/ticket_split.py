"""A ticket paid in parts: opened from the page of its total, and what its page adds to that of any
sale in parts: the party, a gate that closed meanwhile, the code once all is paid.

A closed gate opens no such sale and takes no first part. Whoever paid a part already is standing at
the counter with a party: the rest may still be paid, or all of it goes back.
"""

from typing import Any

import grpc
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from kit.roles import SELLERS
from meguri.payments.v1 import split_sales_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from meguri.payments.v1.split_sales_service_pb2_grpc import SplitSalesServiceStub
from services.edge import first_parts, shutting
from services.edge.clients import stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.till import clerks, tickets

blueprint = Blueprint("till_ticket_split", __name__)


@blueprint.post("/till/tickets/split")
@requires(*SELLERS)
def begin() -> Response | tuple[str, int]:
    """Opens a sale in parts for a party. The request id was made with the page of the total."""
    shop = tickets.shop_of(request.form.get("shop", ""))
    party = tickets.party_of(dict(request.form))
    try:
        clerks.check(shop, request.form.get("clerk", ""))
    except clerks.Locked as locked:
        raise clerks.Locked(shop, locked.people, tickets.after_pin(shop, party)) from locked
    told_yen = tickets.told_yen()
    wanted = pb.OpenSplitSaleRequest(
        request_id=form_request_id(), shop_place_id=shop.shop_place_id, total_yen=told_yen,
        ticket_lines=[tickets_pb.TicketLine(class_id=name, persons=n) for name, n in party.items()],
        valid_date=tickets.told_day(),
        voucher=request.form.get("voucher", "").strip()[:40],
        clerk_id=clerks.read_mark(shop.shop_place_id, request.form.get("clerk", "")),
    )  # fmt: skip
    try:
        if tickets.is_shut(shop.shop_place_id, wanted.valid_date, wanted.request_id):
            return tickets.closed(shop, party)
        opened = stub(SplitSalesServiceStub, deadline_s=tickets.TAKE_DEADLINE_S).OpenSplitSale(
            wanted
        )
    except grpc.RpcError as error:
        return tickets.not_sold(error, shop, party, wanted.request_id)
    return redirect(f"/till/splits/{opened.split_sale.split_sale_id}", 303)


def ticket_address(found: pb.SplitSale, told: str = "") -> str:
    """Returns the page with the code of a ticket that is paid; "" while there is none."""
    if not found.ticket_id or found.state != pb.SPLIT_SALE_STATE_PAID:
        return ""
    return f"/till/tickets/{found.ticket_id}{told}"


def shown(found: pb.SplitSale) -> dict[str, Any]:
    """Returns what the page of a sale in parts says of its ticket. Nothing of a sale of goods."""
    if not found.ticket_lines:
        return {}
    shut = first_parts.shut(found)
    known = {each.class_id: each for each in tickets.classes_of()}
    named = [
        (tickets.class_name(known[line.class_id]) if line.class_id in known else line.class_id,
         line.persons)
        for line in found.ticket_lines
    ]  # fmt: skip
    return {
        "party": named, "shut": shut, "as_of": shutting.as_of() if shut else "",
        "day_over": found.valid_date < first_parts.today(),
        "may_go_on": first_parts.may_go_on(found),
        "tickets_closed": tickets.closed_text(),
    }  # fmt: skip
