"""What travels between the real server and the threads: bodies, streams, heads, mistakes."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.home import ROOT
from infra.local.ports import PortChooser
from services.edge.assets import Assets


class Server:
    """A running server and the file its stream leaves at its end."""

    def __init__(self, port: int, mark: Path) -> None:
        self.port, self.mark = port, mark

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", known: str = ""
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"If-None-Match": known} if known else {}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        found = (answer.status, answer.headers, answer.read())
        connection.close()
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("front") / "mark") as (server, _process):
        yield server


@contextmanager
def running(mark: Path, *more: str) -> Iterator[tuple[Server, "subprocess.Popen[bytes]"]]:
    """A server of one's own."""
    port = PortChooser().choose(0)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.edge.small_app", str(port), str(mark), *more],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", "PATH": ""}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    server, ends = Server(port, mark), time.monotonic() + 60
    try:
        while True:
            try:
                server.ask("/whole")
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < ends
                time.sleep(0.05)
        yield server, process
    finally:
        process.terminate()
        process.wait(20)


def test_an_answer_comes_whole_with_all_its_headers(server: Server) -> None:
    status, headers, body = server.ask("/whole")
    assert (status, body) == (200, b"whole")
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_head_tells_the_length_of_what_it_does_not_send(server: Server) -> None:
    status, headers, body = server.ask("/whole", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "5", b"")


@pytest.mark.parametrize("line", ["GET /whole", "GET /static/img/icons.svg", "POST /body"])
@pytest.mark.parametrize("second", ["127.0.0.1", "evil.example", ""])
def test_two_hosts_are_refused_before_anything_is_looked_up(
    server: Server, line: str, second: str
) -> None:
    for hosts, status in (([], 200), ([second], 400)):
        lines = [f"{line} HTTP/1.1", "Host: 127.0.0.1", *(f"Host: {each}" for each in hosts),
                 "Content-Length: 0", "Connection: close"]  # fmt: skip
        with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            body = answer.read()
        assert answer.status == status
        if hosts:
            assert json.loads(body)["reason"] == "bad_request"


def test_an_answer_without_a_body_has_none(server: Server) -> None:
    assert server.ask("/empty")[0::2] == (204, b"")


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_a_body_comes_through(server: Server, size: int) -> None:
    sent = bytes(range(256)) * (size // 256 + 1)
    assert server.ask("/body", "POST", sent[:size])[2] == sent[:size]


def test_a_file_comes_from_the_loop_and_is_not_sent_twice(server: Server) -> None:
    url = Assets().url("meguri.css")
    status, headers, body = server.ask(url)
    assert status == 200
    assert b"--accent" in body
    assert len(body) == int(headers["Content-Length"])
    again = server.ask(url, known=headers["ETag"])
    assert (again[0], again[2]) == (304, b"")
    assert "Content-Length" not in again[1]


def test_a_mistake_is_an_answer_and_the_next_request_works(server: Server) -> None:
    assert server.ask("/fails")[0] == 500
    assert server.ask("/whole")[0] == 200


def test_a_stream_ends_when_its_reader_leaves_and_frees_its_thread(server: Server) -> None:
    for _ in range(5):  # of two threads
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/stream")
        answer = connection.getresponse()
        assert answer.read(9_000).startswith(b"data: x")
        answer.close()
        connection.close()
        ends = time.monotonic() + 20
        while not server.mark.exists():
            assert time.monotonic() < ends, "nobody noticed that the reader left"
            time.sleep(0.02)
        server.mark.unlink()
    assert server.ask("/whole")[0] == 200


def test_files_are_sent_while_every_thread_is_taken(server: Server) -> None:
    held = []
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/stream")
        held.append((connection, connection.getresponse()))
    waiting = threading.Thread(target=server.ask, args=("/whole",))
    waiting.start()
    assert server.ask(Assets().url("meguri.css"))[0] == 200
    assert waiting.is_alive()
    for connection, answer in held:
        answer.close()
        connection.close()
    waiting.join(20)
    assert not waiting.is_alive()


@pytest.mark.parametrize("readers", [1, 12])
def test_streams_that_are_read_hold_up_no_server_that_ends(tmp_path: Path, readers: int) -> None:
    """Each would go on for minutes and was waited for until the workers were killed, 8 s later."""
    with running(tmp_path / "mark") as (server, process):
        open_ = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(readers)]
        for reader in open_[:2]:  # as many as have a thread; the others wait for one
            reader.sendall(b"GET /feed HTTP/1.1\r\nHost: localhost\r\n\r\n")
            heard = b""
            while b"data: x" not in heard:
                heard += reader.recv(4096)
        for reader in open_[2:]:
            reader.sendall(b"GET /feed HTTP/1.1\r\nHost: localhost\r\n\r\n")
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - told < 3
        for reader in open_:
            reader.close()
