"""A listener that is slow: ten thousand events wait for it, and nobody else notices."""

import asyncio
import random
import time

from chaos.beside import Beside
from chaos.crowd import Crowd
from chaos.exports import connect, stream_dump
from chaos.logs import Line
from chaos.processes import held_by_component
from chaos.proxy import Way
from chaos.sales import make_sales
from chaos.scenarios.events import DEAD, Message, publish, said_again
from chaos.stage import Broken, Size, Stage, percentile_s
from kit.ids import new_id

SHADOW = "backlog"  # an area that exists in no other service
EVENTS = 10_000
OURS = "insights-hears-payments"
SLOW = Way(delay_s=0.5)
GROWN_MOST_MB = 50.0  # platform.md F8
SLOWER_MOST, NOISE_S = 2.0, 0.25
CAUGHT_UP_WITHIN_S = 120.0
LOOK_S = 1.0


class Memory(Beside):
    """Looks at the memory of every component now and then. Use as a context."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._before: dict[str, float] = {}
        self.most: dict[str, float] = {}

    def _begin(self) -> None:
        self._before = self._now()

    def grown_mb(self) -> dict[str, float]:
        """Returns by how much each component grew at most."""
        return {name: most - self._before[name] for name, most in self.most.items()
                if name in self._before}  # fmt: skip

    def _now(self) -> dict[str, float]:
        held = held_by_component(self._stage.platform)
        return {name: each.anonymous_mb for name, each in held.items()}

    def _work(self) -> None:
        while not self._ended.wait(LOOK_S):
            for name, now in self._now().items():
                self.most[name] = max(now, self.most.get(name, 0.0))


def slow_listener(stage: Stage, size: Size) -> None:
    """Makes the way from insights to its database slow, and lets events pile up before it. Errors:
    Broken where anybody else is slower for it, grows, or an event is given up."""
    part = size.payments // 4
    _sell(stage, size, part, 0)  # warms up: memory of a first use is no growth
    before = _sell(stage, size, part, 1)
    dead_before = len(stream_dump(stage.platform, "DEAD_LETTERS", DEAD))
    for pair in stage.ways.of(asker="insights", target="postgres"):
        stage.ways.proxy.set(pair, SLOW, SLOW)
    with Memory(stage) as memory:
        stage.fault("slow listener")
        asyncio.run(publish(stage, _events(stage, size.seed)))
        _let_others_hear(stage)
        waiting = asyncio.run(_waiting(stage, OURS))
        meanwhile = _sell(stage, size, part, 2)
        still = asyncio.run(_waiting(stage, OURS))
        stage.ways.heal()
        caught_up_s = _catch_up(stage)
    grown, after = memory.grown_mb(), _sell(stage, size, part, 3)
    # The slower of two: the machine's own moods are not the listener's.
    p95_s = max(percentile_s(before, 0.95), percentile_s(after, 0.95))
    p95_slow_s = percentile_s(meanwhile, 0.95)
    worst = max(grown, key=lambda name: grown[name])
    stage.figures |= {
        "backlog": waiting, "backlog_at_heal": still, "caught_up_s": round(caught_up_s, 1),
        "p95_ms": round(p95_s * 1000), "p95_slow_ms": round(p95_slow_s * 1000),
        "grown_most_mb": round(grown[worst], 1), "grown_most": worst,
        "dead": len(stream_dump(stage.platform, "DEAD_LETTERS", DEAD)) - dead_before,
    }  # fmt: skip
    if min(waiting, still) < EVENTS // 2:
        raise Broken(f"only {still} of {waiting} events waited: nobody was slow")
    if p95_slow_s > max(SLOWER_MOST * p95_s, p95_s + NOISE_S):
        raise Broken(f"a slow listener made sales slow: p95 {p95_slow_s:.2f} s, before {p95_s:.2f}")
    if grown[worst] > GROWN_MOST_MB:
        raise Broken(f"{worst} grew by {grown[worst]:.0f} MB")
    if stage.figures["dead"]:
        raise Broken(f"{stage.figures['dead']} events were given up only because they waited")
    stage.wait_ready()


def _sell(stage: Stage, size: Size, count: int, turn: int) -> list[Line]:
    before = len(stage.lines("acks"))
    with Crowd(stage, size, make_sales(count, size.seed + turn)) as crowd:
        crowd.start()
        crowd.finish()
    return [each for each in stage.lines("acks")[before:] if each["attempts"] == 1]


def _events(stage: Stage, seed: int) -> list[Message]:
    """Returns EVENTS events of payments under another area, each with an id of its own."""
    real = stream_dump(stage.platform, "PAYMENTS", "meguri.mine.payments.v1.payment_captured")
    zone = stream_dump(stage.platform, "DIRECTORY", "meguri.mine.directory.v1.area_configured")
    chance = random.Random(seed)
    made = [said_again(each, SHADOW, 0) for each in zone]
    for _ in range(EVENTS):
        subject, headers, body = chance.choice(real)
        made.append(said_again((subject, headers | {"ce-id": new_id()}, body), SHADOW, 0))
    return made


async def _waiting(stage: Stage, *names: str) -> int:
    """Returns how many events of payments the listeners of these names have not heard yet, without
    names all but insights."""
    client = await connect(stage.platform)
    try:
        listeners = await client.jetstream(timeout=10).consumers_info("PAYMENTS")
        return sum(
            int(each.num_pending or 0) + int(each.num_ack_pending or 0) for each in listeners
            if (each.name in names if names else each.name != OURS)
        )  # fmt: skip
    finally:
        await client.close()


def _let_others_hear(stage: Stage) -> None:
    """Waits until everybody but insights has heard the many events. Errors: Broken."""
    began = time.monotonic()
    while asyncio.run(_waiting(stage)):
        if time.monotonic() - began > CAUGHT_UP_WITHIN_S:
            raise Broken("other listeners wait as well")
        time.sleep(0.2)


def _catch_up(stage: Stage) -> float:
    """Waits until nothing waits any more; returns seconds. Errors: Broken."""
    began = time.monotonic()
    while asyncio.run(_waiting(stage, OURS)):
        if time.monotonic() - began > CAUGHT_UP_WITHIN_S:
            raise Broken(f"insights has not caught up after {CAUGHT_UP_WITHIN_S:.0f} s")
        time.sleep(0.2)
    return time.monotonic() - began
