"""The gRPC door of owners of shops: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ADMINS, OWNERS_ALONE, SHOP_OWNERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import shop_service_pb2 as pb
from meguri.insights.v1 import shop_service_pb2_grpc as pb_grpc
from services.insights.app import consents, shop_months
from services.insights.app.deps import Deps
from services.insights.domain.consent import Owner, ShopNotYours
from services.insights.wire import shop_months as months_wire
from services.insights.wire import shops as wire

NAME = "meguri.insights.v1.ShopService"

ALLOWED: Allowed = {
    "ReadShopConsents": SHOP_OWNERS,
    "SaveShopConsent": OWNERS_ALONE,
    "ReadShopMonth": SHOP_OWNERS,
}

ERRORS: Errors = {ShopNotYours: (grpc.StatusCode.PERMISSION_DENIED, "SHOP_NOT_YOURS")}


class ShopApi(pb_grpc.ShopServiceServicer):
    """Answers meguri.insights.v1.ShopService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadShopConsents(
        self, request: pb.ReadShopConsentsRequest, context: Any
    ) -> pb.ReadShopConsentsResponse:
        """What shops have decided."""
        found = await consents.read(self._deps, caller().area, _reader(), request.shop_place_id)
        return wire.consents_message(found)

    async def SaveShopConsent(
        self, request: pb.SaveShopConsentRequest, context: Any
    ) -> pb.SaveShopConsentResponse:
        """Decides."""
        version = await consents.save(
            self._deps, request_key(request), caller().area, Owner(caller().shops),
            request.shop_place_id, request.expected_version, request.signed_as,
            consents=request.consents,
        )  # fmt: skip
        return pb.SaveShopConsentResponse(version=version)

    async def ReadShopMonth(
        self, request: pb.ReadShopMonthRequest, context: Any
    ) -> pb.ReadShopMonthResponse:
        """A month of the area and of a shop."""
        found = await shop_months.read(
            self._deps, caller().area, _reader(), request.shop_place_id, request.month
        )
        return months_wire.month_message(found)


def _reader() -> Owner:
    """An admin reads all; whoever is bound to no shop is an owner of none."""
    return Owner(caller().shops, all=not caller().roles.isdisjoint(ADMINS))
