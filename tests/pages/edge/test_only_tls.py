"""Browsers are kept to TLS where phones reach us over it, whoever had a ready page made."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

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


@pytest.mark.parametrize("address", ["", "http://guide.example.jp"])
def test_where_phones_come_without_tls_none_is_promised(
    browser: FlaskClient, parts: Parts, address: str
) -> None:
    public(parts, address)
    assert NAME not in browser.get("/g/8WXC3").headers
    [headers] = kept(parts)
    assert NAME not in headers
