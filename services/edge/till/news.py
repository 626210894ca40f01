"""What a till tells its displays: the running basket, a payment by its id, or nothing.

The pages of the till tell it as they are made, so that a till without JavaScript has displays, too;
report.js tells what changes between them. A till is a browser: it has a name of its own once a
display was paired with it, and before that nothing is told.
"""

import contextlib
import re
import secrets
import time
from collections.abc import Sequence

import grpc
from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from kit.pure.card_text import holds_card_number
from kit.roles import SELLERS
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import cookies
from services.edge.board import BoardAway
from services.edge.chosen import no_shop
from services.edge.clients import stub
from services.edge.login import requires
from services.edge.parts import area, parts
from services.edge.till import basket, words
from services.edge.till.amounts import AmountInvalid, read_amount

COUNTER_ID = re.compile(r"[0-9a-f]{24}")
BEATS_S = 45  # report.js says every 15 seconds that the till is there
PAGE_S = 180  # a page without it stands this long
FRESH_S = 180  # an older payment was looked up: the customer at the counter has another one

blueprint = Blueprint("news", __name__)


@blueprint.post("/till/display/news")
@requires(*SELLERS)
def tell() -> Response:
    """Takes what changed on the counter between two pages, or that the till is still there."""
    counter_id, shop_place_id = counter(), request.form.get("shop", "")[:80]
    if not counter_id:
        return Response(status=204)
    _check_shop(shop_place_id)
    key = key_of(shop_place_id, counter_id)
    if "beat" in request.form:
        parts().board.touch(key, BEATS_S)
        return Response(status=204)
    sale = request.form.get("request_id", "")[:80]
    if sale and _sale_over(key, sale):
        return Response(status=204)  # overtaken by the outcome of its own sale
    lines = basket.read_lines(request.form.getlist("item"))
    with contextlib.suppress(AmountInvalid):  # half typed
        lines = [*lines, basket.free_line(read_amount(request.form.get("amount_yen", "")), 0)]
    parts().board.put(key, _basket(shop_place_id, lines), BEATS_S)
    return Response(status=204)


def tell_basket(shop_place_id: str, lines: Sequence[pb.Item]) -> None:
    """Tells the displays of this till what is in the basket."""
    if counter():
        news = _basket(shop_place_id, lines)
        parts().board.put(key_of(shop_place_id, counter()), news, PAGE_S)


def tell_merchant_code(shop_place_id: str, amount_yen: int) -> None:
    """Tells the displays of this till to show the shop's own payment code for an amount."""
    if counter() and amount_yen:
        said = {"on": "code", "amount_yen": amount_yen}
        parts().board.put(key_of(shop_place_id, counter()), said, PAGE_S)


def tell_payment(payment: pb.Payment, tendered_yen: int, sale: str = "") -> None:
    """Tells the displays of this till which payment it shows; they read how it stands themselves.

    sale: request id under which it was taken just now.
    """
    if not counter():
        return
    age_s = time.time() - payment.create_time.seconds
    if age_s > FRESH_S and not words.is_open(payment):
        return
    key = key_of(payment.shop_place_id, counter())
    known = _latest(key)
    if not sale and known.get("payment_id") == payment.payment_id:
        sale = str(known.get("sale", ""))
    news = {
        "on": "payment", "payment_id": payment.payment_id, "tendered_yen": tendered_yen,
        "sale": sale,
    }  # fmt: skip
    parts().board.put(key, news, PAGE_S)


def counter() -> str:
    """Returns the name of this till, "" for one that never had a display."""
    name = cookies.TILL_COUNTER.read()
    return name if COUNTER_ID.fullmatch(name) else ""


def named_counter() -> str:
    """Returns the name of this till; one without gets its name with this answer."""
    if not counter():
        g.till_counter = g.get("till_counter") or secrets.token_hex(12)
    return counter() or str(g.till_counter)


@blueprint.after_app_request
def keep_name(response: Response) -> Response:
    """Has the browser keep the name it was given."""
    if "till_counter" in g:
        cookies.TILL_COUNTER.put(response, g.till_counter)
    return response


def key_of(shop_place_id: str, counter_id: str) -> str:
    """Returns where the news of a till of a shop stands."""
    return f"{area().area}:display:{shop_place_id}:{counter_id}"


def _latest(key: str) -> dict[str, object]:
    try:
        return dict(parts().board.latest(key)[1])
    except BoardAway:
        return {}


def _sale_over(key: str, sale: str) -> bool:
    known = _latest(key)
    return known.get("on") == "payment" and known.get("sale") == sale


def _basket(shop_place_id: str, lines: Sequence[pb.Item]) -> dict[str, object]:
    if not lines:
        return {"on": "welcome"}
    # Payments has not looked at this sale yet: no card's number in a name goes to Valkey.
    if any(holds_card_number(each.name) for each in lines):
        lines = [basket.free_line(basket.sum_yen(lines), 0)]
    return {
        "on": "sum", "items": [basket.write_line(each) for each in lines],
        "names": _names(shop_place_id, {each.name for each in lines}),
    }  # fmt: skip


def _names(shop_place_id: str, wanted: set[str]) -> dict[str, dict[str, str]]:
    """Returns what products are called in all languages: the display has its own."""
    if wanted <= {basket.FREE_NAME}:
        return {}
    asked = office_pb.ListProductsRequest(shop_place_id=shop_place_id)
    try:
        found = stub(OfficeServiceStub, deadline_s=0.5).ListProducts(asked).products
    except grpc.RpcError:
        return {}  # the Japanese name will do
    return {each.names["ja"]: dict(each.names) for each in found if each.names["ja"] in wanted}


def _check_shop(shop_place_id: str) -> None:
    known = stub(PaymentsServiceStub).ListShops(pb.ListShopsRequest()).shops
    if all(shop.shop_place_id != shop_place_id for shop in known):
        raise no_shop(shop_place_id)


blueprint.add_app_template_global(counter, "till_counter")
