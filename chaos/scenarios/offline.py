"""Sales stored at a terminal without a line, and their upload with power cuts."""

import subprocess
import sys
import time

import msgspec

from chaos import logs
from chaos.client import new_key
from chaos.platform import ROOT, without_settings
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage
from chaos.terminal import Order

POWER_CUTS = 4
FULL_STORED = 500
# A terminal sends one sale after the other; a busy machine answers ten a second.
UPLOAD_WITHIN_S, A_SALE_S = 300.0, 0.2


def drain(stage: Stage, size: Size) -> None:
    """Stores sales, uploads them and cuts the power in the middle, four times. Errors: Broken."""
    count = FULL_STORED if size.full else size.payments
    order = make_order(stage, count, size.seed)
    for cut in range(1, POWER_CUTS + 1):
        _upload(stage, order, count, until=count * cut // (POWER_CUTS + 1))
    _upload(stage, order, count)
    acks = stage.lines("acks")
    keys = {each["key"] for each in acks}
    stage.figures |= {"stored": count, "power_cuts": POWER_CUTS, "sent_again": len(acks) - count}
    if len(keys) != count:
        raise Broken(f"{count} sales were stored and {len(keys)} have an outcome")


def make_order(stage: Stage, count: int, seed: int, clock_error_s: float = 0.0) -> Order:
    """Stores sales with their keys on disk, as a terminal does while it has no line."""
    terminal = stage.platform.state["terminal"]
    stored = stage.folder / f"stored-{stage.scenario}-{seed}-{clock_error_s:.0f}.jsonl"
    sales = [each for each in make_sales(count * 2, seed) if not each.follow][:count]
    with stage.log("intents") as intents:
        log = logs.Log(stored)
        for sale in sales:
            line = {"scenario": stage.scenario, "key": new_key(), "step": "take", "payment_id": "",
                    "tender": sale.tender, "amount_yen": sale.amount_yen,
                    "capture_at_once": True}  # fmt: skip
            log.write(line)
            intents.write(line)
        log.close()
    return Order(
        url=stage.platform.url, device_id=terminal["id"], key_file=terminal["key_file"],
        stored=str(stored), intents=str(stage.path("intents")), acks=str(stage.path("acks")),
        scenario=stage.scenario, clock_error_s=clock_error_s,
    )  # fmt: skip


def _upload(stage: Stage, order: Order, count: int, until: int = 0) -> None:
    """Runs the terminal to its end, or cuts its power once `until` sales have an outcome."""
    process = start_upload(order)
    ends = time.monotonic() + UPLOAD_WITHIN_S + A_SALE_S * count
    while process.poll() is None and time.monotonic() < ends:
        if until and len({each["key"] for each in stage.lines("acks")}) >= until:
            process.kill()
            process.communicate()
            return
        time.sleep(0.02)
    finish_upload(process, count)
    if until:
        raise Broken("the upload was over before the power was cut")


def start_upload(order: Order) -> "subprocess.Popen[bytes]":
    """Starts a terminal process on its order."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chaos.terminal"], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=without_settings() | {"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
    )  # fmt: skip
    if process.stdin is None:
        raise Broken("the terminal has no input")
    process.stdin.write(msgspec.json.encode(order))
    process.stdin.close()
    process.stdin = None  # or communicate() would write to it
    return process


def finish_upload(process: "subprocess.Popen[bytes]", count: int) -> None:
    """Waits for a terminal process with so many sales. Errors: Broken when it failed or is late."""
    within_s = UPLOAD_WITHIN_S + A_SALE_S * count
    try:
        _, told = process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired as late:
        process.kill()
        process.communicate()
        raise Broken(f"the terminal was not done after {within_s:.0f} s") from late
    if process.returncode != 0:
        raise Broken(f"the terminal failed: {told.decode(errors='replace')[-400:]}")
