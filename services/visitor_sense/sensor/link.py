"""The sensor's link to the platform: day keys, batches, health, all over NATS."""

import asyncio
import contextlib
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import nats.errors
import nats.js.errors
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg

from kit import log
from kit.clock import Clock
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.domain import sealing
from services.visitor_sense.domain.errors import SignatureInvalid
from services.visitor_sense.sensor.batches import Counters, DayKey, signed
from services.visitor_sense.sensor.credential import Credential
from services.visitor_sense.sensor.spool import Spool

KEY_WAIT_S = 6.0
PUBLISH_WAIT_S = 10.0
WINDOW = 64  # batches on their way at once
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class LinkDown(Exception):
    """NATS or the service does not answer."""


class KeyRefused(Exception):
    """The service gives no day key. reason: stable, see DayKeyReply."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The service gives no day key: {reason}")


@dataclass(frozen=True)
class Bus:
    """Where NATS is."""

    url: str
    user: str
    password: str


class Link:
    """One connection of one sensor."""

    def __init__(self, bus: Bus, credential: Credential, clock: Clock) -> None:
        self._bus, self._credential, self._clock = bus, credential, clock
        self._client = Client()
        self._log = log.get("link")
        self.keys: Mapping[date, DayKey] = {}
        self.control = asyncio.Event()

    async def open(self, *, wait_s: float = 5.0) -> None:
        """Connects; afterwards reconnects by itself for ever. Errors: LinkDown."""
        try:
            async with asyncio.timeout(wait_s):
                await self._client.connect(
                    self._bus.url,
                    user=self._bus.user or None,
                    password=self._bus.password or None,
                    name=f"sensor {self._credential.sensor_id}",
                    inbox_prefix=f"_INBOX_{self._bus.user}" if self._bus.user else "_INBOX",
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    error_cb=self._note,
                )
        except (OSError, nats.errors.Error, TimeoutError) as error:
            raise LinkDown("NATS does not answer.") from error
        area = self._credential.area
        self._stream = self._client.jetstream(timeout=PUBLISH_WAIT_S)
        await self._client.subscribe(f"sense.ask.{area}", cb=self._answer)
        await self._client.subscribe(f"sense.control.{area}", cb=self._controlled)

    async def _note(self, error: Exception) -> None:
        self._log.warning("nats", error=type(error).__name__)

    async def close(self) -> None:
        """Disconnects."""
        with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
            await self._client.drain()

    async def fetch_key(self, key_date: date) -> DayKey:
        """Asks for the key of a local day. Errors: LinkDown, KeyRefused."""
        nonce = secrets.token_bytes(16)
        question = wire.DayKeyRequest(key_date=key_date.isoformat(), nonce=nonce)
        question.request_time.FromDatetime(self._clock.now())
        payload = signed(self._credential, sealing.DAY_KEY_REQUEST, question.SerializeToString())
        try:
            async with asyncio.timeout(KEY_WAIT_S):
                reply = wire.DayKeyReply.FromString(await self._request_key(payload))
        except (nats.errors.Error, TimeoutError, OSError, DecodeError) as error:
            raise LinkDown("The service does not answer.") from error
        if reply.refusal_reason:
            raise KeyRefused(reply.refusal_reason)
        found = reply.sealed
        use = sealing.KeyUse(
            self._credential.area, self._credential.sensor_id, key_date, found.key_epoch, nonce
        )
        try:
            return DayKey(
                key_date, found.key_epoch, self._open(found, use),
                self._left_out(reply, use.of_list()),
            )  # fmt: skip
        except SignatureInvalid as error:
            raise LinkDown("The answer was not for this sensor.") from error

    def _open(self, one: wire.SealedDayKey, use: sealing.KeyUse) -> bytes:
        sealed = sealing.Sealed(one.sender_public_key, one.ciphertext)
        return sealing.unseal(sealed, self._credential.unsealing, use)

    def _left_out(self, reply: wire.DayKeyReply, use: sealing.KeyUse) -> frozenset[int]:
        if not reply.HasField("left_out"):  # a service that does not know of the list yet
            return frozenset()
        packed = self._open(reply.left_out, use)
        return frozenset(number for (number,) in struct.iter_unpack("<Q", packed))

    async def _request_key(self, payload: bytes) -> bytes:
        """Returns the service's reply; a service that is just starting is waited for."""
        while True:
            try:
                message = await self._client.request(
                    f"sense.key.{self._credential.area}", payload, timeout=KEY_WAIT_S
                )
                return bytes(message.data)
            except nats.errors.NoRespondersError:
                await asyncio.sleep(BACKOFF_S[0])

    async def _answer(self, message: Msg) -> None:
        """Gives the key in use back to a service that was restarted, sealed to it."""
        try:
            ask = wire.DayKeyAsk.FromString(message.data)
            held = self.keys.get(date.fromisoformat(ask.key_date))
        except (DecodeError, ValueError):
            return
        if held is None or held.epoch != ask.key_epoch:
            return
        use = sealing.KeyUse(self._credential.area, "service", held.key_date, held.epoch, ask.nonce)
        sealed = sealing.seal(held.reveal(), ask.receiver_public_key, use)
        answer = wire.DayKeyAnswer(
            nonce=ask.nonce,
            sealed=wire.SealedDayKey(
                key_date=ask.key_date,
                key_epoch=ask.key_epoch,
                sender_public_key=sealed.sender_public_key,
                ciphertext=sealed.ciphertext,
            ),
        )
        payload = signed(self._credential, sealing.DAY_KEY_ANSWER, answer.SerializeToString())
        await message.respond(payload)

    async def _controlled(self, _message: Msg) -> None:
        self.control.set()

    async def forward(self, spool: Spool) -> int:
        """Sends what waits, oldest first; returns how many batches were acknowledged.

        Errors: LinkDown when a batch was not; it stays in the spool.
        """
        sent = 0
        paths = spool.waiting()
        for start in range(0, len(paths), WINDOW):
            window = [(path, spool.read(path)) for path in paths[start : start + WINDOW]]
            batches = [(path, payload) for path, payload in window if payload is not None]
            results = await asyncio.gather(
                *(
                    self._publish(spool.message_id(path, self._credential.sensor_id), payload)
                    for path, payload in batches
                ),
                return_exceptions=True,
            )
            for (path, _), result in zip(batches, results, strict=True):
                if result is None:
                    spool.remove(path)
                    sent += 1
            for result in results:
                if result is not None:
                    raise LinkDown("NATS does not store.") from result
        return sent

    async def _publish(self, message_id: str, payload: bytes) -> None:
        area, sensor_id = self._credential.area, self._credential.sensor_id
        try:
            await self._stream.publish(
                f"observations.{area}.{sensor_id}", payload, headers={"Nats-Msg-Id": message_id}
            )
        except (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError) as error:
            raise LinkDown(type(error).__name__) from error

    async def say_health(self, boot_id: str, counters: Counters, waiting: int) -> None:
        """Tells how the sensor is; nobody waits for it."""
        health = wire.SensorHealth(
            boot_id=boot_id,
            frames_read=counters.frames_read,
            probes_read=counters.probes_read,
            frames_broken=counters.frames_broken,
            batches_waiting=waiting,
            observations_dropped=counters.observations_dropped,
        )
        health.health_time.FromDatetime(self._clock.now())
        payload = signed(self._credential, sealing.HEALTH, health.SerializeToString())
        subject = f"sense.health.{self._credential.area}.{self._credential.sensor_id}"
        with contextlib.suppress(nats.errors.Error, OSError):
            await self._client.publish(subject, payload)
