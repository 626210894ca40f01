"""Two servers, one here and one at the cave, and the line between them."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
import nats.errors

from chaos.proxy import Proxy
from infra.local import authority, bus_layout, leaf
from infra.local import nats as configured
from infra.local.bus_layout import OPERATOR, PASSWORD_NAMES
from infra.local.ports import PortChooser

PASSWORDS = {name: f"password-of-{name}" for name in PASSWORD_NAMES}
ROOT = Path(__file__).resolve().parents[3]
LINE = "cave>here"
WITHIN_S = 150.0
PING_S = 1  # of both servers, so that a line that is cut shows within seconds


@dataclass
class Places:
    """Both servers. here, cave: their addresses; looks_here, looks_cave: ports of their pages.
    door, mqtt: ports here of leaves and of gadgets."""

    folder: Path
    here: str
    cave: str
    looks_here: int
    looks_cave: int
    door: int
    mqtt: int
    line: Proxy
    command: list[str]
    hub: "subprocess.Popen[bytes]"

    @property
    def carried(self) -> Path:
        """The folder that was carried to the cave."""
        return self.folder / "cave"

    @property
    def ca(self) -> Path:
        """What the doors here are known by."""
        return self.folder / "tls" / "mqtt" / "ca.pem"

    def password(self, user: str) -> str:
        """A password as the folder at the cave has it."""
        users = json.loads((self.carried / "nats.conf").read_text())["authorization"]["users"]
        return {each["user"]: str(each["password"]) for each in users}[user]

    def leaves(self, port: int) -> list[str]:
        """Which servers are joined to one of both as leaves, by what its page says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/leafz", timeout=10) as answer:
            return [str(each["name"]) for each in json.load(answer).get("leafs") or ()]

    def lose(self) -> None:
        """kill -9 of the server here, and a new one on its data."""
        self.hub.kill()
        self.hub.wait()
        self.hub = started(self.command)


def started(command: list[str], **given: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **given
    )  # fmt: skip


@contextmanager
def two_places(folder: Path) -> Iterator[Places]:
    """Runs both as an installation and `./meguri leaf cave --run` do."""
    chooser = PortChooser()
    here, looks_here, door, mqtt, cave, looks_cave = (chooser.choose(0) for _ in range(6))
    authority.ensure_certificates(folder / "tls", ["mqtt"])
    authority.ensure_token_keys(folder)
    tls = str(folder / "tls" / "mqtt")
    gadgets = configured.Gadgets(
        "127.0.0.1", mqtt, tls, authority.gadget_issuer(folder), PASSWORDS[configured.USHER]
    )
    config = configured.write_config(
        folder / "hub", bus_layout.users(PASSWORDS, ["cave"]), gadgets=gadgets,
        leaves=configured.Leaves("127.0.0.1", tls), leaf_port=door,
    )  # fmt: skip
    _change(config, ping_interval=f"{PING_S}s")
    with Proxy() as line:
        way = line.add(LINE, lambda: door)
        ca = Path(tls, "ca.pem").read_bytes()
        path = leaf.write_leaf(folder / "cave", "cave", f"127.0.0.1:{way}", PASSWORDS, ca)
        _change(path, port=cave, http=f"127.0.0.1:{looks_cave}", ping_interval=f"{PING_S}s")
        command = configured.command(config, here, looks_here)
        run = [sys.executable, "-m", "cli", "leaf", "cave", "--folder", str(path.parent), "--run"]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"}
        both = Places(
            folder, f"nats://127.0.0.1:{here}", f"nats://127.0.0.1:{cave}", looks_here, looks_cave,
            door, mqtt, line, command, started(command),
        )  # fmt: skip
        at_cave = started(run, cwd=ROOT, env=environment)
        try:
            yield both
        finally:
            for process in (both.hub, at_cave):
                process.terminate()
            for process in (both.hub, at_cave):
                process.wait(20)


def _change(config: Path, **values: object) -> None:
    config.write_text(json.dumps({**json.loads(config.read_text()), **values}))


async def signed_in(url: str, user: str, password: str = "") -> Any:
    """A program at one of the places, once its server is there."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return await nats.connect(
                url, user=user, password=password or PASSWORDS[user],
                inbox_prefix=bus_layout.inbox(user),
                max_reconnect_attempts=-1, allow_reconnect=True, connect_timeout=5,
            )  # fmt: skip
        except (OSError, nats.errors.Error):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


async def operator_at_cave(places: Places) -> Any:
    """Whoever may do everything at the cave."""
    return await signed_in(places.cave, OPERATOR, places.password(OPERATOR))


async def until(holds: Callable[[], bool]) -> None:
    """Waits for something that comes about by itself."""
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
