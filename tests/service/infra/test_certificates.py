"""The certificate of the pages is the one that a phone is shown, whatever lies on the disk."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local import authority, certificates
from infra.local.home import Home, Settings
from infra.local.ports import HOST, PortChooser
from kit.certificates import BY_HAND, BY_ITSELF, PAGES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A certificate of the pages, for its name."""
    authority.ensure_certificates(tmp_path, ["pages"], {"pages": "guide.example.jp"})
    return tmp_path / "pages"


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """A server that shows it to whoever asks, and to nobody who knows no name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            with server.accept()[0] as plain, context.wrap_socket(plain, server_side=True):
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join()
    assert asked == ["guide.example.jp"]


def test_it_is_asked_for_by_name_and_need_not_be_believed(tmp_path: Path, port: int) -> None:
    settings = Settings(domain=f"guide.example.jp:{port}", certificate="/gone.pem", key="/gone.pem")
    found, _parts = certificates.look(Home(tmp_path), settings, [])
    assert (found.of, found.by) == (PAGES, BY_HAND)
    assert found.ends is not None
    left = found.ends - datetime.now(UTC)
    assert timedelta(days=729) < left <= timedelta(days=authority.CERTIFICATE_DAYS)


def test_where_nothing_answers_there_is_none(tmp_path: Path) -> None:
    free = PortChooser(claims=False).choose(0)
    found = certificates.look(Home(tmp_path), Settings(domain=f"guide.example.jp:{free}"), [])[0]
    assert (found.of, found.by, found.ends) == (PAGES, BY_ITSELF, None)


def test_what_speaks_no_tls_has_none(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(10)

        def refuse() -> None:
            with server.accept()[0] as plain:
                plain.recv(1)
                plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        domain = f"guide.example.jp:{server.getsockname()[1]}"
        found = certificates.look(Home(tmp_path), Settings(domain=domain), [])[0]
        thread.join()
    assert found.ends is None
