"""Names of shops that are no place of the map: what the wizard made is known to payments alone."""

import grpc

from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub


def name_shops(day: pb.Day) -> pb.Day:
    """Returns the day with a name at every shop that payments knows one of.

    Payments is asked only where a name is missing; while it is away the ids stay.
    """
    books = (day.live_payments, day.practice_payments)
    nameless = [cell for book in books for cell in book.by_shop.cells if not cell.names]
    if nameless:
        try:
            answer = stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest())
        except grpc.RpcError:
            return day
        known = {shop.shop_place_id: shop.names for shop in answer.shops}
        for cell in nameless:
            cell.names.update(known.get(cell.value, {}))
    return day
