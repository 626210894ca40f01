"""An event loop without machine: its time jumps to the next timer, and nothing else moves it.

One thread, no socket, no file, no wall clock: whatever runs on it runs the same way again. Order is
that of asyncio, first come first served; what differs between seeds are the times of the timers.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

Found = TypeVar("Found")

MOST_STEPS = 3_000_000  # of one run: a loop that never rests is a failure of its own


class Life:
    """One life of one process, from its start to its crash. skew_s: by what its clock is wrong."""

    def __init__(self, name: str) -> None:
        self.name, self.alive, self.skew_s = name, True, 0.0
        self.steps = 0
        self.crash_at_step: int | None = None
        self.on_crash: Callable[[], None] | None = None

    def is_struck(self) -> bool:
        """Counts a step, and tells whether the process dies instead of taking it."""
        self.steps += 1
        if self.crash_at_step is None or self.steps < self.crash_at_step:
            return False
        self.crash_at_step = None
        if self.on_crash is not None:
            self.on_crash()
        return True


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


class TooLong(Exception):
    """The run took more steps than any sound one does."""


class _Handle(asyncio.TimerHandle):
    """A callback and whose it is: asyncio's own, without what only debugging needs."""

    __slots__ = ("call", "given", "is_off", "life", "own")

    def __init__(
        self, call: Callable[..., object], given: tuple[Any, ...], own: Context | None
    ) -> None:
        self.call, self.given, self.is_off = call, given, False
        self.own = copy_context() if own is None else own
        self.life = self.own.get(LIFE)

    def cancel(self) -> None:
        self.is_off = True

    def cancelled(self) -> bool:
        return self.is_off


_Base: Any = asyncio.AbstractEventLoop


class VirtualLoop(_Base):  # type: ignore[misc] # a loop without sockets needs ten of its fifty methods
    """Runs callbacks of lives that go on; those of a dead process never happen.

    That is what kill -9 means: no `finally`, no `except`, no last message.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._number = 0
        self._ready: deque[_Handle] = deque()
        self._timers: list[tuple[float, int, _Handle]] = []
        self._tasks: list[tuple[asyncio.Task[Any], Context]] = []
        self.steps = 0
        self.is_over = False
        self.failures: list[str] = []

    def time(self) -> float:
        """Returns the virtual seconds since the beginning."""
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = _Handle(callback, args, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:  # fmt: skip
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:  # fmt: skip
        handle = _Handle(callback, args, context)
        self._number += 1
        heapq.heappush(self._timers, (when, self._number, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Any, *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[Any]:
        own = copy_context() if context is None else context
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name, context=own)
        self._tasks.append((task, own))
        return task

    def run_in_executor(self, _executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        """There are no threads: the work is done here and now."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            future.set_exception(error)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Notes what no code caught. That nobody looked at a task's error comes from the garbage
        collector, at a time of its own choice, and is left out."""
        if "never retrieved" not in context.get("message", ""):
            self.failures.append(repr(context.get("exception") or context.get("message")))

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Runs until the work is done. Errors: its own; TooLong; RuntimeError when nothing is left
        that could ever happen."""
        asyncio._set_running_loop(self)  # noqa: SLF001 - as asyncio's own loops do
        try:
            task = self.create_task(work)
            while not task.done():
                self._step()
            found: Found = task.result()
            return found
        finally:
            self.is_over = True
            self._bury()
            asyncio._set_running_loop(None)  # noqa: SLF001 - as asyncio's own loops do

    def _step(self) -> None:
        ready, timers = self._ready, self._timers
        if not ready:
            while timers and timers[0][2].is_off:
                heapq.heappop(timers)
            if not timers:
                raise RuntimeError("nothing is left that could happen")
            self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            ready.append(heapq.heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            life = handle.life
            if handle.is_off or (life is not None and not life.alive):
                continue
            self.steps += 1
            if life is not None and life.is_struck():
                continue
            try:
                handle.own.run(handle.call, *handle.given)
            except Exception as error:  # noqa: BLE001 - as asyncio: told to whoever watches
                self.failures.append(repr(error))
        if self.steps > MOST_STEPS:
            raise TooLong(f"{self.steps} steps")

    def _bury(self) -> None:
        """Lets go of what was under way, without a word."""
        for task, own in self._tasks:
            if not task.done():
                killed: Any = task
                killed._log_destroy_pending = False  # noqa: SLF001 - nobody forgot it
                coroutine: Any = task.get_coro()
                for _ in range(9):
                    try:
                        own.run(coroutine.close)
                        break
                    except (RuntimeError, ValueError):
                        continue
                    except BaseException:  # noqa: BLE001 - what a dying process still wanted to say
                        break
        self._tasks.clear()
        self._ready.clear()
        self._timers.clear()


async def pause(seconds: float, on: asyncio.AbstractEventLoop | None = None) -> None:
    """Waits: asyncio.sleep in half the work. on: the running loop, where it is at hand."""
    loop = on or asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_at(loop.time() + seconds, _end, over)
    await over


def _end(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)
