"""Talking with sensors over core NATS: day keys, health, pauses."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, date

import nats.errors
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg

from kit import log
from kit.forever import OUTAGES, STORE_WAITS
from kit.pure.errors import Refusal
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.keys import Custody, KeyRequest
from services.visitor_sense.app.sensors import Signed, authenticate, hear_health
from services.visitor_sense.domain import errors, sealing
from services.visitor_sense.events.connection import connected
from services.visitor_sense.store.sensors import Health

ASK_WAIT_S = 1.5
MAX_ANSWERS = 200
REASONS: dict[type[Refusal], str] = {
    errors.UnknownSensor: "SENSOR_UNKNOWN",
    errors.SensorRevoked: "SENSOR_REVOKED",
    errors.SignatureInvalid: "SIGNATURE_INVALID",
    errors.DayOutOfRange: "DAY_OUT_OF_RANGE",
    errors.ClockSkewed: "CLOCK_SKEWED",
    errors.SitePaused: "SITE_PAUSED",
    errors.RequestMalformed: "REQUEST_MALFORMED",
    errors.EpochsExhausted: "EPOCHS_EXHAUSTED",
}


def read_signed(area: str, purpose: str, data: bytes) -> Signed:
    """Reads an envelope. Errors: SignatureInvalid when it is none or of another area."""
    try:
        envelope = wire.SignedBySensor.FromString(data)
    except DecodeError:
        raise errors.SignatureInvalid("The bytes are not a signed message.") from None
    if envelope.area != area:
        raise errors.SignatureInvalid("The message is of another area than its subject.")
    return Signed(area, envelope.sensor_id, purpose, envelope.body, envelope.signature)


class SensorDoor:
    """Answers sensors, and asks them. deps is set before anything is heard."""

    deps: Deps
    custody: Custody

    def __init__(self, client: Client) -> None:
        self._client = client
        self._log = log.get("sensors")

    async def run(self) -> None:
        """Listens until canceled."""
        await connected(self._client)
        await self._client.subscribe("sense.key.*", queue="visitor_sense", cb=self._give_key)
        await self._client.subscribe("sense.health.*.*", queue="visitor_sense", cb=self._hear)
        await asyncio.Event().wait()

    async def _give_key(self, message: Msg) -> None:
        area = message.subject.split(".")[2]
        try:
            reply = await self._key_reply(area, message.data)
        except Refusal as refusal:
            reply = wire.DayKeyReply(refusal_reason=REASONS.get(type(refusal), "REFUSED"))
            self._log.info("no day key given", reason=reply.refusal_reason)
        except OUTAGES as error:
            self._log.warning("day key waits", error=type(error).__name__)
            return  # the sensor asks again
        await message.respond(reply.SerializeToString())

    async def _key_reply(self, area: str, data: bytes) -> wire.DayKeyReply:
        signed = read_signed(area, sealing.DAY_KEY_REQUEST, data)
        try:
            question = wire.DayKeyRequest.FromString(signed.body)
            request = KeyRequest(
                key_date=date.fromisoformat(question.key_date),
                nonce=question.nonce,
                request_time=question.request_time.ToDatetime(tzinfo=UTC),
            )
        except (DecodeError, ValueError, OverflowError):
            raise errors.RequestMalformed("The request cannot be read.") from None
        issued = await self.custody.issue(signed, request)

        def sealed(one: sealing.Sealed) -> wire.SealedDayKey:
            return wire.SealedDayKey(
                key_date=question.key_date,
                key_epoch=issued.epoch,
                sender_public_key=one.sender_public_key,
                ciphertext=one.ciphertext,
            )

        return wire.DayKeyReply(sealed=sealed(issued.key), left_out=sealed(issued.left_out))

    async def _hear(self, message: Msg) -> None:
        area = message.subject.split(".")[2]
        now = self.deps.clock.now()
        try:
            signed = read_signed(area, sealing.HEALTH, message.data)
            said = wire.SensorHealth.FromString(signed.body)
            ahead = said.health_time.ToDatetime(tzinfo=UTC) - now
            health = Health(
                sensor_id=signed.sensor_id,
                batches_waiting=max(0, said.batches_waiting),
                clock_ahead_s=ahead.total_seconds(),
                observations_dropped=max(0, said.observations_dropped),
            )
            await hear_health(self.deps, signed, health)
        except (Refusal, DecodeError, ValueError, OverflowError) as error:
            self._log.warning("health refused", reason=type(error).__name__)
        except STORE_WAITS as error:
            self._log.warning("health waits for the store", error=str(error))

    async def ask(self, area: str, key_date: date, epoch: int) -> Sequence[bytes]:
        """Asks the sensors of an area for the key of a day and epoch; returns what they gave."""
        own = X25519PrivateKey.generate()
        nonce = secrets.token_bytes(16)
        ask = wire.DayKeyAsk(
            key_date=key_date.isoformat(),
            key_epoch=epoch,
            receiver_public_key=sealing.raw_public_key(own),
            nonce=nonce,
        )
        use = sealing.KeyUse(area, "service", key_date, epoch, nonce)
        inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(inbox, max_msgs=MAX_ANSWERS)
        found: list[bytes] = []
        try:
            await self._client.publish(f"sense.ask.{area}", ask.SerializeToString(), reply=inbox)
            async with asyncio.timeout(ASK_WAIT_S):
                while not found:
                    message = await subscription.next_msg(timeout=ASK_WAIT_S)
                    found += await self._opened(area, message.data, own, use)
        except (TimeoutError, nats.errors.Error):
            pass  # nobody has it: a new epoch begins
        finally:
            await subscription.unsubscribe()
        return found

    async def _opened(
        self, area: str, data: bytes, own: X25519PrivateKey, use: sealing.KeyUse
    ) -> list[bytes]:
        try:
            signed = read_signed(area, sealing.DAY_KEY_ANSWER, data)
            await authenticate(self.deps, signed)
            answer = wire.DayKeyAnswer.FromString(signed.body)
            sealed = sealing.Sealed(answer.sealed.sender_public_key, answer.sealed.ciphertext)
            return [sealing.unseal(sealed, own, use)]
        except (Refusal, DecodeError) as error:
            self._log.warning("day key answer refused", reason=type(error).__name__)
            return []

    async def tell(self, area: str, paused_zone_ids: Sequence[str]) -> None:
        """Tells the sensors which zones are paused; one that misses it learns within a minute."""
        control = wire.SiteControl(paused_zone_ids=paused_zone_ids)
        try:
            await self._client.publish(f"sense.control.{area}", control.SerializeToString())
        except (nats.errors.Error, OSError) as error:
            self._log.warning("sensors not told", error=type(error).__name__)
