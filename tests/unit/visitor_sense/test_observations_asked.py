"""How long the counting of observations waits for a bus that says nothing."""

import nats.errors
import pytest

from kit.bus import SUBSCRIBE_WAIT_S
from services.visitor_sense.events.observations import ObservationConsumer


class Silent:
    """A bus, its connection and its streams; who leads them died."""

    is_connected = True

    def __init__(self) -> None:
        self.connection, self.waited_s = self, list[float]()

    def jetstream(self, timeout: float) -> "Silent":
        self.waited_s.append(timeout)
        return self

    async def stream_info(self, _name: str) -> None:
        raise nats.errors.TimeoutError


async def test_a_bus_without_a_leader_is_asked_again_as_soon_as_by_all_others() -> None:
    silent = Silent()
    consumer = ObservationConsumer(silent, None, None)  # type: ignore[arg-type] # plays the bus
    with pytest.raises(nats.errors.TimeoutError):
        await consumer._subscribe()
    assert silent.waited_s == [SUBSCRIBE_WAIT_S]
