"""Reads everybody's books through the doors that outsiders have, for the history check."""

import asyncio
import json
import urllib.request
from typing import Any

from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chaos.doors import word
from chaos.history import SUMS, Exports
from chaos.logs import Line
from chaos.peers import owner_peers
from chaos.platform import Platform
from kit.client import Peers
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_events_pb2 as events_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub

DEADLINE_S = 30.0
PAGE = 200
FETCH = 1_000
FETCH_WAIT_S = 2.0
_MESSAGES: dict[str, Any] = {
    "payment_captured": events_pb.PaymentCaptured,
    "payment_declined": events_pb.PaymentDeclined,
    "payment_voided": events_pb.PaymentVoided,
    "payment_expired": events_pb.PaymentExpired,
    "payment_became_unknown": events_pb.PaymentBecameUnknown,
    "payment_refunded": events_pb.PaymentRefunded,
}


def collect(platform: Platform, *, ignored: frozenset[str] = frozenset()) -> Exports:
    """Reads all books once. ignored: ids of events that a scenario itself put into the stream.

    Errors: grpc.RpcError, OSError, nats errors while a part is away.
    """
    with owner_peers(platform) as peers:
        stub = PaymentsServiceStub(peers.channel("payments"))
        payments = _payments(stub)
        dates = sorted(
            {each["business_date"] for each in payments}
            | {back["business_date"] for each in payments for back in each["refunds"]}
        )
        totals, unresolved_count = _totals(stub, dates)
        proof = _proof(stub)
        office = OfficeServiceStub(peers.channel("payments"))
        closes, waiting = _closes(office)
        audit = _audit(office)
        insights = _insights(peers, dates)
    stream = stream_dump(platform, "PAYMENTS", "meguri.mine.>")
    return Exports(
        payments=payments, totals=totals, unresolved_count=unresolved_count, proof=proof,
        charges=_charges(platform), insights=insights, audit=audit, closes=closes,
        waiting=waiting,
        events=[
            _event(subject, headers, body) for subject, headers, body in stream
            if subject.rsplit(".", 1)[1] in _MESSAGES and headers.get("ce-id") not in ignored
        ],
        closes_said=[
            headers["ce-subject"] for subject, headers, _ in stream
            if subject.endswith(".shop_day_closed")
        ],
    )  # fmt: skip


def stream_dump(
    platform: Platform, stream: str, subject: str
) -> list[tuple[str, dict[str, str], bytes]]:
    """Returns subject, headers and body of everything a stream holds, in its order."""
    return asyncio.run(_dump(platform, stream, subject))


async def connect(platform: Platform) -> Client:
    """Returns a connection with the operator's rights."""
    login = platform.state["nats_credentials"]
    with open(login["password_file"]) as file:  # noqa: PTH123, ASYNC230 - a few bytes
        password = file.read().strip()
    client = Client()
    port = platform.port("nats")
    await client.connect(
        f"nats://127.0.0.1:{port}", user=login["user"], password=password, error_cb=_ignore,
        max_reconnect_attempts=20, connect_timeout=5,
    )  # fmt: skip
    return client


async def _ignore(_error: Exception) -> None:
    """Who asked learns of it by an exception of its own."""


async def _dump(
    platform: Platform, stream: str, subject: str
) -> list[tuple[str, dict[str, str], bytes]]:
    client = await connect(platform)
    try:
        context = client.jetstream(timeout=10)
        made = await context.add_consumer(
            stream,
            ConsumerConfig(
                filter_subject=subject, ack_policy=AckPolicy.NONE,
                deliver_policy=DeliverPolicy.ALL, inactive_threshold=30.0,
            ),
        )  # fmt: skip
        reading = await context.pull_subscribe_bind(consumer=made.name, stream=stream)
        found: list[tuple[str, dict[str, str], bytes]] = []
        while len(found) < (made.num_pending or 0):
            try:
                messages = await reading.fetch(FETCH, timeout=FETCH_WAIT_S)
            except (NatsTimeoutError, TimeoutError):
                break
            found += [(each.subject, dict(each.headers or {}), each.data) for each in messages]
        return found
    finally:
        await client.close()


def _event(subject: str, headers: dict[str, str], body: bytes) -> Line:
    kind = subject.rsplit(".", 1)[1]
    message = _MESSAGES[kind].FromString(body)
    return {
        "event_id": headers["ce-id"],
        "type": kind,
        "payment_id": message.payment_id,
        "version": int(headers["ce-aggregateversion"]),
        "amount_yen": message.amount_yen,
        "refund_id": getattr(message, "refund_id", ""),
    }


def _payments(stub: PaymentsServiceStub) -> list[Line]:
    found: list[Line] = []
    token = ""
    while True:
        wanted = pb.ListPaymentsRequest(page_size=PAGE, page_token=token)
        page = stub.ListPayments(wanted, timeout=DEADLINE_S)
        found += [_payment(each) for each in page.payments]
        token = page.next_page_token
        if not token:
            return found


def _payment(payment: pb.Payment) -> Line:
    names = ("payment_id", "gateway", "practice", "amount_yen", "authorized_yen", "captured_yen",
             "refunded_yen", "business_date")  # fmt: skip
    return {name: getattr(payment, name) for name in names} | {
        "state": word(pb.PaymentState.Name(payment.state), "PAYMENT_STATE_"),
        "refunds": [
            {
                "refund_id": each.refund_id,
                "amount_yen": each.amount_yen,
                "state": word(pb.RefundState.Name(each.state), "REFUND_STATE_"),
                "business_date": each.business_date,
            }
            for each in payment.refunds
        ],
    }


def _totals(stub: PaymentsServiceStub, dates: list[str]) -> tuple[list[Line], int]:
    found: list[Line] = []
    unresolved_count = 0
    for date in dates:
        wanted = pb.ReadTotalsRequest(business_date=date)
        answer = stub.ReadTotals(wanted, timeout=DEADLINE_S)
        unresolved_count += answer.unresolved_count
        found += [
            {"practice": row.practice, **{name: getattr(row, name) for name in SUMS}}
            for row in answer.totals
        ]
    return found, unresolved_count


def _proof(stub: PaymentsServiceStub) -> Line:
    proof = stub.ProveLedger(pb.ProveLedgerRequest(), timeout=DEADLINE_S)
    names = ("account", "practice", "balance_yen", "posted_yen")
    return {
        "sound": proof.sound,
        "entry_count": proof.entry_count,
        "accounts": [{name: getattr(each, name) for name in names} for each in proof.accounts],
    }


def _closes(stub: OfficeServiceStub) -> tuple[list[Line], list[Line]]:
    """Returns the closes, and per shop what a close of now would hold."""
    listed = stub.ListCloses(office_pb.ListClosesRequest(), timeout=DEADLINE_S)
    closes = [
        {"close_id": each.close_id, "shop_place_id": each.shop_place_id, "number": each.number,
         **_figures(each.figures)}
        for each in listed.closes
    ]  # fmt: skip
    last_of: dict[str, str] = {}
    for each in listed.waiting:
        last_of[each.shop_place_id] = max(each.business_date, last_of.get(each.shop_place_id, ""))
    waiting = []
    for shop, date in last_of.items():
        wanted = office_pb.ReadDayRequest(shop_place_id=shop, business_date=date)
        figures = stub.ReadDay(wanted, timeout=DEADLINE_S).figures
        waiting.append({"shop_place_id": shop, **_figures(figures)})
    return closes, waiting


def _figures(figures: office_pb.CloseFigures) -> Line:
    names = ("captured_count", "captured_yen", "voided_yen", "refunded_yen")
    return {"entry_count": figures.entry_count} | {
        name: sum(getattr(line, name) for line in figures.lines) for name in names
    }


def read_audit(platform: Platform) -> Line:
    """Returns what a check of the audit chain says."""
    with owner_peers(platform) as peers:
        return _audit(OfficeServiceStub(peers.channel("payments")))


def _audit(stub: OfficeServiceStub) -> Line:
    report = stub.VerifyAudit(office_pb.VerifyAuditRequest(), timeout=DEADLINE_S)
    faults = [office_pb.AuditFault.Name(each.fault) for each in report.findings]
    return {
        "sound": report.sound, "link_count": report.link_count, "faults": faults,
        "waiting_count": report.waiting_count,
    }  # fmt: skip


def _charges(platform: Platform) -> list[Line]:
    address = f"http://127.0.0.1:{platform.port('acquirer_simulator')}/admin/charges"
    with urllib.request.urlopen(address, timeout=DEADLINE_S) as answer:
        charges: list[Line] = json.loads(answer.read())["charges"]
    return charges


def _insights(peers: Peers, dates: list[str]) -> list[Line]:
    stub = InsightsServiceStub(peers.channel("insights"))
    found: list[Line] = []
    for date in dates:
        day = stub.ReadDay(insights_pb.ReadDayRequest(date=date), timeout=DEADLINE_S).day
        for practice, part in ((False, day.live_payments), (True, day.practice_payments)):
            found.append({"practice": practice, **{name: getattr(part, name) for name in SUMS}})
    return found
