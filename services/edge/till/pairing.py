"""Pairing a screen with a till: the till shows a code, the screen scans or types it, once."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SELLERS
from meguri.payments.v1 import display_service_pb2 as display_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.display_service_pb2_grpc import DisplayServiceStub
from services.edge import cookies
from services.edge.chosen import no_shop
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.till import at_shop, display, news

blueprint = Blueprint("pairing", __name__)


@blueprint.get("/till/displays")
@requires(*SELLERS)
def displays() -> str:
    """Shows the displays of a shop, and how another one is paired with this till."""
    return _page(at_shop.chosen_shop())


@blueprint.post("/till/displays")
@requires(*SELLERS)
def offer() -> str:
    """Shows a code for one more display of this till."""
    shop = _shop(request.form.get("shop", ""))
    made = _displays().OfferDisplay(
        display_pb.OfferDisplayRequest(
            request_id=form_request_id(), shop_place_id=shop.shop_place_id,
            counter_id=news.named_counter(),
        )
    )  # fmt: skip
    return _page(shop, made)


@blueprint.post("/till/displays/<display_id>/remove")
@requires(*SELLERS)
def remove(display_id: str) -> Response:
    """Ends a pairing."""
    wanted = display_pb.RemoveDisplayRequest(
        request_id=form_request_id(), display_id=display_id[:80]
    )
    try:
        _displays().RemoveDisplay(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "DISPLAY_UNKNOWN":
            raise  # ended already, perhaps by a second tap: it is as was asked
    query = urlencode({"shop": request.form.get("shop", "")[:80]})
    return redirect(f"/till/displays?{query}", 303)


@blueprint.get("/till/display/pair")
def ask() -> str:
    """Asks for the code; a scanned one stands there already and needs one tap."""
    return _form(request.args.get("code", "")[:20])


@blueprint.post("/till/display/pair")
def pair() -> Response | tuple[str, int]:
    """Pairs this screen. The code works once: a link that was kept pairs nothing."""
    code = request.form.get("code", "")[:20]
    try:
        answer = _displays().PairDisplay(
            display_pb.PairDisplayRequest(request_id=form_request_id(), code=code)
        )
    except grpc.RpcError as error:
        if problem_of(error).reason not in ("DISPLAY_CODE_UNKNOWN", "DISPLAY_UNKNOWN"):
            raise
        wrong = _("This code is wrong, used or too old. Have the till show a new one.")
        return _form(code, wrong), 422
    made = redirect(display.PATH, 303)
    cookies.DISPLAY.put(made, answer.display_secret)
    return made


def _form(code: str, error: str = "") -> str:
    return render_template(
        "till/display_pair.html", code=code, error=error, request_id=new_request_id()
    )


def _page(shop: pb.Shop, made: display_pb.OfferDisplayResponse | None = None) -> str:
    asked = display_pb.ListDisplaysRequest(shop_place_id=shop.shop_place_id)
    found = _displays().ListDisplays(asked).displays
    shown = f"{made.code[:4]}-{made.code[4:]}" if made else ""
    left_s = made.expire_time.seconds - datetime.now(UTC).timestamp() if made else 0
    return render_template(
        "till/displays.html", shop=shop, found=found, own=news.counter(), code=shown,
        address=f"{request.url_root}till/display/pair", minutes=max(1, round(left_s / 60)),
        scan=f"{request.url_root}till/display/pair?{urlencode({'code': shown})}" if made else "",
        request_id=new_request_id(),
    )  # fmt: skip


def _displays() -> DisplayServiceStub:
    return stub(DisplayServiceStub)


def _shop(shop_place_id: str) -> pb.Shop:
    found = at_shop.shops().get(shop_place_id)
    if found is None:
        raise no_shop(shop_place_id)
    return found
