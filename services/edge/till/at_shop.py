"""The shop that a page of the till is about."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from kit.auth import Role
from kit.roles import SALES_READERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import chosen
from services.edge.clients import stub
from services.edge.login import requires
from services.edge.parts import person

blueprint = Blueprint("at_shop", __name__)


def shops() -> dict[str, pb.Shop]:
    """Returns the shops this person may see, by id."""
    found = stub(PaymentsServiceStub).ListShops(pb.ListShopsRequest()).shops
    return {shop.shop_place_id: shop for shop in found}


def chosen_shop() -> pb.Shop:
    """Returns the shop of this page; where none is chosen the page that asks is answered."""
    return chosen.SHOP.one_of(shops())


@blueprint.get("/till/choose")
@requires(*SALES_READERS)
def choose() -> Response | str:
    """Asks which shop, and goes on to the page that wanted to know."""
    found = shops()
    wanted = request.args.get(chosen.SHOP.field, "")
    if not wanted:
        return page(found)
    if wanted not in found:
        raise chosen.no_shop(wanted)
    response = redirect(chosen.SHOP.go_on(wanted) or f"/till?{chosen.SHOP.query(wanted)}", 303)
    remember(response, wanted)
    return response


def page(found: dict[str, pb.Shop]) -> str:
    """Returns the page that asks which shop."""
    return render_template(
        "till/shops.html", shops=found.values(), unbound=_is_unbound(),
        next_page=chosen.SHOP.wanted_next(),
    )  # fmt: skip


def remember(response: Response, shop_place_id: str) -> None:
    """Has this device remember its shop."""
    chosen.SHOP.cookie.put(response, shop_place_id)


def _is_unbound() -> bool:
    """Tells whether this is a shop owner whom nobody has bound to a shop yet."""
    known = person()
    return known is not None and Role.SHOP_OWNER in known.roles and not known.shops
