"""The line between a place such as the cave and the installation is cut while a sensor works there.

Two real servers as `./meguri leaf` configures them, without a platform. Acknowledged is what the
server at the place acknowledged; effects are the batches in the stream here.
"""

import asyncio
import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nats
import nats.errors

from chaos.bench import Bench
from chaos.proxy import Proxy
from chaos.servers import Server, listens
from chaos.stage import Broken, Size, slack_now
from infra.local import authority, binaries, bus_layout, leaf, spawn
from infra.local import nats as configured
from infra.local.bus_layout import OPERATOR, PASSWORD_NAMES, SENSOR
from infra.local.ports import HOST, PortChooser
from infra.local.prepare import prepare_streams
from kit.ids import new_secret

CUT_S, CUT_FULL_S = 16.0, 3600.0
EVERY_S, EVERY_FULL_S = 0.05, 0.5  # between two batches of the sensor
PING_S = 1  # quick: three unanswered ones end a connection; in full they are as they are
OPEN_S = 3.0  # before the cut
REPEAT_EVERY = 10  # such a batch is given twice, as by a sensor that missed the answer
ACK_WITHIN_S = 5.0  # at the place, whatever becomes of the line
BACK_WITHIN_S = 150.0  # NATS tries a source again after two minutes at the latest
LINE = "cave>here"
SUBJECT = "observations.mine.gate"


@dataclass(frozen=True)
class Places:
    """here, cave: addresses. line: what is cut."""

    here: str
    cave: str
    line: Proxy
    passwords: dict[str, str]

    async def sign_in(self, url: str, user: str, password: str) -> Any:
        """A program at one of the places."""
        return await nats.connect(
            url, user=user, password=password, inbox_prefix=bus_layout.inbox(user)
        )


def leaf_cut(bench: Bench, size: Size) -> None:
    """Cuts the line, then refuses it, then heals it. Errors: Broken."""
    with ExitStack() as running:
        places, operator = _places(bench, running, quick=not size.full)
        asyncio.run(_play(bench, places, operator, full=size.full))


def _places(bench: Bench, running: ExitStack, *, quick: bool) -> tuple[Places, str]:
    """Starts both servers. Returns them with the password of the operator at the cave."""
    chooser = PortChooser()
    here, looks, door, cave = (chooser.choose(0) for _ in range(4))
    passwords = {name: new_secret() for name in PASSWORD_NAMES}
    authority.ensure_certificates(bench.folder / "tls", ["mqtt"])
    tls = bench.folder / "tls" / "mqtt"
    hub = configured.write_config(
        bench.folder / "hub", bus_layout.users(passwords, ["cave"]),
        leaves=configured.Leaves(HOST, str(tls)), leaf_port=door,
    )  # fmt: skip
    line = running.enter_context(Proxy())
    way = line.add(LINE, lambda: door)
    ca = (tls / "ca.pem").read_bytes()
    carried = leaf.write_leaf(bench.folder / "cave", "cave", f"{HOST}:{way}", passwords, ca)
    pings = {"ping_interval": f"{PING_S}s"} if quick else {}
    _change(hub, **pings)
    users = _change(carried, port=cave, **pings)["authorization"]["users"]
    at_cave = [str(binaries.find("nats-server")), "--config", carried.name]
    for folder, port, command in (
        (hub.parent, here, partial(configured.command, hub, here, looks)),
        (carried.parent, cave, partial(spawn.bound, at_cave)),
    ):
        server = Server(command, partial(listens, port), folder / "said.log", folder)
        server.start()
        running.callback(server.stop)
    known = {each["user"]: each["password"] for each in users}
    where = f"nats://{HOST}:{here}", f"nats://{HOST}:{cave}"
    return Places(*where, line, passwords), known[OPERATOR]


def _change(config: Path, **values: object) -> dict[str, Any]:
    changed = {**json.loads(config.read_text()), **values}
    config.write_text(json.dumps(changed))
    return changed


async def _play(bench: Bench, places: Places, operator: str, *, full: bool) -> None:
    every_s, cut_s = (EVERY_FULL_S, CUT_FULL_S) if full else (EVERY_S, CUT_S)
    await prepare_streams(places.cave, OPERATOR, operator, [leaf.stream()])
    ours = places.passwords[OPERATOR]
    await prepare_streams(places.here, OPERATOR, ours, [leaf.stream()], leaves=["cave"])
    sensor = await places.sign_in(places.cave, SENSOR, places.passwords[SENSOR])
    giving = Giving(sensor, every_s)
    try:
        await giving.go_on(OPEN_S)
        bench.tell(f"  … the line is cut for {cut_s:.0f} s")
        before, _ = places.line.carried(LINE)
        places.line.cut(LINE)
        await giving.go_on(cut_s * 3 / 4)
        bench.faults += 1
        if places.line.carried(LINE)[0] == before:
            raise Broken("nobody gave the line up: it was not cut for long enough")
        places.line.refuse(LINE)
        await giving.go_on(cut_s / 4)
        bench.faults += 1
        places.line.heal(LINE)
        healed, count = time.monotonic(), len(giving.acknowledged)
        await giving.go_on(OPEN_S)
        found, last = await _taken_in(places, ours, len(giving.acknowledged))
    finally:
        await sensor.close()
    bench.judge(giving.acknowledged, found, "batch")
    bench.figures |= {
        "cut_s": cut_s, "batches_while_cut": count, "joined": places.line.carried(LINE)[0],
        "longest_ack_s": round(giving.longest_s, 2),
        "recovery_s": round(max(0.0, last - healed - OPEN_S), 2),
    }  # fmt: skip
    if found != sorted(found):
        raise Broken("batches came in another order than they were given in")
    if giving.longest_s > ACK_WITHIN_S * slack_now():
        raise Broken(f"a sensor waited {giving.longest_s:.1f} s for the server beside it")


class Giving:
    """A sensor that gives batches one after another, at a steady pace."""

    def __init__(self, sensor: Any, every_s: float) -> None:
        self._stream, self._every_s = sensor.jetstream(timeout=ACK_WITHIN_S * 8), every_s
        self.acknowledged: list[str] = []
        self.longest_s = 0.0

    async def go_on(self, lasting_s: float) -> None:
        """Gives for so long."""
        ends = time.monotonic() + lasting_s
        while time.monotonic() < ends:
            name = f"{len(self.acknowledged):08}"
            for _ in range(2 if len(self.acknowledged) % REPEAT_EVERY == 0 else 1):
                asked = time.monotonic()
                await self._stream.publish(SUBJECT, name.encode(), headers={"Nats-Msg-Id": name})
                self.longest_s = max(self.longest_s, time.monotonic() - asked)
            self.acknowledged.append(name)
            await asyncio.sleep(self._every_s)


async def _taken_in(places: Places, password: str, count: int) -> tuple[list[str], float]:
    """Returns what the stream here holds, in its order, and when the last was there: once so much
    came, or nothing comes any more."""
    client = await places.sign_in(places.here, OPERATOR, password)
    found, last = list[str](), time.monotonic()
    try:
        heard = await client.jetstream().subscribe("observations.>", ordered_consumer=True)
        while True:
            waits_s = BACK_WITHIN_S * slack_now() if len(found) < count else 2.0
            found.append((await heard.next_msg(timeout=waits_s)).data.decode())
            last = time.monotonic()
    except nats.errors.TimeoutError:
        return found, last
    finally:
        await client.close()
