"""A certificate is obtained from a certificate authority while the platform starts.

The authority is Pebble, Let's Encrypt's own server for tests (Debian's package `pebble`): it asks
the machine behind the name for proof as the real one does, over the network. Which machine that
is, tells a name server for tests that comes with it.
"""

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local import authority
from tests.platform import Platform

pytestmark = [
    pytest.mark.long,
    pytest.mark.platform,
    pytest.mark.skipif(
        not (shutil.which("pebble") and shutil.which("pebble-challtestsrv")),
        reason="no certificate authority for tests is installed (Debian: apt-get install pebble)",
    ),
]
NAME = "guide.example.jp"
PATIENCE_S = 20.0


@dataclass
class Authority:
    """A running Pebble. root: the certificate its own door is known by. proof_port: where it asks
    for proof, 443 in the real world."""

    port: int
    management_port: int
    proof_port: int
    root: Path

    def issuing_root(self) -> str:
        """Returns the certificate (PEM) from which those it issues descend: new at every start."""
        context = ssl.create_default_context(cafile=str(self.root))
        url = f"https://localhost:{self.management_port}/roots/0"
        with urllib.request.urlopen(url, timeout=5, context=context) as answer:
            return str(answer.read(), "ascii")


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in taken]


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Authority]:
    authority.ensure_certificates(tmp_path / "tls", ["localhost"])
    own = tmp_path / "tls" / "localhost"
    port, management, proof, names, other = free_ports(5)
    config: dict[str, Any] = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(own / "cert.pem"),
        "privateKey": str(own / "key.pem"),
        "httpPort": other,
        "tlsPort": proof,
    }
    (tmp_path / "pebble.json").write_text(json.dumps({"pebble": config}))
    commands = (
        [
            "pebble-challtestsrv", "-dns01", f"127.0.0.1:{names}", "-http01", "", "-https01", "",
            "-tlsalpn01", "", "-management", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
        ],
        ["pebble", "-config", str(tmp_path / "pebble.json"), "-dnsserver", f"127.0.0.1:{names}"],
    )  # fmt: skip
    with ExitStack() as stack:
        for command in commands:
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    env={"PEBBLE_VA_NOSLEEP": "1", "PATH": "/usr/bin:/bin"},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(process.kill)
        wait_for(port)
        yield Authority(port, management, proof, own / "ca.pem")


def wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, f"nobody listens on {port}"
            time.sleep(0.05)
        else:
            return


def ask(port: int, root: str) -> tuple[int, dict[str, Any]]:
    """Asks for the first page as a phone does that trusts the authority; and what it was shown."""
    context = ssl.create_default_context(cadata=root)
    until = time.monotonic() + PATIENCE_S
    while True:
        raw = socket.create_connection(("127.0.0.1", port), 5)
        try:
            wrapped = context.wrap_socket(raw, server_hostname=NAME)
        except ssl.SSLError:  # it is still being obtained
            raw.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            break
    connection = http.client.HTTPSConnection(NAME, port, timeout=5)
    connection.sock = wrapped
    try:
        connection.request("GET", "/")
        return connection.getresponse().status, dict(wrapped.getpeercert() or {})
    finally:
        connection.close()


def test_a_certificate_is_obtained_and_kept(acme: Authority, tmp_path: Path) -> None:
    platform = Platform(tmp_path / "data")
    try:
        platform.up(
            "--domain", f"{NAME}:{acme.proof_port}",
            "--acme-directory", f"https://localhost:{acme.port}/dir",
            "--acme-root", str(acme.root),
        )  # fmt: skip
        root = acme.issuing_root()
        status, shown = ask(acme.proof_port, root)
        assert status == 200
        assert ("DNS", NAME) in shown["subjectAltName"]
        platform.down()
        platform.up()  # what was chosen holds, and the certificate is not asked for again
        assert ask(acme.proof_port, root)[1]["serialNumber"] == shown["serialNumber"]
        kept = [path.name for path in platform.data.rglob("*.crt")]
        assert f"{NAME}.crt" in kept
    finally:
        platform.down()
