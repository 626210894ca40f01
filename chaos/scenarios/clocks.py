"""Clocks that are wrong: of terminals by a day, of two further payments servers by an hour."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc

from chaos.client import Client
from chaos.crowd import SHOP
from chaos.doors import GrpcDoor
from chaos.platform import ROOT
from chaos.sales import make_sales
from chaos.scenarios.offline import finish_upload, make_order, start_upload
from chaos.stage import Broken, Size, Stage
from cli.connection import running_machine
from infra.local import table
from infra.local.home import Home
from kit.auth import Caller, Minter, Role
from kit.client import sync_channel

DAY_S, SERVER_ERROR_S = 86_400.0, 3_600.0
ZONE = ZoneInfo("Asia/Tokyo")
UP_WITHIN_S = 40.0


def skew(stage: Stage, size: Size) -> None:
    """Sells through wrong clocks of both kinds at once. Errors: Broken for a wrong date."""
    began = datetime.now(UTC)
    each = max(10, size.payments // 4)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(server(stage, error_s))
            for error_s in (-SERVER_ERROR_S, SERVER_ERROR_S)
        ]
        uploads = [
            start_upload(make_order(stage, each, size.seed, clock_error_s))
            for clock_error_s in (-DAY_S, DAY_S)
        ]
        with stage.log("intents") as intents, stage.log("acks") as acks:
            for number, address in enumerate(servers):
                door = GrpcDoor(stack.enter_context(channel(stage, address)), SHOP)
                sales = make_sales(each, size.seed + number)
                Client(door, intents, acks, stage.scenario).sell(sales)
        for upload in uploads:
            finish_upload(upload, each)
    _check_dates(stage, began)


def _check_dates(stage: Stage, began: datetime) -> None:
    """Business dates are the servers' own, whatever a terminal believes."""
    from chaos.exports import collect  # noqa: PLC0415 - the books are only read here

    margin = timedelta(seconds=SERVER_ERROR_S)
    days = {
        moment.astimezone(ZONE).date().isoformat()
        for moment in (began - margin, began, datetime.now(UTC), datetime.now(UTC) + margin)
    }
    mine = {each["payment_id"] for each in stage.lines("acks")}
    books = collect(stage.platform, ignored=frozenset(stage.ignored))
    exported = [each for each in books.payments if each["payment_id"] in mine]
    wrong = [each for each in exported if each["business_date"] not in days]
    expired = sum(each["state"] == "expired" for each in exported)
    stage.figures |= {"wrong_clocks": 4, "expired": expired}
    if wrong:
        raise Broken(f"{len(wrong)} payments have another business date than {sorted(days)}")
    if expired:  # nobody was killed: only a clock can have ended them
        raise Broken(f"{expired} payments expired although nothing was lost")


@contextmanager
def server(stage: Stage, error_s: float) -> Iterator[str]:
    """Runs one more payments server beside the first, with a clock that is wrong."""
    machine = running_machine(Home(stage.platform.data))
    if machine is None:
        raise Broken("the platform is not running")
    address, metrics = f"127.0.0.1:{_free_port()}", str(_free_port())
    environment = machine.environment(table.by_name()["payments"]) | {
        "MEGURI_LISTEN": address,
        "MEGURI_METRICS_PORT": metrics,
    }
    with (stage.folder / f"skewed{error_s:+.0f}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "chaos.skewed", str(error_s), "services.payments.main"],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + UP_WITHIN_S
    host, _, port = address.partition(":")
    while time.monotonic() < ends and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise Broken("the server with the wrong clock does not start")


@contextmanager
def channel(stage: Stage, address: str) -> Iterator[grpc.Channel]:
    """Opens a channel to such a server, with a clerk's rights. Errors: Broken."""
    machine = running_machine(Home(stage.platform.data))
    if machine is None:
        raise Broken("the platform is not running")
    secrets = machine.home.secrets
    minter = Minter((secrets / "token_private.pem").read_bytes())
    clerk = Caller("mine", "fault-test-till", frozenset({Role.CLERK}))
    tls_dir = secrets / "tls" / "operator"
    with sync_channel(address, tls_dir, minter.tokens_of(clerk)) as opened:
        yield opened


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
