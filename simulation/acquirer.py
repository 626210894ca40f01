"""The acquirer: the books of simulators/acquirer behind a network that has bad days.

Its books are the real ones, in memory; the way to them stands where the gateway has its client of
HTTP, so gateways/acquirer_simulator.py runs as it is. What is on its way arrives, however late.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextvars import Context
from http import HTTPStatus
from typing import Any

from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from services.payments.gateways.http_json import NoAnswer, NotSent, Reply
from simulation.loop import LIFE
from simulation.world import World
from simulators.acquirer.books import TABLE, Books, KeyReused, Operation
from simulators.acquirer.http_door import CHARGE, LOOK_UP, STEP, STEPS

TRAVEL_S = 0.05
_REFUSAL = "insufficient_funds"
BAD_DAYS = (
    "declines", "does it and says nothing", "loses the order", "answers late", "answers twice",
    "answers nonsense", "does it and fails", "fails before it", "gets the order late",
    "answers about another key", "is away", "hears the order twice",
)  # fmt: skip


class MemoryBooks(Books):
    """The acquirer's real books, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.executescript(TABLE)

    def operations(self) -> list[Operation]:
        """Returns everything that was asked, in its order."""
        rows = self._db.execute(
            "select key, step, charge_key, amount_yen, status, reason from operations"
            " order by rowid"
        )
        return [Operation(*row) for row in rows]


def answer_of(
    books: Books, path: str, body: Mapping[str, Any], refuse: str = ""
) -> tuple[int, dict[str, Any]]:
    """Returns status and document as http_door.py gives them."""
    if found := LOOK_UP.fullmatch(path):
        known = books.look_up(found[1], fence=bool(found[2]))
        if known is None:
            return HTTPStatus.NOT_FOUND, {"error": "unknown_key", "key": found[1]}
        return HTTPStatus.OK, _document(known)
    if charge := CHARGE.fullmatch(path):
        key, step, charge_key = charge[1], "take", charge[1]
    elif found := STEP.fullmatch(path):
        key, step, charge_key = found[3], STEPS[found[2]], found[1]
    else:
        return HTTPStatus.NOT_FOUND, {"error": "unknown_path"}
    try:
        operation = books.perform(key, step, charge_key, body, refuse)
    except KeyReused:
        return HTTPStatus.CONFLICT, {"error": "key_reused", "key": key}
    return HTTPStatus.OK, _document(operation)


def _document(operation: Operation) -> dict[str, Any]:
    return {"key": operation.key, "status": operation.status, "reason": operation.reason}


class Acquirer:
    """The party outside. It crashes with no process of ours."""

    def __init__(self, world: World) -> None:
        self.world, self.books = world, MemoryBooks()
        self.away_until = 0.0
        self._nobody = Context()

    def gateway(self, deadline_s: float) -> AcquirerSimulator:
        """Returns the real gateway, talking to this acquirer."""
        made = AcquirerSimulator("http://127.0.0.1:9", deadline_s)
        way: Any = Way(self)
        made._http = way  # noqa: SLF001 - its one door to the outside
        return made

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Has something happen here, whatever becomes of who asked."""
        loop = self.world.loop
        loop.call_at(loop.time() + seconds, what, context=self._nobody)


def _tell(answer: "asyncio.Future[Any]", reply: tuple[int, dict[str, Any]]) -> None:
    if not answer.done():  # who asked may have lost patience
        answer.set_result(reply)


class Way:
    """Stands for HttpJson: one request, with a deadline over the whole of it."""

    def __init__(self, acquirer: Acquirer) -> None:
        self.acquirer = acquirer

    async def close(self) -> None:
        """Nothing to close."""

    async def post(self, path: str, body: Mapping[str, Any], deadline_s: float) -> Reply:
        """Errors: NotSent, NoAnswer."""
        acquirer, world = self.acquirer, self.acquirer.world
        life = LIFE.get()
        who = life.name if life else "-"
        fate = ""
        if world.loop.time() < acquirer.away_until and not world.calm:
            fate = "is away"
        elif world.goes_wrong("acquirer", world.rates.acquirer_bad):
            fate = world.chance.choice(BAD_DAYS)
            world.faults["acquirer"] -= 1
        if fate:
            world.faults[f"acquirer {fate}"] += 1
            world.note("acquirer", f"{fate}: {path}")
        if fate == "is away":
            acquirer.away_until = max(
                acquirer.away_until, world.loop.time() + world.delay(3.0) * 0.3
            )
            await asyncio.sleep(world.delay(TRAVEL_S))
            raise NotSent("refused")
        answer: asyncio.Future[tuple[int, dict[str, Any]]] = world.loop.create_future()
        self._carry(fate, path, body, answer)
        try:
            async with asyncio.timeout(deadline_s):
                status, document = await answer
        except TimeoutError as error:
            world.note(who, f"hears nothing about {path}")
            raise NoAnswer("time is over") from error
        if fate == "answers nonsense":
            raise NoAnswer("the answer is no JSON")
        world.note(who, f"is told {status} {document} of {path}")
        return Reply(status, document)

    def _is_release(self, path: str) -> bool:
        """Whether an authorization is given up: no acquirer has a reason to refuse that."""
        found = STEP.fullmatch(path)
        if found is None or found[2] != "voids":
            return False
        return self.acquirer.books._charge(found[1]).captured_yen == 0  # noqa: SLF001 - as they see it

    def _carry(
        self, fate: str, path: str, body: Mapping[str, Any],
        answer: "asyncio.Future[tuple[int, dict[str, Any]]]",
    ) -> None:  # fmt: skip
        acquirer, world = self.acquirer, self.acquirer.world

        def act() -> None:
            if fate == "fails before it":
                reply: tuple[int, dict[str, Any]] = (500, {"error": "internal"})
            else:
                refuse = _REFUSAL if fate == "declines" and not self._is_release(path) else ""
                reply = answer_of(acquirer.books, path, body, refuse)
            if fate == "does it and fails":
                reply = (500, {"error": "internal"})
            if fate == "answers about another key":
                reply = (reply[0], reply[1] | {"key": "somebody-else"})
            if fate == "does it and says nothing":
                return
            back_s = world.delay(TRAVEL_S)
            if fate == "answers late":
                back_s += world.chance.uniform(1.0, 12.0)
            acquirer.later(back_s, lambda: _tell(answer, reply))

        if fate == "loses the order":
            return
        out_s = world.delay(TRAVEL_S)
        if fate == "gets the order late":
            out_s += world.chance.uniform(2.0, 20.0)
        acquirer.later(out_s, act)
        if fate == "hears the order twice":
            acquirer.later(out_s + world.chance.uniform(0.0, 10.0), act)
