"""The gRPC door of tickets: decode, call the use case, encode."""

from datetime import UTC, date
from typing import Any

import grpc

from kit import texts
from kit.pure.errors import InvalidFields, Refusal
from kit.roles import ADMINS, ASSOCIATION, GATES, PROGRAMS, SALES_READERS, TILLS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2_grpc as pb_grpc
from services.payments import wire
from services.payments.api import ERRORS as PAYMENT_ERRORS
from services.payments.api.callers import who
from services.payments.app import ticket_back, ticket_gate, ticket_keys, ticket_print, ticket_sale
from services.payments.app.deps import Deps
from services.payments.app.ticket_sale import Party
from services.payments.domain import errors
from services.payments.domain.business_day import read_date
from services.payments.wire import tickets as ticket_wire

NAME = "meguri.payments.v1.TicketsService"
_LOOK = SALES_READERS | TILLS

ALLOWED: Allowed = {
    "ConfigurePriceClasses": ADMINS,
    "ListPriceClasses": _LOOK | PROGRAMS,
    "ListTicketKeys": _LOOK | PROGRAMS,
    "RotateTicketKey": ADMINS,
    "SellTicket": TILLS,
    "QuoteTicket": TILLS,
    "GetTicket": _LOOK,
    "AdmitTicket": GATES,
    "RecordAdmissions": GATES,
    "RecordOrigin": GATES,
    "ListAdmissionProblems": _LOOK,
    "SettleAdmissionProblem": GATES,
    "ListUnusedTickets": _LOOK,
    "CountUnusedTickets": ASSOCIATION,
    "RefundTickets": TILLS,
    "PrintTickets": GATES,
    "ListTicketBatches": _LOOK,
    "EnterPrintedTickets": GATES,
    "WithdrawPrintedTickets": GATES,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    **PAYMENT_ERRORS,
    errors.PriceChanged: (_Code.FAILED_PRECONDITION, "PRICE_CHANGED"),
    errors.UnknownTicket: (_Code.NOT_FOUND, "UNKNOWN_TICKET"),
    errors.UnknownGate: (_Code.NOT_FOUND, "UNKNOWN_GATE"),
    errors.TicketEntered: (_Code.FAILED_PRECONDITION, "TICKET_ENTERED"),
}


def _date(field: str, text: str) -> date | None:
    return read_date(field, text) if text else None


def _reason(refusal: Refusal | None) -> str:
    if refusal is None:
        return ""
    known = ERRORS.get(type(refusal))
    return known[1] if known else "REFUSED"


class TicketsApi(pb_grpc.TicketsServiceServicer):
    """Answers meguri.payments.v1.TicketsService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ConfigurePriceClasses(
        self, request: pb.ConfigurePriceClassesRequest, context: Any
    ) -> pb.ConfigurePriceClassesResponse:
        """Creates or changes price classes."""
        wanted = [ticket_wire.class_value(each) for each in request.price_classes]
        configured, unchanged = await ticket_keys.configure_classes(
            self._deps, request_key(request), caller().area, wanted
        )
        return pb.ConfigurePriceClassesResponse(
            configured_count=configured, unchanged_count=unchanged
        )

    async def ListPriceClasses(
        self, request: pb.ListPriceClassesRequest, context: Any
    ) -> pb.ListPriceClassesResponse:
        """The price classes of the area."""
        found = await ticket_keys.list_classes(self._deps, caller().area)
        return pb.ListPriceClassesResponse(
            price_classes=[ticket_wire.class_message(each) for each in found]
        )

    async def ListTicketKeys(
        self, request: pb.ListTicketKeysRequest, context: Any
    ) -> pb.ListTicketKeysResponse:
        """The public keys of the area."""
        found = await ticket_keys.list_keys(self._deps, caller().area)
        return pb.ListTicketKeysResponse(keys=ticket_wire.key_messages(found))

    async def RotateTicketKey(
        self, request: pb.RotateTicketKeyRequest, context: Any
    ) -> pb.RotateTicketKeyResponse:
        """A new signing key."""
        found = await ticket_keys.rotate(
            self._deps, request_key(request), caller().area, revoke_older=request.revoke_older
        )
        return pb.RotateTicketKeyResponse(keys=ticket_wire.key_messages(found))

    async def SellTicket(
        self, request: pb.SellTicketRequest, context: Any
    ) -> pb.SellTicketResponse:
        """Sells a party's ticket."""
        party = Party(
            gate_place_id=request.gate_place_id,
            lines=[(line.class_id, line.persons) for line in request.lines],
            told_yen=request.amount_yen,
            day=_date("valid_date", request.valid_date),
            voucher=request.voucher,
            clerk_id=request.clerk_id,
        )
        tender = wire.tender_value(request.tender) if request.tender else None
        known = await ticket_sale.sell_ticket(
            self._deps,
            request_key(request),
            who(ALLOWED["SellTicket"]),
            party,
            tender,
            request.gateway,
        )
        payment = (
            wire.payment_message(known.payment, [], self._deps.facts) if known.payment else None
        )
        return pb.SellTicketResponse(ticket=ticket_wire.ticket_message(known), payment=payment)

    async def QuoteTicket(
        self, request: pb.QuoteTicketRequest, context: Any
    ) -> pb.QuoteTicketResponse:
        """What a party costs."""
        party = Party(
            gate_place_id=request.gate_place_id,
            lines=[(line.class_id, line.persons) for line in request.lines],
            told_yen=0,
            day=_date("valid_date", request.valid_date),
            voucher=request.voucher,
        )
        priced = await ticket_sale.quote_ticket(self._deps, who(ALLOWED["QuoteTicket"]), party)
        return pb.QuoteTicketResponse(amount_yen=priced.amount_yen, persons=priced.persons)

    async def GetTicket(self, request: pb.GetTicketRequest, context: Any) -> pb.GetTicketResponse:
        """One ticket."""
        known = await ticket_sale.read_ticket(
            self._deps,
            who(ALLOWED["GetTicket"]),
            ticket_id=request.ticket_id,
            payment_id=request.payment_id,
        )
        return pb.GetTicketResponse(ticket=ticket_wire.ticket_message(known))

    async def AdmitTicket(
        self, request: pb.AdmitTicketRequest, context: Any
    ) -> pb.AdmitTicketResponse:
        """Lets a party in, once."""
        if bool(request.payload) == bool(request.code):
            raise InvalidFields([("payload", "give what was scanned, or the code as typed")])
        answer = await ticket_gate.admit_ticket(
            self._deps, request_key(request), who(ALLOWED["AdmitTicket"]), request.gate_place_id,
            request.payload, request.code,
        )  # fmt: skip
        return pb.AdmitTicketResponse(
            outcome=pb.AdmissionOutcome.Value(f"ADMISSION_OUTCOME_{answer.decision.outcome.name}"),
            reason=answer.decision.reason,
            ticket=ticket_wire.ticket_message(answer.known) if answer.known else None,
        )

    async def RecordAdmissions(
        self, request: pb.RecordAdmissionsRequest, context: Any
    ) -> pb.RecordAdmissionsResponse:
        """Takes over what a gate decided alone."""
        for each in request.scans:
            texts.blank(each)
        scans = [
            ticket_gate.OfflineScan(
                each.scan_id, each.payload, each.scan_time.ToDatetime(tzinfo=UTC), each.origin
            )
            for each in request.scans
        ]
        answers = await ticket_gate.record_admissions(
            self._deps,
            request_key(request),
            who(ALLOWED["RecordAdmissions"]),
            request.gate_place_id,
            scans,
        )
        return pb.RecordAdmissionsResponse(
            scans=[pb.RecordedScan(scan_id=scan, problem=problem) for scan, problem in answers]
        )

    async def RecordOrigin(
        self, request: pb.RecordOriginRequest, context: Any
    ) -> pb.RecordOriginResponse:
        """Where a party comes from."""
        recorded = await ticket_gate.record_origin(
            self._deps,
            request_key(request),
            who(ALLOWED["RecordOrigin"]),
            request.scan_id,
            request.origin,
        )
        return pb.RecordOriginResponse(recorded=recorded)

    async def ListAdmissionProblems(
        self, request: pb.ListAdmissionProblemsRequest, context: Any
    ) -> pb.ListAdmissionProblemsResponse:
        """What staff should look at."""
        found = await ticket_gate.list_problems(self._deps, who(ALLOWED["ListAdmissionProblems"]))
        return pb.ListAdmissionProblemsResponse(
            problems=[
                pb.AdmissionProblem(
                    admission=ticket_wire.admission_message(each),
                    earlier=ticket_wire.admission_message(earlier)
                    if earlier and earlier.scan_id != each.scan_id
                    else None,
                )
                for each, earlier in found
            ]
        )

    async def SettleAdmissionProblem(
        self, request: pb.SettleAdmissionProblemRequest, context: Any
    ) -> pb.SettleAdmissionProblemResponse:
        """Takes an admission off the list."""
        settled = await ticket_gate.settle_problem(
            self._deps,
            request_key(request),
            who(ALLOWED["SettleAdmissionProblem"]),
            request.scan_id,
        )
        return pb.SettleAdmissionProblemResponse(settled=settled)

    async def ListUnusedTickets(
        self, request: pb.ListUnusedTicketsRequest, context: Any
    ) -> pb.ListUnusedTicketsResponse:
        """Sold and not used."""
        found = await ticket_back.list_unused(
            self._deps, who(ALLOWED["ListUnusedTickets"]), request.gate_place_id,
            _date("valid_date", request.valid_date), request.page_token,
        )  # fmt: skip
        return pb.ListUnusedTicketsResponse(
            valid_date=found.day.isoformat(),
            tickets=[ticket_wire.ticket_message(each) for each in found.tickets],
            next_page_token=found.next_token,
        )

    async def CountUnusedTickets(
        self, request: pb.CountUnusedTicketsRequest, context: Any
    ) -> pb.CountUnusedTicketsResponse:
        """What closing gates would touch."""
        day, found = await ticket_back.count_unused(
            self._deps, caller().area, list(request.gate_place_ids),
            _date("valid_date", request.valid_date),
        )  # fmt: skip
        return pb.CountUnusedTicketsResponse(
            valid_date=day.isoformat(), ticket_count=found.tickets, person_count=found.persons
        )

    async def RefundTickets(
        self, request: pb.RefundTicketsRequest, context: Any
    ) -> pb.RefundTicketsResponse:
        """Withdraws and refunds."""
        done = await ticket_back.refund_tickets(
            self._deps, request_key(request), who(ALLOWED["RefundTickets"]),
            list(request.ticket_ids),
            wire.refund_channel_value(request.channel), request.reason, request.clerk_id,
        )  # fmt: skip
        return pb.RefundTicketsResponse(
            tickets=[
                pb.TicketBack(
                    ticket_id=each.ticket_id,
                    outcome=pb.TicketBackOutcome.Value(f"TICKET_BACK_OUTCOME_{each.outcome.name}"),
                    cash_yen=each.cash_yen,
                    device_yen=each.device_yen,
                    in_parts=each.in_parts,
                    amount_yen=each.amount_yen,
                    reason=each.reason or _reason(each.refusal),
                )
                for each in done
            ]
        )

    async def PrintTickets(
        self, request: pb.PrintTicketsRequest, context: Any
    ) -> pb.PrintTicketsResponse:
        """Prints tickets ahead."""
        batch_id = await ticket_print.print_tickets(
            self._deps, request_key(request), who(ALLOWED["PrintTickets"]),
            request.gate_place_id, request.class_id,
            request.ticket_count, read_date("last_date", request.last_date),
        )  # fmt: skip
        return pb.PrintTicketsResponse(batch_id=batch_id)

    async def ListTicketBatches(
        self, request: pb.ListTicketBatchesRequest, context: Any
    ) -> pb.ListTicketBatchesResponse:
        """Printed batches."""
        if request.batch_id:
            batch, known = await ticket_print.read_batch(
                self._deps, who(ALLOWED["ListTicketBatches"]), request.batch_id
            )
            return pb.ListTicketBatchesResponse(
                batches=[ticket_wire.batch_message(batch)],
                tickets=[ticket_wire.ticket_message(each) for each in known],
            )
        found = await ticket_print.list_batches(
            self._deps, who(ALLOWED["ListTicketBatches"]), request.gate_place_id
        )
        return pb.ListTicketBatchesResponse(
            batches=[ticket_wire.batch_message(each) for each in found]
        )

    async def EnterPrintedTickets(
        self, request: pb.EnterPrintedTicketsRequest, context: Any
    ) -> pb.EnterPrintedTicketsResponse:
        """Enters what was sold by hand; each ticket's own id makes it happen once."""
        entered, refused = await ticket_print.enter_printed(
            self._deps, who(ALLOWED["EnterPrintedTickets"]),
            request.batch_id, request.first_number, request.last_number,
            wire.tender_value(request.tender), request.gateway,
        )  # fmt: skip
        return pb.EnterPrintedTicketsResponse(
            entered_count=len(entered),
            amount_yen=sum(ticket.amount_yen for ticket in entered),
            refused_numbers=refused,
        )

    async def WithdrawPrintedTickets(
        self, request: pb.WithdrawPrintedTicketsRequest, context: Any
    ) -> pb.WithdrawPrintedTicketsResponse:
        """Withdraws what is left of a batch."""
        count = await ticket_print.withdraw_printed(
            self._deps,
            request_key(request),
            who(ALLOWED["WithdrawPrintedTickets"]),
            request.batch_id,
        )
        return pb.WithdrawPrintedTicketsResponse(withdrawn_count=count)
