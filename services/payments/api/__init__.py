"""The gRPC door of payments: decode, call the use case, encode."""

from typing import Any

from kit.pure.errors import InvalidFields
from kit.rpc import caller, request_key
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from services.payments import wire
from services.payments.api import sales
from services.payments.api.callers import who
from services.payments.api.table import ALLOWED, ERRORS, NAME
from services.payments.app import (
    asked_before,
    change,
    codes,
    contracts,
    invoices,
    reads,
    refund,
    shops,
    take,
    tax_free,
    webhook,
)
from services.payments.app.deps import Deps
from services.payments.domain.payment import Payment
from services.payments.domain.refund import Refund
from services.payments.domain.tax_free import TaxFreeSale
from services.payments.gateways.webhook import Webhook
from services.payments.wire import papers, settings

__all__ = ["ALLOWED", "ERRORS", "NAME", "PaymentsApi"]
WEBHOOK_LIMIT_BYTES = 256 * 1024


class PaymentsApi(pb_grpc.PaymentsServiceServicer):
    """Answers meguri.payments.v1.PaymentsService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def _payment(self, payment: Payment) -> pb.Payment:
        _, refunds = await reads.get_payment(
            self._deps, who(ALLOWED["GetPayment"]), payment.payment_id
        )
        return self._shown(payment, refunds)

    def _shown(self, payment: Payment, refunds: list[Refund]) -> pb.Payment:
        code = self._deps.codes.of(payment.payment_id, is_open=payment.pending is not None)
        return wire.payment_message(payment, refunds, self._deps.facts, code)

    async def ConfigureShops(
        self, request: pb.ConfigureShopsRequest, context: Any
    ) -> pb.ConfigureShopsResponse:
        """Creates or changes shops."""
        wanted = [settings.shop_value(shop) for shop in request.shops]
        configured, unchanged = await shops.configure_shops(
            self._deps, request_key(request), caller().area, wanted
        )
        return pb.ConfigureShopsResponse(
            configured_count=configured,
            unchanged_count=unchanged,
            doubtful_registration_shop_place_ids=shops.doubtful_registrations(wanted),
        )

    async def ListShops(self, request: pb.ListShopsRequest, context: Any) -> pb.ListShopsResponse:
        """The caller's shops."""
        found = await shops.list_shops(self._deps, who(ALLOWED["ListShops"]))
        return pb.ListShopsResponse(
            shops=[
                settings.shop_message(shop, version, self._deps.facts) for shop, version in found
            ]
        )

    async def TakePayment(
        self, request: pb.TakePaymentRequest, context: Any
    ) -> pb.TakePaymentResponse:
        """Takes a payment."""
        seller = who(ALLOWED["TakePayment"])
        sale = sales.sale_value(request, device=seller.device)
        taken = await take.take_payment(self._deps, request_key(request), seller, sale)
        if taken.repeated:  # it may have refunds by now
            payment = await self._payment(taken.payment)
            return pb.TakePaymentResponse(payment=payment, answered_before=True)
        return pb.TakePaymentResponse(payment=self._shown(taken.payment, []))

    async def TakePayments(
        self, request: pb.TakePaymentsRequest, context: Any
    ) -> pb.TakePaymentsResponse:
        """Takes sales that waited for a connection."""
        request_key(request)  # for its check; what makes repeats harmless is each sale's own id
        seller = who(ALLOWED["TakePayments"])
        wanted = [sales.waiting_value(each, device=seller.device) for each in request.sales]
        taken = await take.take_payments(self._deps, seller, wanted)
        answer, facts = pb.TakePaymentsResponse(), self._deps.facts
        for given, found in zip(request.sales, taken, strict=True):
            sales.fill_result(answer.results.add(), given.sale.request_id, found, facts, ERRORS)
        return answer

    async def FindRequest(
        self, request: pb.FindRequestRequest, context: Any
    ) -> pb.FindRequestResponse:
        """What became of one of the caller's own requests."""
        asker = who(ALLOWED["FindRequest"])
        found = await asked_before.find_request(self._deps, asker, request.request_id)
        return pb.FindRequestResponse(
            known=found.known, payment_id=found.payment_id, ticket_id=found.ticket_id,
            split_sale_id=found.split_sale_id,
        )  # fmt: skip

    async def CapturePayment(
        self, request: pb.CapturePaymentRequest, context: Any
    ) -> pb.CapturePaymentResponse:
        """Captures an authorization."""
        if request.amount_yen < 0:
            raise InvalidFields([("amount_yen", "give 0 for all, or at least 1 yen")])
        payment = await change.capture_payment(
            self._deps,
            request_key(request),
            who(ALLOWED["CapturePayment"]),
            request.payment_id,
            request.amount_yen,
        )
        return pb.CapturePaymentResponse(payment=await self._payment(payment))

    async def VoidPayment(
        self, request: pb.VoidPaymentRequest, context: Any
    ) -> pb.VoidPaymentResponse:
        """Cancels a payment."""
        payment = await change.void_payment(
            self._deps, request_key(request), who(ALLOWED["VoidPayment"]), request.payment_id,
            request.clerk_id, admitted_confirmed=request.admitted_confirmed,
        )  # fmt: skip
        return pb.VoidPaymentResponse(payment=await self._payment(payment))

    async def RefundPayment(
        self, request: pb.RefundPaymentRequest, context: Any
    ) -> pb.RefundPaymentResponse:
        """Gives money back."""
        done = await refund.refund_payment(
            self._deps,
            request_key(request),
            who(ALLOWED["RefundPayment"]),
            request.payment_id,
            request.amount_yen,
            wire.refund_channel_value(request.channel),
            request.reason,
            request.clerk_id,
            admitted_confirmed=request.admitted_confirmed,
        )
        payment, refunds = await reads.get_payment(
            self._deps, who(ALLOWED["RefundPayment"]), done.payment_id
        )
        return pb.RefundPaymentResponse(
            refund=wire.refund_message(done), payment=self._shown(payment, refunds)
        )

    async def GetPayment(
        self, request: pb.GetPaymentRequest, context: Any
    ) -> pb.GetPaymentResponse:
        """One payment."""
        payment, refunds = await reads.get_payment(
            self._deps, who(ALLOWED["GetPayment"]), request.payment_id
        )
        return pb.GetPaymentResponse(payment=self._shown(payment, refunds))

    async def ListPayments(
        self, request: pb.ListPaymentsRequest, context: Any
    ) -> pb.ListPaymentsResponse:
        """Payments, newest first."""
        page = await reads.list_payments(
            self._deps,
            who(ALLOWED["ListPayments"]),
            shop_place_id=request.shop_place_id,
            day=request.business_date,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return wire.page_message(page, self._deps.facts)

    async def ReadReceipt(
        self, request: pb.ReadReceiptRequest, context: Any
    ) -> pb.ReadReceiptResponse:
        """A qualified simplified invoice."""
        receipt = await reads.read_receipt(
            self._deps, who(ALLOWED["ReadReceipt"]), request.payment_id
        )
        return pb.ReadReceiptResponse(
            receipt=papers.receipt_message(receipt, self._deps.facts),
            link_secret=receipt.link_secret,
            link_expire_time=wire.timestamp(receipt.link_expire_time),
        )

    async def ReadLinkedReceipt(
        self, request: pb.ReadLinkedReceiptRequest, context: Any
    ) -> pb.ReadLinkedReceiptResponse:
        """The receipt behind a link."""
        receipt, returns = await invoices.read_linked_receipt(
            self._deps, caller().area, request.link_secret
        )
        return pb.ReadLinkedReceiptResponse(
            receipt=papers.receipt_message(receipt, self._deps.facts),
            link_expire_time=wire.timestamp(receipt.link_expire_time),
            returns=[papers.linked_return_message(each) for each in returns],
        )

    async def ReadLinkedReturnInvoice(
        self, request: pb.ReadLinkedReturnInvoiceRequest, context: Any
    ) -> pb.ReadLinkedReturnInvoiceResponse:
        """The return invoice of a refund of the sale behind a link."""
        found = await invoices.read_linked_return_invoice(
            self._deps, caller().area, request.link_secret, request.refund_id
        )
        return pb.ReadLinkedReturnInvoiceResponse(
            return_invoice=papers.return_invoice_message(found, self._deps.facts),
            link_expire_time=wire.timestamp(found.link_expire_time),
        )

    async def ReadTotals(
        self, request: pb.ReadTotalsRequest, context: Any
    ) -> pb.ReadTotalsResponse:
        """Sums of a day."""
        totals = await reads.read_totals(
            self._deps,
            who(ALLOWED["ReadTotals"]),
            day=request.business_date,
            shop_place_id=request.shop_place_id,
        )
        return wire.totals_message(totals)

    async def RecordAcquirerContract(
        self, request: pb.RecordAcquirerContractRequest, context: Any
    ) -> pb.RecordAcquirerContractResponse:
        """Records a contract with an acquirer."""
        contract = settings.contract_value(request.contract)
        contract_id = await contracts.record_contract(
            self._deps, request_key(request), who(ALLOWED["RecordAcquirerContract"]), contract
        )
        return pb.RecordAcquirerContractResponse(contract_id=contract_id)

    async def ListAcquirerContracts(
        self, request: pb.ListAcquirerContractsRequest, context: Any
    ) -> pb.ListAcquirerContractsResponse:
        """The contracts that hold."""
        found = await contracts.list_contracts(self._deps, who(ALLOWED["ListAcquirerContracts"]))
        return pb.ListAcquirerContractsResponse(
            contracts=[settings.contract_message(each) for each in found]
        )

    async def ReceiveWebhook(
        self, request: pb.ReceiveWebhookRequest, context: Any
    ) -> pb.ReceiveWebhookResponse:
        """A provider's webhook."""
        request_key(request)  # for its check; what makes repeats harmless is the event id inside
        if len(request.body) > WEBHOOK_LIMIT_BYTES:
            raise InvalidFields([("body", f"give at most {WEBHOOK_LIMIT_BYTES} bytes")])
        hook = Webhook(request.body, dict(request.headers))
        received = await webhook.receive_webhook(self._deps, request.provider, hook)
        name = f"WEBHOOK_OUTCOME_{received.name}"
        return pb.ReceiveWebhookResponse(outcome=pb.WebhookOutcome.Value(name))

    async def ProveLedger(
        self, request: pb.ProveLedgerRequest, context: Any
    ) -> pb.ProveLedgerResponse:
        """The ledger recomputed."""
        return wire.proof_message(await reads.prove_ledger(self._deps, who(ALLOWED["ProveLedger"])))

    async def ReadReturnInvoice(
        self, request: pb.ReadReturnInvoiceRequest, context: Any
    ) -> pb.ReadReturnInvoiceResponse:
        """What a refund took back, per tax rate."""
        found = await invoices.read_return_invoice(
            self._deps, who(ALLOWED["ReadReturnInvoice"]), request.refund_id
        )
        return pb.ReadReturnInvoiceResponse(
            return_invoice=papers.return_invoice_message(found, self._deps.facts),
            link_secret=found.link_secret,
            link_expire_time=wire.timestamp(found.link_expire_time),
        )

    async def RecordTaxFreeSale(
        self, request: pb.RecordTaxFreeSaleRequest, context: Any
    ) -> pb.RecordTaxFreeSaleResponse:
        """Records a tax-free sale."""
        sale = await tax_free.record_tax_free(
            self._deps,
            request_key(request),
            who(ALLOWED["RecordTaxFreeSale"]),
            request.payment_id,
            request.purchase_record_id,
            papers.serial_values(list(request.serials)),
        )
        return pb.RecordTaxFreeSaleResponse(tax_free_sale=await self._tax_free(sale))

    async def SettleTaxFreeSale(
        self, request: pb.SettleTaxFreeSaleRequest, context: Any
    ) -> pb.SettleTaxFreeSaleResponse:
        """What customs said."""
        sale = await tax_free.settle_tax_free(
            self._deps,
            request_key(request),
            who(ALLOWED["SettleTaxFreeSale"]),
            request.tax_free_sale_id,
            confirmed=request.confirmed,
            confirm_date=request.confirm_date,
        )
        return pb.SettleTaxFreeSaleResponse(tax_free_sale=await self._tax_free(sale))

    async def RefundTaxFreeSale(
        self, request: pb.RefundTaxFreeSaleRequest, context: Any
    ) -> pb.RefundTaxFreeSaleResponse:
        """Gives the tax back."""
        channel = wire.refund_channel_value(request.channel)
        done, sale = await tax_free.refund_tax_free(
            self._deps,
            request_key(request),
            who(ALLOWED["RefundTaxFreeSale"]),
            request.tax_free_sale_id,
            channel,
            request.clerk_id,
        )
        return pb.RefundTaxFreeSaleResponse(
            refund=wire.refund_message(done), tax_free_sale=await self._tax_free(sale)
        )

    async def ListTaxFreeSales(
        self, request: pb.ListTaxFreeSalesRequest, context: Any
    ) -> pb.ListTaxFreeSalesResponse:
        """Tax-free sales, newest first."""
        page = await tax_free.list_tax_free(
            self._deps,
            who(ALLOWED["ListTaxFreeSales"]),
            shop_place_id=request.shop_place_id,
            payment_id=request.payment_id,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        return pb.ListTaxFreeSalesResponse(
            tax_free_sales=[papers.tax_free_message(each, page.today) for each in page.sales],
            next_page_token=page.next_token,
        )

    async def MakeMerchantCode(
        self, request: pb.MakeMerchantCodeRequest, context: Any
    ) -> pb.MakeMerchantCodeResponse:
        """The payment code a shop shows."""
        if request.amount_yen < 0:
            raise InvalidFields([("amount_yen", "give 0 for a sticker, or at least 1 yen")])
        made = await codes.make_shop_code(
            self._deps, who(ALLOWED["MakeMerchantCode"]), request.shop_place_id, request.amount_yen
        )
        return pb.MakeMerchantCodeResponse(
            payload=made.payload, sample=made.sample, svg=made.svg, png=made.png
        )

    async def _tax_free(self, sale: TaxFreeSale) -> pb.TaxFreeSale:
        return papers.tax_free_message(sale, await tax_free.today_of(self._deps, sale.area))
