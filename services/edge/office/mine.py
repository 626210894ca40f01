"""Where a shop's owner begins: what is next for the shop, and what there is to see of it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from kit.roles import SELLERS, SHOP_OWNERS
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.login import requires
from services.edge.office import payouts
from services.edge.office.desk import blueprint, chosen, office, shops
from services.edge.office.forms import read_span
from services.edge.parts import area, may


@dataclass(frozen=True)
class Step:
    """A step of setting a shop up. name: of the page; done: nothing is missing there."""

    name: str
    label: LazyString
    todo: LazyString
    done: bool


@blueprint.get("/till/office/mine")
@requires(*SHOP_OWNERS)
def mine() -> str:
    """Shows an owner the own shop: what is next, today's sales, fees and payouts."""
    found = shops()
    shop = chosen(found, request.args.get("shop", ""))
    more = _of(shop) if shop is not None else {}
    return render_template("office/mine.html", here="mine", shops=found, shop=shop, **more)


def _of(shop: payments_pb.Shop) -> dict[str, object]:
    place = shop.shop_place_id
    first, last, month = read_span("", "", datetime.now(ZoneInfo(area().time_zone)).date())
    settled = office().ReadSettlement(
        pb.ReadSettlementRequest(shop_place_id=place, first_date=first, last_date=last)
    )
    waiting = office().ListUnconfirmedSales(pb.ListUnconfirmedSalesRequest(shop_place_id=place))
    steps = _steps(shop)
    return {
        "report": office().ReadDay(pb.ReadDayRequest(shop_place_id=place)),
        "live": [row for row in settled.rows if not row.practice], "month": month,
        "waiting": waiting, "steps": steps, "may_sell": may(*SELLERS),
        "coming": min((each.expected_payout_date for each in waiting.sales
                       if each.due == pb.PAYOUT_DUE_COMING), default=""),
        "next_step": next((each for each in steps if not each.done), None),
    }  # fmt: skip


def _steps(shop: payments_pb.Shop) -> list[Step]:
    """Returns the steps in their order. A shop is ready when the last one is done."""
    place = shop.shop_place_id
    products = office().ListProducts(pb.ListProductsRequest(shop_place_id=place)).products
    clerks = office().ListClerks(pb.ListClerksRequest(shop_place_id=place)).clerks
    paid = [each for each in shop.tenders if each.gateway not in payouts.WITHOUT_PAYOUT]
    return [
        Step("products", _l("Products"),
             _l("Put in what the shop sells; then the till has buttons."), bool(products)),
        Step("contracts", _l("Ways to pay"),
             _l("Say what the shop takes, and when each provider pays."),
             bool(shop.tenders) and all(each.HasField("payout_terms") for each in paid)),
        Step("clerks", _l("Clerks"), _l("Give everybody who sells a name and a PIN."),
             any(not each.disabled for each in clerks)),
        Step("practice", _l("Practice sale"),
             _l("Try one sale from end to end. Then take real payments."), not shop.practice),
    ]  # fmt: skip
