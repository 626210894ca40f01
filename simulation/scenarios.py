"""What happens in a run: who does what, and which faults meet them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from services.payments.domain.tender import Tender
from simulation.people import People, Tablet
from simulation.processes import Process
from simulation.world import Rates, World

CARDS = (Tender.CARD, Tender.TRANSIT_IC, Tender.CODE_PAYMENT)


@dataclass(frozen=True)
class Stage:
    """What a scenario plays on."""

    world: World
    people: People
    tablet: Tablet
    processes: list[Process]


@dataclass(frozen=True)
class Scenario:
    """says: one line for people. rates: its faults. play: what people do. replicas: processes that
    serve payments from one database."""

    says: str
    rates: Rates
    play: Callable[[Stage], Coroutine[Any, Any, None]]
    replicas: int = 1


async def _one_customer(stage: Stage, *, follows: bool) -> None:
    chance = stage.world.chance
    await asyncio.sleep(chance.uniform(0.0, 6.0))
    tender = chance.choice(CARDS)
    payment = await stage.people.buy(
        tender, at_once=chance.random() < 0.6, taps=2 if chance.random() < 0.3 else 1
    )
    if payment is not None and follows:
        await asyncio.sleep(chance.uniform(0.0, 3.0))
        await stage.people.follow(payment)


async def _counter(stage: Stage) -> None:
    """Cards at a counter."""
    await asyncio.gather(*(_one_customer(stage, follows=True) for _ in range(6)))


async def _crowd(stage: Stage) -> None:
    """Many at the same moment: the writer's groups, the relay's batches."""
    chance = stage.world.chance

    async def one() -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        await stage.people.buy(chance.choice([Tender.CASH_RECORD, *CARDS]))

    await asyncio.gather(*(one() for _ in range(14)))


async def _evening(stage: Stage) -> None:
    """Cash and refunds while the day is closed, twice at the same time."""
    chance = stage.world.chance

    async def one() -> None:
        await asyncio.sleep(chance.uniform(0.0, 4.0))
        payment = await stage.people.buy(Tender.CASH_RECORD)
        if payment is not None and chance.random() < 0.5:
            await stage.people.follow(payment)

    async def close() -> None:
        await asyncio.sleep(chance.uniform(0.0, 6.0))
        await stage.people.close()

    await asyncio.gather(*(one() for _ in range(6)), *(close() for _ in range(3)))


async def _offline(stage: Stage) -> None:
    """A tablet without a line; power cuts while it sends, two tabs, a clock set back."""
    world, chance, tablet = stage.world, stage.world.chance, stage.tablet
    for _ in range(chance.randrange(4, 14)):
        tablet.tap()
        world.skip(chance.choice([1.0, 60.0, 7200.0]) * chance.random())
    if chance.random() < 0.05:
        world.skip(7 * 86_400.0)  # nobody found the tablet for a week: it is told so
    if chance.random() < 0.3:
        tablet.clock_s += chance.choice([-86_400.0, -3600.0, 3600.0, 86_400.0])
        world.faults["clock of the tablet set"] += 1

    async def tab() -> None:
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        for _ in range(4):
            sending = asyncio.ensure_future(tablet.drain())
            if chance.random() < 0.5 and not world.calm:
                await asyncio.wait([sending], timeout=chance.uniform(0.0, 0.3))
                if not sending.done():
                    sending.cancel()
                    world.faults["power cut of the tablet"] += 1
                    world.note("tablet", "LOSES POWER")
            await asyncio.wait([sending])
            await asyncio.sleep(chance.uniform(0.0, 4.0))

    await asyncio.gather(tab(), tab(), _one_customer(stage, follows=False))


async def _lapse(stage: Stage) -> None:
    """Authorizations that nobody captures, for more than seven days."""
    await asyncio.gather(*(
        stage.people.buy(stage.world.chance.choice(CARDS), at_once=False) for _ in range(3)
    ))  # fmt: skip
    stage.world.skip(7 * 86_400 - 6.0)
    await asyncio.sleep(stage.world.chance.uniform(0.0, 4.0))


_USUAL = Rates()
SCENARIOS: dict[str, Scenario] = {
    "counter": Scenario("cards, taken, captured, voided and refunded", _USUAL, _counter),
    "crowd": Scenario("many sales at one moment", _USUAL, _crowd),
    "evening": Scenario("cash, refunds and closes that race", _USUAL, _evening),
    "offline": Scenario("a tablet without a line, power cuts, two tabs", _USUAL, _offline),
    "lapse": Scenario("authorizations that run out", replace(_USUAL, crashes=1), _lapse),
    "replicas": Scenario(
        "as counter, with two payments processes on one database",
        replace(_USUAL, clock_jumps=2), _counter, replicas=2,
    ),
    "storm": Scenario(
        "as counter, and everything breaks more often",
        Rates(0.05, 0.04, 0.1, 0.15, 0.15, 0.15, 0.08, 0.7, 8, 3, 3, 0.1), _counter,
    ),
}  # fmt: skip
