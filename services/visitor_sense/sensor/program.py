"""A sensor at work: frames from the air, one day key at a time, batches that are never lost."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kit import log
from kit.clock import Clock
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, DayKey, SignedBatch
from services.visitor_sense.sensor.captures import IEEE802_11, RADIOTAP
from services.visitor_sense.sensor.credential import Credential
from services.visitor_sense.sensor.link import BACKOFF_S, KeyRefused, Link, LinkDown
from services.visitor_sense.sensor.spool import Spool

FLUSH_S = 1.0
HEALTH_S = 30.0
ASK_AGAIN_S = 60.0  # while the site is paused
_ARPHRD_RADIOTAP, _ARPHRD_80211 = "803", "801"
_ETH_P_ALL = 3
_FRAME_BYTES = 65_536


class NoMonitorMode(Exception):
    """The interface does not exist or does not deliver Wi-Fi frames."""


@dataclass
class Program:
    """The life of a live sensor, from start to the next midnight."""

    link: Link
    spool: Spool
    clock: Clock
    credential: Credential
    boot: Boot = field(default_factory=Boot)
    counters: Counters = field(default_factory=Counters)
    _batcher: Batcher | None = None
    _key: DayKey | None = None
    _waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, link_type: int, frame: bytes) -> None:
        """Takes one frame as it comes. Without a key (paused, starting) nothing is looked at."""
        if self._batcher is None:
            return
        self._keep(self._batcher.feed(day.to_ms(self.clock.now()), link_type, frame))

    async def run(self) -> None:
        """Works until midnight in Japan; then the key is destroyed and the caller starts anew."""
        end = day.next_midnight(self.clock.now())
        work = [
            asyncio.create_task(step())
            for step in (self._hold_key, self._flush_often, self._forward_often, self._say_health)
        ]
        try:
            while (left_s := (end - self.clock.now()).total_seconds()) > 0:
                done, _ = await asyncio.wait(work, timeout=left_s,
                                             return_when=asyncio.FIRST_EXCEPTION)  # fmt: skip
                for task in done:
                    task.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            self._let_go()

    def _let_go(self) -> None:
        self._flush()
        self._batcher = None
        self.link.keys = {}
        if self._key is not None:
            self._key.destroy()
            self._key = None

    async def _hold_key(self) -> None:
        """Gets today's key and watches for a pause: while paused, no key is held."""
        failures = 0
        while True:
            pause_s = ASK_AGAIN_S
            try:
                key = await self.link.fetch_key(day.key_date(self.clock.now()))
            except KeyRefused as refusal:
                self._let_go()
                log.get("sensor").warning("no day key", reason=refusal.reason)
                if refusal.reason == "DAY_OUT_OF_RANGE":  # our clock is a little ahead of midnight
                    pause_s = BACKOFF_S[-2]
            except LinkDown:
                pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
                failures += 1
            else:
                failures = 0
                self._use(key)
            self.link.control.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self.link.control.wait()

    def _use(self, key: DayKey) -> None:
        if self._key is not None and self._key.epoch == key.epoch:
            if self._batcher is not None:
                self._batcher.leave_out(key.left_out)
            key.destroy()
            return
        self._let_go()
        self._key = key
        self._batcher = Batcher(self.credential, self.boot, key, self.counters)
        self.link.keys = {key.key_date: key}

    def _flush(self) -> None:
        self._keep(self._batcher.flush() if self._batcher else None)

    def _keep(self, ready: SignedBatch | None) -> None:
        if ready is not None:
            self.counters.observations_dropped += self.spool.put(ready)
            self._waiting.set()

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self._flush()

    async def _forward_often(self) -> None:
        failures = 0
        while True:
            try:
                self._waiting.clear()
                await self.link.forward(self.spool)
                failures = 0
            except LinkDown:
                await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
                failures += 1
                continue
            with contextlib.suppress(TimeoutError):  # what is ready goes at once
                async with asyncio.timeout(FLUSH_S):
                    await self._waiting.wait()

    async def _say_health(self) -> None:
        while True:
            now_s = self.clock.now().timestamp()
            self.counters.observations_dropped += self.spool.drop_expired(now_s)
            await self.link.say_health(self.boot.boot_id, self.counters, len(self.spool))
            await asyncio.sleep(HEALTH_S)


def listen(interface: str, take: Callable[[int, bytes], None]) -> socket.socket:
    """Hands every frame of a monitor-mode interface to `take`, in the running loop.

    Needs CAP_NET_RAW (Linux). Errors: NoMonitorMode.
    """
    try:
        kind = Path("/sys/class/net", interface, "type").read_text().strip()
    except OSError as error:
        raise NoMonitorMode(f"There is no network interface {interface}.") from error
    link_type = {_ARPHRD_RADIOTAP: RADIOTAP, _ARPHRD_80211: IEEE802_11}.get(kind)
    if link_type is None:
        raise NoMonitorMode(
            f"{interface} is not in monitor mode: `iw dev {interface} set type monitor`."
        )
    try:
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        raw.bind((interface, 0))
    except PermissionError as error:
        raise NoMonitorMode("Reading frames needs the right CAP_NET_RAW.") from error
    raw.settimeout(0)

    def ready() -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(256):
                take(link_type, raw.recv(_FRAME_BYTES))

    asyncio.get_running_loop().add_reader(raw, ready)
    return raw
