"""The gRPC door of split sales: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import SALES_READERS, TILLS
from kit.rpc import Allowed, Errors, request_key
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import split_sales_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2_grpc as pb_grpc
from services.payments import wire
from services.payments.api import ERRORS as PAYMENT_ERRORS
from services.payments.api.callers import who
from services.payments.app import split_sale
from services.payments.app.deps import Deps
from services.payments.domain.errors import PriceChanged
from services.payments.domain.payment import Payment
from services.payments.domain.refund import Refund
from services.payments.domain.split_sale import SplitSale
from services.payments.wire.split_sales import opening_value, sale_message

NAME = "meguri.payments.v1.SplitSalesService"
ALLOWED: Allowed = {
    "OpenSplitSale": TILLS,
    "GetSplitSale": SALES_READERS | TILLS,
    "ListUnfinishedSplitSales": SALES_READERS | TILLS,
    "GiveBackSplitSale": TILLS,
}
ERRORS: Errors = {
    **PAYMENT_ERRORS,
    PriceChanged: (grpc.StatusCode.FAILED_PRECONDITION, "PRICE_CHANGED"),
}


class SplitSalesApi(pb_grpc.SplitSalesServiceServicer):
    """Answers meguri.payments.v1.SplitSalesService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def OpenSplitSale(
        self, request: pb.OpenSplitSaleRequest, context: Any
    ) -> pb.OpenSplitSaleResponse:
        """Opens a split sale."""
        sale = await split_sale.open_split_sale(
            self._deps, request_key(request), who(ALLOWED["OpenSplitSale"]), opening_value(request)
        )
        return pb.OpenSplitSaleResponse(split_sale=await self._shown(sale))

    async def GetSplitSale(
        self, request: pb.GetSplitSaleRequest, context: Any
    ) -> pb.GetSplitSaleResponse:
        """A split sale with its parts."""
        sale, refunds = await split_sale.read_split_sale(
            self._deps, who(ALLOWED["GetSplitSale"]), request.split_sale_id
        )
        return pb.GetSplitSaleResponse(split_sale=sale_message(sale, refunds, self._part))

    async def ListUnfinishedSplitSales(
        self, request: pb.ListUnfinishedSplitSalesRequest, context: Any
    ) -> pb.ListUnfinishedSplitSalesResponse:
        """What is left half paid at a shop."""
        found, refunds = await split_sale.list_unfinished(
            self._deps, who(ALLOWED["ListUnfinishedSplitSales"]), request.shop_place_id,
            request.business_date,
        )  # fmt: skip
        sales = [sale_message(sale, refunds, self._part) for sale in found]
        return pb.ListUnfinishedSplitSalesResponse(split_sales=sales)

    async def GiveBackSplitSale(
        self, request: pb.GiveBackSplitSaleRequest, context: Any
    ) -> pb.GiveBackSplitSaleResponse:
        """Gives all parts back."""
        sale = await split_sale.give_back(
            self._deps, request_key(request), who(ALLOWED["GiveBackSplitSale"]),
            request.split_sale_id, request.clerk_id,
            admitted_confirmed=request.admitted_confirmed,
        )  # fmt: skip
        return pb.GiveBackSplitSaleResponse(split_sale=await self._shown(sale))

    async def _shown(self, sale: SplitSale) -> pb.SplitSale:
        seen, refunds = await split_sale.read_split_sale(
            self._deps, who(ALLOWED["GetSplitSale"]), sale.split_sale_id
        )
        return sale_message(seen, refunds, self._part)

    def _part(self, part: Payment, refunds: list[Refund]) -> payments_pb.Payment:
        code = self._deps.codes.of(part.payment_id, is_open=part.pending is not None)
        return wire.payment_message(part, refunds, self._deps.facts, code)
