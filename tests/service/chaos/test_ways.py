"""The fault proxy of a platform: all pairs, led by the state file, and elsewhere when told."""

import json
import socket
from pathlib import Path

from chaos.proxy import HOST
from chaos.ways import Ways
from infra.local import detours
from infra.local.home import Home


def greeting(port: int) -> bytes:
    """Connects and returns what is said first; nothing where nobody is there."""
    try:
        with socket.create_connection((HOST, port), timeout=10) as connection:
            return connection.recv(100)
    except ConnectionError:
        return b""


def listener() -> socket.socket:
    """Listens on a free port."""
    listening = socket.create_server((HOST, 0))
    listening.settimeout(10)
    return listening


def ask(listening: socket.socket, word: bytes, port: int) -> bytes:
    """Connects by a link and has the other end say a word."""
    with socket.create_connection((HOST, port), timeout=10) as connection:
        accepted, _ = listening.accept()
        with accepted:
            accepted.sendall(word)
            return connection.recv(100)


def test_every_pair_leads_where_the_state_says_and_then_where_it_is_led(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with listener() as first, listener() as second, Ways(tmp_path) as ways:
        ports = detours.read(home)
        assert sorted(ports) == sorted(detours.pairs())
        assert ways.of(asker="edge", target="payments") == ["edge>payments"]
        assert len(ways.of(target="postgres")) == 6
        assert greeting(ports["payments>postgres"]) == b""  # nothing runs yet
        state = {"ports": {"postgres": first.getsockname()[1]}}
        home.state_file.write_text(json.dumps(state))
        assert ask(first, b"first", ports["payments>postgres"]) == b"first"
        assert greeting(ports["payments>nats"]) == b""
        ways.lead("postgres", second.getsockname()[1])
        for pair in ways.of(target="postgres"):
            assert ask(second, b"second", ports[pair]) == b"second"
        ways.lead("postgres", 0)
        assert greeting(ports["payments>postgres"]) == b""
