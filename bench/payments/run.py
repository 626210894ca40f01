"""`./meguri bench payments`: sales through gRPC against pgbench and an echo, interleaved."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from bench import cpu, platform, rounds
from bench.payments import pgbench
from bench.payments.driver import Order, sale
from infra.local.home import ROOT
from kit.auth import Caller, Minter, Role
from kit.client import sync_channel
from kit.ids import new_id
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc

AREA = "bench"
SHOPS = 400
IN_FLIGHT = 128
PGBENCH_CLIENTS = 32
DRAINS_IN_FLIGHT = 4  # devices that come back at once, each with pgbench.BATCH sales
# What the figures are held against: issue and design of payments.
LIMITS = {
    "hot_vs_pgbench_hot": (">=", 3.0),
    "hot_vs_echo": (">=", 0.6),
    "spread_vs_pgbench_spread": (">=", 0.6),
    "drain_vs_batched_sql": (">=", 0.5),
    "hot_c32_p99_vs_pgbench_hot_p99": ("<=", 0.5),
}
# A ratio says little without what stands above and below it.
SIDES = {
    "payments": "per sale: request id, payment, entry with both postings, outbox; balances once a"
    " group; beyond pgbench's: its place for the close, its place for the seal, its link of the"
    " audit chain, its event published and marked, row-level security; through mTLS, token and"
    " checks",
    "pgbench": "per sale: request id, payment, entry, 2 postings, 2 balances, outbox; nothing read,"
    " checked, sealed or published; a C client beside the server",
    "batched SQL": f"the same rows, {pgbench.BATCH} sales a statement, made up inside the server",
    "echo": "grpc.aio with mTLS and messages of the same size, no token, no database",
}


@dataclass(frozen=True)
class Echo:
    """The running echo."""

    address: str
    process: int


def run(count: int, seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns ratios, figures, number of rounds and the machine. Errors: RuntimeError."""
    with platform.running("payments") as bench:
        idle_mb = _memory_mb(bench.process("payments"))
        with psycopg.connect(bench.admin_url(), autocommit=True) as admin:
            admin.execute("create database bench")
        peer = pgbench.Pgbench(bench.admin_url("bench"))
        peer.prepare()
        shops = [f"shop-{number}" for number in range(SHOPS)]
        sample = _set_up(bench, shops)
        with _echo(bench, sample.ByteSize()) as echo:
            idle = cpu.idle_share(bench.process("payments"))
            measures = _measures(bench, peer, echo, shops, seconds, idle)
            found = rounds.interleave(measures, count, tell)
        quarter = rounds.medians(found)["hot_per_second"] / 4
        calm = _drive(bench, shops=shops[:1], in_flight=32, seconds=seconds, per_second=quarter)
    return _answer(found, calm, {"idle_memory_mb": idle_mb, "idle_cpu_share": idle}, count)


def _measures(
    bench: platform.Bench,
    peer: pgbench.Pgbench,
    echo: Echo,
    shops: list[str],
    seconds: int,
    idle: float,
) -> Mapping[str, rounds.Measure]:
    drive = partial(_drive, bench, seconds=seconds, idle=idle)
    size = sale("shop-1", 500).ByteSize()
    return {
        "hot": lambda: _named("hot", drive(shops=shops[:1], in_flight=IN_FLIGHT)),
        "pgbench hot": lambda: _peer("pgbench_hot", peer, pgbench.HOT, seconds),
        "hot, 32 clients": lambda: _named("hot_c32", drive(shops=shops[:1], in_flight=32)),
        "spread": lambda: _named("spread", drive(shops=shops, in_flight=IN_FLIGHT)),
        "pgbench spread": lambda: _peer("pgbench_spread", peer, pgbench.SPREAD, seconds),
        "drain": lambda: _named(
            "drain",
            drive(shops=shops[:1], in_flight=DRAINS_IN_FLIGHT, drained=pgbench.BATCH),
        ),
        "batched SQL": lambda: _batched(peer, seconds),
        "echo": lambda: _named(
            "echo",
            drive(
                address=echo.address,
                idle=0,
                process=echo.process,
                in_flight=IN_FLIGHT,
                request_bytes=size,
            ),
        ),
    }


def _named(name: str, figures: Mapping[str, float]) -> dict[str, float]:
    return {f"{name}_{figure}": value for figure, value in figures.items()}


def _peer(name: str, peer: pgbench.Pgbench, script: str, seconds: int) -> dict[str, float]:
    per_second, p99_ms = peer.run(script, clients=PGBENCH_CLIENTS, seconds=seconds)
    return {f"{name}_per_second": per_second, f"{name}_p99_ms": p99_ms}


def _batched(peer: pgbench.Pgbench, seconds: int) -> dict[str, float]:
    """What SQL does with the same batches of one shop; more clients would wait for each other."""
    per_second, _ = peer.run(pgbench.BATCHED, clients=1, seconds=seconds)
    return {"batched_sql_per_second": per_second * pgbench.BATCH}


def _drive(
    bench: platform.Bench, *, address: str = "", process: int = 0, idle: float = 0, **more: Any
) -> dict[str, float]:
    """Drives payments, or what answers at an address; also says what one call cost its process."""
    process = process or bench.process("payments")
    order = Order(
        address=address or bench.state["grpc"]["payments"], tls_dir=str(bench.tls_dir),
        token_key=str(bench.token_key), area=AREA, **{"shops": [], **more},
    )  # fmt: skip
    with cpu.spending(process, idle) as spent:
        done = subprocess.run(
            [sys.executable, "-m", "bench.payments.driver"], cwd=ROOT, check=False,
            input=msgspec.json.encode(order), capture_output=True, timeout=order.seconds + 60,
        )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the client failed: {done.stderr.decode()[-800:]}")
    figures: dict[str, float] = json.loads(done.stdout)
    return {**figures, "cpu_us": 1e6 * spent.seconds / max(1, figures["calls"])}


def _set_up(bench: platform.Bench, shops: list[str]) -> pb.TakePaymentResponse:
    """Makes the shops and takes one payment, whose answer gives the echo its size."""
    minter = Minter(bench.token_key.read_bytes())
    owner = Caller(AREA, "bench", frozenset({Role.ADMIN}))
    address = bench.state["grpc"]["payments"]
    with sync_channel(address, bench.tls_dir, minter.tokens_of(owner)) as channel:
        stub = pb_grpc.PaymentsServiceStub(channel)
        setting = pb.TenderSetting(tender=pb.TENDER_CARD, gateway="other_device")
        stub.ConfigureShops(
            pb.ConfigureShopsRequest(request_id=new_id(), shops=[
                pb.Shop(shop_place_id=shop, names={"ja": shop}, tenders=[setting],
                        default_tax_rate_percent=10)
                for shop in shops
            ]), timeout=20,
        )  # fmt: skip
        answer: pb.TakePaymentResponse = stub.TakePayment(sale(shops[0], 500), timeout=10)
    return answer


@contextmanager
def _echo(bench: platform.Bench, answer_bytes: int) -> Iterator[Echo]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.payments.echo", str(bench.tls_dir), str(answer_bytes)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if process.stdout is None:
            raise RuntimeError("the echo has no output")
        yield Echo(f"localhost:{int(process.stdout.readline())}", process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _memory_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float("nan")
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def _answer(
    found: Mapping[str, list[float]],
    calm: Mapping[str, float],
    idle: Mapping[str, float],
    count: int,
) -> dict[str, Any]:
    ratios = {
        "hot_cpu_vs_echo_cpu": rounds.ratio(found, "hot_cpu_us", "echo_cpu_us"),
        "spread_cpu_vs_echo_cpu": rounds.ratio(found, "spread_cpu_us", "echo_cpu_us"),
        "hot_vs_pgbench_hot": rounds.ratio(found, "hot_per_second", "pgbench_hot_per_second"),
        "hot_vs_echo": rounds.ratio(found, "hot_per_second", "echo_per_second"),
        "spread_vs_pgbench_spread": rounds.ratio(
            found, "spread_per_second", "pgbench_spread_per_second"
        ),
        "drain_vs_batched_sql": rounds.ratio(found, "drain_per_second", "batched_sql_per_second"),
        "hot_c32_p99_vs_pgbench_hot_p99": rounds.ratio(
            found, "hot_c32_p99_ms", "pgbench_hot_p99_ms"
        ),
    }
    figures = {name: round(value, 2) for name, value in rounds.medians(found).items()}
    figures |= {
        "quarter_load_p99_ms": round(calm["p99_ms"], 2),
    } | {name: round(value, 3) for name, value in idle.items()}
    return {
        "ratios": ratios,
        "limits": {name: f"{sign} {limit}" for name, (sign, limit) in LIMITS.items()},
        "figures": figures,
        "sides": SIDES,
        "runs": count,
        "machine": rounds.machine(),
    }
