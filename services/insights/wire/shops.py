"""Shops' decisions on the wire."""

from collections.abc import Iterable

from meguri.insights.v1 import shop_service_pb2 as pb
from services.insights.domain.consent import Decision
from services.insights.domain.sales import LEAST_SHOPS, MOST_SHARE_PERCENT
from services.insights.wire import timestamp


def consents_message(found: Iterable[Decision]) -> pb.ReadShopConsentsResponse:
    """Decisions."""
    return pb.ReadShopConsentsResponse(
        consents=[
            pb.ShopConsent(
                shop_place_id=each.shop_place_id, version=each.number, consents=each.consents,
                signed_as=each.signed_as, decide_time=timestamp(each.at),
            )
            for each in found
        ],
        least_shops=LEAST_SHOPS, most_share_percent=MOST_SHARE_PERCENT,
    )  # fmt: skip
