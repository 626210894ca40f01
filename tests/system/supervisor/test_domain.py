"""Phones reach the pages under a name of their own, over TLS; signs are printed with it.

A certificate by hand stands in for one that Caddy would get itself, which needs the internet.
"""

import contextlib
import http.client
import json
import socket
import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from infra.local import authority
from infra.local.ports import PortChooser
from tests.platform import Platform
from tests.system.conftest import PUBLIC_NAME as NAME

pytestmark = [pytest.mark.long, pytest.mark.platform]


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


@pytest.mark.parametrize(("least", "most", "spoken"), [
    (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, "TLSv1.3"),
    (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
    (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ""),
])  # fmt: skip
def test_only_newer_versions_and_strong_ciphers_are_spoken(
    published: tuple[Platform, int, Path], least: ssl.TLSVersion, most: ssl.TLSVersion, spoken: str
) -> None:
    _, port, certificate = published
    context = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of versions that are to be refused
        context.minimum_version, context.maximum_version = least, most
    found = ""
    with (
        contextlib.suppress(ssl.SSLError),
        socket.create_connection(("127.0.0.1", port), 5) as raw,
        context.wrap_socket(raw, server_hostname=NAME) as line,
    ):
        found, cipher = str(line.version()), line.cipher()
        assert cipher is not None
        assert "GCM" in cipher[0] or "CHACHA20" in cipher[0]
    assert found == spoken


def test_a_login_over_tls_is_kept_under_a_name_that_only_we_can_set(
    published: tuple[Platform, int, Path],
) -> None:
    platform, port, certificate = published
    context = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    login = platform.state["first_logins"]["editor"]
    form = urlencode({"login_name": "editor", "password": login["password"]})
    with socket.create_connection(("127.0.0.1", port), 30) as raw:
        connection = http.client.HTTPConnection(NAME, port, timeout=30)
        connection.sock = context.wrap_socket(raw, server_hostname=NAME)
        own = {"Origin": f"https://{NAME}:{port}"}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", form, own | kind)
        answer = connection.getresponse()
        answer.read()
        set_here = answer.headers.get_all("Set-Cookie", [])
        (kept,) = (line for line in set_here if "meguri_session" in line)
        assert kept.startswith("__Host-meguri_session=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(kept.split("; "))
        connection.request("GET", "/account", headers={"Cookie": kept.partition(";")[0]})
        page = connection.getresponse()
        assert (page.status, "editor" in page.read().decode()) == (200, True)
        connection.close()


def test_what_visitors_choose_is_kept_under_such_a_name_by_forms_and_by_scripts(
    published: tuple[Platform, int, Path], chromium: Browser
) -> None:
    """A real browser takes it, and what it kept under the plain name is neither lost nor left."""
    _, port, _ = published
    here = f"https://{NAME}:{port}"
    context = chromium.new_context(ignore_https_errors=True, locale="en-US")
    try:
        context.add_cookies([{"name": "meguri_locale", "value": "ko", "url": here}])
        page = context.new_page()
        page.goto(f"{here}/pack")
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        page.locator("[data-offer] form button").click()
        expect(page.locator("[data-offer]")).to_be_hidden()
        assert kept(context) == {"meguri_locale": "ko", "__Host-meguri_survey": "1"}
        page.locator("details.language summary").click()
        page.locator("details.language button[value=ja]").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        assert kept(context) == {"__Host-meguri_locale": "ja", "__Host-meguri_survey": "1"}
        assert page.locator("[data-offer]").count() == 0
        page.goto(f"{here}/g/")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
    finally:
        context.close()


def kept(context: BrowserContext) -> dict[str, str]:
    """Returns what a browser keeps, by name."""
    return {str(each.get("name")): str(each.get("value")) for each in context.cookies()}


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
