"""Searching outside of the event loop: a few worker processes, started when first needed.

A worker that dies or does not answer is replaced. One that is only slow, on a busy machine, ends
what it does: its caller is told so, and the next one finds it at hand. Equal jobs are answered from
memory: a search that was not stopped early depends on its job alone.

Workers begin with the search in plain Python, which is there at once. Once the compiled one is
ready, they are replaced by workers that load it.
"""

import asyncio
import contextlib
import hashlib
import os
import platform
import shutil
import sys
from collections import OrderedDict
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import msgspec

from kit import child, log
from services.itinerary.domain.job import Deal, Dealt, Job, Outcome
from services.itinerary.domain.orienteering.compiled import sources_digest
from services.itinerary.gateways.frames import FRAME, MAX_FRAME_BYTES, Ask, Reply, TableAsk
from services.itinerary.gateways.tables import PlannerBusy, Tables

MAX_SEARCH_S = 1.5
GRACE_S = 1.0  # beyond its time, until a caller is told that planners are busy
# Until a worker is given up. To load another one costs a busy machine more than to wait.
GIVEN_UP_S = 20.0
SWAP_PAUSE_S = 0.02  # between two looks for a worker of the plain search
MAX_WAITING = 64
MOST_WORKERS = 4  # each takes 180 MB once it has loaded the compiled search
REMEMBERED = 256
START_S = 10.0  # until a worker says that it is ready
# The same, on a slow and busy machine: one that loads the compiled search, one that makes it. The
# search goes on in plain Python meanwhile, and to give up would leave it there until a restart.
LOAD_S, COMPILE_S = 300.0, 900.0
EDITIONS_KEPT = 2  # machine code of so many versions


class SearchFailed(RuntimeError):
    """A worker answered that it cannot search. Where it was given a table that may be because its
    files are gone or spoilt: it can make one of its own."""


class Solver:
    """The pool of workers of this process.

    machine_code: a folder for what is compiled; None: the search in plain Python only. bus_days:
    one for the tables that workers share; None for one of its own.
    """

    def __init__(
        self, workers: int = 0, machine_code: Path | None = None, bus_days: Path | None = None
    ) -> None:
        self._count = workers or min(MOST_WORKERS, 1 + (os.cpu_count() or 2) // 2)
        self._free: asyncio.Queue[_Worker] = asyncio.Queue()
        for _ in range(self._count):
            self._free.put_nowait(_Worker())
        self._waiting = 0
        self._known: OrderedDict[bytes, Outcome] = OrderedDict()
        self._encoder = msgspec.msgpack.Encoder()
        self._asked: set[asyncio.Task[Reply]] = set()
        self._tables = Tables(self._make_table, bus_days)
        self._machine_code = machine_code
        self._log = log.get("solver")

    async def run(self, job: Job, limit_s: float) -> Outcome:
        """Searches a day within limit_s seconds, waiting for a worker included.

        Errors: PlannerBusy.
        """
        ends = asyncio.get_running_loop().time() + limit_s
        async with self._tables.holding([job], limit_s) as (whole,):
            # What a worker is asked, as it is: to hash thousands of numbers by themselves takes
            # longer. A table has another name each time it is made.
            asked = self._encoder.encode(whole)
            known = self._known.get(asked)
            if known is not None:
                self._known.move_to_end(asked)
                return known
            try:
                outcome = (await self._search(whole, None, ends)).outcome
            except SearchFailed:
                if not self._tables.forget([whole]):
                    raise
                outcome = (await self._search(job, None, ends)).outcome
        if outcome is None:
            raise RuntimeError("a worker answered another question")
        if not outcome.solution.stopped_early:
            self._known[asked] = outcome
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return outcome

    async def deal(self, asked: Deal, limit_s: float) -> Dealt:
        """Deals sights out among days; as run. Errors: PlannerBusy."""
        ends = asyncio.get_running_loop().time() + limit_s
        async with self._tables.holding(asked.days, limit_s) as days:
            try:
                whole = replace(asked, days=tuple(days))
                dealt = (await self._search(None, whole, ends)).dealt
            except SearchFailed:
                if not self._tables.forget(days):
                    raise
                dealt = (await self._search(None, asked, ends)).dealt
        if dealt is None:
            raise RuntimeError("a worker answered another question")
        return dealt

    async def _search(self, job: Job | None, deal: Deal | None, ends: float) -> Reply:
        if self._waiting >= MAX_WAITING:
            raise PlannerBusy("Too many days are being planned just now. Try again in a moment.")
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            async with asyncio.timeout_at(ends):
                worker = await self._free.get()
        except TimeoutError as error:
            raise PlannerBusy("Planning took too long just now. Try again in a moment.") from error
        finally:
            self._waiting -= 1
        limit_s = min(MAX_SEARCH_S, ends - loop.time())
        task = self._put_to_work(worker, Ask(job, limit_s, deal))
        try:
            async with asyncio.timeout_at(ends + GRACE_S):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise PlannerBusy("The search did not answer. Try again in a moment.") from error

    def _put_to_work(self, worker: "_Worker", ask: Ask) -> "asyncio.Task[Reply]":
        """Has a worker answer, whoever still waits for it, and be free again afterwards."""

        async def answered() -> Reply:
            try:
                return await worker.ask(ask)
            finally:
                self._free.put_nowait(worker)

        task = asyncio.create_task(answered())
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _make_table(self, asked: TableAsk) -> None:
        worker = await self._free.get()
        await self._put_to_work(worker, Ask(None, MAX_SEARCH_S, table=asked))

    async def warm_up(self) -> None:
        """Starts one worker before the first visitor asks, then compiles and replaces all."""
        worker = await self._free.get()
        try:
            await worker.start()
        finally:
            self._free.put_nowait(worker)
        if self._machine_code is not None:
            await self._take_compiled(self._machine_code / sources_digest())

    async def _take_compiled(self, folder: Path) -> None:
        try:
            await asyncio.to_thread(_prepare, folder)
            complete = folder / f"complete-{await asyncio.to_thread(_machine)}"
            if not complete.exists():
                # What compiles keeps the compiler in memory: it ends, and others load its work.
                compiling = _Worker(folder)
                try:
                    await compiling.start(COMPILE_S)
                finally:
                    await compiling.stop()
                complete.touch()
            fresh = [_Worker(folder) for _ in range(self._count)]
            for worker in fresh:
                await worker.start(LOAD_S)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, RuntimeError) as error:
            self._log.warning("the search stays in plain Python", error=repr(error))
            return
        for worker in fresh:
            self._free.put_nowait(worker)
            await (await self._take_plain()).stop()
        self._log.info("the compiled search is ready")

    async def _take_plain(self) -> "_Worker":
        """Waits for a worker of the plain search, however busy it is."""
        while (worker := await self._free.get()).is_compiled:
            self._free.put_nowait(worker)
            await asyncio.sleep(SWAP_PAUSE_S)
        return worker

    async def close(self) -> None:
        """Ends all workers."""
        await self._tables.close()
        for task in self._asked:
            task.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)
        while not self._free.empty():
            await self._free.get_nowait().stop()


def _prepare(folder: Path) -> None:
    """Makes the folder for machine code and forgets that of old versions."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    others = [path for path in folder.parent.iterdir() if path != folder]
    others.sort(key=lambda path: -path.stat().st_mtime)
    for old in others[EDITIONS_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _machine() -> str:
    """Returns a name for what machine code is good for: numba makes its own for each processor and
    each version of itself and of Python."""
    parts = [version("numba"), sys.version, platform.machine()]
    with contextlib.suppress(OSError):  # not Linux
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        parts += sorted({line for line in lines if line.startswith(("model name", "flags"))})
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


class _Worker:
    """One worker process and the pipes to it. machine_code: its folder; None: plain Python."""

    def __init__(self, machine_code: Path | None = None) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._machine_code = machine_code
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Reply)
        self._log = log.get("solver")

    @property
    def is_compiled(self) -> bool:
        """Whether it searches with machine code."""
        return self._machine_code is not None

    async def start(self, limit_s: float = START_S) -> asyncio.subprocess.Process:
        """Returns a process that is ready. Errors: TimeoutError, OSError, IncompleteReadError."""
        if self._process is None or self._process.returncode is not None:
            more = {}
            if self._machine_code is not None:
                more = {"ORIENTEERING_COMPILED": "1", "NUMBA_CACHE_DIR": str(self._machine_code)}
            self._process = await child.start("services.itinerary.gateways.worker", more=more)
            try:
                async with asyncio.timeout(limit_s):
                    await self._read(self._process)
            except BaseException:
                await self.stop()
                raise
        return self._process

    async def ask(self, asked: Ask) -> Reply:
        try:
            process = await self.start()
            async with asyncio.timeout(asked.limit_s + GIVEN_UP_S):
                reply = await self._exchange(process, asked)
        except (
            TimeoutError,
            OSError,
            asyncio.IncompleteReadError,
            msgspec.DecodeError,
            RuntimeError,
        ) as error:  # the last one is uvloop's for a worker that is gone
            self._log.warning("worker replaced", error=repr(error))
            await self.stop()
            raise PlannerBusy("The search did not answer. Try again in a moment.") from error
        except asyncio.CancelledError:
            # An answer that nobody reads would confuse the next caller.
            await self.stop()
            raise
        if reply.error:
            raise SearchFailed(f"the search failed: {reply.error}")
        return reply

    async def _exchange(self, process: asyncio.subprocess.Process, ask: Ask) -> Reply:
        if process.stdin is None:
            raise RuntimeError("a worker has pipes")
        body = self._encoder.encode(ask)
        process.stdin.write(FRAME.pack(len(body)) + body)
        await process.stdin.drain()
        return await self._read(process)

    async def _read(self, process: asyncio.subprocess.Process) -> Reply:
        if process.stdout is None:
            raise RuntimeError("a worker has pipes")
        (size,) = FRAME.unpack(await process.stdout.readexactly(FRAME.size))
        if size > MAX_FRAME_BYTES:
            raise OSError("a frame larger than any answer")
        return self._decoder.decode(await process.stdout.readexactly(size))

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await child.end(process)
