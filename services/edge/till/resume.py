"""A sale whose login had expired: after signing in the page tells where it stands, and goes on.

Payments is asked what it knows of the form's request id. What was taken is shown; what was not can
be sent with one button, under the id it always had: nothing is done twice.
"""

import re

import grpc
from flask import Response, make_response, redirect, render_template

from kit.roles import SELLERS
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge import asked_before
from services.edge.errors import Problem
from services.edge.kept_forms import Kept
from services.edge.parts import person
from services.edge.till import basket, waiting, words
from services.edge.till.amounts import AmountInvalid, read_amount

ID = "[A-Za-z0-9-]{1,80}"
ADDRESSES = (
    f"/till/(basket|payments|last/cancel|tickets|tickets/split|splits|splits/{ID}/(parts|give-back)"
    f"|payments/{ID}/(void|refund))"
)


def show(kept: Kept, own: bool) -> Response | None:  # noqa: FBT001 - see kept_forms.Resume
    """Leads to what was taken; else shows what was not, with the button that goes on with it.

    What somebody else had sent is not known to this login, nor may it be sent under it: then the
    page says whom to ask, and offers nothing to press.
    """
    who = person()
    if who is None or not who.roles & SELLERS:
        return None
    if not own:
        return _page(kept, unsure=True, own=False)
    unsure = False
    try:
        if address := _taken(kept):
            return redirect(address, 303)  # type: ignore[return-value] # werkzeug's is Flask's
    except grpc.RpcError:
        unsure = True
    return _page(kept, unsure=unsure, own=True)


def _page(kept: Kept, *, unsure: bool, own: bool) -> Response:
    shown = render_template(
        "till/resume.html", kept=kept, yen_asked=_yen(kept), unsure=unsure, own=own,
        tender=words.tender_of(kept.first("pay").partition(":")[0]), back=_back(kept),
        words=words, waiting=waiting, pb=pb,
    )  # fmt: skip
    return make_response(shown)


def _taken(kept: Kept) -> str:
    """Returns the page of what a form's request took or changed, "" where it was never taken."""
    request_id = kept.first("request_id")
    found = asked_before.find(request_id) if request_id else pb.FindRequestResponse()
    if not found.known and request_id and kept.path.endswith(("/void", "/cancel")):
        # A sale of another day is refunded instead, under an id of its own: cancel.py.
        found = asked_before.find(f"{request_id}-back")
    if not found.known:
        return ""
    split_sale_id = kept.first("split") or found.split_sale_id
    if split_sale_id and re.fullmatch(ID, split_sale_id):
        return f"/till/splits/{split_sale_id}"
    if kept.path == "/till/tickets" and (found.payment_id or found.ticket_id):
        return f"/till/tickets/{found.payment_id or found.ticket_id}"
    if changed := re.fullmatch(f"(/till/(?:payments|splits)/{ID})/[a-z-]+", kept.path):
        return changed.group(1)
    return f"/till/payments/{found.payment_id}" if found.payment_id else "/till"


def _back(kept: Kept) -> str:
    """Returns the page that the form stood on, as far as its address tells; else the counter."""
    changed = re.fullmatch(f"(/till/(?:payments|splits)/{ID})/[a-z-]+", kept.path)
    return changed.group(1) if changed else "/till"


def _yen(kept: Kept) -> int:
    """Returns what is about to be paid, 0 where that is not said."""
    try:
        lines = basket.read_lines(kept.all_of("item"))
        typed = read_amount(kept.first("amount_yen")) if kept.first("amount_yen").strip() else 0
    except (AmountInvalid, Problem):
        return 0
    return basket.sum_yen(lines) + typed
