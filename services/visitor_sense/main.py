"""Wiring of visitor sensing."""

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

import nats.errors
import nats.js.errors

from kit import config, runtime
from kit.bus import Bus
from kit.forever import forever
from kit.rpc import GrpcPart
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import (
    add_VisitorSenseServiceServicer_to_server,
)
from services.visitor_sense import api
from services.visitor_sense.app import (
    days,
    forecasts,
    gadgets,
    hours,
    observations,
    occupancy,
    silence,
)
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.keys import Custody
from services.visitor_sense.app.meraki import Receiver
from services.visitor_sense.domain import day
from services.visitor_sense.domain.errors import BusUnavailable
from services.visitor_sense.events.gadgets import door_of
from services.visitor_sense.events.heard import HEARINGS
from services.visitor_sense.events.observations import ObservationConsumer
from services.visitor_sense.events.said import ENCODERS
from services.visitor_sense.events.sensors import SensorDoor
from services.visitor_sense.gateways.forecaster import foretell
from services.visitor_sense.gateways.live import ValkeyLive
from services.visitor_sense.gateways.relay import HashingChildren

CLOSE_S = 10.0
FORGET_S = 600.0
DAYS_S = 60.0
FORECAST_S = 60.0
FORGET_BATCHES_S = 60.0  # 5,000 a minute: 83 sensors
LEVELS_S = 0.5
ALL_LEVELS_EVERY = 20  # looks; untouched areas fall back to quiet or unknown


def build(given: runtime.Runtime) -> runtime.Parts:
    """Puts the parts together."""
    live = ValkeyLive(given.settings.valkey_url)
    door = SensorDoor(given.bus.connection)
    deps = Deps(
        db=given.database, outbox=given.outbox, clock=given.clock, live=live,
        ask_sensors=door.ask, tell_sensors=door.tell, store_batch=_store_batch(given.bus),
        secret=opt_out_secret(given.settings),
    )  # fmt: skip
    door.deps, door.custody = deps, Custody(deps)
    gadget_door = door_of(given.settings, given.bus)
    if gadget_door is not None:
        gadget_door.deps, deps.end_logins = deps, gadget_door.end_logins
    consumer = ObservationConsumer(given.bus, deps, live)
    children = HashingChildren()
    receiver = Receiver(deps, children.reduce, door.custody.todays_key)

    async def forget_past_keys() -> None:
        door.custody.forget_past()
        await children.end_past(day.key_date(given.clock.now()))

    return runtime.Parts(
        grpc=[
            GrpcPart(
                add_VisitorSenseServiceServicer_to_server, api.VisitorSense(deps, receiver),
                api.NAME,
                api.ALLOWED, api.ERRORS,
            )
        ],
        hearings=HEARINGS,
        background=[
            door.run,
            *([gadget_door.run] if gadget_door else []),
            consumer.run,
            consumer.keep_live,
            _every(1.0, forget_past_keys),
            _every(CLOSE_S, lambda: hours.close_hours(deps)),
            _every(FORGET_S, lambda: hours.forget_values(deps)),
            _every(FORGET_S, lambda: hours.forget_minutes(deps)),
            _every(CLOSE_S, lambda: gadgets.close_hours(deps)),
            _every(FORGET_S, lambda: gadgets.forget_minutes(deps)),
            _every(FORGET_S, lambda: silence.forget_heard(deps)),
            _every(FORECAST_S, lambda: forecasts.refresh(deps, foretell)),
            _every(DAYS_S, lambda: days.close_days(deps)),
            _every(FORGET_BATCHES_S, lambda: observations.forget_batches(deps)),
            _every(LEVELS_S, _levels(deps)),
        ],
        closing=[
            live.close, children.close, *([gadget_door.close] if gadget_door else []),
        ],
    )  # fmt: skip


def opt_out_secret(settings: config.Settings) -> bytes:
    """Returns what the opt-out list is sealed under: the password of the service's own database
    login, which lies outside of the database. Errors: ConfigError when there is none.
    """
    password = urlsplit(settings.database_url).password or ""
    if not password:
        raise config.ConfigError("MEGURI_DATABASE_URL has no password to seal the opt-out list by")
    return password.encode()


def _every(pause_s: float, work: Callable[[], Awaitable[object]]) -> runtime.Background:
    return partial(forever, "main", work, pause_s)


def _levels(deps: Deps) -> Callable[[], Awaitable[None]]:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        wanted = await occupancy.areas(deps) if looks % ALL_LEVELS_EVERY == 1 else deps.touched
        for area in sorted(wanted):
            deps.touched.discard(area)
            await occupancy.refresh_levels(deps, area)

    return look


def _store_batch(bus: Bus) -> Callable[[str, str, str, bytes], Awaitable[bool]]:
    async def store(area: str, sensor_id: str, message_id: str, payload: bytes) -> bool:
        try:
            stored = await bus.connection.jetstream(timeout=2).publish(
                f"observations.{area}.{sensor_id}", payload, headers={"Nats-Msg-Id": message_id}
            )
        except (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError) as error:
            raise BusUnavailable("The message bus does not answer. Try again.") from error
        return bool(stored.duplicate)

    return store


if __name__ == "__main__":
    runtime.main("visitor_sense", ENCODERS, build)
