"""The supervisor's care for one component and for the order of several, with real processes."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local import health, logs, process
from infra.local import home as homes
from infra.local import keeper as keepers
from infra.local import supervisor as supervisors
from infra.local.health import Prober
from infra.local.home import Home, Settings
from infra.local.keeper import Keeper
from infra.local.machine import Machine
from infra.local.nursery import Nursery
from infra.local.ports import PortChooser
from infra.local.spawn import lives
from infra.local.supervisor import Supervisor
from infra.local.table import Component, Health

pytestmark = pytest.mark.long

ACTOR = "tests.service.infra.actor"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data folder."""
    home = Home(tmp_path / "巡り data")
    home.make()
    return home


def _ended(home: Home, name: str) -> float:
    """When a component last wrote: its order to stop."""
    return float((home.data / f"{name}.diary").read_text().splitlines()[-1].split(" ", 1)[0])


def machine_for(home: Home, ports: dict[str, int]) -> Machine:
    """A machine with ports and secrets."""
    return Machine(home, Settings(), homes.ensure_passwords(home), ports, {})


def actor(name: str, habit: str, port: int, home: Home, *depends_on: str) -> Component:
    """A component with a habit and a diary."""
    kind = Health.DONE if habit == "done" else Health.PORT
    module = (ACTOR, habit, str(port), str(home.data / f"{name}.diary"))
    return Component(name, kind, module=module, port=port, depends_on=depends_on)


def diary(home: Home, name: str) -> list[str]:
    """What happened to a component."""
    path = home.data / f"{name}.diary"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split(" ", 1)[1] for line in lines]


def _started(home: Home, name: str) -> float:
    """When a component first started."""
    return float((home.data / f"{name}.diary").read_text().split(" ", 1)[0])


@asynccontextmanager
async def kept(home: Home, habit: str) -> AsyncIterator[Keeper]:
    """Keeps one actor for as long as the block."""
    port = PortChooser().choose(0)
    machine = machine_for(home, {"actor": port})
    keeper = Keeper(
        actor("actor", habit, port, home),
        machine,
        Prober(machine),
        Nursery(),
        logs.LogFile(home.log, "actor"),
        lambda: None,
    )
    life = asyncio.create_task(keeper.run())
    try:
        yield keeper
    finally:
        await keeper.stop()
        await life


async def eventually(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Waits for a condition. Errors: AssertionError."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


async def within(wait: Awaitable[object], timeout_s: float = 30.0) -> None:
    """Waits for something. Errors: TimeoutError."""
    await asyncio.wait_for(wait, timeout_s)


async def test_a_component_is_healthy_once_it_answers(home: Home) -> None:
    async with kept(home, "slow") as keeper:
        await within(keeper.healthy.wait())
        assert keeper.health == "ok"
        assert keeper.start_ms >= 300
        assert keeper.describe()["pid"] == keeper.pid > 0
    assert keeper.health == "stopped"
    assert diary(home, "actor") == ["start", "listening", "stop"]


async def test_a_killed_component_is_started_again(home: Home) -> None:
    async with kept(home, "good") as keeper:
        await within(keeper.healthy.wait())
        first = keeper.pid
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: keeper.health == "ok" and keeper.pid not in {0, first})
        assert keeper.restarts == 1
    assert diary(home, "actor").count("start") == 2


async def test_a_component_that_always_dies_is_reported_after_five_deaths(home: Home) -> None:
    async with kept(home, "dies") as keeper:
        started = time.monotonic()
        await within(keeper.failing.wait(), 60)
        # 0.1 + 0.2 + 0.4 + 0.8 s of pauses between five lives
        assert time.monotonic() - started >= 1.5
        assert not keeper.healthy.is_set()
        assert diary(home, "actor") == ["start"] * keepers.CIRCUIT_DEATHS
    texts = [str(record["text"]) for record in logs.tail(home.log, "actor", 20)]
    assert any("exit code 3" in text for text in texts)


async def test_a_job_is_done_once(home: Home) -> None:
    async with kept(home, "done") as keeper:
        await within(keeper.healthy.wait())
        assert keeper.health == "done"
        await within(keeper.stopped.wait())
    assert diary(home, "actor") == ["start"]


async def test_who_ignores_the_request_to_stop_is_killed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "STOP_TIMEOUT_S", 0.3)
    async with kept(home, "stubborn") as keeper:
        await within(keeper.healthy.wait())
        process = keeper.pid
    assert not lives(process)
    assert "stop" not in diary(home, "actor")


async def test_who_falls_silent_is_reported_and_started_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "PROBE_WATCH_S", 0.02)
    monkeypatch.setattr(keepers, "SILENT_S", 0.2)
    monkeypatch.setattr(keepers, "HUNG_S", 1.0)
    async with kept(home, "falls_silent") as keeper:
        await within(keeper.healthy.wait())
        await eventually(lambda: keeper.health == "silent")
        await eventually(lambda: keeper.restarts >= 1)
        await eventually(lambda: diary(home, "actor").count("listening") >= 2)


async def test_who_is_frozen_is_ended_and_started_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system goes on taking its connections, so only an answer is a sign of life."""
    monkeypatch.setattr(keepers, "PROBE_WATCH_S", 0.02)
    monkeypatch.setattr(keepers, "SILENT_S", 0.3)
    monkeypatch.setattr(keepers, "HUNG_S", 1.0)
    monkeypatch.setattr(health, "PROBE_TIMEOUT_S", 0.2)
    async with kept(home, "good") as keeper:
        await within(keeper.healthy.wait())
        first, frozen = keeper.pid, time.monotonic()
        os.kill(first, signal.SIGSTOP)
        await eventually(lambda: keeper.health == "silent")
        assert time.monotonic() - frozen < 1.0
        assert keeper.pid == first
        await eventually(lambda: keeper.health == "ok" and keeper.pid not in {0, first})
        assert 1.0 <= time.monotonic() - frozen < 4.0
        assert not lives(first)


async def test_who_says_that_it_is_not_well_has_as_long_as_for_a_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that recovers answers, though not what one would like to hear."""
    monkeypatch.setattr(keepers, "PROBE_WATCH_S", 0.02)
    monkeypatch.setattr(keepers, "SILENT_S", 0.1)
    monkeypatch.setattr(keepers, "HUNG_S", 0.2)
    async with kept(home, "good") as keeper:
        await within(keeper.healthy.wait())
        keeper.component = replace(keeper.component, start_s=1.5)
        first, began = keeper.pid, time.monotonic()

        async def unwell(_component: Component) -> health.Answer:
            return health.Answer.UNWELL

        monkeypatch.setattr(keeper._prober, "ask", unwell)
        await eventually(lambda: keeper.health == "silent")
        await eventually(lambda: keeper.restarts == 1)
        assert 1.4 <= time.monotonic() - began < 4.0
        assert not lives(first)


async def test_that_we_stood_still_ourselves_is_no_silence_of_others(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "PROBE_WATCH_S", 0.02)
    monkeypatch.setattr(keepers, "HUNG_S", 0.0)
    async with kept(home, "good") as keeper:
        await within(keeper.healthy.wait())
        first, answers = keeper.pid, [health.Answer.NONE] * (keepers.HUNG_PROBES - 1)

        async def asked(_component: Component) -> health.Answer:
            return answers.pop() if answers else health.Answer.WELL

        monkeypatch.setattr(keeper._prober, "ask", asked)
        await eventually(lambda: not answers)
        await asyncio.sleep(0.2)
        assert (keeper.pid, keeper.restarts) == (first, 0)


async def test_children_of_a_killed_component_go_with_it(home: Home) -> None:
    async with kept(home, "has_child") as keeper:
        await within(keeper.healthy.wait())
        child = int(next(line for line in diary(home, "actor") if "child" in line).split()[1])
        assert lives(child)
        os.kill(keeper.pid, signal.SIGKILL)
        await eventually(lambda: not lives(child))


async def test_a_request_to_stop_that_comes_during_a_slow_start_is_heard(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    async def slowly(*arguments: Any) -> process.Process:
        await asyncio.sleep(0.4)
        started = await process.start(*arguments)
        made.append(started.pid)
        return started

    monkeypatch.setattr(keepers, "start", slowly)
    async with kept(home, "good") as keeper:
        await asyncio.sleep(0.1)
        await within(keeper.stop(), 5)
        assert keeper.health == "stopped"
    assert made
    assert not lives(made[0])


async def test_a_process_that_is_gone_is_not_signaled_again(home: Home) -> None:
    """Its number may belong to somebody else by then."""
    async with kept(home, "good") as keeper:
        await within(keeper.healthy.wait())
    signaled = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "killpg", lambda *arguments: signaled.append(arguments))
        keeper.kill()
    assert signaled == []


async def test_any_output_is_logged_in_bounded_lines(home: Home) -> None:
    async with kept(home, "babbles") as keeper:
        await within(keeper.healthy.wait())
    records = [json.loads(line) for line in (home.log / "actor.jsonl").read_text().splitlines()]
    assert "no text" in records[0]["text"]
    assert sum(record["text"].count("x") for record in records[1:]) >= 300_000
    assert max(len(record["text"]) for record in records) < 3 * keepers.LINE_BYTES
    assert any("and no end" in record["text"] for record in records)


async def test_components_start_in_order_of_health_and_stop_in_reverse(home: Home) -> None:
    chooser = PortChooser()
    ports = {name: chooser.choose(0) for name in ("low", "middle", "high")}
    components = [
        actor("low", "slow", ports["low"], home),
        actor("job", "done", 0, home, "low"),
        actor("middle", "slow", ports["middle"], home, "job"),
        actor("high", "good", ports["high"], home, "low", "middle"),
    ]
    supervisor = Supervisor(machine_for(home, ports), components, None)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: supervisor.phase == "ready", 60)
    state = homes.read_state(home)
    started = [_started(home, name) for name in ("low", "job", "middle", "high")]
    assert started == sorted(started)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 60) is True
    ended = [_ended(home, name) for name in ("high", "middle", "low")]
    assert ended == sorted(ended)
    assert all(diary(home, name)[-1] == "stop" for name in ports)
    assert homes.read_state(home)["phase"] == "stopped"
    assert state["data"] == str(home.data)


async def test_a_start_that_cannot_succeed_ends_with_the_name_of_the_culprit(home: Home) -> None:
    chooser = PortChooser()
    ports = {name: chooser.choose(0) for name in ("good", "bad", "waits")}
    components = [
        actor("good", "good", ports["good"], home),
        actor("bad", "dies", ports["bad"], home, "good"),
        actor("waits", "good", ports["waits"], home, "bad"),
    ]
    supervisor = Supervisor(machine_for(home, ports), components, None)
    assert await asyncio.wait_for(supervisor.run(), 60) is False
    state = homes.read_state(home)
    assert state["phase"] == "failed"
    assert state["failed"] == "bad"
    assert state["problem"].startswith("bad does not start")
    assert diary(home, "waits") == []
    assert diary(home, "good")[-1] == "stop"


@pytest.mark.parametrize("kind", [Health.PORT, Health.DONE])
async def test_a_component_that_never_gets_to_work_ends_the_start_and_is_named(
    home: Home, kind: Health
) -> None:
    chooser = PortChooser()
    ports = {name: chooser.choose(0) for name in ("good", "stuck")}
    stuck = actor("stuck", "hangs", ports["stuck"], home, "good")
    stuck = replace(stuck, health=kind, start_s=1.0)
    components = [actor("good", "good", ports["good"], home), stuck]
    supervisor = Supervisor(machine_for(home, ports), components, None)
    assert await asyncio.wait_for(supervisor.run(), 60) is False
    state = homes.read_state(home)
    assert (state["phase"], state["failed"]) == ("failed", "stuck")
    assert "does not get to work within 1 s" in state["problem"]
    assert "./meguri up --only stuck" in state["problem"]
    assert str(home.log / "stuck.jsonl") in state["problem"]
    assert diary(home, "good")[-1] == "stop"


async def test_a_deadline_of_the_start_does_not_end_what_works(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisors, "STATE_LOOK_S", 0.1)
    port = PortChooser().choose(0)
    component = replace(actor("slow", "slow", port, home), start_s=10.0)
    supervisor = Supervisor(machine_for(home, {"slow": port}), [component], None)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: supervisor.phase == "ready", 60)
    for content in ("", '{"phase": "rea', "[]"):  # what somebody damages is made anew meanwhile
        home.state_file.write_text(content)
        assert homes.read_state(home) == {}
        await eventually(lambda: homes.read_state(home).get("phase") == "ready")
    await asyncio.sleep(10.5)
    assert supervisor.keepers["slow"].restarts == 0
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 60) is True
