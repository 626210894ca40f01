"""Who may do what with people, places and money, written out: widening it must meet this test."""

import pytest

from kit.auth import EVERYBODY
from kit.rpc import Allowed
from services.directory import api as directory
from services.payments import api as payments
from services.payments.api import displays, office, register, tickets

EXPECTED = {
    "directory": {
        "ListAreas": "admin service", "ConfigureArea": "admin", "DropArea": "admin",
        "RecordPlaces": "admin", "ClosePlace": "admin editor", "ReopenPlace": "admin editor",
        "CreateUser": "admin", "ChangeUser": "admin", "ListUsers": "admin", "SignIn": "service",
        "ReadSession": "service", "SignOut": "service", "EnrollDevice": "admin",
        "ReadDevice": "admin service", "ListDevices": "admin", "RevokeDevice": "admin",
    },
    "payments": {
        "ConfigureShops": "admin",
        "ListShops": "accountant admin analyst clerk device service shop_owner",
        "TakePayment": "admin clerk device shop_owner",
        "TakePayments": "admin clerk device shop_owner",
        "CapturePayment": "admin clerk device shop_owner",
        "VoidPayment": "admin clerk device shop_owner",
        "RefundPayment": "admin clerk device shop_owner",
        "FindRequest": "admin clerk device shop_owner",
        "GetPayment": "accountant admin clerk device shop_owner",
        "ListPayments": "accountant admin clerk device shop_owner",
        "ReadReceipt": "accountant admin clerk device shop_owner",
        "ReadTotals": "accountant admin analyst clerk device service shop_owner",
        "RecordAcquirerContract": "admin",
        "ListAcquirerContracts": "accountant admin",
        "ReceiveWebhook": "service",
        "ProveLedger": "accountant admin service",
        "ReadReturnInvoice": "accountant admin clerk device shop_owner",
        "RecordTaxFreeSale": "admin clerk device shop_owner",
        "SettleTaxFreeSale": "admin clerk device shop_owner",
        "RefundTaxFreeSale": "admin clerk device shop_owner",
        "ListTaxFreeSales": "accountant admin clerk device shop_owner",
        "MakeMerchantCode": "admin clerk device shop_owner",
    },
    "office": {
        "ReadDay": "accountant admin shop_owner",
        "CloseDay": "accountant admin shop_owner",
        "ListCloses": "accountant admin shop_owner",
        "ReadClose": "accountant admin shop_owner",
        "ReconcileFile": "accountant admin shop_owner",
        "ListReconciliations": "accountant admin shop_owner",
        "ListFindings": "accountant admin shop_owner",
        "SettleFinding": "accountant admin shop_owner",
        "ReadSettlement": "accountant admin shop_owner",
        "ExportJournal": "accountant admin shop_owner",
        "VerifyAudit": "accountant admin service",
        "ReadLegalFigures": "accountant admin",
        "SetUpShop": "admin shop_owner",
        "ReplaceProducts": "admin shop_owner",
        "ListProducts": "accountant admin clerk device shop_owner",
        "PutClerk": "admin shop_owner",
        "ListClerks": "admin clerk device shop_owner",
        "CheckClerk": "admin clerk device shop_owner",
    },
    "tickets": {
        "ConfigurePriceClasses": "admin", "RotateTicketKey": "admin",
        "ListPriceClasses": "accountant admin clerk device service shop_owner",
        "ListTicketKeys": "accountant admin clerk device service shop_owner",
        "SellTicket": "admin clerk device shop_owner",
        "QuoteTicket": "admin clerk device shop_owner",
        "GetTicket": "accountant admin clerk device shop_owner",
        "AdmitTicket": "admin clerk device",
        "RecordAdmissions": "admin clerk device",
        "RecordOrigin": "admin clerk device",
        "ListAdmissionProblems": "accountant admin clerk device shop_owner",
        "SettleAdmissionProblem": "admin clerk device",
        "ListUnusedTickets": "accountant admin clerk device shop_owner",
        "RefundTickets": "admin clerk device shop_owner",
        "PrintTickets": "admin clerk device",
        "ListTicketBatches": "accountant admin clerk device shop_owner",
        "EnterPrintedTickets": "admin clerk device",
        "WithdrawPrintedTickets": "admin clerk device",
    },
    "register": {
        "MakeNoticeAddress": "admin shop_owner",
        "ListNoticeAddresses": "accountant admin shop_owner",
        "TurnNoticeSecret": "admin shop_owner",
        "SwitchNoticeAddress": "admin shop_owner",
        "TestNoticeAddress": "admin shop_owner",
        "RemoveNoticeAddress": "admin shop_owner",
        "ListNotices": "accountant admin shop_owner",
        "ReplayNotices": "admin shop_owner",
        "TakeRegisterJournal": "admin shop_owner",
        "ListRegisterImports": "accountant admin shop_owner",
        "UndoRegisterImport": "admin shop_owner",
    },
    "displays": {
        "OfferDisplay": "admin clerk shop_owner",
        "ListDisplays": "admin clerk shop_owner",
        "RemoveDisplay": "admin clerk shop_owner",
    },
}  # fmt: skip
OPEN = {"ReadArea", "ListPlaces", "ListClosures"}
# Whoever holds the secret of a receipt, or the code or secret of a screen at a counter.
OPEN |= {"ReadLinkedReceipt", "ReadLinkedReturnInvoice", "PairDisplay", "ReadDisplay"}


@pytest.mark.parametrize(
    ("service", "allowed"),
    [
        ("directory", directory.ALLOWED),
        ("payments", payments.ALLOWED),
        ("office", office.ALLOWED),
        ("tickets", tickets.ALLOWED),
        ("register", register.ALLOWED),
        ("displays", displays.ALLOWED),
    ],
)
def test_roles_of_every_method_are_as_written(service: str, allowed: Allowed) -> None:
    found = {
        method: " ".join(sorted(role.value for role in roles))
        for method, roles in allowed.items()
        if roles != EVERYBODY
    }
    assert found == EXPECTED[service]
    assert set(allowed) - set(found) <= OPEN
