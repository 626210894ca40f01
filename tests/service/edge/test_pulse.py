"""One frozen worker of several is ended and replaced; a frozen parent is ended by its workers."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import token_keys
from tests.platform import alive, descendants
from tests.service.edge.conftest import ROOT, SERVICES, Edge

SILENT_S = 3.0
# The edge as it is, but for how long is waited.
PROGRAM = f"""
import time
from services.edge import hot, main, pulse
pulse.BEAT_S, pulse.SILENT_S = 0.2, {SILENT_S}
find = hot.HotPages.find

def stuck(pages, path, *rest):
    if path == "/g/STUCK":
        time.sleep(60)  # on the loop, where nothing may wait
    return find(pages, path, *rest)

hot.HotPages.find = stuck
main.serve()
"""


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only"),
]


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """An edge with two workers, whose services are away."""
    private, public = token_keys(tmp_path)
    (tmp_path / "private.pem").write_bytes(private)
    from infra.local.ports import PortChooser  # noqa: PLC0415

    port = PortChooser().choose(0)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    environment = kept | {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", "MEGURI_LISTEN": f"127.0.0.1:{port}",
        "MEGURI_TOKEN_PRIVATE_KEY": str(tmp_path / "private.pem"),
        "MEGURI_TOKEN_PUBLIC_KEY": str(public), "MEGURI_COOKIE_SECRET": "a secret of the tests",
        "MEGURI_EDGE_WORKERS": "2",
        **{f"MEGURI_{name}_ADDRESS": "127.0.0.1:9" for name in SERVICES},
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment)
    try:
        edge = Edge(process, port)
        edge.wait_until_it_answers()
        yield edge
    finally:
        process.kill()
        process.wait(10)


def test_a_frozen_worker_is_replaced(edge: Edge) -> None:
    workers = _workers(edge.process.pid, 2)
    time.sleep(1)  # both have given a sign of life
    frozen, other = sorted(workers)
    os.kill(frozen, signal.SIGSTOP)
    began = time.monotonic()
    while alive({frozen}):
        assert time.monotonic() - began < SILENT_S + 5, "it stays frozen"
        time.sleep(0.05)
    assert time.monotonic() - began > SILENT_S - 1
    assert other in _workers(edge.process.pid, 2)
    edge.wait_until_it_answers()


def test_a_worker_whose_event_loop_stands_is_replaced(edge: Edge) -> None:
    workers = _workers(edge.process.pid, 2)
    time.sleep(1)
    began = time.monotonic()
    with contextlib.suppress(OSError, http.client.HTTPException):
        edge.get("/g/STUCK")  # cut when its worker is ended
    assert SILENT_S - 1 < time.monotonic() - began < SILENT_S + 8
    edge.wait_until_it_answers()
    assert len(workers & _workers(edge.process.pid, 2)) == 1


def test_a_frozen_parent_is_ended_so_that_the_edge_is_started_again(edge: Edge) -> None:
    workers = _workers(edge.process.pid, 2)
    time.sleep(1)
    began, answers = time.monotonic(), 0
    edge.process.send_signal(signal.SIGSTOP)
    while edge.process.poll() is None:
        assert time.monotonic() - began < SILENT_S + 5, "it stays frozen"
        with contextlib.suppress(OSError, http.client.HTTPException):  # at its very end
            answers += edge.get("/healthz")[0] == 200
        time.sleep(0.05)
    assert edge.process.returncode == -signal.SIGKILL
    assert time.monotonic() - began > SILENT_S - 1
    assert answers > 10  # visitors were served meanwhile
    ends = time.monotonic() + 5
    while alive(workers):  # nobody holds the port of the next one
        assert time.monotonic() < ends
        time.sleep(0.05)


def _workers(parent: int, count: int) -> set[int]:
    ends = time.monotonic() + 20
    while len(found := descendants(parent)) < count:
        assert time.monotonic() < ends, "workers are missing"
        time.sleep(0.05)
    return found
