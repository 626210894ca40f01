"""A sensor under fault: signed batches of observations, each sent until NATS says it is stored."""

import asyncio
import random
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import nats.errors
from nats.aio.client import Client
from nats.js import errors as stream_errors

from chaos.beside import Beside
from chaos.databases import database_owner
from chaos.exports import connect
from chaos.left import missing, too_few, too_many
from chaos.stage import Broken, Stage
from kit.ids import new_id
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as messages
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.sensor.batches import signed
from services.visitor_sense.sensor.credential import read_credential

OBSERVATIONS = 40  # in a batch
PAUSE_S = 0.1
ACK_WITHIN_S = 5.0
COUNTED_WITHIN_S = 60.0
PATIENCE_S = 90.0
LEAST = 5  # batches: fewer have tested nothing
# How visitor_sense names a batch that it has counted (services/visitor_sense/store/batches.py).
NAMES = uuid.uuid5(uuid.NAMESPACE_OID, "meguri observation batches")


class Sensor(Beside):
    """The platform's first sensor, speaking to NATS as the real one does. Use as a context."""

    def __init__(self, stage: Stage, seed: int) -> None:
        super().__init__()
        self._stage, self._chance = stage, random.Random(seed)
        enrolled = stage.platform.state["sensor"]
        self._credential = read_credential(Path(enrolled["credential_file"]))
        self.acknowledged = list[str]()  # names of batches

    def _begin(self) -> None:
        self._before = self._counted()

    def _work(self) -> None:
        asyncio.run(self._run())

    def judge(self) -> None:
        """Waits until visitor_sense has counted each batch that was acknowledged, by its name, and
        each once. Errors: Broken where it was no more than a few."""
        ends, names = time.monotonic() + COUNTED_WITHIN_S, self.acknowledged
        while True:
            kept = self._kept()
            lost, doubled = missing("batches", names, kept), too_many("batches", names, kept)
            batches, observations = (now - then for now, then in
                                     zip(self._counted(), self._before, strict=True))  # fmt: skip
            wanted = (len(names), len(names) * OBSERVATIONS)
            if (batches, observations) != wanted:
                told = f"(batches, observations) acknowledged {wanted}, counted"
                found = lost if observations < wanted[1] else doubled
                found.append(f"{told} {(batches, observations)}")
            if not (lost or doubled) or time.monotonic() > ends:
                break
            time.sleep(0.5)
        self._stage.lost += lost
        self._stage.doubled += doubled
        self._stage.also += len(names)
        self._stage.figures["observation_batches"] = len(names)
        if few := too_few({"batches of observations": len(names)}, LEAST):
            raise Broken(few[0])

    def _kept(self) -> dict[str, int]:
        """Returns how often each batch of these counts, by the names of the sensor's own."""
        with database_owner(self._stage.platform, "visitor_sense") as owner:
            rows = owner.execute(
                "select batch_id::text from counted_batches where area = %s",
                (self._credential.area,),
            ).fetchall()
        return dict.fromkeys((str(row[0]) for row in rows), 1)

    def _counted(self) -> tuple[int, int]:
        """Returns batches and observations of this sensor so far, as visitor_sense has them."""
        with database_owner(self._stage.platform, "visitor_sense") as owner:
            row = owner.execute(
                "select batches, observations from sensors where area = %s and sensor_id = %s",
                (self._credential.area, self._credential.sensor_id),
            ).fetchone()
        return (int(str(row[0])), int(str(row[1]))) if row else (0, 0)

    async def _run(self) -> None:
        boot_id, sequence = new_id().replace("-", ""), 0
        client: Client | None = None
        while not self._ended.is_set() or len(self.acknowledged) < LEAST:
            sequence += 1
            payload, began = self._batch(boot_id, sequence), time.monotonic()
            while True:  # also after the end: what was sent is sent until it is stored
                try:
                    if client is None or client.is_closed:
                        client = await connect(self._stage.platform)
                    await self._publish(client, f"{boot_id}:{sequence}", payload)
                    break
                except (OSError, TimeoutError, nats.errors.Error, stream_errors.Error) as error:
                    if time.monotonic() > began + PATIENCE_S:
                        told = f"a batch was not stored for {PATIENCE_S:.0f} s: {error!r}"
                        raise Broken(told[:300]) from error
                    await asyncio.sleep(PAUSE_S)
            self.acknowledged.append(self._name(boot_id, sequence))
            await asyncio.sleep(PAUSE_S)
        if client is not None:
            await client.close()

    def _name(self, boot_id: str, sequence: int) -> str:
        area, sensor_id = self._credential.area, self._credential.sensor_id
        return stored_name(area, sensor_id, boot_id, sequence)

    async def _publish(self, client: Client, name: str, payload: bytes) -> None:
        area, sensor_id = self._credential.area, self._credential.sensor_id
        await client.jetstream(timeout=ACK_WITHIN_S).publish(
            f"observations.{area}.{sensor_id}", payload,
            headers={"Nats-Msg-Id": f"{sensor_id}:{name}"},
        )  # fmt: skip

    def _batch(self, boot_id: str, sequence: int) -> bytes:
        chance, now = self._chance, datetime.now(UTC)
        batch = messages.ObservationBatch(
            boot_id=boot_id, sequence=sequence, key_date=day.key_date(now).isoformat(),
            key_epoch=1,
            offsets_ms=[chance.randrange(1_000) for _ in range(OBSERVATIONS)],
            pseudonyms=[chance.getrandbits(64) for _ in range(OBSERVATIONS)],
            signatures=[chance.randint(1, 5_000) for _ in range(OBSERVATIONS)],
            rssi_dbm=[5 * chance.randint(-18, -9) for _ in range(OBSERVATIONS)],
            frame_sequences=[chance.randrange(4_096) for _ in range(OBSERVATIONS)],
            randomized=[True] * OBSERVATIONS,
        )  # fmt: skip
        batch.base_time.FromDatetime(day.from_ms(day.to_ms(now) - 1_000))
        return signed(self._credential, sealing.OBSERVATIONS, batch.SerializeToString())


def stored_name(area: str, sensor_id: str, boot_id: str, sequence: int) -> str:
    """Returns the name under which a batch that was counted is kept."""
    return str(uuid.uuid5(NAMES, f"{area}:{sensor_id}:{boot_id}:{sequence}"))
