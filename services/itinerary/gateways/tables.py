"""Arrivals of a day by bus, made by one worker and read by all: files that they map into memory.

To make a town's takes a third of a second of computing, which is no part of anybody's search: who
cannot wait for it is told that planners are busy, and it is made all the same.
"""

import asyncio
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kit import log
from kit.pure.errors import Refusal
from services.itinerary.domain.bus import span_of
from services.itinerary.domain.job import BusQuestion, Job
from services.itinerary.domain.transit.access import Access
from services.itinerary.gateways.frames import TableAsk

KEPT = 8  # 16 MB each at 60 places, of the disk, and of memory while they are read
# Of so many places a table is asked for again. In an area of more each party has its own, of those
# that it may visit: nobody else would read 60 MB.
MOST_PLACES = 104
NO_ACCESS = Access((), ())

Key = tuple[str, Access, int, int]


class PlannerBusy(Refusal):
    """Too many days are being planned, or the search did not answer. Try again in a moment."""


@dataclass
class _Kept:
    """path: of its files, without what tells them apart. made: ends once they are there. users:
    jobs that are searched with it."""

    path: Path
    made: "asyncio.Task[None]"
    users: int = 0


class Tables:
    """The tables of a process. make: has a worker write one. folder: None for one of its own."""

    def __init__(self, make: Callable[[TableAsk], Awaitable[None]], folder: Path | None) -> None:
        self._make, self._parent = make, folder
        self._folder: Path | None = None
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._count = 0
        self._log = log.get("solver")

    @asynccontextmanager
    async def holding(
        self, jobs: Sequence[Job | None], limit_s: float
    ) -> AsyncIterator[list[Job | None]]:
        """Yields the jobs with the tables they need, made within limit_s seconds; those stay for as
        long as the block. Errors: PlannerBusy."""
        held: list[_Kept] = []
        try:
            async with asyncio.timeout(limit_s):
                found = [await self._with_table(job, held) for job in jobs]
        except TimeoutError as error:
            self._let_go(held)
            raise PlannerBusy(
                "The buses of that day are being looked up just now. Try again in a moment."
            ) from error
        except BaseException:
            self._let_go(held)
            raise
        try:
            yield found
        finally:
            self._let_go(held)

    async def _with_table(self, job: Job | None, held: list[_Kept]) -> Job | None:
        if job is None or job.bus is None or len(job.bus.access.walks) > MOST_PLACES:
            return job
        bus, (first, last) = job.bus, span_of(job.problem)
        key = (bus.key, bus.access, first, last)
        kept = self._kept.get(key)
        if kept is None:
            try:
                kept = self._kept[key] = self._begun(bus, first, last)
            except OSError as error:  # no place for files: as below
                self._log.warning("a table is not shared", error=repr(error))
                return job
        self._kept.move_to_end(key)
        held.append(kept)
        kept.users += 1
        try:
            await asyncio.shield(kept.made)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - each worker can make its own, at its own cost
            self._log.warning("a table is not shared", error=repr(error))
            self._forget(key, kept)
            return job
        shared = BusQuestion(bus.key, NO_ACCESS, bus.nodes, b"", str(kept.path))
        return replace(job, bus=shared)

    def forget(self, jobs: Sequence[Job | None]) -> bool:
        """Has the tables of jobs made anew when next asked for. Returns whether any had one."""
        paths = {job.bus.table for job in jobs if job and job.bus and job.bus.table}
        for key, kept in [*self._kept.items()]:
            if str(kept.path) in paths:
                self._forget(key, kept)
        return bool(paths)

    def _forget(self, key: Key, kept: _Kept) -> None:
        if self._kept.get(key) is kept:
            del self._kept[key]
        _remove(kept.path)  # what is there of it would fill the disk

    def _begun(self, bus: BusQuestion, first: int, last: int) -> _Kept:
        if self._folder is None:
            self._folder = _fresh(self._parent)
        self._folder.mkdir(parents=True, exist_ok=True)  # who tidies up may have taken it
        self._count += 1
        path = self._folder / str(self._count)
        asked = TableAsk(str(path), bus.key, bus.access, bus.day, first, last)
        made = asyncio.ensure_future(self._make(asked))
        made.add_done_callback(lambda task: task.cancelled() or task.exception())
        return _Kept(path, made)

    def _let_go(self, held: Sequence[_Kept]) -> None:
        for kept in held:
            kept.users -= 1
        if len(self._kept) > KEPT:
            idle = [key for key, kept in self._kept.items() if not kept.users and kept.made.done()]
            for key in idle[: len(self._kept) - KEPT]:
                _remove(self._kept.pop(key).path)

    async def close(self) -> None:
        """Gives up what is being made, and removes all files."""
        for kept in self._kept.values():
            kept.made.cancel()
        await asyncio.gather(*(kept.made for kept in self._kept.values()), return_exceptions=True)
        self._kept.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _remove(path: Path) -> None:
    # Who has mapped a file goes on reading it.
    with suppress(OSError):
        for file in path.parent.glob(f"{path.name}.*"):
            file.unlink(missing_ok=True)


def _fresh(parent: Path | None) -> Path:
    """Returns a folder of this process, without what others have left behind that ended."""
    if parent is None:
        return Path(tempfile.mkdtemp(prefix="meguri-bus-days-"))
    own = parent / str(os.getpid())
    own.mkdir(parents=True, exist_ok=True)
    for other in parent.iterdir():
        if other != own and other.name.isdigit() and not _runs(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    return own


def _runs(process: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
