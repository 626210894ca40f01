"""A connection at the porch: what is answered there, what goes on, and when it is looked at again.

With transports that only note; the real ones are in tests/service/edge/test_porch.py.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge.heads import Lines
from services.edge.hot import Answer
from services.edge.visits import HEAD_AT_MOST, RESTS_S, Inner, Visit
from services.edge.wires import Wires

PAGE = Answer(200, [("Content-Length", "4")], b"page")
HOT = b"GET /hot HTTP/1.1\r\nHost: localhost\r\n\r\n"
COLD = b"GET /cold HTTP/1.1\r\nHost: localhost\r\n\r\n"
COLD_HEAD = b"HEAD /cold HTTP/1.1\r\nHost: localhost\r\n\r\n"
FORM = b"POST /cold HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"


class Transport:
    """Notes what a protocol does to it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address, self.sent = address, b""
        self._reading, self.closed, self.ended = True, False, False

    def reads(self) -> bool:
        """Tells whether what comes is read."""
        return self._reading

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return self.address

    def set_write_buffer_limits(self, high: int) -> None:
        pass

    def write(self, data: bytes) -> None:
        self.sent += data

    def writelines(self, pieces: list[bytes]) -> None:
        self.sent += b"".join(pieces)

    def write_eof(self) -> None:
        self.ended = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True

    def close(self) -> None:
        self.closed = True

    abort = close


class Porch:
    """Stands where the porch is: knows one page, and connects when told to."""

    def __init__(self) -> None:
        self.wires, self.now, self.idle_s, self.leaving = Wires(), 0.0, 10.0, False
        self.visits: set[Visit] = set()
        self.reached: list[Inner] = []
        self.known: dict[str, str] = {}
        self.asked: list[str] = []

    def ready(
        self, method: str, path: str, _query: str, client: str, _lines: Lines
    ) -> Answer | None:
        self.asked.append(f"{method} {path} {client}")
        return PAGE if path == "/hot" else None

    def came(self, visit: Visit) -> None:
        self.visits.add(visit)

    def went(self, visit: Visit) -> None:
        self.visits.discard(visit)

    def reach(self, inner: Inner) -> None:
        self.reached.append(inner)

    def know(self, peer: str, client: str) -> tuple[str]:
        self.known[peer] = client
        return (client,)

    def forget(self, peer: str, known: tuple[str]) -> None:
        assert self.known.pop(peer) == known[0]


class Scene:
    """One visitor, and granian as far as it is reached."""

    def __init__(self) -> None:
        self.porch = Porch()
        self.visit = Visit(self.porch)  # type: ignore[arg-type] # plays the porch
        self.client = Transport(("192.0.2.7", 50_000))
        self.visit.connection_made(self.client)  # type: ignore[arg-type] # plays the transport
        self.port = 40_000

    def reach(self) -> tuple[Inner, Transport]:
        inner, self.port = self.porch.reached.pop(), self.port + 1
        behind = Transport(("127.0.0.1", self.port))
        inner.connection_made(behind)  # type: ignore[arg-type] # plays the transport
        return inner, behind

    def is_looked_at(self) -> bool:
        """Tells whether the next request is answered at the porch."""
        before = len(self.client.sent)
        self.visit.data_received(HOT)
        return self.client.sent[before:].endswith(b"page")


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_is_ready_is_answered_at_once_and_again(scene: Scene) -> None:
    for _ in range(2):
        assert scene.is_looked_at()
    assert scene.client.sent.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert not scene.porch.reached
    assert scene.porch.asked[0] == "GET /hot 192.0.2.7:50000"


def test_a_head_has_no_body(scene: Scene) -> None:
    scene.visit.data_received(HOT.replace(b"GET", b"HEAD"))
    assert scene.client.sent.endswith(b"\r\n\r\n")
    assert b"content-length: 4" in scene.client.sent


@pytest.mark.parametrize("data", [COLD, FORM, HOT + HOT, HOT[:-1], b"\x16\x03\x01"])
def test_anything_else_goes_on_as_it_came(scene: Scene, data: bytes) -> None:
    scene.visit.data_received(data)
    assert not scene.client.reads()  # no more of it is kept than came at once
    _, behind = scene.reach()
    assert behind.sent == data
    assert scene.client.reads()
    assert scene.client.sent == b""
    assert scene.porch.known == {"127.0.0.1:40001": "192.0.2.7:50000"}


def test_nothing_is_looked_at_after_a_form(scene: Scene) -> None:
    scene.visit.data_received(FORM)
    inner, behind = scene.reach()
    inner.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    assert not scene.is_looked_at()
    assert behind.sent == FORM + HOT


ENDS = st.sampled_from([
    (COLD, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", b"01234"),
    (COLD, b"HTTP/1.1 404 Not Found\r\nserver: x\r\nContent-Length: 0\r\na: b\r\n\r\n", b""),
    (COLD, b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", b""),
    (COLD, b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    (COLD_HEAD, b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", b""),
    (COLD, b"HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n", b"\r\n\r\nHTTP/1.1 200" * 4_375),
])  # fmt: skip


@given(ENDS, st.lists(st.integers(1, 70_100), max_size=6))
def test_an_answer_is_over_with_its_last_byte(
    exchange: tuple[bytes, bytes, bytes], cuts: list[int]
) -> None:
    request, head, body = exchange
    scene, answer = Scene(), head + body
    scene.visit.data_received(request)
    inner, behind = scene.reach()
    places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    for start, end in pairwise(places):
        assert scene.visit._through
        inner.data_received(answer[start:end])
    assert scene.client.sent == answer
    assert scene.is_looked_at()
    scene.visit.data_received(COLD)  # on the same connection
    assert behind.sent == request + COLD
    inner.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!")
    assert scene.is_looked_at()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n0",
        b"HTTP/1.1 200 OK\r\n\r\nuntil it ends",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nthree",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * HEAD_AT_MOST,
    ],
)
def test_where_an_end_is_uncertain_nothing_is_looked_at_again(scene: Scene, answer: bytes) -> None:
    scene.visit.data_received(COLD)
    inner, _ = scene.reach()
    inner.data_received(answer)
    assert not scene.is_looked_at()
    assert scene.client.sent == answer


def test_what_comes_before_an_answer_is_over_is_passed_on_for_good(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, behind = scene.reach()
    scene.visit.data_received(HOT)
    inner.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!")
    assert not scene.is_looked_at()
    assert behind.sent == COLD + HOT + HOT


def test_who_reads_slowly_is_asked_nothing_more(scene: Scene) -> None:
    scene.visit.data_received(HOT)
    scene.visit.pause_writing()
    assert not scene.client.reads()
    scene.visit.look(1_000.0)
    assert not scene.client.closed  # that is the sweeper's
    scene.visit.resume_writing()
    assert scene.client.reads()


def test_who_reads_slowly_has_granian_wait(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, behind = scene.reach()
    scene.visit.pause_writing()
    assert (behind.reads(), scene.client.reads()) == (False, True)
    inner.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!")
    assert not scene.client.reads()  # the answer is over and not yet read
    scene.visit.resume_writing()
    assert (behind.reads(), scene.client.reads()) == (True, True)


def test_when_granian_reads_slowly_the_visitor_waits(scene: Scene) -> None:
    scene.visit.data_received(FORM)
    inner, _ = scene.reach()
    inner.pause_writing()
    assert not scene.client.reads()
    inner.resume_writing()
    assert scene.client.reads()


def ended_by_granian(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, _ = scene.reach()
    inner.connection_lost(None)


def ended_for_idling(scene: Scene) -> None:
    scene.visit.look(scene.porch.idle_s + 0.1)


def ended_where_granian_takes_nobody(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    scene.porch.reached.pop().not_reached()


def ended_with_the_server(scene: Scene) -> None:
    scene.porch.leaving = True
    scene.visit.leave()


def ended_with_the_server_after_an_answer(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, _ = scene.reach()
    scene.porch.leaving = True
    scene.visit.leave()
    assert not scene.client.closed
    inner.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!")


@pytest.mark.parametrize(
    "end",
    [ended_by_granian, ended_for_idling, ended_where_granian_takes_nobody, ended_with_the_server,
     ended_with_the_server_after_an_answer],
)  # fmt: skip
def test_a_visit_ends(scene: Scene, end: Callable[[Scene], None]) -> None:
    end(scene)
    assert scene.client.closed


def test_nobody_idles_who_waits_for_an_answer(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    scene.reach()
    scene.visit.look(1_000.0)
    assert not scene.client.closed


def test_a_connection_behind_that_rests_long_is_not_used_again(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, behind = scene.reach()
    inner.data_received(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    scene.visit.look(RESTS_S - 0.1)
    assert not behind.is_closing()
    scene.visit.look(RESTS_S + 0.1)
    assert behind.closed
    assert not scene.client.closed
    inner.connection_lost(None)
    assert not scene.client.closed
    scene.visit.data_received(COLD)
    assert scene.reach()[1].sent == COLD


def test_a_connection_that_is_ending_takes_no_request(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, behind = scene.reach()
    inner.data_received(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    behind.closed = True  # granian's end was seen, and not yet told
    scene.visit.data_received(COLD)
    inner.connection_lost(None)
    assert behind.sent == COLD
    assert scene.reach()[1].sent == COLD
    assert not scene.client.closed


def test_a_rest_that_granian_ends_ends_no_visit(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, _ = scene.reach()
    inner.data_received(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    inner.connection_lost(None)
    assert not scene.client.closed
    assert scene.is_looked_at()


def test_the_end_of_what_is_sent_is_passed_on(scene: Scene) -> None:
    assert not scene.visit.eof_received()  # nothing is awaited
    scene.visit.data_received(FORM)
    inner, behind = scene.reach()
    assert scene.visit.eof_received()
    assert behind.ended
    inner.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!")
    assert scene.client.sent.endswith(b"!")


def test_who_leaves_ends_the_connection_behind(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner, behind = scene.reach()
    scene.visit.connection_lost(None)
    assert behind.closed
    assert not scene.porch.visits
    sent = scene.client.sent
    inner.data_received(b"HTTP/1.1 200 OK")
    assert scene.client.sent == sent
    inner.connection_lost(None)
    assert not scene.porch.known


def test_who_leaves_before_granian_is_reached_leaves_nothing(scene: Scene) -> None:
    scene.visit.data_received(COLD)
    inner = scene.porch.reached[0]
    scene.visit.connection_lost(None)
    _, behind = scene.reach()
    assert behind.closed
    assert behind.sent == b""
    inner.not_reached()


def test_who_is_gone_before_it_is_taken_is_no_visit() -> None:
    scene: Any = Scene()
    visit, gone = Visit(scene.porch), Transport(("", 0))
    gone.get_extra_info = lambda _name: None  # type: ignore[assignment,method-assign,return-value]
    visit.connection_made(gone)  # type: ignore[arg-type] # plays the transport
    assert gone.closed
    assert visit not in scene.porch.visits
