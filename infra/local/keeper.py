"""Keeps one component alive: start, watch, restart with growing pauses, stop."""

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from infra.local import logs, postgres
from infra.local.health import Answer, Prober
from infra.local.home import ROOT
from infra.local.machine import Machine, PortTaken
from infra.local.nursery import Nursery
from infra.local.process import Process, start
from infra.local.table import Component, Health

PAUSE_FIRST_S, PAUSE_MOST_S = 0.1, 5.0
CALM_S = 10.0  # healthy for this long: the next death is a first one again
CIRCUIT_DEATHS, CIRCUIT_S = 5, 60.0
PROBE_FIRST_S, PROBE_START_S, PROBE_WATCH_S = 0.02, 0.1, 2.0
SILENT_S = 6.0  # reported as silent after so long without being well,
HUNG_S = 20.0  # and started again after so long without any answer. What says that it is not well,
# as a database that recovers does, has as long as for a start (start_s).
HUNG_PROBES = 3  # but never for fewer unanswered ones: we may have been the one that stood still
STOP_TIMEOUT_S = 10.0
LINE_BYTES = 64 * 1024


class Keeper:
    """Runs one component until it is told to stop.

    health: ok, done (a finished job), waiting, starting, restarting, silent, failing, stopped.
    healthy: set at the first time it works. failing: set when it died too often, or did not get to
    work within its start_s; problem then says so in one sentence. stolen: the port of its own that
    another program listens on, and who that is, since it died.
    """

    def __init__(
        self,
        component: Component,
        machine: Machine,
        prober: Prober,
        nursery: Nursery,
        log: logs.LogFile,
        changed: Callable[[], None],
        evade: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self.component, self._machine, self._prober = component, machine, prober
        self._nursery, self._evade = nursery, evade
        self._log, self._changed = log, changed
        self.health, self.pid, self.start_ms, self.restarts = "waiting", 0, 0, 0
        self.problem = ""
        self.stolen: tuple[int, str] | None = None
        self._hung = False
        self.healthy, self.failing = asyncio.Event(), asyncio.Event()
        self.stopped = asyncio.Event()
        self._stopping = asyncio.Event()
        self._deaths: deque[float] = deque(maxlen=CIRCUIT_DEATHS)
        self._pause_s = PAUSE_FIRST_S
        self._process: Process | None = None
        self._given: dict[str, str] = {}

    def describe(self) -> dict[str, Any]:
        """Returns what `status` shows of it."""
        return {
            "name": self.component.name,
            "pid": self.pid,
            "port": self._machine.ports.get(self.component.name, 0),
            "health": self.health,
            "start_ms": self.start_ms,
            "restarts": self.restarts,
            "stolen_port": self.stolen[0] if self.stolen else 0,
            "stolen_by": self.stolen[1] if self.stolen else "",
        }

    async def run(self) -> None:
        """Keeps the component until stop(); a job until it has done its work."""
        try:
            while not self._stopping.is_set():
                if await self._live() or self._stopping.is_set():
                    return
                if await self._evades():
                    continue
                await self._look_for_thief()
                await self._count_death()
        finally:
            if self.health != "done":
                self._set("stopped")
            self._log.close()
            self.stopped.set()

    async def stop(self) -> None:
        """Asks it to end, and makes it end after STOP_TIMEOUT_S."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            # To PostgreSQL SIGTERM means: once every client has left. SIGINT means now, in order.
            polite = signal.SIGINT if self.component.health is Health.POSTGRES else signal.SIGTERM
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(polite)
            try:
                await asyncio.wait_for(self.stopped.wait(), STOP_TIMEOUT_S)
            except TimeoutError:
                self._kill_group()
        await self.stopped.wait()

    def never_started(self) -> None:
        """Says that the run ended before its turn came."""
        self._set("stopped")
        self._log.close()
        self.stopped.set()

    def restart_if_misled(self) -> None:
        """Has it start again where it was told an address that is another one now.

        Not a job that has all it depends on, which would lose what it has done.
        """
        has_all = self.component.is_job and bool(self.component.depends_on)
        if not has_all and self._is_misled():
            self._kill_group()

    def _is_misled(self) -> bool:
        return self._given != self._machine.environment(self.component)

    def kill(self) -> None:
        """Ends it at once; it is started again unless it was told to stop."""
        self._kill_group()

    async def _evades(self) -> bool:
        """Tells whether it died of a port that another program took, and has another one now.

        Only before it works for the first time: then nobody knows its address yet.
        """
        if self._evade is None or self.healthy.is_set():
            return False
        try:
            evaded = await self._evade(self.component.name)
        except PortTaken as error:
            self._log.write(str(error))
            self.problem = str(error)
            self.failing.set()
            return False
        if evaded:
            port = self._machine.ports.get(self.component.name, 0)
            self._log.write(f"its port was taken by another program; goes on with {port}")
        return evaded

    async def _look_for_thief(self) -> None:
        """Says who has its port, where somebody took it after it had worked: others know that port,
        visitors' phones among them, so it stays and the start is tried again."""
        found = None
        if self.healthy.is_set():
            found = await asyncio.to_thread(self._machine.stolen, self.component.name)
        if found and found != self.stolen:
            port, who = found
            self._log.write(
                f"its port {port} was taken by {who or 'another program'}; it is kept, for others"
                f" know it, and tried again every {PAUSE_MOST_S:.0f} s at the latest: end that"
                " program"
            )
        self.stolen = found

    async def _live(self) -> bool:
        """One life from start to death. Returns True when a job has done its work."""
        self._set("starting")
        self._hung = False
        deadline = asyncio.create_task(self._expect_work())
        try:
            return await self._live_until_death(time.monotonic(), deadline)
        finally:
            deadline.cancel()

    async def _live_until_death(self, started: float, deadline: asyncio.Task[None]) -> bool:
        try:
            process = self._process = await self._start()
        except (OSError, postgres.ClusterError) as error:
            self._log.write(f"cannot start: {error}")
            return False
        self.pid = process.pid
        # The request, or another address of somebody, came while it was being made.
        if self._stopping.is_set() or self._is_misled():
            self._kill_group()
        watching = asyncio.create_task(self._watch(started, deadline))
        await self._read_output(process)
        code = await process.wait()
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        self.pid = 0
        if self.component.is_job and code == 0:
            self.start_ms = int((time.monotonic() - started) * 1000)
            self._set("done")
            self.healthy.set()
            return True
        if not self._stopping.is_set():
            self._log.write(f"ended by itself with {_told(code)}")
        return False

    async def _start(self) -> Process:
        component, home = self.component, self._machine.home
        environment = self._given = self._machine.environment(component)
        if component.module and component.name != "build":  # which the nursery itself waits for
            forked = await self._nursery.start(component.module, environment, ROOT)
            if forked is not None:
                return forked
        if component.health is Health.POSTGRES and not postgres.is_made(home.postgres):
            password = self._machine.passwords.postgres
            await asyncio.to_thread(postgres.make, home.postgres, password)
        folder = ROOT if component.module else home.data
        return await start(self._machine.command(component), environment, folder)

    async def _expect_work(self) -> None:
        """Ends a life that does not get to work in time, before or after it has a process."""
        start_s, name = self.component.start_s, self.component.name
        await asyncio.sleep(start_s)
        self.problem = (
            f"{name} has started but does not get to work within {start_s:.0f} s; see"
            f" {self._machine.home.log}/{name}.jsonl, then try again, or start it alone with"
            f" ./meguri up --only {name}"
        )
        self._log.write(f"does not get to work within {start_s:.0f} s: ended")
        self._hung = True
        self._set("failing")
        self.failing.set()
        self._kill_group()

    async def _watch(self, started: float, deadline: asyncio.Task[None]) -> None:
        if self.component.is_job:
            return
        pause_s = PROBE_FIRST_S
        while not await self._prober.works(self.component):
            await asyncio.sleep(pause_s)
            pause_s = min(PROBE_START_S, pause_s * 1.5)
        deadline.cancel()
        self.start_ms = int((time.monotonic() - started) * 1000)
        self.stolen = None
        self._set("ok")
        self.healthy.set()
        await self._watch_on()
        self._kill_group()

    async def _watch_on(self) -> None:
        """Watches what has begun to work. Returns when it is to be ended."""
        began = well = answered = time.monotonic()
        missed = 0
        while True:
            await asyncio.sleep(PROBE_WATCH_S)
            answer, now = await self._prober.ask(self.component), time.monotonic()
            if answer is Answer.NONE:
                missed += 1
            else:
                answered, missed = now, 0
            if answer is Answer.WELL:
                well = now
                self._set("ok")
                if now - began > CALM_S:
                    self._pause_s = PAUSE_FIRST_S
            elif now - well >= SILENT_S:
                self._set("silent")
            if missed >= HUNG_PROBES and now - answered >= HUNG_S:
                self._log.write(f"no answer for {now - answered:.0f} s: ended, to be started again")
                return
            if now - well >= self.component.start_s:
                self._log.write(f"not well for {now - well:.0f} s: ended, to be started again")
                return

    async def _count_death(self) -> None:
        now = time.monotonic()
        self._deaths.append(now)
        self.restarts += 1
        often = len(self._deaths) == CIRCUIT_DEATHS and now - self._deaths[0] < CIRCUIT_S
        if often:
            self._pause_s = PAUSE_MOST_S
            self.failing.set()
            self._log.write(f"died {CIRCUIT_DEATHS} times within {CIRCUIT_S:.0f} s")
        self._set("failing" if often or self._hung else "restarting")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), self._pause_s)
        self._pause_s = min(PAUSE_MOST_S, self._pause_s * 2)

    async def _read_output(self, process: Process) -> None:
        if process.stdout is None:
            return
        held = b""
        ended = asyncio.create_task(process.wait())
        while chunk := await self._next_chunk(process.stdout, ended):
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                self._log.write(line.decode(errors="replace"))
            if len(held) > LINE_BYTES:
                self._log.write(held.decode(errors="replace"))
                held = b""
        if held:
            self._log.write(held.decode(errors="replace"))

    @staticmethod
    async def _next_chunk(stream: asyncio.StreamReader, ended: asyncio.Task[int]) -> bytes:
        """Reads on until the process is gone: a grandchild may hold the pipe open for ever."""
        reading = asyncio.create_task(stream.read(LINE_BYTES))
        await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            await asyncio.wait({reading}, timeout=0.2)
        if reading.done():
            return reading.result()
        reading.cancel()
        return b""

    def _kill_group(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _set(self, health: str) -> None:
        if health != self.health:
            self.health = health
            self._changed()


def _told(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
