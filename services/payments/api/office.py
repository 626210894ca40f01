"""The gRPC door of the office: decode, call the use case, encode."""

from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from kit.pure.errors import InvalidFields
from kit.requests import RequestKey
from kit.roles import AUDITORS, OFFICE, PROGRAMS, SALES_READERS, SHOP_OWNERS, TILLS
from kit.rpc import Allowed, Errors, request_key
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import office_service_pb2_grpc as pb_grpc
from services.payments.api.callers import who
from services.payments.app.deps import Deps
from services.payments.app.office import books, close, reconcile, seal, setup, unconfirmed
from services.payments.domain import errors
from services.payments.domain.close import CashCount
from services.payments.gateways.signer import Signer
from services.payments.wire import office as office_wire
from services.payments.wire import settings

NAME = "meguri.payments.v1.OfficeService"

ALLOWED: Allowed = {
    "ReadDay": OFFICE,
    "CloseDay": OFFICE,
    "ListCloses": OFFICE,
    "ReadClose": OFFICE,
    "ReconcileFile": OFFICE,
    "ListReconciliations": OFFICE,
    "ListFindings": OFFICE,
    "SettleFinding": OFFICE,
    "ListUnconfirmedSales": OFFICE,
    "ReadSettlement": OFFICE,
    "ExportJournal": OFFICE,
    "VerifyAudit": AUDITORS | PROGRAMS,
    "ReadLegalFigures": AUDITORS,
    "SetUpShop": SHOP_OWNERS,
    "ReplaceProducts": SHOP_OWNERS,
    "ListProducts": SALES_READERS | TILLS,
    "PutClerk": SHOP_OWNERS,
    "ListClerks": TILLS,
    "CheckClerk": TILLS,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    errors.UnknownShop: (_Code.NOT_FOUND, "UNKNOWN_SHOP"),
    errors.ShopNotYours: (_Code.PERMISSION_DENIED, "SHOP_NOT_YOURS"),
    errors.UnknownClose: (_Code.NOT_FOUND, "UNKNOWN_CLOSE"),
    errors.NothingToClose: (_Code.FAILED_PRECONDITION, "DAY_NOT_BEGUN"),
    errors.FileEncodingUnknown: (_Code.INVALID_ARGUMENT, "FILE_ENCODING_UNKNOWN"),
    errors.FileUnreadable: (_Code.INVALID_ARGUMENT, "FILE_UNREADABLE"),
    errors.UnknownFinding: (_Code.NOT_FOUND, "UNKNOWN_FINDING"),
    errors.UnknownClerk: (_Code.NOT_FOUND, "UNKNOWN_CLERK"),
    errors.ClerkResting: (_Code.FAILED_PRECONDITION, "CLERK_RESTING"),
    errors.NotYourSetting: (_Code.PERMISSION_DENIED, "NOT_YOUR_SETTING"),
}

_ENCODINGS = {pb.ENCODING_UNSPECIFIED: "utf-8", pb.ENCODING_UTF8: "utf-8",
              pb.ENCODING_SHIFT_JIS: "shift_jis"}  # fmt: skip

Request = TypeVar("Request", pb.PutClerkRequest, pb.CheckClerkRequest)


def _key_without_pin(request: Request) -> RequestKey:
    """A PIN is no part of what is hashed: four digits are found from a fast hash at once."""
    bare: Message = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("pin")
    return request_key(bare)


class OfficeApi(pb_grpc.OfficeServiceServicer):
    """Answers meguri.payments.v1.OfficeService."""

    def __init__(self, deps: Deps, signer: Signer) -> None:
        self._deps, self._signer = deps, signer

    async def ReadDay(self, request: pb.ReadDayRequest, context: Any) -> pb.ReadDayResponse:
        """X report."""
        report = await close.read_day(
            self._deps, who(ALLOWED["ReadDay"]), request.shop_place_id, request.business_date
        )
        return office_wire.day_message(report)

    async def CloseDay(self, request: pb.CloseDayRequest, context: Any) -> pb.CloseDayResponse:
        """Daily close."""
        count = CashCount(
            float_yen=request.float_yen, counted_yen=request.counted_yen, reason=request.reason
        )
        made = await close.close_day(
            self._deps, request_key(request), who(ALLOWED["CloseDay"]), request.shop_place_id,
            request.business_date, count if request.counted else None,
        )  # fmt: skip
        return pb.CloseDayResponse(close=office_wire.close_message(made))

    async def ListCloses(
        self, request: pb.ListClosesRequest, context: Any
    ) -> pb.ListClosesResponse:
        """Closes and what waits."""
        found = await close.list_closes(
            self._deps,
            who(ALLOWED["ListCloses"]),
            request.shop_place_id,
            request.first_date,
            request.last_date,
        )
        return office_wire.overview_message(found)

    async def ReadClose(self, request: pb.ReadCloseRequest, context: Any) -> pb.ReadCloseResponse:
        """One close."""
        found, _shop, practice = await close.read_close(
            self._deps, who(ALLOWED["ReadClose"]), request.close_id
        )
        return pb.ReadCloseResponse(
            close=office_wire.close_message(found),
            practice_sales=office_wire.counts_message(practice),
        )

    async def ReconcileFile(
        self, request: pb.ReconcileFileRequest, context: Any
    ) -> pb.ReconcileFileResponse:
        """A provider's file against the journal."""
        sent = await reconcile.reconcile(
            self._deps, request_key(request), who(ALLOWED["ReconcileFile"]),
            reconcile.File(
                name=request.file_name, content=request.content, mapping=request.mapping,
                shop_place_id=request.shop_place_id,
            ),
        )  # fmt: skip
        listed = await reconcile.with_counts(
            self._deps, who(ALLOWED["ReconcileFile"]), sent.reconciliation
        )
        return pb.ReconcileFileResponse(
            reconciliation=office_wire.reconciliation_message(listed), sent_before=sent.before
        )

    async def ListReconciliations(
        self, request: pb.ListReconciliationsRequest, context: Any
    ) -> pb.ListReconciliationsResponse:
        """The latest files."""
        found = await reconcile.list_reconciliations(
            self._deps, who(ALLOWED["ListReconciliations"])
        )
        return pb.ListReconciliationsResponse(
            reconciliations=[office_wire.reconciliation_message(each) for each in found]
        )

    async def ListFindings(
        self, request: pb.ListFindingsRequest, context: Any
    ) -> pb.ListFindingsResponse:
        """The work list."""
        rows, token = await reconcile.list_findings(
            self._deps, who(ALLOWED["ListFindings"]), shop_place_id=request.shop_place_id,
            reconciliation_id=request.reconciliation_id, settled=request.settled,
            page_size=request.page_size, page_token=request.page_token,
        )  # fmt: skip
        return pb.ListFindingsResponse(
            findings=[office_wire.finding_message(row) for row in rows], next_page_token=token
        )

    async def SettleFinding(
        self, request: pb.SettleFindingRequest, context: Any
    ) -> pb.SettleFindingResponse:
        """A finding off the list."""
        row = await reconcile.settle_finding(
            self._deps,
            request_key(request),
            who(ALLOWED["SettleFinding"]),
            request.finding_id,
            request.note,
        )
        return pb.SettleFindingResponse(finding=office_wire.finding_message(row))

    async def ListUnconfirmedSales(
        self, request: pb.ListUnconfirmedSalesRequest, context: Any
    ) -> pb.ListUnconfirmedSalesResponse:
        """What waits for a provider's word."""
        found = await unconfirmed.list_unconfirmed(
            self._deps, who(ALLOWED["ListUnconfirmedSales"]), request.shop_place_id
        )
        return office_wire.unconfirmed_message(found)

    async def ReadSettlement(
        self, request: pb.ReadSettlementRequest, context: Any
    ) -> pb.ReadSettlementResponse:
        """What lies at each provider."""
        found = await books.read_settlement(
            self._deps,
            who(ALLOWED["ReadSettlement"]),
            request.shop_place_id,
            request.first_date,
            request.last_date,
        )
        return office_wire.settlement_message(found)

    async def ExportJournal(
        self, request: pb.ExportJournalRequest, context: Any
    ) -> pb.ExportJournalResponse:
        """The journal as CSV."""
        if request.encoding not in _ENCODINGS:
            raise InvalidFields([("encoding", "this encoding is not known")])
        content, count = await books.export_journal(
            self._deps, who(ALLOWED["ExportJournal"]),
            request.shop_place_id, request.first_date, request.last_date,
            _ENCODINGS[request.encoding],
        )  # fmt: skip
        return pb.ExportJournalResponse(content=content, entry_count=count)

    async def VerifyAudit(
        self, request: pb.VerifyAuditRequest, context: Any
    ) -> pb.VerifyAuditResponse:
        """The audit chain recomputed."""
        return office_wire.audit_message(
            await seal.verify(self._deps, self._signer, who(ALLOWED["VerifyAudit"]))
        )

    async def ReadLegalFigures(
        self, request: pb.ReadLegalFiguresRequest, context: Any
    ) -> pb.ReadLegalFiguresResponse:
        """Unused balances."""
        return office_wire.legal_message(
            await books.read_legal_figures(self._deps, who(ALLOWED["ReadLegalFigures"]))
        )

    async def SetUpShop(self, request: pb.SetUpShopRequest, context: Any) -> pb.SetUpShopResponse:
        """One shop."""
        done = await setup.set_up_shop(
            self._deps,
            request_key(request),
            who(ALLOWED["SetUpShop"]),
            settings.shop_value(request.shop),
        )
        shop = settings.shop_message(done.shop, done.version, self._deps.facts)
        return pb.SetUpShopResponse(shop=shop, doubts=done.doubts)

    async def ReplaceProducts(
        self, request: pb.ReplaceProductsRequest, context: Any
    ) -> pb.ReplaceProductsResponse:
        """The products of a shop."""
        wanted = [office_wire.product_value(each) for each in request.products]
        count = await setup.replace_products(
            self._deps,
            request_key(request),
            who(ALLOWED["ReplaceProducts"]),
            request.shop_place_id,
            wanted,
        )
        return pb.ReplaceProductsResponse(product_count=count)

    async def ListProducts(
        self, request: pb.ListProductsRequest, context: Any
    ) -> pb.ListProductsResponse:
        """The products of a shop."""
        found = await setup.list_products(
            self._deps, who(ALLOWED["ListProducts"]), request.shop_place_id
        )
        return pb.ListProductsResponse(
            products=[office_wire.product_message(each) for each in found]
        )

    async def PutClerk(self, request: pb.PutClerkRequest, context: Any) -> pb.PutClerkResponse:
        """A clerk."""
        clerk_id = await setup.put_clerk(
            self._deps, _key_without_pin(request), who(ALLOWED["PutClerk"]),
            request.shop_place_id, request.clerk_id,
            request.display_name, request.pin, disabled=request.disabled,
        )  # fmt: skip
        return pb.PutClerkResponse(clerk_id=clerk_id)

    async def ListClerks(
        self, request: pb.ListClerksRequest, context: Any
    ) -> pb.ListClerksResponse:
        """The clerks of a shop."""
        found = await setup.list_clerks(
            self._deps, who(ALLOWED["ListClerks"]), request.shop_place_id
        )
        now = self._deps.clock.now()
        return pb.ListClerksResponse(
            clerks=[office_wire.clerk_message(each, now) for each in found]
        )

    async def CheckClerk(
        self, request: pb.CheckClerkRequest, context: Any
    ) -> pb.CheckClerkResponse:
        """A PIN tried. The id is asked for and not kept: a PIN typed twice is two tries."""
        _key_without_pin(request)
        right = await setup.check_clerk(
            self._deps,
            who(ALLOWED["CheckClerk"]),
            request.shop_place_id,
            request.clerk_id,
            request.pin,
        )
        return pb.CheckClerkResponse(right=right)
