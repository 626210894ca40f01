"""Tickets, price classes and admissions between protobuf and values."""

from collections.abc import Iterable

from kit.pure.errors import InvalidFields
from meguri.payments.v1 import tickets_service_pb2 as pb
from services.payments import wire
from services.payments.app.ticket_sale import TicketRead
from services.payments.domain.price_class import ClassKind, PriceClass
from services.payments.domain.ticket import Admission
from services.payments.store.tickets import Batch


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
        split_sale_id=ticket.split_sale_id or "",
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


def key_messages(found: Iterable[tuple[int, bytes, bytes, bool]]) -> list[pb.TicketKey]:
    return [
        pb.TicketKey(key_id=known, public_key=public, revoked=revoked, generation=generation)
        for generation, known, public, revoked in found
    ]
