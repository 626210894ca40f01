"""A broker as an installation runs it, and a Paxcounter that talks to it."""

import json
import ssl
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from infra.local import authority, bus_layout, nats
from infra.local.bus_layout import OPERATOR, USER_NAMES
from infra.local.ports import HOST
from infra.local.prepare import prepare_streams
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import main
from services.visitor_sense.domain import gadgets
from services.visitor_sense.events.said import ENCODERS
from tests import harness, servers
from tests.service.visitor_sense.conftest import Sense, until

PASSWORD = "a password of the gadget"
GADGET = "gate-pax"


@dataclass(frozen=True)
class Broker:
    """NATS as an installation runs it. url: with the operator's login."""

    host: str
    port: int
    mqtt_port: int
    folder: Path

    @property
    def url(self) -> str:
        """As the operator."""
        return f"nats://{OPERATOR}:x@{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What visitor_sense is given."""
        return {
            "MEGURI_NATS_URL": f"nats://{self.host}:{self.port}",
            "MEGURI_NATS_USER": "visitor_sense", "MEGURI_NATS_PASSWORD": "x",
            "MEGURI_GADGET_KEY": str(self.folder / authority.GADGET_KEY),
            "MEGURI_USHER_NATS_PASSWORD": "x",
        }  # fmt: skip


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """Runs NATS with all logins and the door for gadgets; again on the same folder and ports."""
    authority.ensure_token_keys(folder)
    authority.ensure_certificates(folder / "tls", ["mqtt"])
    ports = folder / "ports.json"
    if not ports.exists():
        ports.write_text(json.dumps([servers._ports.choose(0) for _ in range(3)]))
    port, monitor_port, mqtt_port = json.loads(ports.read_text())
    door = nats.Gadgets(
        HOST, mqtt_port, str(folder / "tls" / "mqtt"), authority.gadget_issuer(folder), "x"
    )
    users = bus_layout.users(dict.fromkeys(USER_NAMES, "x"))
    config = nats.write_config(folder / "nats", users, gadgets=door)
    command = nats.command(config, port, monitor_port)
    with servers._running("nats", command, folder, servers.opens(port)):
        yield Broker(HOST, port, mqtt_port, folder)


@asynccontextmanager
async def running(
    broker: Broker, database_url: str, valkey_server: str, area: str
) -> AsyncIterator[Sense]:
    """Runs the service with a zone and an enrolled gadget."""
    await prepare_streams(broker.url, OPERATOR, "x", bus_layout.STREAMS)
    async with harness.running(
        "visitor_sense", ENCODERS, main.build, database_url, broker.url,
        MEGURI_VALKEY_URL=valkey_server, **broker.environment(),
    ) as it:  # fmt: skip
        yield Sense(it, area, None, broker.folder, broker.url, database_url)  # type: ignore[arg-type]


async def enroll(
    sense: Sense, password: str = PASSWORD, gadget: str = GADGET
) -> wire.EnrollGadgetResponse:
    request = wire.EnrollGadgetRequest(
        request_id=str(uuid.uuid4()), sensor_id=gadget, zone_id="gate", password=password
    )
    return await sense.admin.EnrollGadget(request, timeout=30)


class Paxcounter:
    """A gadget at work, as its maker's library talks: MQTT 3.1.1 over TLS."""

    def __init__(
        self, broker: Broker, sense: Sense, password: str = PASSWORD, gadget: str = GADGET
    ) -> None:
        self.topic = gadgets.topic(sense.area, gadget)
        self.answers: list[str] = []
        self.sent, self.done = set[int](), set[int]()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, f"paxcounter-{uuid.uuid4().hex[:6]}",
            clean_session=True, protocol=mqtt.MQTTv311, reconnect_on_failure=True,
        )  # fmt: skip
        context = ssl.create_default_context(cafile=broker.folder / "tls" / "mqtt" / "ca.pem")
        self.client.tls_set_context(context)
        self.client.username_pw_set(gadgets.user_name(sense.area, gadget), password)
        self.client.reconnect_delay_set(1, 1)
        self.client.max_queued_messages_set(0)
        self.client.on_connect = lambda *given: self.answers.append(str(given[3]))
        self.client.on_publish = lambda *given: self.done.add(given[2])
        self.client.connect_async(broker.host, broker.mqtt_port)
        self.client.loop_start()

    def tell(self, content: object, *, qos: int = 1, topic: str = "") -> None:
        """Publishes a report."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.sent.add(self.client.publish(topic or self.topic, data, qos=qos).mid)

    async def acknowledged(self) -> None:
        """Waits until the server has all of them."""

        async def all_of_them() -> bool:
            return self.sent <= self.done

        await until(all_of_them, 20)

    def close(self) -> None:
        self.client.loop_stop()
        self.client.disconnect()
