"""Valkey holds only what can be rebuilt: without it sales are as right, and nearly as quick."""

import os
import signal
import time

import redis

from chaos.crowd import Crowd
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage, percentile_s
from infra.local import home as homes

FROZEN_S = 8.0  # below the supervisor's patience with a silent part
SLOWER_MOST = 2.0  # platform.md F7
NOISE_S = 0.25  # on a busy machine less is no finding
BACK_WITHIN_S = 30.0


def gone(stage: Stage, size: Size) -> None:
    """Sells with Valkey, and again while it is emptied, killed and frozen. Errors: Broken."""
    half = size.payments // 2
    with Crowd(stage, size, make_sales(half, size.seed)) as crowd:
        crowd.start()
        crowd.finish()
    with_it = [each for each in stage.lines("acks") if each["attempts"] == 1]
    with Crowd(stage, size, make_sales(half, size.seed + 1)) as crowd:
        crowd.start()
        crowd.allow(0.4)  # the rest is for the time without it
        crowd.wait_for_share(0.1)
        stage.fault("flushall")
        _empty(stage)
        before = stage.platform.kill("valkey")
        stage.platform.wait_healthy("valkey", after=before, timeout_s=BACK_WITHIN_S)
        process = stage.platform.process("valkey")
        os.kill(process, signal.SIGSTOP)
        try:
            stage.fault("frozen")
            crowd.allow(1)
            frozen = time.monotonic()
            while crowd.working and time.monotonic() < frozen + FROZEN_S:
                time.sleep(0.05)
        finally:
            os.kill(process, signal.SIGCONT)
        crowd.finish()
    without = stage.lines("acks")[len(with_it) :]
    p95_with_s, p95_without_s = percentile_s(with_it, 0.95), percentile_s(without, 0.95)
    stage.figures |= {
        "p95_with_ms": round(p95_with_s * 1000), "p95_without_ms": round(p95_without_s * 1000),
    }  # fmt: skip
    if p95_without_s > max(SLOWER_MOST * p95_with_s, NOISE_S):
        raise Broken(f"without Valkey p95 is {p95_without_s:.2f} s, with it {p95_with_s:.2f} s")
    stage.wait_ready()


def _empty(stage: Stage) -> None:
    password = homes.ensure_passwords(homes.Home(stage.platform.data)).valkey
    client = redis.Redis(port=stage.platform.port("valkey"), password=password, socket_timeout=5)
    client.flushall()
    client.close()
