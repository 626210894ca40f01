"""The edge as a process: it answers when services are away or hang, and ends when told to.

Proved with the real server (granian) and, in place of the services, a door that accepts every
connection and never says a word: the worst neighbor there is.
"""

import json
import signal
import threading
import time

import pytest

from tests.service.edge.conftest import Edge

pytestmark = pytest.mark.long


def test_services_that_hang_are_said_to_be_away_within_the_deadline(lasting_edge: Edge) -> None:
    started = time.monotonic()
    status, body = lasting_edge.get("/api/v1/stops/SRVAY")
    assert status == 503
    assert json.loads(body)["reason"] == "service_unavailable"
    assert time.monotonic() - started < 6  # the deadline is 3 s
    started = time.monotonic()
    status, body = lasting_edge.get("/", **{"Accept-Language": "ja"})
    assert status == 200  # home still says where to go
    assert "改札".encode() in body
    assert time.monotonic() - started < 8
    status, body = lasting_edge.get("/readyz")
    assert status == 503
    assert {state for part, state in json.loads(body)["parts"].items() if part != "disk"} == {
        "away"
    }
    assert lasting_edge.get("/static/x/meguri.css")[0] == 200


def test_many_slow_requests_do_not_stop_the_fast_ones(lasting_edge: Edge) -> None:
    slow = [
        threading.Thread(target=lasting_edge.get, args=(f"/api/v1/stops/{n:05}",))
        for n in range(40)
    ]
    for thread in slow:
        thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    assert lasting_edge.get("/healthz")[0] == 200
    assert time.monotonic() - started < 2.5  # the slow ones take 3 s
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
