"""The fault proxy carries every byte in order, and holds, delays or refuses when it is told to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos.proxy import HELD, HOST, OPEN, Proxy, Way


class Echo:
    """Answers whatever it hears; prefix: before each answer."""

    def __init__(self, prefix: bytes = b"") -> None:
        self._prefix = prefix
        self._listening = socket.create_server((HOST, 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(accepted,), daemon=True).start()

    def _answer(self, accepted: socket.socket) -> None:
        with closing(accepted):
            try:
                while heard := accepted.recv(65_536):
                    accepted.sendall(self._prefix + heard)
            except OSError:
                return

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    with closing(Echo()) as made:
        yield made


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as made:
        yield made


def connected(port: int, timeout_s: float = 10.0) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=timeout_s)


def heard(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = connection.recv(65_536)
        if not piece:
            break
        found += piece
    return found


def silent(connection: socket.socket, for_s: float = 0.3) -> bool:
    connection.settimeout(for_s)
    try:
        return connection.recv(1) is None
    except TimeoutError:
        return True
    finally:
        connection.settimeout(10.0)


def hung_up(port: int) -> bool:
    """Tells whether nobody is there; so quickly that already the call may be refused."""
    try:
        with connected(port) as connection:
            return not connection.recv(1)
    except ConnectionError:
        return True


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pieces=st.lists(st.binary(min_size=1, max_size=200_000), min_size=1, max_size=4),
    delay_ms=st.sampled_from([0, 5, 20]),
    bytes_per_s=st.sampled_from([0, 20_000_000]),
)
def test_every_byte_arrives_in_order_in_any_weather(
    proxy: Proxy, echo: Echo, pieces: list[bytes], delay_ms: int, bytes_per_s: int
) -> None:
    name = f"a>b {len(proxy.names())}"
    port = proxy.add(name, lambda: echo.port)
    way = Way(delay_s=delay_ms / 1000, bytes_per_s=bytes_per_s)
    proxy.set(name, way, way)
    sent = b"".join(pieces)
    with connected(port) as connection:
        threading.Thread(target=connection.sendall, args=(sent,), daemon=True).start()
        assert heard(connection, len(sent)) == sent
    assert proxy.carried(name) == (1, 2 * len(sent))


@pytest.mark.parametrize("held", [{"there", "back"}, {"there"}, {"back"}])
def test_what_is_sent_into_a_cut_arrives_when_it_heals(
    proxy: Proxy, echo: Echo, held: set[str]
) -> None:
    port = proxy.add("a>b", lambda: echo.port)
    with connected(port) as connection:
        connection.sendall(b"before")
        assert heard(connection, 6) == b"before"
        proxy.cut("a>b", there="there" in held, back="back" in held)
        connection.sendall(b"during")
        assert silent(connection)
        proxy.heal("a>b")
        assert heard(connection, 6) == b"during"


def test_a_cut_one_way_lets_the_other_way_pass(proxy: Proxy, echo: Echo) -> None:
    port = proxy.add("a>b", lambda: echo.port)
    with connected(port) as connection:
        connection.sendall(b"x")
        assert heard(connection, 1) == b"x"
        proxy.set("a>b", OPEN, HELD)
        connection.sendall(b"asked")
        deadline = time.monotonic() + 5
        while proxy.carried("a>b")[1] < 7 and time.monotonic() < deadline:
            time.sleep(0.01)  # 1 + 1 before, 5 there: the question got through
        assert proxy.carried("a>b")[1] == 7
        assert silent(connection)


def test_nobody_hears_during_a_cut_that_the_other_hung_up(proxy: Proxy, echo: Echo) -> None:
    listening = socket.create_server((HOST, 0))
    port = proxy.add("a>b", lambda: int(listening.getsockname()[1]))
    with closing(listening), connected(port) as connection:
        far, _ = listening.accept()
        proxy.cut("a>b")
        far.close()
        assert silent(connection)
        proxy.heal("a>b")
        assert connection.recv(1) == b""


def test_a_refused_link_ends_what_is_open_and_takes_no_other(proxy: Proxy, echo: Echo) -> None:
    port = proxy.add("a>b", lambda: echo.port)
    with connected(port) as connection:
        connection.sendall(b"x")
        assert heard(connection, 1) == b"x"
        proxy.refuse("a>b")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert hung_up(port)
    proxy.heal("a>b")
    with connected(port) as connection:
        connection.sendall(b"again")
        assert heard(connection, 5) == b"again"


def test_a_delay_is_of_each_piece_and_does_not_add_up(proxy: Proxy, echo: Echo) -> None:
    port = proxy.add("a>b", lambda: echo.port)
    proxy.set("a>b", Way(delay_s=0.3), OPEN)
    with connected(port) as connection:
        began = time.monotonic()
        for _ in range(10):
            connection.sendall(b"x")
            time.sleep(0.02)
        assert heard(connection, 10) == b"x" * 10
        assert time.monotonic() - began >= 0.3


def test_a_link_leads_elsewhere_when_it_is_told(proxy: Proxy, echo: Echo) -> None:
    with closing(Echo(b"other: ")) as other:
        port = proxy.add("a>b", lambda: echo.port)
        with connected(port) as connection:
            connection.sendall(b"x")
            assert heard(connection, 1) == b"x"
            proxy.lead("a>b", lambda: other.port)
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
        with connected(port) as connection:
            connection.sendall(b"x")
            assert heard(connection, 8) == b"other: x"


def test_a_link_whose_target_is_not_there_hangs_up(proxy: Proxy) -> None:
    port = proxy.add("a>b", lambda: 0)
    assert hung_up(port)


def test_the_end_of_the_proxy_ends_its_connections(echo: Echo) -> None:
    with Proxy() as proxy:
        port = proxy.add("a>b", lambda: echo.port)
        connection = connected(port)
        connection.sendall(b"x")
        assert heard(connection, 1) == b"x"
        proxy.cut("a>b")
    with closing(connection), pytest.raises(ConnectionResetError):
        connection.recv(1)
