"""A port that another program takes between choosing and listening."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cli import present
from infra.local import home as homes
from infra.local.home import Home
from infra.local.keeper import Keeper
from infra.local.machine import PortTaken
from infra.local.ports import HOST, PortChooser, holder
from infra.local.supervisor import Supervisor
from infra.local.table import Component, by_name
from tests.service.infra.test_keeping import actor, diary, eventually, machine_for

ME = f"{Path('/proc/self/comm').read_text().strip()} (process {os.getpid()})"
# A real server, which dies of a stolen port as all do.
VALKEY = by_name()["valkey"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data folder."""
    home = Home(tmp_path / "data")
    home.make()
    return home


@pytest.fixture
def chooser() -> PortChooser:
    """Ports of this test."""
    return PortChooser()


def early(home: Home, port: int) -> Component:
    """One that is told the server's address though it does not depend on it."""
    return replace(actor("early", "good", port, home), environment=("MEGURI_VALKEY_URL",))


@pytest.mark.parametrize("waits_for", [("early",), ()], ids=["at work", "being made"])
async def test_a_component_whose_port_was_stolen_gets_another_and_all_know_it(
    home: Home,
    chooser: PortChooser,
    capsys: pytest.CaptureFixture[str],
    waits_for: tuple[str, ...],
) -> None:
    """waits_for: whether who was told the stolen port works by then, or is only being made."""
    ports = {name: chooser.choose(0) for name in ("valkey", "early", "late")}
    stolen = ports["valkey"]
    components = [
        early(home, ports["early"]),
        replace(VALKEY, depends_on=waits_for),
        actor("late", "good", ports["late"], home, "valkey"),
    ]
    machine = machine_for(home, ports)
    with socket.create_server((HOST, stolen)):
        supervisor = Supervisor(machine, components, None)
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: supervisor.phase == "ready", 20)
        keepers = supervisor.keepers
        if waits_for:
            await eventually(lambda: diary(home, "early").count("listening") == 2)
        await eventually(lambda: keepers["early"].health == "ok")
        state = homes.read_state(home)
        assert state["ports"]["valkey"] == machine.ports["valkey"] != stolen
        assert state["evaded"] == {"valkey": stolen}
        assert keepers["valkey"].restarts == 0  # it never ran
        assert str(machine.ports["valkey"]) in keepers["early"]._given["MEGURI_VALKEY_URL"]
        assert diary(home, "late").count("start") == 1
        present.table(state, sys.stdout)
        told = capsys.readouterr().out
        assert f"{machine.ports['valkey']} ({stolen} is taken)" in told
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 60) is True


async def test_a_port_that_a_person_asked_for_is_kept_to_and_the_start_says_so(
    home: Home, chooser: PortChooser
) -> None:
    port = chooser.choose(0)
    machine = replace(machine_for(home, {"valkey": port}), asked_for=frozenset({"valkey"}))
    with socket.create_server((HOST, port)):
        supervisor = Supervisor(machine, [VALKEY], None)
        assert await asyncio.wait_for(supervisor.run(), 20) is False
    state = homes.read_state(home)
    assert state["problem"] == f"Port {port} is used by another program; choose one with --port"
    assert (state["failed"], state["ports"]) == ("valkey", {"valkey": port})


def test_what_failed_for_something_else_keeps_its_ports(home: Home, chooser: PortChooser) -> None:
    edge, metrics, other = (chooser.choose(0) for _ in range(3))
    machine = replace(
        machine_for(home, {"edge": edge, "other": other}), metrics_ports={"edge": metrics}
    )
    assert not machine.evade("edge")
    assert not machine.evade("nobody")
    assert (machine.ports["edge"], machine.metrics_ports["edge"]) == (edge, metrics)
    with socket.create_server((HOST, metrics)):
        assert machine.evade("edge")
    assert machine.ports["edge"] == edge
    assert machine.metrics_ports["edge"] not in {edge, metrics, other}
    assert machine.evaded == {}
    with socket.create_server((HOST, other)):  # the port of a public address is what it is
        public = replace(machine, ports={"proxy": other})
        assert (public.evade("proxy"), public.ports) == (False, {"proxy": other})
    with socket.create_server((HOST, edge)):
        assert machine.evade("edge")
        assert home.last_port() == machine.ports["edge"] != edge
        with pytest.raises(PortTaken, match="choose one with --port"):
            replace(machine, ports={"edge": edge}, asked_for=frozenset({"edge"})).evade("edge")


async def steal(keeper: Keeper, port: int) -> socket.socket:
    """Kills a component that works and takes its port before it is back."""
    while True:
        keeper.kill()
        for _ in range(200):
            with contextlib.suppress(OSError):
                return socket.create_server((HOST, port))
            await asyncio.sleep(0.001)
        await eventually(lambda: keeper.health == "ok")


async def test_a_port_that_is_stolen_later_is_kept_and_the_thief_is_named(
    home: Home, chooser: PortChooser, capsys: pytest.CaptureFixture[str]
) -> None:
    port = chooser.choose(0)
    supervisor = Supervisor(machine_for(home, {"valkey": port}), [VALKEY], None)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: supervisor.phase == "ready", 20)
    keeper = supervisor.keepers["valkey"]
    with await steal(keeper, port):
        await eventually(lambda: keeper.stolen == (port, ME))
        await eventually(lambda: homes.read_state(home)["components"][0]["stolen_by"] == ME)
        present.table(homes.read_state(home), sys.stdout)
        assert f"Port {port} of valkey was taken by {ME}" in capsys.readouterr().out
        await eventually(lambda: keeper.restarts >= 3)
    told = await asyncio.to_thread((home.log / "valkey.jsonl").read_text)
    assert told.count(f"its port {port} was taken by {ME}") == 1  # not at every try
    await eventually(lambda: keeper.health == "ok", 20)
    assert (keeper.stolen, supervisor.state()["ports"]["valkey"]) == (None, port)
    present.table(supervisor.state(), sys.stdout)
    assert "taken" not in capsys.readouterr().out
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 60) is True


def test_who_cannot_be_known_is_not_guessed(
    chooser: PortChooser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert holder(chooser.choose(0)) == ""  # nobody
    component = {"name": "edge", "version": "", "pid": 0, "port": 80, "health": "failing",
                 "start_ms": 0, "restarts": 5, "stolen_port": 80, "stolen_by": ""}  # fmt: skip
    present.table({"components": [component]}, sys.stdout)
    assert "Port 80 of edge was taken by another program" in capsys.readouterr().out
