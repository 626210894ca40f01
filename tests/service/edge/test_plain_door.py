"""What comes to the real proxy in plain: the edge behind it leads pages on and refuses the rest."""

import http.client
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator

import pytest

from infra.local import proxy
from infra.local.home import Settings
from infra.local.ports import PortChooser
from tests.service.edge.conftest import SERVICES, running_edge

NAME = "localhost"  # Caddy gives it a certificate of its own making and asks nobody


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, silent_door: str) -> Iterator[tuple[int, int]]:
    """The configuration of an installation with a name of its own; only its ports are others: the
    plain one and that of TLS."""
    folder, ports = tmp_path_factory.mktemp("plain"), PortChooser()
    addresses = dict.fromkeys(SERVICES, silent_door)
    with running_edge(folder, addresses, MEGURI_PUBLIC_URL=f"https://{NAME}") as edge:
        behind = int(edge.url.rpartition(":")[2])
        config = proxy.write_config(folder / "proxy", Settings(domain=NAME), behind)
        plain, over_tls = ports.choose(0), ports.choose(0)
        text = config.read_text()
        assert (text.count("https_port 443"), text.count(f"{NAME}:443 {{")) == (1, 1)
        own = f"https_port {over_tls}\n\thttp_port {plain}\n\tskip_install_trust"
        text = text.replace("https_port 443", own)
        config.write_text(text.replace(f"{NAME}:443 {{", f"{NAME}:{over_tls} {{"))
        with (folder / "proxy.log").open("wb") as log:
            process = subprocess.Popen(proxy.command(config), stdout=log, stderr=log)
        try:
            until_it_listens(plain, process)
            until_it_listens(over_tls, process)
            yield plain, over_tls
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def plain_port(doors: tuple[int, int]) -> int:
    return doors[0]


def until_it_listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 60
    while True:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the proxy ended"
        assert time.monotonic() < ends, "the proxy did not start"
        time.sleep(0.05)


def ask(port: int, method: str, path: str, **headers: str) -> tuple[int, str, str]:
    """Returns status, Location and body."""
    connection = http.client.HTTPConnection(NAME, port, timeout=30)
    try:
        body = b"login_name=a&password=b" if method == "POST" else None
        connection.request(method, path, body, {"Host": NAME, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/g/8WXC3?locale=ko", "/login", "/till"])
def test_pages_lead_to_themselves_over_tls(plain_port: int, path: str) -> None:
    assert ask(plain_port, "GET", path)[:2] == (308, f"https://{NAME}{path}")


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/v1/stops"), ("POST", "/api/v1/scans"), ("POST", "/api/v1/payments"),
    ("POST", "/hooks/square"), ("POST", "/login"), ("GET", "/packs/mine/en/manifest.json"),
])  # fmt: skip
def test_programs_and_forms_are_refused(plain_port: int, method: str, path: str) -> None:
    status, location, body = ask(plain_port, method, path, Accept="application/json")
    assert (status, location) == (403, "")
    assert "tls_required" in body


def test_nobody_says_of_himself_that_it_was_over_tls(plain_port: int) -> None:
    lies = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example"}
    status, location, _ = ask(plain_port, "GET", "/login", **lies)
    assert (status, location) == (308, f"https://{NAME}/login")
    assert ask(plain_port, "POST", "/api/v1/payments", **lies)[0] == 403


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_figures_of_the_machine_are_not_told_here_either(plain_port: int, path: str) -> None:
    assert ask(plain_port, "GET", path)[0] == 404


def test_over_tls_the_same_proxy_answers(doors: tuple[int, int]) -> None:
    """That it is asked in plain, too, takes its certificate from no name."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE  # of Caddy's own making
    ends = time.monotonic() + 30
    while True:
        connection = http.client.HTTPSConnection(NAME, doors[1], timeout=30, context=anybody)
        try:
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
            return
        except ssl.SSLError:  # its certificate is still being made
            assert time.monotonic() < ends
            time.sleep(0.1)
        finally:
            connection.close()
