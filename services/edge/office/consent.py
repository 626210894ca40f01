"""What a shop lets be told of its own takings, and to whom: its owner decides, here and now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import grpc
from flask import redirect, render_template, request
from flask_babel import format_datetime
from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import OWNERS_ALONE, SHOP_OWNERS
from meguri.insights.v1 import shop_service_pb2 as pb
from meguri.insights.v1.shop_service_pb2_grpc import ShopServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.login import requires
from services.edge.office.desk import blueprint, chosen, form_request_id, shops
from services.edge.pages import notify
from services.edge.parts import area, may, person

HOME = "/till/office/consent"
MOST_SIGNED = 80


@blueprint.get(HOME)
@requires(*SHOP_OWNERS)
def consent() -> str:
    """Shows what is told of a shop's takings to whom; to an admin which shops consent."""
    if request.args.get("done") == "1":
        notify("ok", _("Kept. It holds from now on, for all days."))
    return _page()


@blueprint.post(HOME)
@requires(*OWNERS_ALONE)
def decide() -> Response | tuple[str, int]:
    """Gives consent or takes it back."""
    shop = chosen(shops(), request.form.get("shop", ""))
    if shop is None:
        return redirect(HOME, 303)
    known = person()
    wanted = pb.SaveShopConsentRequest(
        request_id=form_request_id(), shop_place_id=shop.shop_place_id,
        consents=request.form.get("consents") == "1", expected_version=_version(),
        signed_as=(known.display_name or known.login_name)[:MOST_SIGNED] if known else "",
    )  # fmt: skip
    try:
        stub(ShopServiceStub).SaveShopConsent(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            raise
        notify("warn", _("Somebody has decided meanwhile. This is how it stands now."))
        return _page(), 409
    return redirect(f"{HOME}?shop={shop.shop_place_id}&done=1", 303)


def _page() -> str:
    found = shops()
    shop = chosen(found, request.values.get("shop", ""))
    asked = pb.ReadShopConsentsRequest(shop_place_id=shop.shop_place_id if shop else "")
    answer = stub(ShopServiceStub).ReadShopConsents(asked)
    by_shop: defaultdict[str, list[pb.ShopConsent]] = defaultdict(list)
    for each in answer.consents:
        by_shop[each.shop_place_id].append(each)
    history: Sequence[pb.ShopConsent] = by_shop[shop.shop_place_id] if shop else ()
    return render_template(
        "office/consent.html", here="mine", shops=found, shop=shop, history=history,
        newest=history[0] if history else None,
        standing={place: said[0] for place, said in by_shop.items() if said}, when=_when,
        least=answer.least_shops, share=answer.most_share_percent, may_decide=may(*OWNERS_ALONE),
        request_id=new_request_id(),
    )  # fmt: skip


def _version() -> int:
    given = request.form.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < len("1" * 10) else 0


def _when(stamp: Timestamp) -> str:
    moment = datetime.fromtimestamp(stamp.seconds, UTC).astimezone(ZoneInfo(area().time_zone))
    return str(format_datetime(moment, "short", rebase=False))
