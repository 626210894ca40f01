"""Events heard from others."""

from collections.abc import Sequence
from datetime import UTC

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from meguri.directory.v1.directory_events_pb2 import AreaDropped, PlaceClosed, PlaceReopened
from services.visitor_sense.app.zones import close_places, drop_area, reopen_places


async def _area_dropped(tx: Transaction, _delivery: Delivery, _message: AreaDropped) -> None:
    await drop_area(tx)


async def _place_closed(tx: Transaction, _delivery: Delivery, message: PlaceClosed) -> None:
    endless = not message.HasField("until_time")
    await close_places(
        tx,
        message.closure_id,
        message.affected_place_ids or [message.place_id],
        message.from_time.ToDatetime(tzinfo=UTC),
        None if endless else message.until_time.ToDatetime(tzinfo=UTC),
    )


async def _place_reopened(tx: Transaction, _delivery: Delivery, message: PlaceReopened) -> None:
    await reopen_places(tx, message.closure_id)


HEARINGS: Sequence[Hearing] = (
    Hearing("directory", "area_dropped", AreaDropped, _area_dropped),
    Hearing("directory", "place_closed", PlaceClosed, _place_closed),
    Hearing("directory", "place_reopened", PlaceReopened, _place_reopened),
)
