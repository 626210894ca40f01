"""The gates of the caller: places that admit by ticket."""

from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from meguri.payments.v1.tickets_service_pb2_grpc import TicketsServiceStub
from services.edge.clients import stub


def all_gates() -> dict[str, payments_pb.Shop]:
    """Returns the caller's places that admit, by id."""
    shops = stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest()).shops
    found = stub(TicketsServiceStub).ListPriceClasses(pb.ListPriceClassesRequest())
    admitting = {gate for each in found.price_classes for gate in each.gate_place_ids}
    return {shop.shop_place_id: shop for shop in shops if shop.shop_place_id in admitting}
