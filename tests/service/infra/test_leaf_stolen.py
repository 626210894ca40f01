"""Somebody has the machine that stands at the cave, with everything on it, and reaches the doors
here that are open to the world: for leaves and for gadgets. She has another NATS server and an MQTT
client of her own, and all the passwords that she found; and for once those of the house too, which
each login's own door has to hold.
"""

import asyncio
import json
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import nats.errors
import paho.mqtt.client as mqtt
import pytest
from nats.aio.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from infra.local import binaries
from infra.local.bus_layout import LEAF, OPERATOR, PASSWORD_NAMES, SENSOR
from infra.local.nats import PEER
from infra.local.ports import PortChooser
from tests.service.infra.leaves import (
    PASSWORDS,
    Places,
    operator_at_cave,
    started,
    two_places,
    until,
)

pytestmark = pytest.mark.long
# Peers of a cluster have a door of their own, which no installation with leaves opens.
LOGINS = sorted(set(PASSWORD_NAMES) - {PEER})


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with two_places(tmp_path_factory.mktemp("places")) as both:
        yield both


def test_what_was_carried_away_holds_two_passwords_of_the_house(places: Places) -> None:
    files = [path for path in places.carried.glob("*") if path.is_file()]
    held = b"\n".join(path.read_bytes() for path in files).decode()
    assert {name for name in PASSWORD_NAMES if PASSWORDS[name] in held} == {LEAF, SENSOR}
    assert len(places.password(OPERATOR)) > 40


async def joins(places: Places, folder: Path, user: str, password: str) -> bool:
    """Tells whether another server is let in at the door of leaves with a login."""
    name, said = f"thief-{uuid.uuid4().hex[:6]}", folder / "said.log"
    remote = {
        "url": f"tls://{user}:{password}@127.0.0.1:{places.door}",
        "tls": {"ca_file": str(places.ca)},
    }
    config = folder / "thief.conf"
    config.write_text(json.dumps({
        "server_name": name, "port": PortChooser().choose(0), "log_file": str(said),
        "leafnodes": {"reconnect": "1s", "remotes": [remote]},
    }))  # fmt: skip
    process = started([str(binaries.find("nats-server")), "--config", str(config)])
    try:
        await until(lambda: name in places.leaves(places.looks_here) or _refused(said))
        return name in places.leaves(places.looks_here)
    finally:
        process.terminate()
        process.wait(20)


def _refused(said: Path) -> bool:
    return said.exists() and "Authorization Violation" in said.read_text()


async def connects(places: Places, user: str, password: str) -> bool:
    """Tells whether an MQTT client is let in at the door of gadgets with a login."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, uuid.uuid4().hex, protocol=mqtt.MQTTv311)
    client.tls_set_context(ssl.create_default_context(cafile=places.ca))
    client.username_pw_set(user, password)
    told: SimpleQueue[str] = SimpleQueue()
    client.on_connect = lambda *given: told.put(str(given[3]))
    await asyncio.to_thread(client.connect, "127.0.0.1", places.mqtt)
    client.loop_start()
    try:
        answer = await asyncio.to_thread(told.get, timeout=30)
        assert answer in {"Success", "Not authorized"}
        return answer == "Success"
    finally:
        client.loop_stop()
        client.disconnect()


async def signs_in(places: Places, user: str, password: str) -> bool:
    """Tells whether a login is that of a program here."""
    client, said = Client(), ""
    try:
        await client.connect(places.here, user=user, password=password, allow_reconnect=False)
    except nats.errors.Error as error:
        said = str(error)
    finally:
        await client.close()
    assert said == "" or "Authorization" in said
    return said == ""


async def test_the_operator_of_the_cave_is_nobody_here(places: Places, tmp_path: Path) -> None:
    at_cave = await operator_at_cave(places)  # so that it is the right password, there
    await at_cave.close()
    password = places.password(OPERATOR)
    assert not await joins(places, tmp_path, OPERATOR, password)
    assert not await connects(places, OPERATOR, password)
    assert not await signs_in(places, OPERATOR, password)


@pytest.mark.parametrize("user", LOGINS)
async def test_only_the_leaf_s_login_opens_the_door_of_leaves(
    places: Places, tmp_path: Path, user: str
) -> None:
    assert await joins(places, tmp_path, user, PASSWORDS[user]) == (user == LEAF)


@pytest.mark.parametrize("user", LOGINS)
async def test_no_login_of_the_house_opens_the_door_of_gadgets(places: Places, user: str) -> None:
    assert not await connects(places, user, PASSWORDS[user])


async def test_the_leaf_s_login_is_none_of_a_program(places: Places) -> None:
    assert await signs_in(places, OPERATOR, PASSWORDS[OPERATOR])
    assert not await signs_in(places, LEAF, PASSWORDS[LEAF])
