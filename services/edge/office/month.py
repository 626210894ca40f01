"""A month of the area beside that of the shop: what every shop gets back, as a page and a table."""

from datetime import date

from babel.dates import format_skeleton
from flask import make_response, render_template, request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from kit.roles import SHOP_OWNERS
from meguri.insights.v1 import shop_service_pb2 as pb
from meguri.insights.v1.shop_service_pb2_grpc import ShopServiceStub
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.clients import stub
from services.edge.login import requires
from services.edge.office import month_table
from services.edge.office import month_view as view
from services.edge.office.desk import blueprint, chosen, shops
from services.edge.parts import day_there
from services.edge.spreadsheet import as_download, text_of

HOME = "/till/office/month"
DEADLINE_S = 3.0  # three months of facts


@blueprint.get(HOME)
@requires(*SHOP_OWNERS)
def month() -> str:
    """Shows a month of the area and of the own shop."""
    found = shops()
    shop = chosen(found, request.args.get("shop", ""))
    if shop is None:
        return render_template("office/month.html", here="mine", shops=found, shop=None)
    answer = _read(shop)
    before, after = view.around(answer.month, day_there(), answer.first_month)
    return render_template(
        "office/month.html", here="mine", shops=found, shop=shop, found=answer, view=view,
        insights_pb=pb, before=before, after=after, month_name=_name(answer.month),
        before_name=_name(answer.before.month), year_before_name=_name(answer.year_before.month),
        newest=f"{day_there():%Y-%m}",
    )  # fmt: skip


@blueprint.get(f"{HOME}.csv")
@requires(*SHOP_OWNERS)
def table() -> Response:
    """The same as a table, one figure a line."""
    shop = chosen(shops(), request.args.get("shop", ""))
    if shop is None:
        return make_response(text_of(month_table.HEADINGS, ()), 200, {"Content-Type": "text/csv"})
    answer = _read(shop)
    name = f"meguri-{shop.shop_place_id.replace('/', '-')}-{answer.month}.csv"
    lines = month_table.Lines(answer).all()
    return as_download(text_of(month_table.HEADINGS, lines), name)


def _read(shop: payments_pb.Shop) -> pb.ReadShopMonthResponse:
    asked = pb.ReadShopMonthRequest(shop_place_id=shop.shop_place_id, month=_month())
    return stub(ShopServiceStub, deadline_s=DEADLINE_S).ReadShopMonth(asked)


def _month() -> str:
    """Returns the month of the address; one that is none is taken as not given."""
    given = request.args.get("month", "")
    try:
        first = date.fromisoformat(f"{given}-01")
    except ValueError:
        return ""
    return given if 2000 <= first.year < 2100 and len(given) == len("2026-05") else ""


def _name(month: str) -> str:
    if not month:
        return ""
    first = date.fromisoformat(f"{month}-01")
    return str(format_skeleton("yMMMM", first, locale=get_locale()))
