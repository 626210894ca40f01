"""The edge as a process: it answers when services are away or hang, and ends when told to.

Proved with the real server (granian) and, in place of the services, a door that accepts every
connection and never says a word: the worst neighbor there is.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import token_keys

ROOT = Path(__file__).parents[3]
SERVICES = ("DIRECTORY", "MULTILINGUAL", "ITINERARY", "PAYMENTS", "VISITOR_SENSE", "INSIGHTS")


@pytest.fixture(scope="module")
def silent_door() -> Iterator[str]:
    """An address that takes connections and never answers."""
    door = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                held.append(door.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"127.0.0.1:{door.getsockname()[1]}"
    door.close()
    for connection in held:
        connection.close()


class Edge:
    """A running edge."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.url = process, f"http://127.0.0.1:{port}"

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310 - ours
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@pytest.fixture
def edge(tmp_path: Path, silent_door: str) -> Iterator[Edge]:
    private, public = token_keys(tmp_path)
    (tmp_path / "private.pem").write_bytes(private)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")},
        "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}",
        "MEGURI_LISTEN": f"127.0.0.1:{port}",
        "MEGURI_TOKEN_PRIVATE_KEY": str(tmp_path / "private.pem"),
        "MEGURI_TOKEN_PUBLIC_KEY": str(public),
        "MEGURI_COOKIE_SECRET": "a secret of the tests",
        **{f"MEGURI_{name}_ADDRESS": silent_door for name in SERVICES},
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.edge.main"], cwd=ROOT, env=environment
    )
    running = Edge(process, port)
    ends = time.monotonic() + 20
    while True:
        try:
            if running.get("/healthz")[0] == 200:
                break
        except OSError:
            assert time.monotonic() < ends, "the edge did not start"
            time.sleep(0.05)
    yield running
    process.kill()
    process.wait(10)


def test_services_that_hang_are_said_to_be_away_within_the_deadline(edge: Edge) -> None:
    started = time.monotonic()
    status, body = edge.get("/api/v1/stops/SRVAY")
    assert status == 503
    assert json.loads(body)["reason"] == "service_unavailable"
    assert time.monotonic() - started < 3.5
    started = time.monotonic()
    status, body = edge.get("/", **{"Accept-Language": "ja"})
    assert status == 200  # home still says where to go
    assert "改札".encode() in body
    assert time.monotonic() - started < 5
    status, body = edge.get("/readyz")
    assert status == 503
    assert set(json.loads(body)["parts"].values()) == {"away"}
    assert edge.get("/static/x/meguri.css")[0] == 200


def test_many_slow_requests_do_not_stop_the_fast_ones(edge: Edge) -> None:
    slow = [threading.Thread(target=edge.get, args=(f"/api/v1/stops/{n:05}",)) for n in range(40)]
    for thread in slow:
        thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    assert edge.get("/healthz")[0] == 200
    assert time.monotonic() - started < 1
    for thread in slow:
        thread.join()


def test_it_ends_when_told_and_finishes_what_it_was_asked(edge: Edge) -> None:
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(edge.get("/api/v1/stops/SRVAY")[0]))
    asking.start()
    time.sleep(0.4)
    edge.process.send_signal(signal.SIGTERM)
    asking.join(10)
    assert answers == [503]
    assert edge.process.wait(10) == 0


def test_a_killed_parent_leaves_no_worker(edge: Edge) -> None:
    edge.process.kill()
    edge.process.wait(5)
    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        try:
            edge.get("/healthz")
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("a worker still holds the port")
