"""The gRPC door of payments: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.auth import Role
from kit.pure.errors import InvalidFields
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from services.payments import wire
from services.payments.app import change, reads, refund, shops, take
from services.payments.app.deps import Deps
from services.payments.app.units import Sale
from services.payments.app.who import Who
from services.payments.domain import errors
from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment

_TAKE = frozenset({Role.CLERK, Role.SHOP_OWNER, Role.ADMIN, Role.DEVICE})
_LOOK = _TAKE | {Role.ACCOUNTANT}
_COUNT = _LOOK | {Role.ANALYST, Role.SERVICE}

ALLOWED: Allowed = {
    "ConfigureShops": frozenset({Role.ADMIN}),
    "ListShops": _COUNT,
    "TakePayment": _TAKE,
    "CapturePayment": _TAKE,
    "VoidPayment": _TAKE,
    "RefundPayment": _TAKE,
    "GetPayment": _LOOK,
    "ListPayments": _LOOK,
    "ReadReceipt": _LOOK,
    "ReadTotals": _COUNT,
    "ProveLedger": frozenset({Role.ACCOUNTANT, Role.ADMIN, Role.SERVICE}),
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    errors.UnknownShop: (_Code.NOT_FOUND, "UNKNOWN_SHOP"),
    errors.ShopNotYours: (_Code.PERMISSION_DENIED, "SHOP_NOT_YOURS"),
    errors.DeviceRevoked: (_Code.PERMISSION_DENIED, "DEVICE_REVOKED"),
    errors.TenderNotAccepted: (_Code.FAILED_PRECONDITION, "TENDER_NOT_ACCEPTED"),
    errors.GatewayAbsent: (_Code.FAILED_PRECONDITION, "GATEWAY_ABSENT"),
    errors.UnknownPayment: (_Code.NOT_FOUND, "UNKNOWN_PAYMENT"),
    errors.WrongState: (_Code.FAILED_PRECONDITION, "WRONG_STATE"),
    errors.Unresolved: (_Code.FAILED_PRECONDITION, "PAYMENT_UNRESOLVED"),
    errors.AmountTooLarge: (_Code.FAILED_PRECONDITION, "AMOUNT_TOO_LARGE"),
    errors.WrongBusinessDate: (_Code.FAILED_PRECONDITION, "WRONG_BUSINESS_DATE"),
    errors.ProviderRefused: (_Code.FAILED_PRECONDITION, "PROVIDER_REFUSED"),
}


def _who() -> Who:
    known = caller()
    device = Role.DEVICE in known.roles
    return Who(area=known.area, principal=known.principal, shops=known.shops, device=device)


class PaymentsApi(pb_grpc.PaymentsServiceServicer):
    """Answers meguri.payments.v1.PaymentsService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def _payment(self, payment: Payment) -> pb.Payment:
        _, refunds = await reads.get_payment(self._deps, _who(), payment.payment_id)
        return wire.payment_message(payment, refunds)

    async def ConfigureShops(
        self, request: pb.ConfigureShopsRequest, context: Any
    ) -> pb.ConfigureShopsResponse:
        """Creates or changes shops."""
        wanted = [wire.shop_value(shop) for shop in request.shops]
        configured, unchanged = await shops.configure_shops(
            self._deps, request_key(request), caller().area, wanted
        )
        return pb.ConfigureShopsResponse(configured_count=configured, unchanged_count=unchanged)

    async def ListShops(self, request: pb.ListShopsRequest, context: Any) -> pb.ListShopsResponse:
        """The caller's shops."""
        found = await shops.list_shops(self._deps, _who())
        return pb.ListShopsResponse(
            shops=[wire.shop_message(shop, version, self._deps.facts) for shop, version in found]
        )

    async def TakePayment(
        self, request: pb.TakePaymentRequest, context: Any
    ) -> pb.TakePaymentResponse:
        """Takes a payment."""
        if request.capture not in pb.CaptureMode.values():
            raise InvalidFields([("capture", "this mode is not known")])
        who = _who()
        sale = Sale(
            shop_place_id=request.shop_place_id,
            tender=wire.tender_value(request.tender),
            amount_yen=request.amount_yen,
            capture_at_once=request.capture != pb.CAPTURE_MODE_LATER,
            items=wire.item_values(list(request.items)),
            gateway=request.gateway,
            channel=Channel.REGISTER if who.device else Channel.TILL,
        )
        taken = await take.take_payment(self._deps, request_key(request), who, sale)
        if taken.repeated:  # it may have refunds by now
            return pb.TakePaymentResponse(payment=await self._payment(taken.payment))
        return pb.TakePaymentResponse(payment=wire.payment_message(taken.payment, []))

    async def CapturePayment(
        self, request: pb.CapturePaymentRequest, context: Any
    ) -> pb.CapturePaymentResponse:
        """Captures an authorization."""
        if request.amount_yen < 0:
            raise InvalidFields([("amount_yen", "give 0 for all, or at least 1 yen")])
        payment = await change.capture_payment(
            self._deps, request_key(request), _who(), request.payment_id, request.amount_yen
        )
        return pb.CapturePaymentResponse(payment=await self._payment(payment))

    async def VoidPayment(
        self, request: pb.VoidPaymentRequest, context: Any
    ) -> pb.VoidPaymentResponse:
        """Cancels a payment."""
        payment = await change.void_payment(
            self._deps, request_key(request), _who(), request.payment_id
        )
        return pb.VoidPaymentResponse(payment=await self._payment(payment))

    async def RefundPayment(
        self, request: pb.RefundPaymentRequest, context: Any
    ) -> pb.RefundPaymentResponse:
        """Gives money back."""
        done = await refund.refund_payment(
            self._deps,
            request_key(request),
            _who(),
            request.payment_id,
            request.amount_yen,
            wire.refund_channel_value(request.channel),
            request.reason,
        )
        payment, refunds = await reads.get_payment(self._deps, _who(), done.payment_id)
        return pb.RefundPaymentResponse(
            refund=wire.refund_message(done), payment=wire.payment_message(payment, refunds)
        )

    async def GetPayment(
        self, request: pb.GetPaymentRequest, context: Any
    ) -> pb.GetPaymentResponse:
        """One payment."""
        payment, refunds = await reads.get_payment(self._deps, _who(), request.payment_id)
        return pb.GetPaymentResponse(payment=wire.payment_message(payment, refunds))

    async def ListPayments(
        self, request: pb.ListPaymentsRequest, context: Any
    ) -> pb.ListPaymentsResponse:
        """Payments, newest first."""
        page = await reads.list_payments(
            self._deps,
            _who(),
            shop_place_id=request.shop_place_id,
            day=request.business_date,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return wire.page_message(page)

    async def ReadReceipt(
        self, request: pb.ReadReceiptRequest, context: Any
    ) -> pb.ReadReceiptResponse:
        """A qualified simplified invoice."""
        receipt = await reads.read_receipt(self._deps, _who(), request.payment_id)
        return pb.ReadReceiptResponse(receipt=wire.receipt_message(receipt, self._deps.facts))

    async def ReadTotals(
        self, request: pb.ReadTotalsRequest, context: Any
    ) -> pb.ReadTotalsResponse:
        """Sums of a day."""
        totals = await reads.read_totals(
            self._deps, _who(), day=request.business_date, shop_place_id=request.shop_place_id
        )
        return wire.totals_message(totals)

    async def ProveLedger(
        self, request: pb.ProveLedgerRequest, context: Any
    ) -> pb.ProveLedgerResponse:
        """The ledger recomputed."""
        return wire.proof_message(await reads.prove_ledger(self._deps, _who()))
