"""Split sales of registers: opened and given back here; parts are payments that name their sale."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from meguri.payments.v1 import split_sales_service_pb2 as pb
from meguri.payments.v1.split_sales_service_pb2_grpc import SplitSalesServiceStub
from services.edge.clients import stub
from services.edge.errors import json_body, optional_json_body
from services.edge.payments_api import documents
from services.edge.payments_api.answers import answer, key
from services.edge.payments_api.signatures import verified_device

DEADLINE_S = 9.0

blueprint = Blueprint("splits", __name__, url_prefix="/split-sales")


@blueprint.post("")
def begin() -> Response:
    """Opens a split sale."""
    device = verified_device()
    wanted = open_request(json_body(), key(), device.place_id)
    return _sale_answer(_splits().OpenSplitSale(wanted).split_sale, 201)


@blueprint.get("/<split_sale_id>")
def read(split_sale_id: str) -> Response:
    """Reads a split sale of the device's own shop with its parts."""
    verified_device()
    wanted = pb.GetSplitSaleRequest(split_sale_id=split_sale_id)
    return _sale_answer(_splits().GetSplitSale(wanted).split_sale, 200)


@blueprint.post("/<split_sale_id>/give-back")
def give_back(split_sale_id: str) -> Response:
    """Gives all parts back. 202 where some have not gone back yet."""
    verified_device()
    body = optional_json_body()
    wanted = pb.GiveBackSplitSaleRequest(
        request_id=key(), split_sale_id=split_sale_id,
        admitted_confirmed=documents.confirmed(body),
    )  # fmt: skip
    return _sale_answer(_splits().GiveBackSplitSale(wanted).split_sale, 200)


def open_request(body: Mapping[str, Any], request_id: str, shop: str) -> pb.OpenSplitSaleRequest:
    """Reads what to open. Errors: Problem invalid_fields."""
    documents.check_known(body, {"shop_place_id", "total_yen", "items"})
    return pb.OpenSplitSaleRequest(
        request_id=request_id, shop_place_id=documents.text(body, "shop_place_id", shop),
        total_yen=documents.whole(body, "total_yen"), items=documents.items(body.get("items", [])),
    )  # fmt: skip


def sale_document(sale: pb.SplitSale) -> dict[str, Any]:
    """Returns a split sale as JSON."""
    return {
        "split_sale_id": sale.split_sale_id,
        "state": pb.SplitSaleState.Name(sale.state).removeprefix("SPLIT_SALE_STATE_").lower(),
        "shop_place_id": sale.shop_place_id,
        "total_yen": sale.total_yen,
        "captured_yen": sale.captured_yen,
        "under_way_yen": sale.under_way_yen,
        "open_yen": sale.open_yen,
        "held_yen": sale.held_yen,
        "receipt_number": sale.receipt_number,
        "business_date": sale.business_date,
        "ticket_id": sale.ticket_id or None,
        "parts": [documents.payment_document(part) for part in sale.parts],
    }


def _sale_answer(sale: pb.SplitSale, status: int) -> Response:
    waits = sale.state == pb.SPLIT_SALE_STATE_GIVING_BACK
    response = answer(sale_document(sale), 202 if waits else status)
    response.headers["Location"] = f"/api/v1/payments/split-sales/{sale.split_sale_id}"
    if waits:
        response.headers["Retry-After"] = "15"
    return response


def _splits() -> SplitSalesServiceStub:
    return stub(SplitSalesServiceStub, deadline_s=DEADLINE_S)
