"""A running visitor_sense with zones and sensors of the bench, and batches to send to it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nats
import numpy as np
from nats.aio.client import Client

from bench.platform import Bench
from kit.auth import Caller, Minter, Role
from kit.client import sync_channel
from kit.ids import new_id
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as messages
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.sensor.batches import signed
from services.visitor_sense.sensor.credential import Credential, make_credential
from services.visitor_sense.sensor.link import Bus

AREA = "bench"
DEADLINE_S = 20.0
PER_MESSAGE = 500
PUBLISHED_AT_ONCE = 256


@dataclass(frozen=True)
class Stage:
    """The platform and who plays on it. Sensor n watches zone n."""

    bench: Bench
    sensors: Sequence[Credential]

    def bus(self) -> Bus:
        """Returns where NATS is, and the login of its operator."""
        login = self.bench.state["nats_credentials"]
        password = Path(login["password_file"]).read_text().strip()
        return Bus(self.bench.state["nats"], login["user"], password)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Client]:
        """Connects to NATS as its operator."""
        bus = self.bus()
        client = await nats.connect(
            bus.url, user=bus.user, password=bus.password, inbox_prefix=f"_INBOX_{bus.user}"
        )
        try:
            yield client
        finally:
            await client.close()

    def occupancy(self) -> wire.ReadOccupancyResponse:
        """Asks how crowded the zones are."""
        minter = Minter(self.bench.token_key.read_bytes())
        caller = Caller(AREA, "bench", frozenset({Role.ADMIN}))
        address = self.bench.state["grpc"]["visitor_sense"]
        with sync_channel(address, self.bench.tls_dir, minter.tokens_of(caller)) as channel:
            answer: wire.ReadOccupancyResponse = VisitorSenseServiceStub(channel).ReadOccupancy(
                wire.ReadOccupancyRequest(), timeout=DEADLINE_S
            )
        return answer


def set_up(bench: Bench, zones: int) -> Stage:
    """Makes zones, each with a sensor."""
    minter = Minter(bench.token_key.read_bytes())
    caller = Caller(AREA, "bench", frozenset({Role.ADMIN}))
    sensors = [make_credential(AREA, f"gate-{at}", f"zone-{at}") for at in range(zones)]
    address = bench.state["grpc"]["visitor_sense"]
    with sync_channel(address, bench.tls_dir, minter.tokens_of(caller)) as channel:
        stub = VisitorSenseServiceStub(channel)
        stub.ConfigureZones(
            wire.ConfigureZonesRequest(request_id=new_id(), zones=[
                wire.Zone(zone_id=f"zone-{at}", place_id=f"place-{at}",
                          names={"ja": f"{at}", "en": f"{at}"},
                          normal_from=10, busy_from=1_000, crowded_from=10_000)
                for at in range(zones)
            ]), timeout=DEADLINE_S,
        )  # fmt: skip
        for sensor in sensors:
            request = wire.EnrollSensorRequest(
                request_id=new_id(), sensor_id=sensor.sensor_id, zone_id=sensor.zone_id,
                signing_public_key=sensor.signing_public_key,
                sealing_public_key=sensor.sealing_public_key,
            )  # fmt: skip
            stub.EnrollSensor(request, timeout=DEADLINE_S)
    return Stage(bench, sensors)


def batches(sensor: Credential, count: int, first: int, crowd: int) -> list[tuple[str, bytes]]:
    """Returns (message id, signed batch) of a sensor, all of the last second.

    first: sequence number of the first. crowd: phones that the observations are drawn from.
    """
    chance = np.random.default_rng(first)
    now = datetime.now(UTC)
    found = []
    for sequence in range(first, first + count):
        phones = chance.integers(0, crowd, PER_MESSAGE, np.uint64)
        batch = messages.ObservationBatch(
            boot_id="bench", sequence=sequence, key_date=day.key_date(now).isoformat(),
            key_epoch=1,
            offsets_ms=chance.integers(0, 1_000, PER_MESSAGE).tolist(),
            pseudonyms=(phones * np.uint64(0x9E3779B97F4A7C15)).tolist(),
            signatures=(phones % np.uint64(5_000) + np.uint64(1)).tolist(),
            rssi_dbm=(5 * chance.integers(-18, -8, PER_MESSAGE)).tolist(),
            frame_sequences=chance.integers(0, 4_096, PER_MESSAGE).tolist(),
            randomized=(chance.random(PER_MESSAGE) < 0.8).tolist(),
        )  # fmt: skip
        batch.base_time.FromDatetime(day.from_ms(day.to_ms(now) - 1_000))
        payload = signed(sensor, sealing.OBSERVATIONS, batch.SerializeToString())
        found.append((f"{sensor.sensor_id}:bench:{sequence}", payload))
    return found


async def publish(client: Client, sensor: Credential, found: Sequence[tuple[str, bytes]]) -> None:
    """Publishes batches and waits until all are stored."""
    stream = client.jetstream(timeout=DEADLINE_S)
    subject = f"observations.{AREA}.{sensor.sensor_id}"
    for start in range(0, len(found), PUBLISHED_AT_ONCE):
        await asyncio.gather(*(
            stream.publish(subject, payload, headers={"Nats-Msg-Id": message_id})
            for message_id, payload in found[start : start + PUBLISHED_AT_ONCE]
        ))  # fmt: skip
