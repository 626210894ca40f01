"""One seed from beginning to end, and many of them."""

import asyncio
import dataclasses
import gc
import hashlib
import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from services.payments.app import shops
from services.payments.domain.shop import Shop, TenderSetting
from services.payments.domain.tender import Tender
from simulation import checks
from simulation.acquirer import Acquirer
from simulation.bus.client import Network
from simulation.loop import TooLong
from simulation.mistakes import MISTAKES
from simulation.people import AREA, SHOP, People, Tablet, key_of
from simulation.processes import Front, Listener, PaymentsProcess, Process
from simulation.scenarios import SCENARIOS, Scenario, Stage
from simulation.world import World, governing

REST_WITHIN_S = 900.0  # of virtual time, after the last fault
FAULTS_OVER_S = 12.0  # crashes, partitions and jumps come within so long

SHOP_SETTINGS = Shop(
    shop_place_id=SHOP,
    names={"ja": "試しの店", "en": "Test shop"},
    tenders=(
        *(TenderSetting(tender=each, gateway="acquirer_simulator")
          for each in (Tender.CARD, Tender.TRANSIT_IC, Tender.CODE_PAYMENT)),
        TenderSetting(tender=Tender.CASH_RECORD, gateway="cash_record"),
        TenderSetting(tender=Tender.CARD, gateway="other_device"),
    ),
)  # fmt: skip


@dataclass
class Result:
    """What became of a seed. fingerprint: hash of all that is stored at the end, for repeats."""

    seed: int
    scenario: str
    problems: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    reached: Counter[tuple[str, str]] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    steps: int = 0
    virtual_s: float = 0.0
    sales: int = 0
    fingerprint: str = ""


def scenario_of(seed: int) -> str:
    """Returns the scenario a seed plays where none is named."""
    return random.Random(f"scenario {seed}").choice(sorted(SCENARIOS))


def play(
    seed: int, scenario: str = "", *, mistake: str = "", traced: bool = False, proves: bool = True
) -> Result:
    """Plays one seed. The same arguments give the same result, letter for letter.

    proves: with the hash of all that is left, which costs a tenth of the time.
    """
    name = scenario or scenario_of(seed)
    chosen = SCENARIOS[name]
    world = World(seed, chosen.rates, traced=traced)
    planted: AbstractContextManager[object] = (
        MISTAKES[mistake].plant() if mistake else nullcontext()
    )
    run = _Run(world, chosen)
    had_gc = gc.isenabled()
    gc.disable()  # what dies unheard is buried at the end, not whenever memory is looked through
    try:
        with planted, governing(world):
            try:
                world.loop.run(run.whole())
            except TooLong as error:
                world.problem(f"it never comes to rest: {error}")
            except Exception as error:  # noqa: BLE001 - whatever ends a run is what it found
                world.problem(f"the run ended in {error!r}")
            world.problems += [
                f"an error that no code caught: {each}" for each in world.loop.failures
            ]
    finally:
        if had_gc:
            gc.enable()
    return Result(
        seed, name, world.problems, world.faults, world.reached, world.story, world.loop.steps,
        round(world.loop.time(), 3), len(run.people.book.tapped),
        run.fingerprint() if proves else "",
    )  # fmt: skip


class _Run:
    """Everything of one run."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world, self.scenario = world, scenario
        self.network = Network(world)
        self.acquirer = Acquirer(world)
        self.payments = PaymentsProcess(world, self.network, self.acquirer)
        self.replicas = [self.payments]
        for number in range(2, scenario.replicas + 1):
            self.replicas.append(PaymentsProcess(
                world, self.network, self.acquirer, f"payments-{number}", self.payments.server
            ))  # fmt: skip
        self.front = Front(world, self.replicas)
        self.listeners = [
            Listener(world, self.network, "insights", gathers=True),
            Listener(world, self.network, "office", gathers=False),
        ]
        self.people = People(world, self.front)
        self.tablet = Tablet(world, self.front, self.people.book)

    async def whole(self) -> None:
        """From the first start to the last check."""
        processes: list[Process] = [*self.replicas, *self.listeners]
        for process in processes:
            process.start()
        await self._set_up()
        stage = Stage(self.world, self.people, self.tablet, processes)
        faults = asyncio.create_task(self._break_things(processes))
        playing = asyncio.create_task(self.scenario.play(stage))
        await asyncio.wait([playing])
        playing.result()
        await faults
        await self._come_to_rest()
        checks.check(
            self.world, self.payments, self.acquirer, self.network, self.listeners, self.people.book
        )

    async def _set_up(self) -> None:
        self.world.calm = True
        deps = self.payments.here
        await shops.configure_shops(deps, key_of("set-up"), AREA, [SHOP_SETTINGS])
        self.world.calm = False

    async def _break_things(self, processes: list[Process]) -> None:
        """Crashes, partitions, a dying nats-server and clocks that jump, at moments of the seed."""
        world, chance, rates = self.world, self.world.chance, self.world.rates
        moments: list[tuple[float, str]] = []
        kinds = {
            "crash": rates.crashes, "partition": rates.partitions, "clock": rates.clock_jumps,
            "nats": 1 if rates.crashes else 0,
        }  # fmt: skip
        for kind, most in kinds.items():
            count = chance.randrange(most + 1)
            moments += [(chance.uniform(0.0, FAULTS_OVER_S), kind) for _ in range(count)]
        for at, kind in sorted(moments):
            await asyncio.sleep(max(0.0, at - world.loop.time()))
            process = chance.choice([*processes, *self.replicas, *self.replicas])
            if kind == "crash":
                # Not now, when nothing happens: at one of its next steps, wherever that is.
                process.life.crash_at_step = process.life.steps + chance.randrange(1, 120)
            elif kind == "partition":
                self._part(process)
            elif kind == "nats":
                world.faults["nats-server killed"] += 1
                self.network.restart()
            else:
                process.life.skew_s += chance.choice([-600.0, -5.0, 5.0, 600.0])
                world.faults["clock jump"] += 1
                world.note(process.name, f"has its clock off by {process.life.skew_s} s")

    def _part(self, process: Process) -> None:
        world = self.world
        world.faults["partition from NATS"] += 1
        self.network.closed.add(process.name)
        for client in list(self.network.clients.values()):
            if client.life is process.life:
                client.cut("for longer")
        world.loop.call_later(world.chance.uniform(2.0, 40.0), self.network.closed.discard,
                              process.name)  # fmt: skip

    async def _come_to_rest(self) -> None:
        """Fair weather from here on: everything has to come to its end by itself."""
        self.world.calm = True
        self.network.closed.clear()
        for process in (*self.replicas, *self.listeners):
            process.life.crash_at_step = None
        ends = self.world.loop.time() + REST_WITHIN_S
        why = "it has just begun"
        while self.world.loop.time() < ends:
            await asyncio.sleep(5.0)
            if self.people.book.waiting:
                await self.tablet.drain()
            why = checks.unrest(self.payments, self.network, self.listeners)
            if not why and not self.people.book.waiting:
                return
        self.world.problem(f"it does not come to rest within {REST_WITHIN_S:.0f} s: {why}")

    def fingerprint(self) -> str:
        """Returns the hash of all tables, of the acquirer's book and of the stream."""
        found = hashlib.sha256()
        for process in (self.payments, *self.listeners):
            for name in sorted(process.server.tables):
                for row in process.server.rows(name):
                    found.update(repr(sorted(row.items())).encode())
        for each in self.acquirer.books.operations():
            found.update(repr(dataclasses.astuple(each)).encode())
        for message in self.network.server.stream("PAYMENTS").messages:
            found.update(message.msg_id.encode())
        found.update(repr(self.world.loop.time()).encode())
        return found.hexdigest()[:16]
