"""What all pages of the office share: the blueprint, the stubs, the shop that was chosen."""

from flask import Blueprint, request

from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import register_service_pb2 as register_pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.chosen import no_shop
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.office import notice_words, words

FILE_DEADLINE_S = 25.0  # ten thousand lines are matched in one transaction

blueprint = Blueprint("office", __name__, template_folder="templates")


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "words": words, "notice_words": notice_words,
        "pb": pb, "payments_pb": payments_pb, "register_pb": register_pb,
    }  # fmt: skip


def office(deadline_s: float = 3.0) -> OfficeServiceStub:
    """Returns the stub of the office for this request."""
    return stub(OfficeServiceStub, deadline_s=deadline_s)


def payments(deadline_s: float = 3.0) -> PaymentsServiceStub:
    """Returns the stub of payments for this request."""
    return stub(PaymentsServiceStub, deadline_s=deadline_s)


def shops() -> dict[str, payments_pb.Shop]:
    """Returns the shops this person may see, by id."""
    found = payments().ListShops(payments_pb.ListShopsRequest()).shops
    return {shop.shop_place_id: shop for shop in found}


def chosen(found: dict[str, payments_pb.Shop], wanted: str) -> payments_pb.Shop | None:
    """Returns the shop wanted, the only one there is, or None. Errors: Problem unknown_shop."""
    if not wanted:
        return next(iter(found.values())) if len(found) == 1 else None
    if wanted not in found:
        raise no_shop(wanted)
    return found[wanted]


def form_request_id() -> str:
    """Returns the id made with the page. Errors: Problem form_expired."""
    request_id = request.form.get("request_id", "")
    if not request_id:
        raise Problem(400, "form_expired")
    return request_id
