"""Payments in this process, its database and the acquirer simulator as real processes."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kit.clock import SystemClock
from kit.db import Database
from kit.ids import new_id
from kit.outbox import Outbox
from kit.requests import RequestKey
from services.payments import events
from services.payments.app import shops, take
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.app.units import Sale
from services.payments.app.who import Who
from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment
from services.payments.domain.shop import Owner, Shop, TenderSetting
from services.payments.domain.tender import Tender
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.other_device import OtherDevice
from tests import servers

ROOT = Path(__file__).resolve().parents[3]
DEADLINE_S = 0.6
AREA = "mine"
CLERK = Who(area=AREA, principal="clerk-1", shops=frozenset(), device=False)


class Simulator:
    """The acquirer simulator as a process that can be killed and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {
            **os.environ,
            "MEGURI_LISTEN": f"127.0.0.1:{port}",
            "MEGURI_DATA": str(folder),
            "PYTHONPATH": str(ROOT),
        }
        self._before: set[str] = set()
        self.start()

    def renew(self) -> None:
        """Makes it as good as new for the next test: running, with nothing ordered or charged."""
        if self.process.poll() is not None:
            self.start()
        self._before = set()
        self._before = set(self.charges())
        self.order("approve", 0)

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulators.acquirer.main"],
            env=self._environment,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        for _ in range(500):
            try:
                self.call("GET", "/healthz")
            except urllib.error.URLError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("the simulator did not start")

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Sends one request and returns the JSON document."""
        request = urllib.request.Request(  # noqa: S310 - an address of our own
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())

    def order(self, scenario: str, count: int = 1) -> None:
        """Has the next requests meet a scenario."""
        self.call("POST", "/admin/scenario", {"scenario": scenario, "count": count})

    def charges(self) -> dict[str, Any]:
        """Everything that this test charged, by key."""
        charges = self.call("GET", "/admin/charges")["charges"]
        return {each["key"]: each for each in charges if each["key"] not in self._before}


@pytest.fixture(scope="session")
def acquirer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The acquirer simulator of the run."""
    running = Simulator(tmp_path_factory.mktemp("acquirer"), servers._ports.choose(0))
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def simulator(acquirer: Simulator) -> Simulator:
    """An acquirer simulator with nothing ordered or charged."""
    acquirer.renew()
    return acquirer


SIMULATED = ("card", "transit_ic", "id", "quicpay", "code_payment")
SHOP = Shop(
    shop_place_id="shop-a",
    names={"ja": "試しの店", "en": "Test shop"},
    tenders=(
        *(TenderSetting(tender=Tender(name), gateway="acquirer_simulator") for name in SIMULATED),
        TenderSetting(tender=Tender.CASH_RECORD, gateway="cash_record"),
        TenderSetting(tender=Tender.CARD, gateway="other_device"),
    ),
)
GATE = replace(SHOP, shop_place_id="gate-a", owner=Owner.CITY)


@pytest.fixture
async def deps(service_database: Callable[[str], str], simulator: Simulator) -> AsyncIterator[Deps]:
    """Everything the use cases stand on, with two shops set up."""
    database = Database(service_database("payments"))
    await database.open()
    tools = Tools(
        db=database,
        outbox=Outbox(events.ENCODERS),
        clock=SystemClock(),
        gateways={
            "acquirer_simulator": AcquirerSimulator(simulator.url, DEADLINE_S),
            "cash_record": CashRecord(),
            "other_device": OtherDevice(),
        },
        ticket_master=b"a secret of tests, 32 bytes long",
        link_key=b"another secret of the same sort.",
    )
    made = make_deps(tools)
    await shops.configure_shops(made, key(), AREA, [SHOP, GATE])
    yield made
    for gateway in made.gateways.values():
        await gateway.close()
    await database.close()


def key(request_id: str = "", body: bytes = b"body") -> RequestKey:
    """A request key of the clerk; a new one unless an id is given."""
    return RequestKey("clerk-1", request_id or new_id(), body.ljust(32))


def sale(amount_yen: int, tender: Tender = Tender.CARD, **changes: Any) -> Sale:
    """A sale at the test shop."""
    usual = Sale(
        shop_place_id="shop-a", tender=tender, amount_yen=amount_yen, capture_at_once=True,
        items=(), gateway="", channel=Channel.TILL,
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changes)


async def taken(deps: Deps, amount_yen: int, tender: Tender = Tender.CARD, **more: Any) -> Payment:
    """Takes a payment at the test shop."""
    done = await take.take_payment(deps, key(), CLERK, sale(amount_yen, tender, **more))
    return done.payment


@dataclass(frozen=True)
class Said:
    """An event as it waits in the outbox."""

    type: str
    aggregate_id: str
    body: bytes


async def said(deps: Deps) -> list[Said]:
    """The events said so far, in order."""
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all("select type, aggregate_id, body from outbox order by id")
    return [Said(**row) for row in rows]
