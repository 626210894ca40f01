"""Sales that wait on a device while there is no connection: their way in, and the service worker.

A device sends each as the form of the counter, with the request id of its tap; the payments service
takes it once, however often it is sent. Limits and words for the device stand here, too.
"""

from typing import Literal
from urllib.parse import parse_qsl

import grpc
from flask import Blueprint, g, jsonify, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from kit.roles import SELLERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import first_parts, shutting
from services.edge.assets import FOLDER
from services.edge.chosen import no_shop
from services.edge.clients import new_request_id, stub
from services.edge.errors import TITLES, Problem, json_body, sentence
from services.edge.login import form_token_value, requires
from services.edge.parts import area, locale, parts, person
from services.edge.till import clerks
from services.edge.till.amounts import AmountInvalid
from services.edge.till.reading import read_sale
from services.edge.till.sale import UNUSUAL_YEN

DEADLINE_S = 9.0
MOST_AT_ONCE = 50  # far below what payments takes: an upload over a weak signal shall end
MAX_FORM_LENGTH = 20_000
MAX_FIELDS = 230
# What one device may keep: per sale, and altogether until the connection is back.
MOST_YEN, MOST_SALES, MOST_SUM_YEN = UNUSUAL_YEN, 200, 1_000_000
MAY_WAIT = ("cash_record", "other_device")

# Says on an answer what became of the sale that was sent: "taken" or "refused". A page without it
# (sign in again, the PIN, too much at once) is not about the sale, and the device keeps its copy.
SALE_HEADER = "Meguri-Sale"
# What payments answers about the sale itself; who may ask, and whether anybody is there, is not.
REFUSALS = frozenset({
    grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.OUT_OF_RANGE,
})  # fmt: skip

blueprint = Blueprint("waiting", __name__)


def mark_sale(outcome: Literal["taken", "refused"]) -> None:
    """Has the answer to this request say what became of the sale."""
    g.till_sale = outcome


@blueprint.after_app_request
def tell_the_device(answer: Response) -> Response:
    """Writes the header that lets a device strike its copy out."""
    if "till_sale" in g:
        answer.headers[SALE_HEADER] = g.till_sale
    return answer


@blueprint.get("/till/sw.js")
def worker() -> Response:
    """The service worker. It may speak for /till, although it is a file below it."""
    body = (FOLDER / "till" / "static" / "sw.js").read_bytes()
    answer = Response(body, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/till"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/till/site.webmanifest")
def manifest() -> Response:
    """Lets a tablet keep the till as an app of its own, beside the visitors' guide."""
    icons = [
        {"src": parts().assets.url(f"till/icon-{size}.png"), "sizes": f"{size}x{size}",
         "type": "image/png", "purpose": "any maskable"}
        for size in (192, 512)
    ]  # fmt: skip
    answer = jsonify(
        id="/till", name=f"{_('Till')} {area().name(locale())}", short_name=_("Till"),
        start_url="/till", scope="/till", display="standalone", lang=locale(), icons=icons,
        background_color="#ffffff", theme_color="#115a36",
    )  # fmt: skip
    answer.content_type = "application/manifest+json"
    return answer


@blueprint.get("/till/waiting")
@requires(*SELLERS)
def who() -> Response:
    """Tells a device that the server is there, who is signed in, and this session's form token.

    shop, of the query: the one on the screen; what closes it is told, too.
    """
    shop = request.args.get("shop", "")[:80]
    closures = shutting.all_of(shop) if shop else {}
    return jsonify(user=_user_id(), form_token=form_token_value(), **closures)


@blueprint.post("/till/waiting")
@requires(*SELLERS)
def take_waiting() -> Response:
    """Takes sales that waited. Each gets its own answer: a payment, or why not."""
    body = json_body()
    given = body.get("sales")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_AT_ONCE:
        raise Problem(
            400, "invalid_fields", fields=[("sales", f"give a list of 1 to {MOST_AT_ONCE}")]
        )
    if body.get("user") != _user_id():
        # Request ids belong to a login: under another one a sale could be taken a second time.
        raise Problem(409, "other_login")
    shops = {
        each.shop_place_id: each
        for each in stub(PaymentsServiceStub).ListShops(pb.ListShopsRequest()).shops
    }
    results: list[dict[str, str]] = [{} for _ in given]
    sales: list[tuple[int, pb.WaitingSale]] = []
    for place, each in enumerate(given):
        try:
            sales.append((place, _read(each, shops)))
        except Problem as problem:
            results[place] = {"reason": problem.reason, "text": str(sentence(problem.reason))}
        except AmountInvalid:
            results[place] = {"reason": "invalid_fields", "text": str(TITLES["invalid_fields"])}
    if sales:
        wanted = pb.TakePaymentsRequest(
            request_id=new_request_id(), sales=[each for __, each in sales]
        )
        taken = stub(PaymentsServiceStub, deadline_s=DEADLINE_S).TakePayments(wanted).results
        for (place, __), result in zip(sales, taken, strict=True):
            results[place] = _told(result)
    return jsonify(results=results)


def _read(given: object, shops: dict[str, pb.Shop]) -> pb.WaitingSale:
    """Reads one sale. Errors: Problem, AmountInvalid."""
    form = given.get("form") if isinstance(given, dict) else None
    waited_s = given.get("waited_s") if isinstance(given, dict) else None
    if not isinstance(form, str) or len(form) > MAX_FORM_LENGTH or type(waited_s) is not int:
        raise Problem(400, "invalid_fields")
    try:
        fields = MultiDict(parse_qsl(form, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise Problem(400, "invalid_fields") from error
    if any(name.startswith("n:") for name in fields):  # a ticket is made with its payment, or not
        raise Problem(400, "invalid_fields")
    shop = shops.get(fields.get("shop", ""))
    if shop is None:
        raise no_shop(fields.get("shop", ""))
    clerks.check_waited(shop.shop_place_id, fields.get("clerk", ""))
    most_s = 2**40
    sale = read_sale(fields, shop)
    first_parts.check(sale)
    return pb.WaitingSale(sale=sale, waited_s=max(-most_s, min(waited_s, most_s)))


def _told(result: pb.WaitingSaleResult) -> dict[str, str]:
    if not result.reason:
        return {"payment_id": result.payment.payment_id}
    reason = result.reason
    text = TITLES.get(reason) or TITLES.get(reason.lower()) or TITLES["invalid_fields"]
    return {"reason": reason.lower(), "text": str(text)}


def _user_id() -> str:
    known = person()
    return known.user_id if known else ""
