"""Names of shops that are no place of the map: what the wizard made is known to payments alone."""

from collections.abc import Iterable

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
    alone = [shop for shop in day.live_payments.shop_takings if not shop.names]
    known = _known() if nameless or alone else {}
    for cell in nameless:
        cell.names.update(known.get(cell.value, {}))
    for shop in alone:
        shop.names.update(known.get(shop.shop_place_id, {}))
    return day


def name_closes(days: Iterable[pb.DayAgreement]) -> None:
    """Gives the shops of closes their names, likewise."""
    nameless = [shop for day in days for shop in day.closes if not shop.names]
    known = _known() if nameless else {}
    for shop in nameless:
        shop.names.update(known.get(shop.shop_place_id, {}))


def _known() -> dict[str, dict[str, str]]:
    try:
        answer = stub(PaymentsServiceStub).ListShops(payments_pb.ListShopsRequest())
    except grpc.RpcError:
        return {}
    return {shop.shop_place_id: dict(shop.names) for shop in answer.shops}
