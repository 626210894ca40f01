"""An event that was published drops the pages it makes untrue, within milliseconds.

Proved on a real NATS: the hearing thread subscribes as the edge does, the test publishes.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import nats
import pytest

from kit.config import load
from services.edge.hearing import Hearing, Wakes


class Heard:
    """What the hearing thread did, and a way to wait for it."""

    def __init__(self) -> None:
        self.areas: list[str] = []
        self.checks = self.doubts = 0
        self._changed = threading.Condition()

    def drop(self, area: str) -> None:
        with self._changed:
            self.areas.append(area)
            self._changed.notify_all()

    def check(self) -> None:
        with self._changed:
            self.checks += 1
            self._changed.notify_all()

    def doubt(self) -> None:
        with self._changed:
            self.doubts += 1
            self._changed.notify_all()

    def wait(self, ready: Callable[[], bool], timeout_s: float = 30.0) -> None:
        with self._changed:
            assert self._changed.wait_for(ready, timeout_s)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def hearing(nats_url: str, heard: Heard, wakes: Wakes) -> Iterator[Hearing]:
    settings = load("edge", {"MEGURI_NATS_URL": nats_url})
    on = {"stop_published": heard.drop, "area_configured": heard.drop}
    made = Hearing(settings, on, frozenset({"area_configured"}), heard.doubt, heard.check, wakes)
    made.start()
    ends = time.monotonic() + 5
    while not made.connected:
        assert time.monotonic() < ends
        time.sleep(0.01)
    yield made
    made.stop()


async def say(nats_url: str, *subjects: str) -> None:
    connection = await nats.connect(nats_url)
    for subject in subjects:
        await connection.publish(subject, b"")
    await connection.flush()
    await connection.close()


async def test_only_what_matters_is_dropped(nats_url: str, hearing: Hearing, heard: Heard) -> None:
    await say(
        nats_url,
        "meguri.mine.multilingual.v1.scan_recorded",
        "meguri.malformed",
        "meguri.mine.multilingual.v1.stop_published",
    )
    heard.wait(lambda: heard.areas == ["mine"])


async def test_a_drop_takes_milliseconds(nats_url: str, hearing: Hearing, heard: Heard) -> None:
    connection = await nats.connect(nats_url)
    took = []
    for number in range(1, 21):
        started = time.perf_counter()
        await connection.publish("meguri.mine.multilingual.v1.stop_published", b"")
        await connection.flush()
        heard.wait(lambda number=number: len(heard.areas) == number)  # type: ignore[misc]
        took.append(time.perf_counter() - started)
    await connection.close()
    assert sorted(took)[len(took) // 2] < 0.05


async def test_an_echoed_event_drops_again_for_what_was_made_meanwhile(
    nats_url: str, hearing: Hearing, heard: Heard
) -> None:
    await say(nats_url, "meguri.mine.directory.v1.area_configured")
    heard.wait(lambda: len(heard.areas) >= 3)


async def test_the_revision_check_comes_soon_after_an_event(
    nats_url: str, hearing: Hearing, heard: Heard
) -> None:
    heard.wait(lambda: heard.checks >= 1)
    before = heard.checks
    await say(nats_url, "meguri.mine.multilingual.v1.stop_published")
    heard.wait(lambda: heard.checks > before, timeout_s=3)


def test_what_was_said_before_the_line_stood_is_doubted(hearing: Hearing, heard: Heard) -> None:
    heard.wait(lambda: heard.doubts == 1)


async def test_a_stream_is_woken(nats_url: str, hearing: Hearing, wakes: Wakes) -> None:
    seen = {"itinerary_repaired": wakes.count("mine", "itinerary_repaired")}
    assert wakes.wait("mine", seen, 0.05) == frozenset()
    await say(nats_url, "meguri.mine.itinerary.v1.itinerary_repaired")
    assert wakes.wait("mine", seen, 3) == frozenset({"itinerary_repaired"})


def test_without_nats_the_check_still_runs(heard: Heard, wakes: Wakes) -> None:
    settings = load("edge", {"MEGURI_NATS_URL": "nats://127.0.0.1:1"})
    hearing = Hearing(settings, {}, frozenset(), heard.doubt, heard.check, wakes)
    hearing.start()
    heard.wait(lambda: heard.checks >= 1)
    assert not hearing.connected
    hearing.stop()


class Rude:
    """A server that speaks NATS but ends conversations: what each one ends with is `endings`.

    None goes on. An ending begins when the client has subscribed.
    """

    def __init__(self, *endings: bytes | None) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"nats://127.0.0.1:{self._door.getsockname()[1]}"
        self.conversations = 0
        threading.Thread(target=self._serve, args=(endings,), daemon=True).start()

    def _serve(self, endings: tuple[bytes | None, ...]) -> None:
        with contextlib.suppress(OSError):
            for ending in endings:
                line, _ = self._door.accept()
                self.conversations += 1
                with line, contextlib.suppress(OSError):
                    self._talk(line, ending)

    def _talk(self, line: socket.socket, ending: bytes | None) -> None:
        line.sendall(b'INFO {"server_id":"x","version":"2.11.0","max_payload":1048576}\r\n')
        while said := line.recv(4096):
            if b"SUB " in said and ending is not None:
                line.sendall(ending)
                return
            line.sendall(b"PONG\r\n" * said.count(b"PING"))

    def close(self) -> None:
        self._door.close()


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(b"-ERR 'Secure Connection - TLS Required'\r\n", id="closed for good"),
        pytest.param(b"", id="line cut"),
        pytest.param(b"nonsense\r\n", id="nonsense"),
    ],
)
def test_a_connection_that_ends_is_made_anew_and_the_check_goes_on(
    ending: bytes, heard: Heard, wakes: Wakes
) -> None:
    server = Rude(ending, ending, None)
    settings = load("edge", {"MEGURI_NATS_URL": server.url})
    hearing = Hearing(settings, {}, frozenset(), heard.doubt, heard.check, wakes)
    hearing.start()
    ends = time.monotonic() + 15
    while server.conversations < 3 or not hearing.connected:
        assert time.monotonic() < ends
        time.sleep(0.02)
    heard.wait(lambda: heard.doubts >= 1)
    before = heard.checks
    heard.wait(lambda: heard.checks > before)
    hearing.stop()
    server.close()


def test_a_thread_that_died_is_not_said_to_be_connected(
    nats_url: str, heard: Heard, wakes: Wakes
) -> None:
    hearing = Hearing(
        load("edge", {"MEGURI_NATS_URL": nats_url}),
        {},
        frozenset(),
        heard.doubt,
        heard.check,
        wakes,
    )
    hearing.start()
    heard.wait(lambda: heard.doubts >= 1)
    assert hearing.connected
    hearing.stop()
    ends = time.monotonic() + 5
    while hearing.connected:
        assert time.monotonic() < ends
        time.sleep(0.02)
