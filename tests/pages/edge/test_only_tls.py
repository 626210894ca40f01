"""Browsers are kept to TLS where phones reach us over it, whoever had a ready page made; what comes
in plain is led on where somebody opens a page, and refused where a program asks or a form is sent.
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from services.edge import wings
from services.edge.forwarded import believed, wrap
from services.edge.parts import Parts

NAME = "Strict-Transport-Security"


def public(parts: Parts, address: str) -> None:
    environment: Mapping[str, str] = {"MEGURI_PUBLIC_URL": address}
    parts.settings = replace(parts.settings, environment=environment)


def kept(parts: Parts) -> list[dict[str, str]]:
    found = [parts.ready.get("mine", "8WXC3", tag) for tag in ("en", "ja")]
    return [dict(page.plain.headers) for page in found if page is not None]


@pytest.mark.parametrize("path", ["/g/8WXC3", "/login", "/nothing", "/api/v1/stops"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_a_proxy_with_tls_every_answer_says_so(
    browser: FlaskClient, parts: Parts, path: str, scheme: str
) -> None:
    public(parts, "https://guide.example.jp")
    answer = browser.get(path, base_url=f"{scheme}://localhost")
    assert answer.headers[NAME] == "max-age=31536000"


def test_a_page_that_this_machine_had_made_says_so_to_phones(
    browser: FlaskClient, parts: Parts
) -> None:
    public(parts, "https://guide.example.jp")
    browser.get("/g/8WXC3", base_url="http://localhost")
    [headers] = kept(parts)
    assert NAME in headers


PUBLIC = "https://guide.example.jp"


def by_proxy(
    app: Flask, path: str, method: str = "GET", told: str = "http", remote: str = "127.0.0.1",
    accept: str = "text/html", address: str = PUBLIC,
) -> TestResponse:  # fmt: skip
    """Asks as the proxy does. told: over which line it was asked itself, "" for nothing said."""
    public(app.extensions["meguri"], address)
    headers = {"X-Forwarded-Host": "guide.example.jp", "Accept": accept}
    if told:
        headers["X-Forwarded-Proto"] = told
    proxies = believed({"MEGURI_PUBLIC_URL": address})
    client = Client(wrap(app.wsgi_app, proxies))
    return client.open(path, method=method, headers=headers, environ_base={"REMOTE_ADDR": remote})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [
    "/", "/g/8WXC3", "/g/8WXC3?locale=ko", "/login", "/admin", "/nothing", "/g/%E9%8D%BE?a=%20b",
    "/login?next=https://elsewhere.example/",
])  # fmt: skip
def test_who_opens_a_page_in_plain_is_led_to_the_same_page_over_tls(
    app: Flask, path: str, method: str
) -> None:
    answer = by_proxy(app, path, method)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{PUBLIC}{path}")


@pytest.mark.parametrize(("method", "path"), [
    *(("GET", f"{start}x") for start in wings.PROGRAMS), *(("POST", at) for at in wings.SIGNED),
    ("GET", "/api/v1/stops"), ("POST", "/login"), ("POST", "/language"), ("PUT", "/"),
    ("OPTIONS", "/api/v1/stops"), ("GET", "/healthz"), ("GET", "/static/meguri.css"),
])  # fmt: skip
def test_programs_and_forms_in_plain_are_refused_and_led_nowhere(
    app: Flask, method: str, path: str
) -> None:
    answer = by_proxy(app, path, method)
    assert (answer.status_code, answer.headers.get("Location")) == (403, None)
    assert "https" in answer.text
    as_program = by_proxy(app, path, method, accept="application/json")
    assert as_program.json is not None
    assert as_program.json["reason"] == "tls_required"


def test_who_wants_data_of_a_page_is_a_program(app: Flask) -> None:
    assert by_proxy(app, "/", accept="application/json").status_code == 403


def test_what_was_sent_in_plain_is_not_read(app: Flask, parts: Parts) -> None:
    """Nor is it counted as an attempt of its network to sign in."""
    for _ in range(100):
        assert by_proxy(app, "/login", "POST").status_code == 403
    assert by_proxy(app, "/login", "POST", told="https").status_code != 429


@pytest.mark.parametrize(("told", "remote", "address"), [
    ("https", "127.0.0.1", PUBLIC),  # it came over TLS
    ("", "127.0.0.1", PUBLIC),  # this machine itself, without a proxy
    ("http", "192.0.2.7", PUBLIC),  # says so itself: nobody's proxy
    ("http", "127.0.0.1", "http://guide.example.jp"),  # the house has no TLS
    ("http", "127.0.0.1", ""),
])  # fmt: skip
def test_nobody_else_is_led_or_refused(app: Flask, told: str, remote: str, address: str) -> None:
    for path in ("/login", "/api/v1/stops"):
        answer = by_proxy(app, path, told=told, remote=remote, address=address)
        # Whoever is not believed asks for localhost, by which the area is known, too.
        assert answer.status_code == 200


@pytest.mark.parametrize("address", ["", "http://guide.example.jp"])
def test_where_phones_come_without_tls_none_is_promised(
    browser: FlaskClient, parts: Parts, address: str
) -> None:
    public(parts, address)
    assert NAME not in browser.get("/g/8WXC3").headers
    [headers] = kept(parts)
    assert NAME not in headers
