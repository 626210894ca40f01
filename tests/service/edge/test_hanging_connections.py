"""Connections that send or read drop by drop do not stop anybody else.

Proved with the real server: more connections than it has threads send bodies that never end, ask
for pages they do not read, or say nothing at all, while health, a page and an honest form from
another address (127.0.0.2) are timed.
"""

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from services.edge.bodies import AT_ONCE, AT_ONCE_FROM_ONE
from services.edge.connections import Sweeper
from services.edge.main import THREADS
from tests.service.edge.conftest import SERVICES, Edge, Guide, running_edge

pytestmark = pytest.mark.long

MANY = THREADS + 22
FORM = b"locale=ko"
HERE = ("127.0.0.1", 0)


@pytest.fixture(scope="module")
def shared_edge(
    tmp_path_factory: pytest.TempPathFactory, silent_door: str, shared_guide: tuple[Guide, str]
) -> Iterator[Edge]:
    addresses = {**dict.fromkeys(SERVICES, silent_door), "MULTILINGUAL": shared_guide[1]}
    folder = tmp_path_factory.mktemp("edge")
    with running_edge(folder, addresses, MEGURI_EDGE_SILENCE_S="4") as running:
        yield running


@pytest.fixture
def edge(shared_edge: Edge) -> Edge:
    """An edge that holds nothing any more of what the test before hung on it."""
    assert shared_edge.get("/g/8WXC3")[0] == 200
    ends = time.monotonic() + 30
    while any(post(shared_edge, source)[0] != 303 for source in ("127.0.0.1", "127.0.0.2")):
        assert time.monotonic() < ends, "it still waits for connections that are closed"
        time.sleep(0.1)
    return shared_edge


def port_of(edge: Edge) -> int:
    return int(edge.url.rpartition(":")[2])


@contextmanager
def connected(edge: Edge, count: int, said: bytes = b"", source: str = "") -> Iterator[
    list[socket.socket]
]:  # fmt: skip
    with ExitStack() as open_ones:
        made = []
        for _ in range(count):
            one = socket.create_connection(
                ("127.0.0.1", port_of(edge)), 10, (source, 0) if source else None
            )
            open_ones.enter_context(one)
            one.sendall(said)
            made.append(one)
        yield made


def a_body_without_an_end(edge: Edge) -> bytes:
    return (
        f"POST /language HTTP/1.1\r\nHost: 127.0.0.1:{port_of(edge)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nl"
    ).encode()


def post(edge: Edge, source: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    asking = http.client.HTTPConnection(
        "127.0.0.1", port_of(edge), timeout=30, source_address=(source, 0)
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    asking.request("POST", "/language", FORM, headers)
    answer = asking.getresponse()
    body = answer.read()
    asking.close()
    return answer.status, answer.headers, body


def assert_pages_are_quick(edge: Edge) -> None:
    for path in ("/healthz", "/g/8WXC3", "/static/x/meguri.css"):
        started = time.monotonic()
        assert edge.get(path)[0] == 200
        assert time.monotonic() - started < 3, path


def test_bodies_sent_drop_by_drop_hold_only_their_own_sender_up(edge: Edge) -> None:
    with connected(edge, MANY, a_body_without_an_end(edge)) as dripping:
        time.sleep(0.5)
        for one in dripping[:AT_ONCE_FROM_ONE]:
            one.sendall(b"o")
        assert_pages_are_quick(edge)
        assert post(edge, "127.0.0.2")[0] == 303
        status, headers, body = post(edge, "127.0.0.1")
        assert status == 429
        assert headers["Content-Type"] == "application/problem+json"
        assert int(headers["Retry-After"]) >= 1
        assert json.loads(body)["reason"] == "too_many_bodies"


def test_from_many_addresses_forms_wait_and_pages_do_not_and_the_wait_has_an_end(
    edge: Edge,
) -> None:
    with ExitStack() as senders:
        dripping = [
            one
            for number in range(THREADS // AT_ONCE_FROM_ONE + 1)
            for one in senders.enter_context(
                connected(edge, AT_ONCE_FROM_ONE, a_body_without_an_end(edge), f"127.0.1.{number}")
            )
        ]
        assert len(dripping) > max(THREADS, AT_ONCE)
        time.sleep(0.5)
        assert_pages_are_quick(edge)
        status, headers, body = post(edge, "127.0.0.2")
        assert (status, json.loads(body)["reason"]) == (503, "bodies_busy")
        assert headers["Retry-After"]
        ends = time.monotonic() + 30  # 4 s of silence, a round of 3 s, and air for a busy machine
        while post(edge, "127.0.0.2")[0] != 303:
            assert time.monotonic() < ends, "bodies without an end are waited for"
            time.sleep(0.2)
        answers = {bytes(one.recv(12)) for one in dripping}
        assert answers <= {b"HTTP/1.1 408", b"HTTP/1.1 503", b""}
        assert b"HTTP/1.1 408" in answers


def test_connections_that_say_nothing_leave_room_and_are_closed(edge: Edge) -> None:
    with connected(edge, 600) as silent:
        assert_pages_are_quick(edge)
        ends = time.monotonic() + 14  # ten seconds for a head
        for one in silent:
            one.settimeout(max(0.1, ends - time.monotonic()))
            assert one.recv(1) == b""


def test_readers_that_do_not_read_hold_no_thread(edge: Edge) -> None:
    ask = f"GET /g/8WXC3 HTTP/1.1\r\nHost: 127.0.0.1:{port_of(edge)}\r\n\r\n".encode()
    with connected(edge, MANY, ask * 200):
        time.sleep(1)
        assert_pages_are_quick(edge)
        assert post(edge, "127.0.0.2")[0] == 303


def test_a_body_in_chunks_is_refused_for_its_end_cannot_be_told(edge: Edge) -> None:
    head = b"POST /language HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(edge, 1, head + b"9\r\nlocale=ko\r\n") as (one,):
        one.shutdown(socket.SHUT_WR)
        assert one.recv(12) == b"HTTP/1.1 411"


def test_a_body_that_breaks_off_changes_nothing(edge: Edge) -> None:
    with connected(edge, 1, a_body_without_an_end(edge)) as (one,):
        one.shutdown(socket.SHUT_WR)
        said = one.recv(4096)
    assert said.startswith(b"HTTP/1.1 408")
    assert b"set-cookie" not in said.lower()


def test_only_what_hangs_on_the_port_in_question_is_ended() -> None:
    with socket.create_server(HERE) as door, socket.create_server(HERE) as other:
        sweeper = Sweeper(door.getsockname()[1], longest_s=0.3)
        hanging, talking, elsewhere = (
            socket.create_connection(at.getsockname()) for at in (door, door, other)
        )
        taken = [door.accept()[0], door.accept()[0], other.accept()[0]]
        assert sweeper.sweep() == 0
        time.sleep(0.4)
        taken[1].sendall(b".")
        assert sweeper.sweep() == 1
        assert taken[0].recv(1) == b""  # its body ended here
        taken[0].sendall(b"why")  # and it can still be told
        assert hanging.recv(3) == b"why"
        assert sweeper.sweep() == 0
        time.sleep(0.4)
        assert sweeper.sweep() == 2
        assert sweeper.sweep() == 2
        with pytest.raises(BrokenPipeError):
            taken[0].sendall(b"!")
        taken[2].sendall(b"untouched")
        assert elsewhere.recv(9) == b"untouched"
        for one in (hanging, talking, elsewhere, *taken):
            one.close()


def test_looking_round_keeps_no_file_open() -> None:
    reading, writing = os.pipe()
    with (
        socket.create_server(HERE) as door,
        socket.create_connection(door.getsockname()),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    ):
        sweeper = Sweeper(door.getsockname()[1])
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(3):
            sweeper.sweep()
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    os.close(reading)
    os.close(writing)
