"""Runs all components in order of their health, and writes down how they are."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Sequence
from typing import Any, TextIO

from infra.local import bytecode, certificates, logs
from infra.local.files import write_json
from infra.local.health import Prober
from infra.local.home import ROOT, read_state
from infra.local.keeper import Keeper
from infra.local.machine import OPERATOR, Machine
from infra.local.nightly import Nightly
from infra.local.nursery import Nursery
from infra.local.table import SERVICES, Component
from infra.local.write_probe import WriteProbe

STATE_PAUSE_S = 0.05
STATE_LOOK_S = 5.0


class Supervisor:
    """One run of the platform.

    phase: starting, ready, failed, stopping, stopped. failed: the component that ended the start,
    problem: the sentence about it.
    """

    def __init__(
        self, machine: Machine, components: Sequence[Component], console: TextIO | None
    ) -> None:
        self._machine, self._console = machine, console
        self._prober = Prober(machine)
        self._nursery = Nursery()
        self._stop = asyncio.Event()
        self._state_due = asyncio.Event()
        self.phase, self.problem, self.failed = "starting", "", ""
        self._started = time.monotonic()
        self._versions: dict[str, str] = {}
        self.keepers = {
            component.name: Keeper(
                component,
                machine,
                self._prober,
                self._nursery,
                logs.LogFile(machine.home.log, component.name, console),
                self._state_due.set,
                self._evade,
            )
            for component in components
        }

    async def run(self) -> bool:
        """Runs until a signal. Returns False when the start failed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        # A mistake of ours in any task ends the process, and with it every component at once:
        # better than a supervisor that only seems to watch.
        await self._nursery.open(self._machine.python_environment(), ROOT)
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(self._write_states()),
                tasks.create_task(self._ask_versions()),
                tasks.create_task(self._probe_writes()),
            ]
            for keeper in self.keepers.values():
                tasks.create_task(self._live(keeper))
            started = await self._started_well()
            if started:
                helpers.append(tasks.create_task(self._back_up()))
                helpers.append(tasks.create_task(certificates.Watch(self._machine).run()))
                await asyncio.to_thread(bytecode.keep, ROOT)
            await self._stop.wait()
            self._enter("stopping")
            await self._drain()
            for task in helpers:
                task.cancel()
        await self._nursery.close()
        await self._prober.close()
        self.phase = "stopped" if started else "failed"
        self._write_state()
        return started

    def state(self) -> dict[str, Any]:
        """Returns the state as programs read it."""
        machine = self._machine
        tls = machine.home.secrets / "tls" / OPERATOR
        return {
            "phase": self.phase,
            "problem": self.problem,
            "failed": self.failed,
            "url": machine.url,
            "area": machine.settings.area,
            "data": str(machine.home.data),
            "grpc": {name: machine.address(name) for name in SERVICES if name in machine.ports},
            "nats": machine.variables(["MEGURI_NATS_URL"]).get("MEGURI_NATS_URL", ""),
            "nats_credentials": {
                "user": OPERATOR,
                "password_file": str(machine.home.secrets / "nats_operator_password"),
            },
            "tls": {name: str(tls / f"{name}.pem") for name in ("ca", "cert", "key")},
            "ports": dict(machine.ports),
            "metrics_ports": dict(machine.metrics_ports),
            "mqtt_host": machine.mqtt_host,
            "evaded": dict(machine.evaded),
            "kept_port": machine.kept_port if machine.ports.get("edge") == machine.kept_port else 0,
            "components": [
                keeper.describe() | {"version": self._versions.get(name, "")}
                for name, keeper in self.keepers.items()
                if not (keeper.component.is_job and keeper.health == "done")
            ],
        }

    async def _evade(self, name: str) -> bool:
        """Gives a component another port where its own was taken between choosing and listening.

        Who depends on it starts later and is told the new one; who does not, but was told the old
        one, starts again.
        """
        if not await asyncio.to_thread(self._machine.evade, name):
            return False
        for other in self.keepers.values():
            if other.component.name != name:
                other.restart_if_misled()
        self._state_due.set()
        return True

    async def _live(self, keeper: Keeper) -> None:
        waiting = [
            asyncio.create_task(self.keepers[name].healthy.wait())
            for name in keeper.component.depends_on
            if name in self.keepers
        ]
        stop = asyncio.create_task(self._stop.wait())
        for task in waiting:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if self._stop.is_set():
            for task in waiting:
                task.cancel()
            keeper.never_started()
            return
        await keeper.run()
        if keeper.component.name == "build" and keeper.health == "done":
            self._nursery.stubs_are_built()

    async def _started_well(self) -> bool:
        """Waits for the first health of all. Returns False when one cannot be had."""
        keepers = self.keepers.values()
        everything = asyncio.ensure_future(asyncio.gather(*(k.healthy.wait() for k in keepers)))
        failures = {asyncio.create_task(k.failing.wait(), name=k.component.name) for k in keepers}
        stop = asyncio.create_task(self._stop.wait())
        awaited: list[asyncio.Future[Any]] = [everything, stop, *failures]
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        failed = sorted(task.get_name() for task in failures if task.done())
        for task in awaited:
            task.cancel()
        await asyncio.gather(*awaited, return_exceptions=True)
        if failed:
            self.failed = failed[0]
            self.problem = self.keepers[self.failed].problem or (
                f"{self.failed} does not start; see {self._machine.home.log}/{self.failed}.jsonl"
            )
            self._stop.set()
        elif not self._stop.is_set():
            self._enter("ready")
            return True
        return False

    async def _probe_writes(self) -> None:
        if "nats" in self.keepers and "prepare" in self.keepers:
            await self.keepers["prepare"].healthy.wait()  # it makes the stream to write to
            await WriteProbe(self._machine, self.keepers["nats"].kill).run()

    async def _back_up(self) -> None:
        if "postgres" in self.keepers:
            await Nightly(self._machine).run()

    async def _drain(self) -> None:
        """Stops components in reverse order: each once all that depend on it have stopped.

        A job that is done has nothing to stop, but what depends on it still needs what it needed.
        """
        stops: dict[str, asyncio.Task[None]] = {}

        async def stop(keeper: Keeper) -> None:
            for name, other in self.keepers.items():
                if keeper.component.name in other.component.depends_on:
                    await stops[name]
            await keeper.stop()

        for name, keeper in self.keepers.items():
            stops[name] = asyncio.create_task(stop(keeper))
        await asyncio.gather(*stops.values())

    async def _ask_versions(self) -> None:
        for name, keeper in self.keepers.items():
            with contextlib.suppress(OSError):
                version = self._machine.version
                self._versions[name] = await asyncio.to_thread(version, keeper.component)
        self._state_due.set()

    async def _write_states(self) -> None:
        while True:
            self._state_due.clear()
            self._write_state()
            while not self._state_due.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._state_due.wait(), STATE_LOOK_S)
                if not read_state(self._machine.home):
                    break  # somebody or something damaged it
            await asyncio.sleep(STATE_PAUSE_S)

    def _write_state(self) -> None:
        # A full disk must not end what runs: people then see an old state.
        with contextlib.suppress(OSError):
            write_json(self._machine.home.state_file, self.state(), durable=False)

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self._state_due.set()
