"""A clock that is wrong on purpose, a terminal that is cut off, ports that stay one's own."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chaos.logs import Log, read
from chaos.scenarios.offline import start_upload
from chaos.stages import documented_ports_held
from chaos.terminal import AGAIN, Order
from infra.local.ports import HOST, PortChooser, is_free
from infra.local.table import COMPONENTS
from tests.platform import ROOT, without_settings

TELLS_TIME = "from kit.clock import SystemClock\nprint(SystemClock().now().isoformat())\n"
STORED = 12


def test_a_service_of_a_wrong_clock_believes_it(tmp_path: Path) -> None:
    (tmp_path / "tells_time.py").write_text(TELLS_TIME)
    done = subprocess.run(
        [sys.executable, "-m", "chaos.skewed", "-600", "tells_time"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=30,
        env=without_settings() | {"PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )  # fmt: skip
    behind = datetime.now(UTC) - datetime.fromisoformat(done.stdout.strip())
    assert timedelta(seconds=600) <= behind < timedelta(seconds=660)


def test_a_platform_started_now_takes_none_of_the_documented_ports() -> None:
    documented = {each.port for each in COMPONENTS if each.port > 1024}
    free = {port for port in documented if is_free(port, HOST)}  # others may come back any time
    with documented_ports_held():
        assert not any(is_free(port, HOST) for port in free)
        chooser = PortChooser()
        assert free.isdisjoint({chooser.choose(port) for port in free})


class Edge(BaseHTTPRequestHandler):
    """Takes every sale, slowly; remembers the keys in the order they came."""

    keys: list[str] = []  # noqa: RUF012 - of the one test that uses it

    def do_POST(self) -> None:
        """Answers a sale."""
        key = str(self.headers["Idempotency-Key"])
        self.keys.append(key)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(0.05)
        answer = json.dumps(
            {"payment_id": f"of-{key}", "state": "captured", "amount_yen": body["amount_yen"],
             "captured_yen": body["amount_yen"], "refunded_yen": 0, "practice": True}
        ).encode()  # fmt: skip
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stays quiet."""


@pytest.fixture
def order(tmp_path: Path) -> Iterator[Order]:
    """A terminal with stored sales, and an edge that takes them."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    stored = Log(tmp_path / "stored.jsonl")
    for number in range(STORED):
        stored.write({"key": f"stored-{number:03}", "tender": "card", "amount_yen": 100 + number})
    stored.close()
    server = ThreadingHTTPServer((HOST, 0), Edge)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Order(
        url=f"http://{HOST}:{server.server_address[1]}", device_id="till-1",
        key_file=str(tmp_path / "key.pem"), scenario="test",
        stored=str(tmp_path / "stored.jsonl"), intents=str(tmp_path / "intents.jsonl"),
        acks=str(tmp_path / "acks.jsonl"),
    )  # fmt: skip
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_terminal_that_loses_power_sends_the_rest_and_the_last_few_again(order: Order) -> None:
    first = start_upload(order)
    ends = time.monotonic() + 60
    while len(read(Path(order.acks))) < STORED - 4 and time.monotonic() < ends:
        time.sleep(0.005)
    first.kill()
    first.communicate()
    known = [each["key"] for each in read(Path(order.acks))]
    assert STORED - 4 <= len(known) < STORED
    before = len(Edge.keys)
    second = start_upload(order)
    assert second.wait(60) == 0
    second.communicate()
    everything = [f"stored-{number:03}" for number in range(STORED)]
    assert Edge.keys[before:] == [*known[-AGAIN:], *everything[len(known) :]]
    assert {each["key"] for each in read(Path(order.acks))} == set(everything)
