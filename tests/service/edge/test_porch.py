"""Before the real granian: the porch answers as granian would, byte for byte, or hands over.

The same application runs with a porch and without one; what is asked of the one is asked of the
other.
"""

import random
import re
import signal
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.edge.assets import Assets
from services.edge.hot import make_page
from tests.pages.edge.test_heads import CHANGED, NEARLY, SOMETHING
from tests.service.edge.small_app import HEADERS, LARGE, PAGES
from tests.service.edge.test_front import running

pytestmark = pytest.mark.long

ETAG = make_page(PAGES["ja"], HEADERS).etag
STYLE = Assets().url("meguri.css")
SILENT_S = 0.7
TRIES = 4  # a server that closes with something unread may take back what it said (RFC 9112, 9.6)
LAST = b"GET /whole HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def porch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running(tmp_path_factory.mktemp("porch") / "mark") as (server, _process):
        yield server.port


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running(tmp_path_factory.mktemp("bare") / "mark", "bare") as (server, _process):
        yield server.port


def asked(*lines: str, first: str = "GET /g/K7Q2X HTTP/1.1") -> bytes:
    return "\r\n".join([first, "Host: localhost", *lines, "", ""]).encode()


def talk(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """Sends pieces, returns all that comes until the server ends the connection or falls silent."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = b""
        with suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)
        connection.settimeout(SILENT_S)
        with suppress(ConnectionError, TimeoutError):
            while more := connection.recv(1 << 20):
                heard += more
    return timeless(heard)


def timeless(heard: bytes) -> bytes:
    return re.sub(rb"(?m)^date: .*?\r\n", b"", heard)


def answer_on(connection: socket.socket) -> tuple[bytes, bytes]:
    """Reads one answer with a length; returns head and body."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        more = connection.recv(1)
        assert more, "it ended"
        heard += more
    told = re.search(rb"content-length: (\d+)", heard)
    length = int(told[1]) if told and b" 304 " not in heard.split(b"\r\n")[0] else 0
    body = b""
    while len(body) < length:
        body += connection.recv(length - len(body))
    return heard, body


@pytest.mark.parametrize(
    "request_",
    [
        asked("Accept-Language: ja"),
        asked("Accept-Language: ja", "Accept-Encoding: gzip, br"),
        asked("Accept-Language: ja", f"If-None-Match: {ETAG}"),
        asked("Cookie: meguri_locale=ko", "Accept-Encoding: gzip;q=0"),
        asked(first="GET /g/k7q2x?utm_source=a HTTP/1.1"),
        asked(first="GET / HTTP/1.1"),
        asked(first="HEAD / HTTP/1.1"),
        asked(first=f"GET {STYLE} HTTP/1.1"),
        asked("Accept-Encoding: gzip", first=f"GET {STYLE} HTTP/1.1"),
        asked("Accept-Encoding: gzip", first=f"HEAD {STYLE} HTTP/1.1"),
        asked(first="GET /static/js/map.js HTTP/1.1"),
        asked(first="GET /static//js/../x HTTP/1.1"),
        asked(first="GET /large HTTP/1.1"),
        asked("Content-Length: 3", first="POST /body HTTP/1.1") + b"abc",
        asked("Transfer-Encoding: chunked", first="POST /body HTTP/1.1") + b"3\r\nabc\r\n0\r\n\r\n",
        asked("Host: evil.example"),
        asked("Content-Length: 0"),
        asked("Content-Length: 5") + b"GET /",
        asked("Connection: close"),
        asked(first="GET /g/K7Q2X HTTP/1.0"),
        asked() + asked(first="GET /whole HTTP/1.1") + asked("Accept-Language: ko"),
        b"\x16\x03\x01\x00\xa5",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_the_porch_answers_as_granian_does(porch: int, bare: int, request_: bytes) -> None:
    for pause_s in (0.0, 0.05):
        assert_alike(porch, bare, request_, LAST, pause_s=pause_s)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(SOMETHING, NEARLY, CHANGED))
@example(asked("Accept-Language: ja\x00"))
@example(asked(first="GET /g/K7Q2X\x0b HTTP/1.1"))
def test_whatever_is_sent_is_answered_alike(porch: int, bare: int, data: bytes) -> None:
    assert_alike(porch, bare, data, LAST)


def assert_alike(porch: int, bare: int, *pieces: bytes, pause_s: float = 0.0) -> None:
    for _ in range(TRIES):
        here, there = (talk(port, *pieces, pause_s=pause_s) for port in (porch, bare))
        if here == there:
            return
    assert here == there


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_in_two_pieces_is_one_request(porch: int, method: str) -> None:
    if method == "GET":
        request = asked("Accept-Language: ja")
    else:
        request = asked("Content-Length: 3", first="POST /body HTTP/1.1") + b"abc"
    expected = talk(porch, request, LAST)
    assert expected.endswith(b"whole")
    for at in range(1, len(request)):
        assert talk(porch, request[:at], request[at:], LAST, pause_s=0.003) == expected, at


def test_ready_and_other_pages_take_turns_on_one_connection(porch: int) -> None:
    dice = random.Random(4)
    with socket.create_connection(("127.0.0.1", porch), 20) as connection:
        for _ in range(200):
            what = dice.choice(["ready", "again", "whole", "head", "large", "empty"])
            if what == "ready":
                connection.sendall(asked("Accept-Language: ko"))
                assert answer_on(connection)[1] == PAGES["ko"]
            elif what == "again":
                connection.sendall(asked("Accept-Language: ja", f"If-None-Match: {ETAG}"))
                assert answer_on(connection)[0].startswith(b"HTTP/1.1 304 ")
            elif what == "whole":
                connection.sendall(asked(first="GET /whole HTTP/1.1"))
                assert answer_on(connection)[1] == b"whole"
            elif what == "large":
                connection.sendall(asked(first="GET /large HTTP/1.1"))
                assert answer_on(connection)[1] == LARGE
            elif what == "empty":
                connection.sendall(asked(first="GET /empty HTTP/1.1"))
                assert answer_on(connection)[0].startswith(b"HTTP/1.1 204 ")
            else:
                connection.sendall(asked(first="HEAD /whole HTTP/1.1"))
                heard = b""
                while not heard.endswith(b"\r\n\r\n"):
                    heard += connection.recv(1)
                assert b"content-length: 5" in heard


@pytest.mark.parametrize("before", [b"", asked(), asked(first="GET /whole HTTP/1.1")])
def test_whoever_asks_is_known_by_their_own_address(porch: int, before: bytes) -> None:
    with socket.create_connection(("127.0.0.1", porch), 20, ("127.0.0.9", 0)) as connection:
        if before:
            connection.sendall(before)
            answer_on(connection)
        connection.sendall(asked(first="GET /who HTTP/1.1"))
        assert answer_on(connection)[1] == f"127.0.0.9 {porch}".encode()


def test_who_goes_past_the_porch_is_nobody(porch: int) -> None:
    """A name that no proxy has: what such a one says of others is not believed."""
    behind = int(talk(porch, asked("Connection: close", first="GET /behind HTTP/1.1")).split()[-1])
    said = talk(behind, asked("Connection: close", first="GET /who HTTP/1.1"))
    assert said.split()[-2:] == [b"0.0.0.0", str(porch).encode()]


def test_who_reads_slowly_gets_everything(porch: int) -> None:
    for path in ("/large", "/g/K7Q2X"):
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(20)
            connection.connect(("127.0.0.1", porch))
            for _ in range(3):
                connection.sendall(asked("Accept-Language: ko", first=f"GET {path} HTTP/1.1"))
                time.sleep(0.2)
                assert answer_on(connection)[1] == (LARGE if path == "/large" else PAGES["ko"])


def test_who_asks_and_does_not_read_is_not_kept_in_memory(porch: int) -> None:
    """Ten thousand pages of 18 KB would be 180 MB: no more is made than the system takes."""
    with socket.create_connection(("127.0.0.1", porch), 20) as connection:
        connection.settimeout(2.0)
        sent = 0
        with suppress(TimeoutError):
            for _ in range(10_000):  # 30 MB
                connection.sendall(asked("Accept-Language: ko", "X-Filled: " + "x" * 3_000))
                sent += 1
        assert sent < 10_000
        assert talk(porch, asked()).startswith(b"HTTP/1.1 200 ")


def test_who_leaves_in_the_middle_disturbs_nobody(porch: int) -> None:
    for path in ("/large", "/g/K7Q2X", "/stream"):
        for hard in (False, True):
            with socket.create_connection(("127.0.0.1", porch), 20) as connection:
                if hard:
                    off = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
                connection.sendall(asked(first=f"GET {path} HTTP/1.1"))
                connection.recv(10)
    ends = time.monotonic() + 20
    while not talk(porch, LAST).endswith(b"whole"):
        assert time.monotonic() < ends, "both threads still stream to nobody"
        time.sleep(0.1)


def takes_connections(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def test_told_to_end_it_ends_what_it_began_and_nothing_idle(tmp_path: Path) -> None:
    with running(tmp_path / "mark") as (server, process):
        idle, used, half, reader = (
            socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(4)
        )
        for request in (asked(), asked(first="GET /whole HTTP/1.1")):
            used.sendall(request)
            answer_on(used)
        body = asked("Content-Length: 3", first="POST /body HTTP/1.1")
        half.sendall(body + b"ab")
        reader.sendall(asked(first="GET /large HTTP/1.1"))  # does not read yet
        time.sleep(0.5)
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        assert used.recv(1) == b""
        ends = time.monotonic() + 5
        while takes_connections(server.port):
            assert time.monotonic() < ends, "it goes on taking connections"
            time.sleep(0.02)
        half.sendall(b"c")
        assert answer_on(half)[1] == b"abc"
        assert answer_on(reader)[1] == LARGE
        assert process.wait(20) == 0
        assert time.monotonic() - told < 6
        for connection in (idle, used, half, reader):
            connection.close()
