"""Who may call what of PaymentsService, and how its refusals are told."""

import grpc

from kit.roles import ADMINS, AUDITORS, EVERYBODY, INSIDERS, PROGRAMS, SALES_READERS, TILLS
from kit.rpc import Allowed, Errors
from services.payments.domain import errors

NAME = "meguri.payments.v1.PaymentsService"
_LOOK = SALES_READERS | TILLS
# The secret is the right: signed in or not, whoever was handed the link reads that one receipt.
_LINKED = EVERYBODY
_COUNT = _LOOK | INSIDERS

ALLOWED: Allowed = {
    "ConfigureShops": ADMINS,
    "ListShops": _COUNT,
    "TakePayment": TILLS,
    "TakePayments": TILLS,
    "CapturePayment": TILLS,
    "VoidPayment": TILLS,
    "RefundPayment": TILLS,
    "FindRequest": TILLS,
    "GetPayment": _LOOK,
    "ListPayments": _LOOK,
    "ReadReceipt": _LOOK,
    "ReadLinkedReceipt": _LINKED,
    "ReadLinkedReturnInvoice": _LINKED,
    # No analysts: exact sums of single shops are not for them (decision 0088).
    "ReadTotals": _LOOK | PROGRAMS,
    "RecordAcquirerContract": ADMINS,
    "ListAcquirerContracts": AUDITORS,
    "ReceiveWebhook": PROGRAMS,
    "ProveLedger": AUDITORS | PROGRAMS,
    "ReadReturnInvoice": _LOOK,
    "RecordTaxFreeSale": TILLS,
    "SettleTaxFreeSale": TILLS,
    "RefundTaxFreeSale": TILLS,
    "ListTaxFreeSales": _LOOK,
    "MakeMerchantCode": TILLS,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    errors.UnknownShop: (_Code.NOT_FOUND, "UNKNOWN_SHOP"),
    errors.ShopNotYours: (_Code.PERMISSION_DENIED, "SHOP_NOT_YOURS"),
    errors.DeviceRevoked: (_Code.PERMISSION_DENIED, "DEVICE_REVOKED"),
    errors.TenderNotAccepted: (_Code.FAILED_PRECONDITION, "TENDER_NOT_ACCEPTED"),
    errors.GatewayAbsent: (_Code.FAILED_PRECONDITION, "GATEWAY_ABSENT"),
    errors.ContractMissing: (_Code.FAILED_PRECONDITION, "ACQUIRER_CONTRACT_MISSING"),
    errors.PracticeShopLiveGateway: (_Code.FAILED_PRECONDITION, "PRACTICE_SHOP_LIVE_GATEWAY"),
    errors.CaptureLaterUnsupported: (_Code.FAILED_PRECONDITION, "CAPTURE_LATER_UNSUPPORTED"),
    errors.ProviderRefundUnsupported: (_Code.FAILED_PRECONDITION, "PROVIDER_REFUND_UNSUPPORTED"),
    errors.NeedsConnection: (_Code.FAILED_PRECONDITION, "NEEDS_CONNECTION"),
    errors.WaitedTooLong: (_Code.FAILED_PRECONDITION, "WAITED_TOO_LONG"),
    errors.ClerkPinMissing: (_Code.PERMISSION_DENIED, "CLERK_PIN_MISSING"),
    errors.NoClerkWorks: (_Code.FAILED_PRECONDITION, "NO_CLERK_WORKS"),
    errors.UnknownProvider: (_Code.NOT_FOUND, "UNKNOWN_PROVIDER"),
    errors.WebhookMalformed: (_Code.INVALID_ARGUMENT, "WEBHOOK_MALFORMED"),
    errors.WebhookForged: (_Code.PERMISSION_DENIED, "WEBHOOK_FORGED"),
    errors.WebhookTooOld: (_Code.INVALID_ARGUMENT, "WEBHOOK_TOO_OLD"),
    errors.WebhookFromFuture: (_Code.INVALID_ARGUMENT, "WEBHOOK_FROM_FUTURE"),
    errors.WebhookMismatch: (_Code.FAILED_PRECONDITION, "WEBHOOK_MISMATCH"),
    errors.ReceiptLinkUnknown: (_Code.NOT_FOUND, "RECEIPT_LINK_UNKNOWN"),
    errors.ReceiptLinkLapsed: (_Code.NOT_FOUND, "RECEIPT_LINK_LAPSED"),
    errors.UnknownPayment: (_Code.NOT_FOUND, "UNKNOWN_PAYMENT"),
    errors.WrongState: (_Code.FAILED_PRECONDITION, "WRONG_STATE"),
    errors.Unresolved: (_Code.FAILED_PRECONDITION, "PAYMENT_UNRESOLVED"),
    errors.AmountTooLarge: (_Code.FAILED_PRECONDITION, "AMOUNT_TOO_LARGE"),
    errors.WrongBusinessDate: (_Code.FAILED_PRECONDITION, "WRONG_BUSINESS_DATE"),
    errors.ProviderRefused: (_Code.FAILED_PRECONDITION, "PROVIDER_REFUSED"),
    errors.TaxFreeNotPossible: (_Code.FAILED_PRECONDITION, "TAX_FREE_NOT_POSSIBLE"),
    errors.TaxFreeExpired: (_Code.FAILED_PRECONDITION, "TAX_FREE_EXPIRED"),
    errors.NoMerchantCode: (_Code.FAILED_PRECONDITION, "NO_MERCHANT_CODE"),
    errors.UnknownTaxFreeSale: (_Code.NOT_FOUND, "UNKNOWN_TAX_FREE_SALE"),
    errors.TicketWasAdmitted: (_Code.FAILED_PRECONDITION, "TICKET_ADMITTED"),
    errors.UnknownSplitSale: (_Code.NOT_FOUND, "UNKNOWN_SPLIT_SALE"),
    errors.SplitSaleEnded: (_Code.FAILED_PRECONDITION, "SPLIT_SALE_ENDED"),
    errors.SplitSaleOpen: (_Code.FAILED_PRECONDITION, "SPLIT_SALE_OPEN"),
    errors.SplitAmountTooLarge: (_Code.FAILED_PRECONDITION, "SPLIT_AMOUNT_TOO_LARGE"),
    errors.SplitBooksMixed: (_Code.FAILED_PRECONDITION, "SPLIT_BOOKS_MIXED"),
    errors.SplitPartUnderWay: (_Code.FAILED_PRECONDITION, "SPLIT_PART_UNDER_WAY"),
    errors.TooManyParts: (_Code.FAILED_PRECONDITION, "SPLIT_TOO_MANY_PARTS"),
}
