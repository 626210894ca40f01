"""The door of gadgets that count themselves: their logins over MQTT, and what they report.

NATS speaks MQTT 3.1.1 itself. Reports of QoS 1 are in its own stream $MQTT_msgs before a gadget
is told that they arrived; there a durable consumer reads them, so that none is lost and each is
counted once. Reports of QoS 0 come once at most, as their senders chose, and are heard as they
pass.
"""

import asyncio
import json
from collections import Counter, OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import nats.errors
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from kit import log
from kit.bus import DEAD_PREFIX, REASON, SEQUENCE, SUBJECT, Bus
from kit.bus import STREAM as DEAD_STREAM
from kit.config import ConfigError, Settings
from kit.db import StoreBusy, StoreUnavailable
from kit.forever import forever
from kit.pull import ACK_WAIT_S, Listener, Poison, PullLoop
from kit.pure.errors import Refusal
from services.visitor_sense.app import gadgets
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.gadgets import REASONS, Arrived
from services.visitor_sense.domain.errors import ReportsTooMany, RequestMalformed
from services.visitor_sense.domain.gadgets import Floods, read_user_name, subject
from services.visitor_sense.domain.logins import Asked, Issuer, read_asked
from services.visitor_sense.events.connection import connected

STREAM, DURABLE = "$MQTT_msgs", "visitor_sense"
STORED_PREFIX = "$MQTT.msgs."
QUESTIONS = "$SYS.REQ.USER.AUTH"
PASSING = "pax.*.*"
QOS_HEADER = "Nmqtt-Pub"  # what the server notes beside a message: its flags, then its QoS
USHER = "usher"
AT_ONCE = 8  # questions answered at the same time
PASSING_AT_ONCE = 1_000  # reports of QoS 0 that may wait; more of them are a flood
CONNECTIONS_KEPT = 10_000
NOTE_S = 1.0
KICK_S = 1.0


class GadgetDoor:
    """Answers who may log in, ends logins, and counts what gadgets report."""

    deps: Deps

    def __init__(self, bus: Bus, usher: Bus, issuer: Issuer) -> None:
        self._bus, self._usher, self._issuer = bus, usher, issuer
        self._log = log.get("gadgets")
        self._floods = Floods()
        self._open: OrderedDict[tuple[str, int], tuple[str, str]] = OrderedDict()
        self._refused: dict[str, Counter[tuple[str, str]]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._work = set[asyncio.Task[None]]()
        self._loop = PullLoop(
            Listener(
                name="gadgets", subscribe=self._subscribe, read=_read,
                area=lambda one: one.area, key=lambda one: one.delivery,
                apply=self._record, bury=self._bury,
            )
        )  # fmt: skip

    async def run(self) -> None:
        """Answers and counts until canceled."""
        await connected(self._bus.connection)
        await self._bus.connection.subscribe(QUESTIONS, queue="visitor_sense", cb=self._ask)
        await self._bus.connection.subscribe(
            PASSING, queue="visitor_sense", cb=self._pass, pending_msgs_limit=PASSING_AT_ONCE
        )
        async with asyncio.TaskGroup() as all_of_it:
            all_of_it.create_task(self._usher.open())
            all_of_it.create_task(self._loop.run())
            all_of_it.create_task(forever("gadgets", self._note, NOTE_S))

    async def close(self) -> None:
        """Closes the connection that ends others."""
        await self._usher.close()

    async def end_logins(self, area: str, sensor_id: str) -> None:
        """Ends the connections of a gadget that this process let in. One that an earlier process
        let in ends by itself within the hour; until then what it reports is refused."""
        mine = [key for key, gadget in self._open.items() if gadget == (area, sensor_id)]
        for server_id, connection_id in mine:
            self._open.pop((server_id, connection_id))
            order = json.dumps({"cid": connection_id}).encode()
            subject_of_it = f"$SYS.REQ.SERVER.{server_id}.KICK"
            try:  # an order without an address for the answer is not heard
                await self._usher.connection.request(subject_of_it, order, timeout=KICK_S)
            except (nats.errors.Error, TimeoutError, OSError) as error:
                self._log.warning("login not ended", error=type(error).__name__)

    async def _ask(self, message: Msg) -> None:
        # One that waits for the store must not hold up the others: the server gives it 3 seconds.
        task = asyncio.create_task(self._answer(message))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _answer(self, message: Msg) -> None:
        try:
            asked = read_asked(message.data)
        except RequestMalformed:
            self._log.warning("question refused", reason="REQUEST_MALFORMED")
            return
        async with self._places:
            try:
                answer = await self._decide(asked)
            except (StoreUnavailable, StoreBusy) as error:
                self._log.warning("login waits for the store", error=type(error).__name__)
                return  # the server refuses after its time; the gadget comes again
        await message.respond(answer)

    async def _decide(self, asked: Asked) -> bytes:
        now = self.deps.clock.now()
        gadget = read_user_name(asked.user) if asked.mqtt else None
        if gadget is None:
            return self._issuer.refuse(asked, "USER_UNKNOWN", now)
        area, sensor_id = gadget
        try:
            if self._floods.is_cut_off(area, sensor_id, now.timestamp()):
                raise ReportsTooMany("The gadget sent more than it can have to say.")
            await gadgets.admit(self.deps, area, sensor_id, asked.password)
        except Refusal as refusal:
            reason = REASONS[type(refusal)]
            self._refused.setdefault(area, Counter())[sensor_id, reason] += 1
            return self._issuer.refuse(asked, reason, now)
        self._open[asked.server_id, asked.connection_id] = gadget
        if len(self._open) > CONNECTIONS_KEPT:
            self._open.popitem(last=False)
        return self._issuer.allow(asked, subject(area, sensor_id), now)

    async def _note(self) -> None:
        """Notes refused logins together: a flood of wrong passwords is one row a second."""
        refused, self._refused = self._refused, {}
        for area, counts in refused.items():
            await gadgets.note_logins_refused(self.deps, area, counts)

    async def _pass(self, message: Msg) -> None:
        """Takes a report of QoS 0; those of QoS 1 come out of the stream."""
        if not _comes_once(message):
            return
        _, area, sensor_id = message.subject.split(".")
        arrived = Arrived(area, sensor_id, message.data, self.deps.clock.now())
        try:
            await self._record(area, [arrived])
        except (StoreUnavailable, StoreBusy) as error:
            self._log.warning("a report of QoS 0 is lost", error=type(error).__name__)

    async def _subscribe(self) -> Any:  # nats-py ships no types
        await connected(self._bus.connection)
        stream = self._bus.connection.jetstream(timeout=5)
        await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=DURABLE,
                filter_subject=f"{STORED_PREFIX}{PASSING}",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_S,
                deliver_policy=DeliverPolicy.ALL,
            ),
        )
        return await stream.pull_subscribe_bind(consumer=DURABLE, stream=STREAM)

    async def _record(self, area: str, arrived: list[Arrived]) -> None:
        for sensor_id in await gadgets.record_reports(self.deps, self._floods, area, arrived):
            self._log.warning("flood", sensor=sensor_id)
            await self.end_logins(area, sensor_id)

    async def _bury(self, message: Msg, arrived: Arrived | None, error: Exception) -> None:
        """Keeps where a report lies and why it cannot be used; it is copied nowhere."""
        sequence = str(message.metadata.sequence.stream)
        headers = {
            "Nats-Msg-Id": f"dead:visitor_sense:gadgets:{sequence}",
            REASON: type(error).__name__ if arrived else "REPORT_MALFORMED",
            SUBJECT: message.subject.removeprefix(STORED_PREFIX),
            DEAD_STREAM: STREAM,
            SEQUENCE: sequence,
        }
        await self._bus.connection.jetstream(timeout=5).publish(
            f"{DEAD_PREFIX}.visitor_sense.gadgets", b"", headers=headers
        )


def door_of(settings: Settings, bus: Bus) -> GadgetDoor | None:
    """Returns the door, None where this installation has no key to let anybody in by.

    Errors: ConfigError.
    """
    path = settings.environment.get("MEGURI_GADGET_KEY", "")
    if not path:
        return None
    with open(path, "rb") as file:  # noqa: PTH123 - a name from the environment
        private = load_pem_private_key(file.read(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigError("MEGURI_GADGET_KEY is no Ed25519 key")
    password = settings.required("MEGURI_USHER_NATS_PASSWORD")
    usher = Bus(replace(settings, nats_user=USHER, nats_password=password))
    return GadgetDoor(bus, usher, Issuer(private))


def _read(message: Msg) -> Arrived:
    parts = message.subject.removeprefix(STORED_PREFIX).split(".")
    if len(parts) != 3:
        raise Poison("not the topic of a gadget")
    at = message.metadata.timestamp
    arrived = datetime.fromtimestamp(at.timestamp(), UTC)
    name = f"mqtt:{message.metadata.sequence.stream}:{at.timestamp()}"
    return Arrived(parts[1], parts[2], message.data, arrived, name)


def _comes_once(message: Msg) -> bool:
    return (message.headers or {}).get(QOS_HEADER, "0")[-1:] in {"0", ""}
