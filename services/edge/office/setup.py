"""A new shop in a quarter of an hour: itself, its products, contracts, clerks, a practice sale."""

from collections.abc import Sequence

import grpc
from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.pure.languages import LOCALES
from kit.roles import SHOP_OWNERS
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge import own_address, uploads
from services.edge.chosen import SHOP
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.office import payouts, said, short_names, words
from services.edge.office.desk import (
    blueprint,
    form_request_id,
    office,
    payments,
    shops,
)
from services.edge.office.forms import Unreadable, read_products
from services.edge.pages import notify
from services.edge.parts import day_there

STEPS = ("basics", "products", "contracts", "clerks", "practice")
TAKE_DEADLINE_S = 9.0
# What a new shop may take: cash, the provider to practice with, and a terminal of its own.
OFFERED = (
    (payments_pb.TENDER_CASH_RECORD, "cash_record"),
    (payments_pb.TENDER_CARD, "acquirer_simulator"),
    (payments_pb.TENDER_TRANSIT_IC, "acquirer_simulator"),
    (payments_pb.TENDER_ID, "acquirer_simulator"),
    (payments_pb.TENDER_QUICPAY, "acquirer_simulator"),
    (payments_pb.TENDER_CODE_PAYMENT, "acquirer_simulator"),
    (payments_pb.TENDER_CARD, "other_device"),
    (payments_pb.TENDER_TRANSIT_IC, "other_device"),
    (payments_pb.TENDER_CODE_PAYMENT, "other_device"),
)
UNSET = "unset"
Way = tuple[payments_pb.Tender.ValueType, str]  # tender and gateway


@blueprint.get("/till/office/shops")
@requires(*SHOP_OWNERS)
def shop_list() -> str:
    """Shows the shops, and the way to a new one."""
    return render_template(
        "office/shops.html", here="shops", shops=shops(), address=own_address.for_phones()
    )


@blueprint.get("/till/office/setup")
@requires(*SHOP_OWNERS)
def step() -> str:
    """Shows one step of the wizard."""
    name = request.args.get("step", "basics")
    if name not in STEPS:
        raise Problem(404, "not_found")
    wanted = request.args.get("shop", "")
    if wanted or name != "basics":  # the first step without a shop makes a new one
        shop: payments_pb.Shop | None = SHOP.one_of(shops())
    else:
        shop = None
    if "check_digit" in request.args:
        notify("warn", _(
            "The check digit of the registration number does not fit. Compare it with the notice;"
            " numbers of sole traders may differ."
        ))  # fmt: skip
    return _step(name, shop)


@blueprint.post("/till/office/setup/basics")
@requires(*SHOP_OWNERS)
def save_basics() -> Response | tuple[str, int]:
    """Makes the shop or changes it; a new one practices until it goes live."""
    there = shops()
    place = request.form.get("shop_place_id", "").strip() or request.form.get("place", "")
    known = there.get(place)
    shop = payments_pb.Shop()
    is_taken = known is not None and "new" in request.form
    if known is not None and not is_taken:
        shop.CopyFrom(known)
    else:
        shop.practice = True
        shop.tenders.extend(
            payments_pb.TenderSetting(tender=tender, gateway=gateway)
            for tender, gateway in OFFERED[:1]
        )
    shop.shop_place_id = place
    for tag in LOCALES:
        name = request.form.get(f"name_{tag}", "").strip()
        if name:
            shop.names[tag] = name
        else:
            shop.names.pop(tag, None)
    shop.registration_number = request.form.get("registration_number", "").strip().upper()
    rate = request.form.get("default_tax_rate_percent", "")
    shop.default_tax_rate_percent = int(rate) if rate in ("0", "8", "10") else 10
    shop.tax_free = "tax_free" in request.form
    shop.address = request.form.get("address", "").strip()[:200]
    shop.phone = request.form.get("phone", "").strip()[:40]
    if is_taken and known is not None and _is_made_already(known, shop):
        return redirect(_url("products", shop), 303)
    if is_taken:
        text = _("Another shop has this short name. Choose another one.")
        return _step("basics", shop, {"shop_place_id": text}), 422
    if not place and shop.names.get("ja"):  # shown once before it is kept, for it cannot change
        taken = {*there, *(each.place_id for each in _all_places())}
        shop.shop_place_id = short_names.proposed(
            shop.names,
            taken,
            "shop",
            request.form.get("reading", "")[:200],
            otherwise=f"{day_there():%Y%m%d}",
        )
        return _step("basics", shop, proposed=True), 200
    try:
        done = office().SetUpShop(pb.SetUpShopRequest(request_id=form_request_id(), shop=shop))
    except grpc.RpcError as error:
        fields = dict(problem_of(error).fields)
        if not fields:
            raise
        return _step("basics", shop, {name: _sentence(name) for name in fields}), 422
    doubt = "&check_digit=1" if "check_digit" in done.doubts else ""
    return redirect(f"{_url('products', shop)}{doubt}", 303)


def _too_large(found: uploads.TooLarge) -> str:
    text = uploads.told(found.size("file"), words.ONLY_PRODUCTS)
    return _step("products", _shop(), {"file": text})


@blueprint.post("/till/office/setup/products")
@requires(*SHOP_OWNERS)
@uploads.comes_again(_too_large)
def save_products() -> Response | tuple[str, int]:
    """Takes the products of a file."""
    shop = _shop()
    file = request.files.get("file")
    content = file.read() if file else b""
    content = content or request.form.get("text", "").encode()
    try:
        products = read_products(content)
        office().ReplaceProducts(
            pb.ReplaceProductsRequest(
                request_id=form_request_id(), shop_place_id=shop.shop_place_id, products=products
            )
        )
    except Unreadable as error:
        return _step("products", shop, {"file": _file_sentence(error)}), 422
    except grpc.RpcError as error:
        fields = problem_of(error).fields
        if not fields:
            raise
        return _step("products", shop, {"file": said.products(fields)}), 422
    return redirect(_url("products", shop), 303)


@blueprint.post("/till/office/setup/contracts")
@requires(*SHOP_OWNERS)
def save_contracts() -> Response:
    """Keeps which ways to pay the shop takes, and how far each contract is."""
    shop = _shop()
    given = _settings(shop)
    offered = [*OFFERED, *(each for each in given if each not in OFFERED)]
    states = {str(each): payments_pb.ContractState.ValueType(each) for each in words.CONTRACTS}
    del shop.tenders[:]
    for tender, gateway in offered:
        before = given.get((tender, gateway))
        state = request.form.get(f"{tender}:{gateway}")
        if state not in (None, UNSET, *states):
            raise Problem(422, "invalid_fields")
        if state is None and before is not None:  # a form that was cut off ends no way to pay
            shop.tenders.append(before)
        if state in states:
            paid = request.form.get(f"{tender}:{gateway}:paid", payouts.KEPT)
            shop.tenders.append(
                payments_pb.TenderSetting(
                    tender=tender, gateway=gateway, contract=states[state],
                    terminal=before.terminal if before else "",
                    payout_terms=payouts.chosen(paid, before),
                )
            )  # fmt: skip
    office().SetUpShop(pb.SetUpShopRequest(request_id=form_request_id(), shop=shop))
    return redirect(_url("clerks", shop), 303)


@blueprint.post("/till/office/setup/clerks")
@requires(*SHOP_OWNERS)
def save_clerk() -> Response | tuple[str, int]:
    """Makes a clerk, sets a new PIN, or has one stop working."""
    shop = _shop()
    wanted = pb.PutClerkRequest(
        request_id=form_request_id(), shop_place_id=shop.shop_place_id,
        clerk_id=request.form.get("clerk_id", ""),
        display_name=request.form.get("display_name", "").strip(),
        pin=request.form.get("pin", "").strip(), disabled="disabled" in request.form,
    )  # fmt: skip
    try:
        office().PutClerk(wanted)
    except grpc.RpcError as error:
        fields = dict(problem_of(error).fields)
        if not fields:
            raise
        return _step("clerks", shop, {name: _sentence(name) for name in fields}), 422
    return redirect(_url("clerks", shop), 303)


@blueprint.post("/till/office/setup/practice")
@requires(*SHOP_OWNERS)
def practice_sale() -> Response:
    """Takes a practice sale, so that the whole way is walked once before real money moves."""
    shop = _shop()
    if not shop.practice:
        raise Problem(409, "failed_precondition")
    setting = next(iter(shop.tenders), None)
    if setting is None:
        return redirect(_url("contracts", shop), 303)
    found = office().ListProducts(pb.ListProductsRequest(shop_place_id=shop.shop_place_id)).products
    first = next(iter(found), None)
    items = [] if first is None else [
        payments_pb.Item(
            name=first.names["ja"], quantity=1, unit_amount_yen=first.unit_amount_yen,
            tax_rate_percent=first.tax_rate_percent,
        )
    ]  # fmt: skip
    taken = payments(TAKE_DEADLINE_S).TakePayment(
        payments_pb.TakePaymentRequest(
            request_id=form_request_id(), shop_place_id=shop.shop_place_id, tender=setting.tender,
            gateway=setting.gateway, amount_yen=first.unit_amount_yen if first else 100,
            capture=payments_pb.CAPTURE_MODE_NOW, items=items,
        )
    )  # fmt: skip
    return redirect(f"{_url('practice', shop)}&sale={taken.payment.payment_id}", 303)


@blueprint.post("/till/office/setup/live")
@requires(*SHOP_OWNERS)
def go_live() -> Response:
    """Ends practice: from now on sales are real. The way back is the same button."""
    shop = _shop()
    shop.practice = request.form.get("practice") == "1"
    office().SetUpShop(pb.SetUpShopRequest(request_id=form_request_id(), shop=shop))
    return redirect(_url("practice", shop), 303)


def _is_made_already(known: payments_pb.Shop, wanted: payments_pb.Shop) -> bool:
    """Tells whether a new shop is there just as the form has it: a form sent twice by two taps."""
    return known.practice and all(
        getattr(known, name) == getattr(wanted, name)
        for name in ("names", "registration_number", "default_tax_rate_percent", "tax_free",
                     "address", "phone")
    )  # fmt: skip


def _settings(shop: payments_pb.Shop) -> dict[Way, payments_pb.TenderSetting]:
    """Returns the ways to pay of a shop as they are now, apart from it."""
    found: dict[Way, payments_pb.TenderSetting] = {}
    for each in shop.tenders:
        found[each.tender, each.gateway] = payments_pb.TenderSetting()
        found[each.tender, each.gateway].CopyFrom(each)
    return found


def _shop() -> payments_pb.Shop:
    shop = shops().get(request.form.get("shop", ""))
    if shop is None:
        raise Problem(404, "unknown_shop")
    return shop


def _url(name: str, shop: payments_pb.Shop) -> str:
    return f"/till/office/setup?step={name}&shop={shop.shop_place_id}"


def _step(
    name: str, shop: payments_pb.Shop | None, errors: dict[str, str] | None = None, *,
    proposed: bool = False,
) -> str:  # fmt: skip
    more: dict[str, object] = {}
    if name == "basics":
        more["places"] = _places(shop)
    elif shop is not None:
        asked = pb.ListProductsRequest(shop_place_id=shop.shop_place_id)
        more["products"] = office().ListProducts(asked).products
        if name == "clerks":
            clerks = pb.ListClerksRequest(shop_place_id=shop.shop_place_id)
            more["clerks"] = office().ListClerks(clerks).clerks
        more["offered"] = _offered(shop)
        more["settings"] = _settings(shop)
    return render_template(
        "office/setup.html", here="shops", step=name, steps=STEPS, shop=shop, errors=errors or {},
        known=shop is not None and shop.version > 0, form=request.form,
        sale=request.args.get("sale", ""), new_request_id=new_request_id,
        proposed=proposed, name_locales=LOCALES, payouts=payouts, **more,
    )  # fmt: skip


def _offered(shop: payments_pb.Shop) -> list[tuple[int, str, str]]:
    """Returns tender, gateway and contract state ("unset" for none) of each way there is."""
    states = {(each.tender, each.gateway): str(each.contract or 1) for each in shop.tenders}
    ways = [*OFFERED, *(way for way in states if way not in OFFERED)]
    return [(tender, gateway, states.get((tender, gateway), UNSET)) for tender, gateway in ways]


def _places(shop: payments_pb.Shop | None) -> list[directory_pb.Place]:
    """Returns shops and gates of directory that have no settings yet."""
    if shop is not None and shop.version:
        return []
    taken = shops()
    kinds = (directory_pb.PLACE_KIND_SHOP, directory_pb.PLACE_KIND_GATE)
    return [each for each in _all_places() if each.kind in kinds and each.place_id not in taken]


def _all_places() -> Sequence[directory_pb.Place]:
    return stub(DirectoryServiceStub).ListPlaces(directory_pb.ListPlacesRequest()).places


def _sentence(name: str) -> str:
    sentences: dict[str, str] = {
        "shop_place_id": _("Use small letters, digits, - and _, beginning with a letter or digit."),
        "names": _("Give the name in Japanese, at most 80 characters."),
        "registration_number": _("Give T and 13 digits, or leave it empty."),
        "display_name": _("Give a name of 1 to 40 characters."),
        "pin": _("Give 4 to 8 digits that are not easy to guess."),
    }
    return sentences.get(name) or _("This cannot be used.")


def _file_sentence(error: Unreadable) -> str:
    sentences: dict[str, str] = {
        "empty": _("Choose a file, or paste the lines."),
        "encoding": _("Save the file as UTF-8 or Shift_JIS and send it again."),
        "table": _("The file is no CSV table. Export it as CSV and send it again."),
        "too_many": _("At most 500 products at once."),
        "heading": _("The column %(what)s is missing.", what=error.what),
        "number": _("Row %(row)s: %(what)s must be a whole number.", row=error.row,
                    what=error.what),
    }  # fmt: skip
    return sentences[error.reason]
