"""Phones reach the pages under a name of their own, over TLS; signs are printed with it.

A certificate by hand stands in for one that Caddy would get itself, which needs the internet.
"""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import authority
from infra.local.ports import PortChooser
from tests.platform import Platform

pytestmark = [pytest.mark.long, pytest.mark.platform]

NAME = "guide.example.jp"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Platform, int, Path]]:
    """A platform under a name, its port and the folder with the certificate."""
    folder = tmp_path_factory.mktemp("published")
    authority.ensure_certificates(folder / "tls", [NAME])
    certificate = folder / "tls" / NAME
    port = PortChooser().choose(0)
    platform = Platform(folder / "data")
    try:
        platform.up(
            "--domain", f"{NAME}:{port}",
            "--certificate", str(certificate / "cert.pem"), "--key", str(certificate / "key.pem"),
        )  # fmt: skip
        yield platform, port, certificate
    finally:
        platform.down()


def ask(port: int, certificate: Path, path: str) -> tuple[int, dict[str, str], bytes]:
    """Asks over TLS as a phone would, for which NAME leads to this machine."""
    context = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    raw = socket.create_connection(("127.0.0.1", port), 5)
    connection = http.client.HTTPConnection(NAME, port, timeout=5)
    connection.sock = context.wrap_socket(raw, server_hostname=NAME)
    try:
        connection.request("GET", path, headers={"Accept-Language": "ja"})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_the_name_is_the_address_that_up_tells(
    published: tuple[Platform, int, Path],
) -> None:
    platform, port, _ = published
    assert platform.state["url"] == f"https://{NAME}:{port}"


def test_pages_open_over_tls_under_the_name(published: tuple[Platform, int, Path]) -> None:
    _, port, certificate = published
    status, headers, body = ask(port, certificate, "/")
    assert status == 200
    assert "content-security-policy" in {name.lower() for name in headers}
    assert b'lang="ja"' in body


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_the_world_sees_no_figures_of_the_machine(
    published: tuple[Platform, int, Path], path: str
) -> None:
    platform, port, certificate = published
    assert ask(port, certificate, path)[0] == 404
    edge = platform.component("edge")["port"]
    platform.state["url"] = f"http://127.0.0.1:{edge}"
    assert platform.get(path)


def test_the_address_is_kept_for_signs_and_for_the_next_start(
    published: tuple[Platform, int, Path],
) -> None:
    platform, port, _ = published
    settings = json.loads((platform.data / "settings.json").read_text())
    assert settings["domain"] == f"{NAME}:{port}"
    platform.down()
    state = platform.up()
    assert state["url"] == f"https://{NAME}:{port}"
