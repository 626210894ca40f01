"""The gRPC door of tickets: decode, call the use case, encode."""

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

import grpc

from kit.auth import Role
from kit.pure.errors import InvalidFields, Refusal
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2_grpc as pb_grpc
from services.payments import wire
from services.payments.api import ERRORS as PAYMENT_ERRORS
from services.payments.app import ticket_back, ticket_gate, ticket_keys, ticket_print, ticket_sale
from services.payments.app.deps import Deps
from services.payments.app.ticket_sale import Party, TicketRead
from services.payments.app.who import Who
from services.payments.domain import errors
from services.payments.domain.business_day import read_date
from services.payments.domain.price_class import ClassKind, PriceClass
from services.payments.domain.ticket import Admission
from services.payments.store.tickets import Batch

_SELL = frozenset({Role.CLERK, Role.SHOP_OWNER, Role.ADMIN, Role.DEVICE})
_GATE = frozenset({Role.CLERK, Role.ADMIN, Role.DEVICE})
_LOOK = _SELL | {Role.ACCOUNTANT}
_SET_UP = frozenset({Role.ADMIN})

ALLOWED: Allowed = {
    "ConfigurePriceClasses": _SET_UP,
    "ListPriceClasses": _LOOK | {Role.SERVICE},
    "ListTicketKeys": _LOOK | {Role.SERVICE},
    "RotateTicketKey": _SET_UP,
    "SellTicket": _SELL,
    "GetTicket": _LOOK,
    "AdmitTicket": _GATE,
    "RecordAdmissions": _GATE,
    "RecordOrigin": _GATE,
    "ListAdmissionProblems": _LOOK,
    "SettleAdmissionProblem": _GATE,
    "ListUnusedTickets": _LOOK,
    "RefundTickets": _SELL,
    "PrintTickets": _GATE,
    "ListTicketBatches": _LOOK,
    "EnterPrintedTickets": _GATE,
    "WithdrawPrintedTickets": _GATE,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    **PAYMENT_ERRORS,
    errors.PriceChanged: (_Code.FAILED_PRECONDITION, "PRICE_CHANGED"),
    errors.UnknownTicket: (_Code.NOT_FOUND, "UNKNOWN_TICKET"),
    errors.UnknownGate: (_Code.NOT_FOUND, "UNKNOWN_GATE"),
    errors.TicketEntered: (_Code.FAILED_PRECONDITION, "TICKET_ENTERED"),
}


def _who() -> Who:
    known = caller()
    device = Role.DEVICE in known.roles
    return Who(area=known.area, principal=known.principal, shops=known.shops, device=device)


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
        wanted = [class_value(each) for each in request.price_classes]
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
        return pb.ListPriceClassesResponse(price_classes=[class_message(each) for each in found])

    async def ListTicketKeys(
        self, request: pb.ListTicketKeysRequest, context: Any
    ) -> pb.ListTicketKeysResponse:
        """The public keys of the area."""
        found = await ticket_keys.list_keys(self._deps, caller().area)
        return pb.ListTicketKeysResponse(keys=_keys(found))

    async def RotateTicketKey(
        self, request: pb.RotateTicketKeyRequest, context: Any
    ) -> pb.RotateTicketKeyResponse:
        """A new signing key."""
        found = await ticket_keys.rotate(
            self._deps, request_key(request), caller().area, revoke_older=request.revoke_older
        )
        return pb.RotateTicketKeyResponse(keys=_keys(found))

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
        )
        tender = wire.tender_value(request.tender) if request.tender else None
        known = await ticket_sale.sell_ticket(
            self._deps, request_key(request), _who(), party, tender, request.gateway
        )
        payment = wire.payment_message(known.payment, []) if known.payment else None
        return pb.SellTicketResponse(ticket=ticket_message(known), payment=payment)

    async def GetTicket(self, request: pb.GetTicketRequest, context: Any) -> pb.GetTicketResponse:
        """One ticket."""
        known = await ticket_sale.read_ticket(
            self._deps, _who(), ticket_id=request.ticket_id, payment_id=request.payment_id
        )
        return pb.GetTicketResponse(ticket=ticket_message(known))

    async def AdmitTicket(
        self, request: pb.AdmitTicketRequest, context: Any
    ) -> pb.AdmitTicketResponse:
        """Lets a party in, once."""
        if bool(request.payload) == bool(request.code):
            raise InvalidFields([("payload", "give what was scanned, or the code as typed")])
        answer = await ticket_gate.admit_ticket(
            self._deps, request_key(request), _who(), request.gate_place_id,
            request.payload, request.code,
        )  # fmt: skip
        return pb.AdmitTicketResponse(
            outcome=pb.AdmissionOutcome.Value(f"ADMISSION_OUTCOME_{answer.decision.outcome.name}"),
            reason=answer.decision.reason,
            ticket=ticket_message(answer.known) if answer.known else None,
        )

    async def RecordAdmissions(
        self, request: pb.RecordAdmissionsRequest, context: Any
    ) -> pb.RecordAdmissionsResponse:
        """Takes over what a gate decided alone."""
        scans = [
            ticket_gate.OfflineScan(
                each.scan_id, each.payload, each.scan_time.ToDatetime(tzinfo=UTC), each.origin
            )
            for each in request.scans
        ]
        answers = await ticket_gate.record_admissions(
            self._deps, request_key(request), _who(), request.gate_place_id, scans
        )
        return pb.RecordAdmissionsResponse(
            scans=[pb.RecordedScan(scan_id=scan, problem=problem) for scan, problem in answers]
        )

    async def RecordOrigin(
        self, request: pb.RecordOriginRequest, context: Any
    ) -> pb.RecordOriginResponse:
        """Where a party comes from."""
        recorded = await ticket_gate.record_origin(
            self._deps, request_key(request), _who(), request.scan_id, request.origin
        )
        return pb.RecordOriginResponse(recorded=recorded)

    async def ListAdmissionProblems(
        self, request: pb.ListAdmissionProblemsRequest, context: Any
    ) -> pb.ListAdmissionProblemsResponse:
        """What staff should look at."""
        found = await ticket_gate.list_problems(self._deps, _who())
        return pb.ListAdmissionProblemsResponse(
            problems=[
                pb.AdmissionProblem(
                    admission=admission_message(each),
                    earlier=admission_message(earlier)
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
            self._deps, request_key(request), _who(), request.scan_id
        )
        return pb.SettleAdmissionProblemResponse(settled=settled)

    async def ListUnusedTickets(
        self, request: pb.ListUnusedTicketsRequest, context: Any
    ) -> pb.ListUnusedTicketsResponse:
        """Sold and not used."""
        found = await ticket_back.list_unused(
            self._deps, _who(), request.gate_place_id,
            _date("valid_date", request.valid_date), request.page_token,
        )  # fmt: skip
        return pb.ListUnusedTicketsResponse(
            valid_date=found.day.isoformat(),
            tickets=[ticket_message(each) for each in found.tickets],
            next_page_token=found.next_token,
        )

    async def RefundTickets(
        self, request: pb.RefundTicketsRequest, context: Any
    ) -> pb.RefundTicketsResponse:
        """Withdraws and refunds."""
        done = await ticket_back.refund_tickets(
            self._deps, request_key(request), _who(), list(request.ticket_ids),
            wire.refund_channel_value(request.channel), request.reason,
        )  # fmt: skip
        return pb.RefundTicketsResponse(
            tickets=[
                pb.TicketBack(
                    ticket_id=each.ticket_id,
                    outcome=pb.TicketBackOutcome.Value(f"TICKET_BACK_OUTCOME_{each.outcome.name}"),
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
            self._deps, request_key(request), _who(), request.gate_place_id, request.class_id,
            request.ticket_count, read_date("last_date", request.last_date),
        )  # fmt: skip
        return pb.PrintTicketsResponse(batch_id=batch_id)

    async def ListTicketBatches(
        self, request: pb.ListTicketBatchesRequest, context: Any
    ) -> pb.ListTicketBatchesResponse:
        """Printed batches."""
        if request.batch_id:
            batch, known = await ticket_print.read_batch(self._deps, _who(), request.batch_id)
            return pb.ListTicketBatchesResponse(
                batches=[batch_message(batch)], tickets=[ticket_message(each) for each in known]
            )
        found = await ticket_print.list_batches(self._deps, _who(), request.gate_place_id)
        return pb.ListTicketBatchesResponse(batches=[batch_message(each) for each in found])

    async def EnterPrintedTickets(
        self, request: pb.EnterPrintedTicketsRequest, context: Any
    ) -> pb.EnterPrintedTicketsResponse:
        """Enters what was sold by hand; each ticket's own id makes it happen once."""
        entered, refused = await ticket_print.enter_printed(
            self._deps, _who(), request.batch_id, request.first_number, request.last_number,
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
            self._deps, request_key(request), _who(), request.batch_id
        )
        return pb.WithdrawPrintedTicketsResponse(withdrawn_count=count)


def class_value(message: pb.PriceClass) -> PriceClass:
    """Decodes a price class. Errors: InvalidFields for a kind that is not in the contract."""
    if message.kind not in pb.PriceClassKind.values():
        raise InvalidFields([("kind", "this kind is not known")])
    kind = pb.PriceClassKind.Name(message.kind or pb.PRICE_CLASS_KIND_USUAL)
    return PriceClass(
        class_id=message.class_id,
        number=message.number,
        site_place_id=message.site_place_id,
        gate_place_ids=tuple(message.gate_place_ids),
        names=dict(message.names),
        unit_amount_yen=message.unit_amount_yen,
        tax_rate_percent=message.tax_rate_percent,
        kind=ClassKind[kind.removeprefix("PRICE_CLASS_KIND_")],
        persons_min=message.persons_min,
        persons_max=message.persons_max,
    )


def class_message(known: PriceClass) -> pb.PriceClass:
    """Encodes a price class."""
    return pb.PriceClass(
        class_id=known.class_id,
        number=known.number,
        site_place_id=known.site_place_id,
        gate_place_ids=known.gate_place_ids,
        names=dict(known.names),
        unit_amount_yen=known.unit_amount_yen,
        tax_rate_percent=known.tax_rate_percent,
        kind=pb.PriceClassKind.Value(f"PRICE_CLASS_KIND_{known.kind.name}"),
        persons_min=known.persons_min,
        persons_max=known.persons_max,
    )


def ticket_message(known: TicketRead) -> pb.Ticket:
    """Encodes a ticket."""
    ticket, admission = known.ticket, known.admission
    message = pb.Ticket(
        ticket_id=ticket.ticket_id,
        code=ticket.code,
        kind=pb.TicketKind.Value(f"TICKET_KIND_{ticket.kind.name}"),
        payment_id=ticket.payment_id or "",
        site_place_id=ticket.site_place_id,
        gate_place_id=ticket.gate_place_id,
        lines=[
            pb.TicketLine(class_id=each.class_id, number=each.number, persons=each.persons)
            for each in ticket.lines
        ],
        persons=ticket.persons,
        amount_yen=ticket.amount_yen,
        first_date=ticket.first_day.isoformat(),
        last_date=ticket.last_day.isoformat(),
        practice=ticket.practice,
        voucher=ticket.voucher,
        batch_number=ticket.batch_number,
        standing=pb.TicketStanding.Value(f"TICKET_STANDING_{known.standing.name}"),
        payload=known.payload,
    )
    if admission is not None:
        message.admitted_gate_place_id = admission.gate_place_id
        message.admit_time.CopyFrom(wire.timestamp(admission.scan_time))
    return message


def admission_message(admission: Admission) -> pb.Admission:
    """Encodes an admission."""
    return pb.Admission(
        scan_id=admission.scan_id,
        ticket_id=admission.ticket_id,
        gate_place_id=admission.gate_place_id,
        admitted_by=admission.admitted_by,
        scan_time=wire.timestamp(admission.scan_time),
        persons=admission.persons,
        offline=admission.offline,
        problem=admission.problem,
    )


def batch_message(batch: Batch) -> pb.TicketBatch:
    """Encodes a printed batch."""
    return pb.TicketBatch(
        batch_id=batch.batch_id,
        gate_place_id=batch.gate_place_id,
        class_id=batch.class_id,
        first_date=batch.first_day.isoformat(),
        last_date=batch.last_day.isoformat(),
        ticket_count=batch.ticket_count,
        entered_count=batch.entered_count,
        used_count=batch.used_count,
        withdrawn_count=batch.withdrawn_count,
        create_time=wire.timestamp(batch.create_time),
    )


def _keys(found: Iterable[tuple[int, bytes, bytes, bool]]) -> list[pb.TicketKey]:
    return [
        pb.TicketKey(key_id=known, public_key=public, revoked=revoked, generation=generation)
        for generation, known, public, revoked in found
    ]
