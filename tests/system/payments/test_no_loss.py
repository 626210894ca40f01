"""200 payments by 8 retrying clients while payments, PostgreSQL and NATS are each killed with -9.

Proof: the clients' own logs, the ledger, the acquirer's own books and insights all tell the same
payments: none lost, none doubled, the books balanced. Four sales meet a provider that charges
and does not answer; they too have one outcome.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.client import Peers
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from tests.platform import Platform
from tests.system.payments.clients import Log, Register, owner_peers, sell

pytestmark = [pytest.mark.platform, pytest.mark.timeout(240)]

CLIENTS, SALES_EACH = 8, 25
TENDERS = ("card", "cash_record", "transit_ic", "code_payment", "id")
UNHEARD = (9903, 9907, 9909, 9910)  # charged, but the answer goes astray (simulators/acquirer)
KILLS = ((40, "payments"), (90, "postgres"), (140, "nats"))
AGREE_WITHIN_S = 30.0


def _sales(client: int) -> list[dict[str, Any]]:
    sales = [
        {
            "tender": TENDERS[(client + number) % len(TENDERS)],
            "amount_yen": 1000 + 100 * client + number,
        }
        for number in range(SALES_EACH)
    ]
    if client < len(UNHEARD):
        sales[10] = {"tender": "card", "amount_yen": UNHEARD[client]}
    return sales


@pytest.fixture
def peers(own_platform: Platform) -> Iterator[Peers]:
    """Channels with the rights of the machine's owner."""
    with owner_peers(own_platform) as made:
        yield made


def test_nothing_is_lost_and_nothing_doubled_while_parts_are_killed(
    own_platform: Platform, peers: Peers, tmp_path: Path
) -> None:
    terminal = own_platform.state["terminal"]
    register = Register(own_platform.url, terminal["id"], Path(terminal["key_file"]))
    intents, acks = Log(tmp_path / "intents.jsonl"), Log(tmp_path / "acks.jsonl")
    _run_clients(own_platform, register, intents, acks)

    outcomes = _lines(tmp_path / "acks.jsonl")
    wanted = {each["key"]: each["amount_yen"] for each in _lines(tmp_path / "intents.jsonl")}
    assert {each["key"]: each["amount_yen"] for each in outcomes} == wanted
    assert len({each["payment_id"] for each in outcomes}) == len(outcomes)
    acknowledged = [each for each in outcomes if each["state"] == "captured"]
    assert len(acknowledged) == CLIENTS * SALES_EACH
    assert all(each["captured_yen"] == each["amount_yen"] for each in acknowledged)
    assert {each["state"] for each in outcomes} <= {"captured", "expired"}

    payments = PaymentsServiceStub(peers.channel("payments"))
    captured = {each["payment_id"]: each["captured_yen"] for each in acknowledged}
    assert _in_ledger(payments) == captured
    proof = payments.ProveLedger(pb.ProveLedgerRequest(), timeout=10)
    assert proof.sound, proof
    assert (proof.entry_count, proof.posting_sum_yen) == (len(captured), 0)
    through_acquirer = {
        each["payment_id"]: each["captured_yen"] for each in acknowledged if each["practice"]
    }
    assert _at_acquirer(own_platform) == through_acquirer
    _insights_agrees(payments, InsightsServiceStub(peers.channel("insights")))


def _run_clients(platform: Platform, register: Register, intents: Log, acks: Log) -> None:
    failures: list[BaseException] = []

    def run(client: int) -> None:
        try:
            sell(register, _sales(client), intents, acks)
        except BaseException as error:  # noqa: BLE001 - reported by the main thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for after_count, name in KILLS:
        while acks.count < after_count and not failures:
            time.sleep(0.005)
        platform.kill(name)
    for thread in threads:
        thread.join()
    intents.close()
    acks.close()
    assert failures == []


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _in_ledger(payments: PaymentsServiceStub) -> dict[str, int]:
    found: dict[str, int] = {}
    token = ""
    while True:
        page = payments.ListPayments(
            pb.ListPaymentsRequest(page_size=200, page_token=token), timeout=10
        )
        found |= {each.payment_id: each.captured_yen for each in page.payments if each.captured_yen}
        token = page.next_page_token
        if not token:
            return found


def _at_acquirer(platform: Platform) -> dict[str, int]:
    port = platform.component("acquirer_simulator")["port"]
    address = f"http://127.0.0.1:{port}/admin/charges"
    with urllib.request.urlopen(address, timeout=10) as answer:
        charges = json.loads(answer.read())["charges"]
    return {each["key"]: each["captured_yen"] for each in charges}


def _insights_agrees(payments: PaymentsServiceStub, insights: InsightsServiceStub) -> None:
    """Events take their way over the bus; within a bound both must be exactly equal."""
    totals = payments.ReadTotals(pb.ReadTotalsRequest(), timeout=10)
    assert totals.unresolved_count == 0
    ledger = {
        practice: (
            sum(row.captured_count for row in totals.totals if row.practice is practice),
            sum(row.captured_yen for row in totals.totals if row.practice is practice),
        )
        for practice in (False, True)
    }
    ends = time.monotonic() + AGREE_WITHIN_S
    while True:
        day = insights.ReadDay(
            insights_pb.ReadDayRequest(date=totals.business_date), timeout=10
        ).day
        counted = {
            False: (day.live_payments.captured_count, day.live_payments.captured_yen),
            True: (day.practice_payments.captured_count, day.practice_payments.captured_yen),
        }
        if counted == ledger or time.monotonic() > ends:
            assert counted == ledger
            return
        time.sleep(0.2)
