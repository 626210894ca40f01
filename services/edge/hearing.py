"""One daemon thread that hears events: it may only drop cached pages and wake streams.

The revision check every ten seconds is the net below it: an event can be missed while NATS is away.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping

from nats.aio.client import Client
from nats.aio.msg import Msg

from kit import log
from kit.config import Settings
from kit.stopping import stop_if_told

CHECK_S = 10.0
CHECK_PAUSE_S = 1.0  # after an event the check comes sooner, but not more often than this
CONNECT_PAUSE_S = 0.5
FLUSH_S = 4  # of a connection that was closed meanwhile no answer ever comes
# The guide hears a closure a moment later than the edge: pages made between are dropped again.
ECHOES_S = (0.2, 0.7, 2.0)

Hear = Callable[[str], object]  # called with the area


class Wakes:
    """Lets threads that hold a stream wait for the next event of an area."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: dict[tuple[str, str], int] = {}

    def count(self, area: str, event: str) -> int:
        """Returns how many events of a kind were heard in an area so far."""
        return self._counts.get((area, event), 0)

    def wake(self, area: str, event: str) -> None:
        """Wakes everybody who waits for this kind of event."""
        with self._changed:
            self._counts[area, event] = self._counts.get((area, event), 0) + 1
            self._changed.notify_all()

    def wait(self, area: str, seen: Mapping[str, int], timeout_s: float) -> frozenset[str]:
        """Waits until one of the kinds in `seen` (event -> count known) was heard again.

        Returns the kinds that were, empty after timeout_s seconds.
        """

        def heard() -> frozenset[str]:
            return frozenset(e for e, known in seen.items() if self.count(area, e) != known)

        with self._changed:
            self._changed.wait_for(heard, timeout_s)
            return heard()


class Hearing:
    """Hears all events; `on` says which are of interest.

    on: event name -> what to do with its area. echoed: events whose effect is repeated soon.
    doubt: called when events may have been missed. check: the revision check, called every CHECK_S
    seconds in a thread.
    """

    def __init__(
        self,
        settings: Settings,
        on: Mapping[str, Hear],
        echoed: frozenset[str],
        doubt: Callable[[], None],
        check: Callable[[], None],
        wakes: Wakes,
    ) -> None:
        self._settings, self._on, self._echoed = settings, on, echoed
        self._doubt, self._check, self._wakes = doubt, check, wakes
        self._log = log.get("hearing")
        self.connected = False
        self._soon = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts the thread."""
        threading.Thread(target=self._run, name="hearing", daemon=True).start()

    def stop(self) -> None:
        """Ends the thread; a process that ends need not ask for it."""
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except asyncio.CancelledError:
            return  # stop()
        finally:
            self.connected = False  # /readyz says so

    async def _work(self) -> None:
        self._task = asyncio.current_task()
        async with asyncio.TaskGroup() as group:
            if self._settings.nats_url:
                group.create_task(self._for_ever(self._hear, CONNECT_PAUSE_S))
            group.create_task(self._for_ever(self._check_once, CHECK_PAUSE_S))

    async def _for_ever(self, work: Callable[[], Awaitable[None]], pause_s: float) -> None:
        """Repeats a piece of work whatever happens to it: neither may end the other."""
        while True:
            stop_if_told()
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the net must hold whatever happens
                self._log.warning("begins again", work=work.__name__, error=repr(error)[:300])
            await asyncio.sleep(pause_s)

    async def _check_once(self) -> None:
        await asyncio.to_thread(self._check)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._soon.wait(), CHECK_S - CHECK_PAUSE_S)
        self._soon.clear()

    async def _hear(self) -> None:
        """Hears until the connection is closed for good, which a server may do with one error."""
        client, closed = Client(), asyncio.Event()

        async def on_closed() -> None:
            closed.set()

        try:
            await client.connect(
                self._settings.nats_url.split(","),  # of a cluster: any
                user=self._settings.nats_user or None,
                password=self._settings.nats_password or None,
                name="edge",
                max_reconnect_attempts=-1,
                reconnect_time_wait=CONNECT_PAUSE_S,  # type: ignore[arg-type] # fractions work
                ping_interval=5,
                max_outstanding_pings=2,
                error_cb=self._on_error,
                disconnected_cb=self._on_disconnect,
                reconnected_cb=self._on_connect,
                closed_cb=on_closed,
            )
            await client.subscribe("meguri.>", cb=self._on_message)
            await client.flush(FLUSH_S)  # from here on nothing said is missed
            await self._on_connect()
            await closed.wait()
        finally:
            self.connected = False
            await client.close()

    async def _on_message(self, message: Msg) -> None:
        parts = message.subject.split(".")
        if len(parts) != 5:
            return
        _, area, _, _, event = parts
        self._tell(area, event)
        if event in self._echoed:
            loop = asyncio.get_running_loop()
            for pause_s in ECHOES_S:
                loop.call_later(pause_s, self._tell, area, event)

    def _tell(self, area: str, event: str) -> None:
        action = self._on.get(event)
        if action is not None:
            try:
                action(area)
            except Exception as error:  # noqa: BLE001 - one bad page must not end the hearing
                self._log.error("an event was not applied", area=area, heard=event, exc_info=error)
            self._soon.set()
        self._wakes.wake(area, event)

    async def _on_error(self, error: Exception) -> None:
        self._log.warning("nats", error=repr(error)[:300])

    async def _on_disconnect(self) -> None:
        self.connected = False

    async def _on_connect(self) -> None:
        # What was said before was not heard.
        self.connected = True
        try:
            await asyncio.to_thread(self._doubt)
        except Exception as error:  # noqa: BLE001 - the check every 10 s drops what this did not
            self._log.error("pages of before were not dropped", exc_info=error)
        self._soon.set()
