"""Events heard from others. They may come late or in another order than they were said."""

from collections.abc import Sequence
from datetime import UTC

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from meguri.directory.v1.directory_events_pb2 import AreaDropped, PlaceClosed, PlaceReopened
from meguri.payments.v1.payments_events_pb2 import TicketAdmitted
from services.visitor_sense.app.gates import note_party
from services.visitor_sense.app.zones import drop_area, note_closure
from services.visitor_sense.store.closures import Closure


async def _area_dropped(tx: Transaction, delivery: Delivery, _message: AreaDropped) -> None:
    await drop_area(tx, delivery.occur_time)


async def _place_closed(tx: Transaction, delivery: Delivery, message: PlaceClosed) -> None:
    endless = not message.HasField("until_time")
    closure = Closure(
        closure_id=message.closure_id,
        version=delivery.version,
        said_time=delivery.occur_time,
        place_ids=list(message.affected_place_ids) or [message.place_id],
        begin=message.from_time.ToDatetime(tzinfo=UTC),
        end=None if endless else message.until_time.ToDatetime(tzinfo=UTC),
    )
    await note_closure(tx, closure)


async def _place_reopened(tx: Transaction, delivery: Delivery, message: PlaceReopened) -> None:
    at = message.reopened_time.ToDatetime(tzinfo=UTC)
    closure = Closure(
        closure_id=message.closure_id,
        version=delivery.version,
        said_time=delivery.occur_time,
        place_ids=list(message.affected_place_ids) or [message.place_id],
        begin=at,
        end=at,
    )
    await note_closure(tx, closure)


async def _ticket_admitted(tx: Transaction, delivery: Delivery, message: TicketAdmitted) -> None:
    """Keeps the sum alone: not the ticket, not the origin. Nobody need have gone in by a practice
    ticket."""
    if message.practice or message.persons < 1 or not message.gate_place_id:
        return
    await note_party(tx, message.gate_place_id, message.persons, delivery.occur_time)


HEARINGS: Sequence[Hearing] = (
    Hearing("directory", "area_dropped", AreaDropped, _area_dropped),
    Hearing("directory", "place_closed", PlaceClosed, _place_closed),
    Hearing("directory", "place_reopened", PlaceReopened, _place_reopened),
    Hearing("payments", "ticket_admitted", TicketAdmitted, _ticket_admitted),
)
