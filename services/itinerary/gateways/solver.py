"""Searching outside of the event loop: a few worker processes, started when first needed.

A worker that dies or does not answer is replaced. Equal jobs are answered from memory: a search
that was not stopped early depends on its job alone.
"""

import asyncio
import os
from collections import OrderedDict

import msgspec

from kit import child, log
from kit.pure.errors import Refusal
from services.itinerary.domain.day_search import Job, Outcome
from services.itinerary.gateways.worker import FRAME, MAX_FRAME_BYTES, Ask, Reply

MAX_SEARCH_S = 1.5
GRACE_S = 1.0  # between the end of a search and giving its worker up
MAX_WAITING = 64
REMEMBERED = 256


class PlannerBusy(Refusal):
    """Too many days are being planned, or the search did not answer. Try again in a moment."""


class Solver:
    """The pool of workers of this process."""

    def __init__(self, workers: int = 0) -> None:
        count = workers or max(1, (os.cpu_count() or 2) // 2)
        self._free: asyncio.Queue[_Worker] = asyncio.Queue()
        for _ in range(count):
            self._free.put_nowait(_Worker())
        self._waiting = 0
        self._known: OrderedDict[Job, Outcome] = OrderedDict()

    async def run(self, job: Job, limit_s: float) -> Outcome:
        """Searches a day within limit_s seconds, waiting for a worker included.

        Errors: PlannerBusy.
        """
        known = self._known.get(job)
        if known is not None:
            self._known.move_to_end(job)
            return known
        if self._waiting >= MAX_WAITING:
            raise PlannerBusy("Too many days are being planned just now. Try again in a moment.")
        outcome = await self._search(job, limit_s)
        if not outcome.solution.stopped_early:
            self._known[job] = outcome
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return outcome

    async def _search(self, job: Job, limit_s: float) -> Outcome:
        loop = asyncio.get_running_loop()
        ends = loop.time() + limit_s
        self._waiting += 1
        try:
            async with asyncio.timeout(limit_s):
                worker = await self._free.get()
        except TimeoutError as error:
            raise PlannerBusy("Planning took too long just now. Try again in a moment.") from error
        finally:
            self._waiting -= 1
        try:
            return await worker.ask(job, min(MAX_SEARCH_S, ends - loop.time()))
        finally:
            self._free.put_nowait(worker)

    async def warm_up(self) -> None:
        """Starts one worker before the first visitor asks."""
        worker = await self._free.get()
        try:
            await worker.start()
        finally:
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """Ends all workers."""
        while not self._free.empty():
            await self._free.get_nowait().stop()


class _Worker:
    """One worker process and the pipes to it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Reply)
        self._log = log.get("solver")

    async def start(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await child.start("services.itinerary.gateways.worker")
        return self._process

    async def ask(self, job: Job, limit_s: float) -> Outcome:
        try:
            async with asyncio.timeout(limit_s + GRACE_S):
                reply = await self._exchange(Ask(job, limit_s))
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
            # The caller is gone; an answer that nobody reads would confuse the next caller.
            await self.stop()
            raise
        if reply.outcome is None:
            raise RuntimeError(f"the search failed: {reply.error}")
        return reply.outcome

    async def _exchange(self, ask: Ask) -> Reply:
        process = await self.start()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a worker has pipes")
        body = self._encoder.encode(ask)
        process.stdin.write(FRAME.pack(len(body)) + body)
        await process.stdin.drain()
        (size,) = FRAME.unpack(await process.stdout.readexactly(FRAME.size))
        if size > MAX_FRAME_BYTES:
            raise OSError("a frame larger than any answer")
        return self._decoder.decode(await process.stdout.readexactly(size))

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await child.end(process)
