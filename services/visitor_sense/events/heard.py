"""Events heard from others."""

from collections.abc import Sequence

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from meguri.directory.v1.directory_events_pb2 import AreaDropped
from services.visitor_sense.app.zones import drop_area


async def _area_dropped(tx: Transaction, _delivery: Delivery, _message: AreaDropped) -> None:
    await drop_area(tx)


HEARINGS: Sequence[Hearing] = (Hearing("directory", "area_dropped", AreaDropped, _area_dropped),)
