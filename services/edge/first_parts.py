"""The first part of a ticket's sale in parts: a closed gate takes none, whichever way it comes.

Whoever paid a part already is standing there with a party: the rest may be paid.
"""

from typing import Any

import grpc

from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import split_sales_service_pb2 as pb
from meguri.payments.v1.split_sales_service_pb2_grpc import SplitSalesServiceStub
from services.edge import asked_before, shutting
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.parts import day_there

# States in which a payment pays nothing and never will.
OVER = (
    payments_pb.PAYMENT_STATE_DECLINED, payments_pb.PAYMENT_STATE_EXPIRED,
    payments_pb.PAYMENT_STATE_VOIDED,
)  # fmt: skip


def check(wanted: payments_pb.TakePaymentRequest, found: pb.SplitSale | None = None) -> None:
    """Stands before every payment that may be a part. One that payments took already is found, not
    refused.

    found: its sale where it was read just now. Errors: Problem gate_closed; grpc.RpcError where
    payments cannot be asked.
    """
    if not wanted.split_sale_id:
        return
    try:
        asked = pb.GetSplitSaleRequest(split_sale_id=wanted.split_sale_id)
        found = found or stub(SplitSalesServiceStub).GetSplitSale(asked).split_sale
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return  # payments takes no part of it and says so, of each of several sales alone
        raise
    if not may_go_on(found) and not asked_before.is_known(wanted.request_id):
        raise Problem(409, shutting.REASON)


def may_go_on(found: pb.SplitSale) -> bool:
    """Tells whether the gate has nothing against the next part."""
    if not found.ticket_lines or any(part.state not in OVER for part in found.parts):
        return True
    return shut(found) is None


def shut(found: pb.SplitSale) -> dict[str, Any] | None:
    """Returns the closure that shuts the gate now; None for a ticket of another day."""
    return shutting.now(found.shop_place_id) if found.valid_date == today() else None


def today() -> str:
    """Returns the day in the area, as a sale in parts writes it."""
    return day_there().isoformat()
