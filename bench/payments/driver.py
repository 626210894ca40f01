"""The client: keeps a number of calls in flight for some seconds, in a process of its own.

Run as: python -m bench.payments.driver with one JSON order on stdin; answers one JSON document.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc.aio
import msgspec

from bench.payments.echo import METHOD
from kit import tls
from kit.auth import Caller, Minter, Role
from kit.ids import new_id
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc

SERVICE = "payments"
DEADLINE_S = 20.0
WARM_UP_S = 0.5


class Order(msgspec.Struct):
    """What to do. shops: place ids, empty for the echo. per_second: 0 for as fast as it goes.

    drained: sales in each call of TakePayments, 0 for one TakePayment a sale.
    """

    address: str
    tls_dir: str
    token_key: str
    area: str
    shops: list[str]
    in_flight: int
    seconds: float
    per_second: float = 0
    request_bytes: int = 0
    drained: int = 0


async def drive(order: Order) -> dict[str, float]:
    """Returns calls, sales or echoes per second, percentiles in milliseconds, and what a call cost
    this process itself: it shares the machine's cores with what it measures. Errors: RpcError."""
    credentials = tls.channel_credentials(Path(order.tls_dir))
    async with grpc.aio.secure_channel(order.address, credentials) as channel:
        make = _drains if order.drained else _sales if order.shops else _echoes
        call = make(order, channel)
        spent = time.process_time()
        began = time.perf_counter() + WARM_UP_S
        ends = began + order.seconds
        turns = itertools.count()
        times: list[float] = []
        calls = 0

        async def work() -> None:
            nonlocal calls
            while (now := time.perf_counter()) < ends:
                if order.per_second:  # each call has a time of its own, whatever the last one took
                    due = began - WARM_UP_S + next(turns) / order.per_second
                    await asyncio.sleep(max(0.0, due - now))
                    now = max(now, due)
                await call()
                calls += 1
                done = time.perf_counter()
                if now >= began and done <= ends:
                    times.append(done - now)

        await asyncio.gather(*(work() for _ in range(order.in_flight)))
        spent = time.process_time() - spent
    times.sort()
    return {
        "calls": calls,
        "client_cpu_us": 1e6 * spent / max(1, calls),
        "per_second": len(times) * max(1, order.drained) / order.seconds,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
    }


def _echoes(order: Order, channel: grpc.aio.Channel) -> Any:
    ask: Any = channel.unary_unary(METHOD)
    body = bytes(order.request_bytes)
    return lambda: ask(body, timeout=DEADLINE_S)


def _tokens(order: Order) -> Callable[[str], str]:
    clerk = Caller(order.area, "clerk", frozenset({Role.CLERK}))
    return Minter(Path(order.token_key).read_bytes()).tokens_of(clerk)


def _sales(order: Order, channel: grpc.aio.Channel) -> Any:
    token = _tokens(order)
    take = pb_grpc.PaymentsServiceStub(channel).TakePayment
    chosen = random.Random(1)

    async def sell() -> None:
        answer = await take(
            sale(chosen.choice(order.shops), chosen.randint(1, 9000)), timeout=DEADLINE_S,
            metadata=(("authorization", f"Bearer {token(SERVICE)}"),),
        )  # fmt: skip
        if answer.payment.state != pb.PAYMENT_STATE_CAPTURED:
            raise AssertionError("a sale through another device is captured at once")

    return sell


def _drains(order: Order, channel: grpc.aio.Channel) -> Any:
    token = _tokens(order)
    take = pb_grpc.PaymentsServiceStub(channel).TakePayments
    chosen = random.Random(1)

    async def drain() -> None:
        waiting = [
            pb.WaitingSale(sale=sale(chosen.choice(order.shops), chosen.randint(1, 9000)))
            for _ in range(order.drained)
        ]
        answer = await take(
            pb.TakePaymentsRequest(request_id=new_id(), sales=waiting), timeout=DEADLINE_S,
            metadata=(("authorization", f"Bearer {token(SERVICE)}"),),
        )  # fmt: skip
        if any(each.payment.state != pb.PAYMENT_STATE_CAPTURED for each in answer.results):
            raise AssertionError("a sale that waited is captured at once")

    return drain


def sale(shop: str, amount_yen: int) -> pb.TakePaymentRequest:
    """Returns a sale by card through a device of the shop's own: no provider is waited for."""
    return pb.TakePaymentRequest(
        request_id=new_id(), shop_place_id=shop, tender=pb.TENDER_CARD, amount_yen=amount_yen,
        gateway="other_device",
    )  # fmt: skip


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.write(json.dumps(asyncio.run(drive(given))))
