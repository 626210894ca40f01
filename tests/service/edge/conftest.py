"""The edge as a process of its own, in front of services of the test's choice."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import (
    GuideServiceServicer,
    add_GuideServiceServicer_to_server,
)
from tests.harness import token_keys
from tests.pages.edge.fakes import content

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

    def wait_until_it_answers(self) -> None:
        # Long, because nothing is measured here: other work on the machine is no mistake of ours.
        ends = time.monotonic() + 60
        while True:
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                assert self.process.poll() is None, "the edge ended before it answered"
                assert time.monotonic() < ends, "the edge did not start"
                time.sleep(0.05)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def running_edge(folder: Path, addresses: dict[str, str], **more: str) -> Iterator[Edge]:
    """Starts an edge; addresses: of services, by upper-case name."""
    private, public = token_keys(folder)
    (folder / "private.pem").write_bytes(private)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")},
        "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}",
        "MEGURI_LISTEN": f"127.0.0.1:{port}",
        "MEGURI_TOKEN_PRIVATE_KEY": str(folder / "private.pem"),
        "MEGURI_TOKEN_PUBLIC_KEY": str(public),
        "MEGURI_COOKIE_SECRET": "a secret of the tests",
        **{f"MEGURI_{name}_ADDRESS": address for name, address in addresses.items()},
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.edge.main"], cwd=ROOT, env=environment
    )
    running = Edge(process, port)
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def edge(tmp_path: Path, silent_door: str) -> Iterator[Edge]:
    """An edge none of whose services ever says a word, to be ended at will."""
    with running_edge(tmp_path, dict.fromkeys(SERVICES, silent_door)) as running:
        yield running


@pytest.fixture(scope="module")
def lasting_edge(tmp_path_factory: pytest.TempPathFactory, silent_door: str) -> Iterator[Edge]:
    """The same for tests that leave it as they found it."""
    folder = tmp_path_factory.mktemp("edge")
    with running_edge(folder, dict.fromkeys(SERVICES, silent_door)) as running:
        yield running


class Guide(GuideServiceServicer):
    """A guide with one stop that takes scans only once it is told to."""

    def __init__(self) -> None:
        self.recorded: list[str] = []
        self.asked, self.open = threading.Event(), threading.Event()

    def ReadStop(self, request: pb.ReadStopRequest, context: Any) -> pb.ReadStopResponse:
        return pb.ReadStopResponse(stop=content(2, request.chosen_locale, "Basins."))

    def RecordScans(self, request: pb.RecordScansRequest, context: Any) -> pb.RecordScansResponse:
        if not self.open.is_set():
            self.asked.set()
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        for scan in request.scans:
            self.recorded += [scan.stop_code] * scan.scan_count
        return pb.RecordScansResponse(recorded_count=len(request.scans))


@pytest.fixture
def guide() -> Iterator[tuple[Guide, str]]:
    with running_guide() as made:
        yield made


@pytest.fixture(scope="module")
def shared_guide() -> Iterator[tuple[Guide, str]]:
    with running_guide() as made:
        yield made


@contextmanager
def running_guide() -> Iterator[tuple[Guide, str]]:
    """Runs a guide; yields it and its address."""
    server = grpc.server(ThreadPoolExecutor(4))
    made = Guide()  # type: ignore[abstract] # the other methods are not called
    add_GuideServiceServicer_to_server(made, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield made, f"127.0.0.1:{port}"
    server.stop(0)
