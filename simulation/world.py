"""What a run is made of: one generator of chance, one clock, and the story of what happened."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

import kit.ids
import kit.outbox
import kit.publishing
from kit.db import StoreBusy, StoreUnavailable
from simulation.loop import LIFE, Life, VirtualLoop

START = datetime(2026, 8, 13, 0, 0, tzinfo=UTC)
SPAN_S = 3 * 86_400  # within which a run begins: also shortly before midnight in Tokyo


class Injected(Exception):
    """A fault that the simulation made; whoever meets it is to bear it."""


EXPECTED = (StoreBusy, StoreUnavailable, Injected, TimeoutError)


@dataclass(frozen=True)
class Rates:
    """How often what goes wrong, of all occasions. All zero: fair weather."""

    slow: float = 0.02
    store_lost: float = 0.01
    commit_unsure: float = 0.02
    call_lost: float = 0.05
    call_twice: float = 0.05
    line_cut: float = 0.03
    handler_fails: float = 0.02
    acquirer_bad: float = 0.35
    crashes: int = 3
    clock_jumps: int = 1
    partitions: int = 1
    refuses: float = 0.02


FAIR = Rates(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


class World:
    """One run. Everything that differs between two seeds is drawn from `chance`."""

    def __init__(self, seed: int, rates: Rates, *, traced: bool = False) -> None:
        self.seed, self.rates, self.traced = seed, rates, traced
        self.chance = random.Random(seed)
        self.loop = VirtualLoop()
        self.begin = START + timedelta(seconds=self.chance.randrange(SPAN_S))
        self.story: list[str] = []
        self.faults: Counter[str] = Counter()
        self.reached: Counter[tuple[str, str]] = Counter()
        self.problems: list[str] = []
        self.calm = False
        self._ids = 0

    def now(self) -> datetime:
        """Returns the true time."""
        return self.begin + timedelta(seconds=self.loop.time())

    def skip(self, seconds: float) -> None:
        """Lets time go by in which nothing happens: every clock is later, no timer is."""
        self.begin += timedelta(seconds=seconds)
        self.note("time", f"{seconds:.0f} s go by")

    def note(self, who: str, what: str) -> None:
        """Writes a line of the story."""
        if self.traced:
            self.story.append(f"{self.loop.time():10.4f}  {who:<14} {what}")

    def goes_wrong(self, kind: str, rate: float) -> bool:
        """Draws whether a fault happens, and counts it."""
        if self.calm or rate <= 0 or self.chance.random() >= rate:
            return False
        self.faults[kind] += 1
        return True

    def delay(self, usual_s: float) -> float:
        """Draws how long something takes: mostly about as long as usual, sometimes far longer."""
        took = usual_s * (0.2 + self.chance.random() * 1.6)
        if self.goes_wrong("slow", self.rates.slow):
            took += self.chance.expovariate(1 / 2.0)
        return took

    def problem(self, text: str) -> None:
        """Notes that the run failed."""
        self.problems.append(text)
        self.note("FAILED", text)

    def uuid7(self) -> uuid.UUID:
        """Returns the next id of the process at hand: its own clock's time, then chance."""
        life = LIFE.get()
        skew = life.skew_s if life else 0.0
        stamp = int((self.now().timestamp() + skew) * 1000)
        self._ids += 1
        low = self.chance.getrandbits(62)
        number = stamp << 80 | 7 << 76 | (self._ids & 0xFFF) << 64 | 2 << 62 | low
        return uuid.UUID(int=number)


class LifeClock:
    """The clock of one process, which may be wrong. It fits kit.clock.Clock."""

    def __init__(self, world: World, life: Life) -> None:
        self._world, self._life = world, life

    def now(self) -> datetime:
        """Returns what the process takes for the time."""
        return self._world.now() + timedelta(seconds=self._life.skew_s)


class _Ids:
    """Stands where kit.ids looks for its library."""

    def __init__(self, world: World) -> None:
        self.uuid7 = world.uuid7


@contextmanager
def governing(world: World) -> Iterator[None]:
    """Has time, ids and log of the real code come from this world."""
    before: list[tuple[Any, str, Any]] = []

    def put(module: Any, name: str, value: Any) -> None:
        before.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    def random_uuid() -> uuid.UUID:
        return uuid.UUID(int=world.chance.getrandbits(128), version=4)

    put(kit.ids, "uuid_utils", _Ids(world))
    put(kit.outbox, "monotonic", world.loop.time)
    put(kit.publishing, "uuid4", random_uuid)
    log_before = structlog.get_config()
    structlog.configure(
        processors=[_Listener(world)],
        wrapper_class=structlog.make_filtering_bound_logger(30),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**log_before)
        for module, name, value in reversed(before):
            setattr(module, name, value)


class _Listener:
    """Hears the log: what is an error there and no fault of ours is a failure of the run."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        if self._world.loop.is_over:
            raise structlog.DropEvent
        life = LIFE.get()
        error = event.get("exc_info")
        text = f"{event.get('event')}: {error!r}" if error else str(event.get("event"))
        self._world.note(life.name if life else "-", f"log {method}: {text}")
        from_nats = type(error).__module__.partition(".")[0] == "nats"
        is_ours = isinstance(error, BaseException) and not isinstance(error, EXPECTED)
        if is_ours and not from_nats:
            self._world.problem(f"an error nobody expected: {text}")
        raise structlog.DropEvent
