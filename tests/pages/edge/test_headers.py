"""Two headers that decide what is sent and what is counted."""

import pytest
from flask.testing import FlaskClient

from services.edge.headers import is_prefetch, takes_gzip
from services.edge.parts import Parts


@pytest.mark.parametrize(
    ("header", "packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("gzip", True),
        ("", False),
        ("identity", False),
        ("br;q=1.0, gzip;q=0.5", True),
        ("GZIP;q=1, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("br, gzip; q=0.000", False),
        ("gzip;", True),
        ("x-gzip;q=1", False),
    ],
)
def test_a_body_is_packed_for_whoever_takes_it(header: str, *, packed: bool) -> None:
    assert takes_gzip(header) is packed


@pytest.mark.parametrize("path", ["/g/8WXC3", "/", "/privacy", "/static/css/base.css"])
def test_whoever_refuses_gzip_gets_none(browser: FlaskClient, path: str) -> None:
    for _ in range(2):  # made, then ready
        answer = browser.get(path, headers={"Accept-Encoding": "gzip;q=0"})
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("name", ["Sec-Purpose", "Purpose"])
def test_what_a_browser_fetches_before_anybody_opens_it_is_no_scan(
    browser: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(parts.scans, "count", lambda _area, code, *_: counted.append(code))
    browser.get("/g/8WXC3", headers={name: "prefetch"})
    assert counted == []
    browser.get("/g/8WXC3", headers={name: ""})
    assert counted == ["8WXC3"]


@pytest.mark.parametrize(
    ("name", "value"), [("sec-purpose", "prefetch;prerender"), ("purpose", "preview")]
)
def test_ready_pages_ask_the_same(name: str, value: str) -> None:
    assert is_prefetch({name: value}.get)
    assert not is_prefetch({"purpose": "navigate"}.get)
