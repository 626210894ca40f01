"""The gRPC door of customer displays: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import EVERYBODY, SELLERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.payments.v1 import display_service_pb2 as pb
from meguri.payments.v1 import display_service_pb2_grpc as pb_grpc
from services.payments import wire
from services.payments.api.callers import who
from services.payments.app import codes, displays
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.domain import errors
from services.payments.domain.display import Display

NAME = "meguri.payments.v1.DisplayService"
# A screen at a counter is nobody: its code, and then its secret, is its right.
_SCREEN = EVERYBODY

ALLOWED: Allowed = {
    "OfferDisplay": SELLERS,
    "PairDisplay": _SCREEN,
    "ReadDisplay": _SCREEN,
    "ListDisplays": SELLERS,
    "RemoveDisplay": SELLERS,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    errors.UnknownShop: (_Code.NOT_FOUND, "UNKNOWN_SHOP"),
    errors.ShopNotYours: (_Code.PERMISSION_DENIED, "SHOP_NOT_YOURS"),
    errors.DisplayCodeUnknown: (_Code.NOT_FOUND, "DISPLAY_CODE_UNKNOWN"),
    errors.DisplayUnknown: (_Code.NOT_FOUND, "DISPLAY_UNKNOWN"),
    errors.NoMerchantCode: (_Code.FAILED_PRECONDITION, "NO_MERCHANT_CODE"),
    errors.TooManyDisplays: (_Code.FAILED_PRECONDITION, "TOO_MANY_DISPLAYS"),
}


def _display(display: Display) -> pb.Display:
    return pb.Display(
        display_id=display.display_id, shop_place_id=display.shop_place_id,
        counter_id=display.counter_id,
        pair_time=wire.timestamp(display.pair_time) if display.pair_time else None,
    )  # fmt: skip


class DisplayApi(pb_grpc.DisplayServiceServicer):
    """Answers meguri.payments.v1.DisplayService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def OfferDisplay(
        self, request: pb.OfferDisplayRequest, context: Any
    ) -> pb.OfferDisplayResponse:
        """Makes a code."""
        code, expire_time = await displays.offer(
            self._deps, request_key(request), who(ALLOWED["OfferDisplay"]), request.shop_place_id,
            request.counter_id,
        )  # fmt: skip
        return pb.OfferDisplayResponse(code=code, expire_time=wire.timestamp(expire_time))

    async def PairDisplay(
        self, request: pb.PairDisplayRequest, context: Any
    ) -> pb.PairDisplayResponse:
        """Pairs a screen."""
        display, secret = await displays.pair(
            self._deps, request_key(request), caller().area, request.code
        )
        return pb.PairDisplayResponse(display=_display(display), display_secret=secret)

    async def ReadDisplay(
        self, request: pb.ReadDisplayRequest, context: Any
    ) -> pb.ReadDisplayResponse:
        """What a display may know."""
        seen = await displays.read(
            self._deps, caller().area, request.display_secret, request.payment_id
        )
        answer = pb.ReadDisplayResponse(
            display=_display(seen.display), link_secret=seen.link_secret
        )
        if seen.payment is not None:
            code = self._deps.codes.of(
                seen.payment.payment_id, is_open=seen.payment.pending is not None
            )
            answer.payment.CopyFrom(
                wire.payment_message(seen.payment, list(seen.refunds), self._deps.facts, code)
            )
        if request.merchant_code_yen:
            shop_place_id = seen.display.shop_place_id
            its_shop = Who(
                area=caller().area, principal="display", shops=frozenset({shop_place_id}),
                device=False,
            )  # fmt: skip
            made = await codes.make_shop_code(
                self._deps, its_shop, shop_place_id, request.merchant_code_yen
            )
            answer.merchant_code_svg = made.svg
        return answer

    async def ListDisplays(
        self, request: pb.ListDisplaysRequest, context: Any
    ) -> pb.ListDisplaysResponse:
        """The displays of a shop."""
        found = await displays.list_displays(
            self._deps, who(ALLOWED["ListDisplays"]), request.shop_place_id
        )
        return pb.ListDisplaysResponse(displays=[_display(each) for each in found])

    async def RemoveDisplay(
        self, request: pb.RemoveDisplayRequest, context: Any
    ) -> pb.RemoveDisplayResponse:
        """Ends a pairing."""
        await displays.remove(
            self._deps, request_key(request), who(ALLOWED["RemoveDisplay"]), request.display_id
        )
        return pb.RemoveDisplayResponse()
