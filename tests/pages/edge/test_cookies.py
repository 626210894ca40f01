"""Every cookie comes from one table, and the page about privacy shows that table."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from infra.local.home import ROOT
from kit.pure.languages import LOCALES
from services.directory.domain.user import SESSION_LIFE
from services.edge import cookies
from services.edge.parts import Parts
from services.edge.till import clerks

EDGE = ROOT / "services" / "edge"
TABLE = EDGE / "cookies.py"


def test_names_are_different() -> None:
    names = [each.name for each in cookies.ALL]
    assert len(set(names)) == len(names)
    found = {each for each in vars(cookies).values() if isinstance(each, cookies.Cookie)}
    assert found == set(cookies.ALL)


def test_nothing_sets_a_cookie_beside_the_table() -> None:
    for path in EDGE.rglob("*.py"):
        if path != TABLE:
            text = path.read_text()
            assert not re.search(r"set_cookie|delete_cookie|[\"']Set-Cookie", text), path
    names = {each.name for each in cookies.ALL if each.scripts}
    for path in EDGE.rglob("*.js"):
        for line in path.read_text().splitlines():
            if re.search(r"document\.cookie\s*=", line):
                assert "ASKED" in line, path
    (said,) = re.findall(r'ASKED = "(\w+)=', (EDGE / "visitor/static/offer.js").read_text())
    assert said in names


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_about_privacy_lists_them_all(browser: FlaskClient, locale: str) -> None:
    page = unescape(browser.get(f"/privacy?locale={locale}").text)
    for each in cookies.ALL:
        assert page.count(f">{each.name}<") == 1


def test_the_page_about_privacy_names_them_as_browsers_of_visitors_do(
    browser: FlaskClient, parts: Parts
) -> None:
    environment: Mapping[str, str] = {"MEGURI_PUBLIC_URL": "https://guide.example.jp"}
    parts.settings = replace(parts.settings, environment=environment)
    page = unescape(browser.get("/privacy").text)
    for each in cookies.ALL:
        assert page.count(f">__Host-{each.name}<") == 1


def line_that_sets(app: Flask, cookie: cookies.Cookie, address: str) -> str:
    with app.test_request_context("/", base_url=address):
        response = Response()
        cookie.put(response, "1")
    (line,) = response.headers.getlist("Set-Cookie")
    return line


@pytest.mark.parametrize("cookie", cookies.ALL, ids=lambda each: each.name)
def test_they_are_set_as_the_table_says(app: Flask, cookie: cookies.Cookie) -> None:
    line = line_that_sets(app, cookie, "https://guide.example.jp")
    assert line.startswith(f"__Host-{cookie.name}=1; ")
    # What a name that begins with __Host- asks of a cookie (RFC 6265bis, 4.1.3.2).
    assert {"Secure", "SameSite=Lax", "Path=/"} <= set(line.split("; "))
    assert "Domain" not in line
    assert ("HttpOnly" in line) != cookie.scripts
    life = f"Max-Age={round(cookie.life.total_seconds())}" if cookie.life else "Path="
    assert life in line
    assert ("Max-Age" in line) == (cookie.life is not None)


@pytest.mark.parametrize("cookie", cookies.ALL, ids=lambda each: each.name)
def test_in_plain_a_browser_would_take_no_such_name(app: Flask, cookie: cookies.Cookie) -> None:
    line = line_that_sets(app, cookie, "http://192.0.2.10")
    assert line.startswith(f"{cookie.name}=1; ")
    assert f"Path={cookie.path}" in line.split("; ")
    assert "Secure" not in line


def test_the_script_names_its_cookie_as_the_edge_does(app: Flask) -> None:
    said = (EDGE / "visitor/static/offer.js").read_text()
    lines = dict(re.findall(r"`(__Host-)?\$\{ASKED\}; (path=/; [^`]*)`", said))
    assert lines == {
        "__Host-": "path=/; max-age=31536000; samesite=lax; secure",
        "": "path=/; max-age=31536000; samesite=lax",
    }
    for address, prefix in (("https://guide.example.jp", "__Host-"), ("http://192.0.2.10", "")):
        with app.test_request_context("/", base_url=address):
            assert cookies.SURVEY.name_now() == f"{prefix}{cookies.SURVEY.name}"


def test_what_it_tells_of_lives_is_so() -> None:
    assert cookies.SESSION.life == SESSION_LIFE
    assert cookies.TILL_CLERK.life == timedelta(seconds=clerks.IDLE_S)


@pytest.mark.parametrize("cookie", cookies.ALL, ids=lambda each: each.name)
def test_what_was_set_is_read_again_and_dropped(app: Flask, cookie: cookies.Cookie) -> None:
    for address in ("https://guide.example.jp", "http://192.0.2.10"):
        with app.test_request_context("/", base_url=address):
            response = Response()
            cookie.put(response, "abc")
            (line,) = response.headers.getlist("Set-Cookie")
        sent = line.partition(";")[0]
        with app.test_request_context("/", base_url=address, headers={"Cookie": sent}):
            assert cookie.read() == "abc"
            dropped = Response()
            cookie.drop(dropped)
            (line,) = dropped.headers.getlist("Set-Cookie")
            assert line.startswith(f"{sent.partition('=')[0]}=; ")
            assert ("Secure" in line.split("; ")) == address.startswith("https")


SHORT = (cookies.SESSION, cookies.HALF, cookies.TILL_CLERK, cookies.TILL_LOCKED)


@pytest.mark.parametrize("cookie", cookies.ALL, ids=lambda each: each.name)
def test_over_tls_a_login_that_a_neighbour_planted_is_nobodys(
    app: Flask, cookie: cookies.Cookie
) -> None:
    """What a device is for, and what a visitor chose, was kept by a release before."""
    for name in (cookie.name, f"__Secure-{cookie.name}"):
        planted = {"Cookie": f"{name}=planted"}
        with app.test_request_context("/", base_url="https://guide.example.jp", headers=planted):
            old = cookie not in SHORT and (name == cookie.name or cookie.path != "/")
            assert cookie.read() == ("planted" if old else "")
        both = {"Cookie": f"{name}=planted; __Host-{cookie.name}=ours"}
        with app.test_request_context("/", base_url="https://guide.example.jp", headers=both):
            assert cookie.read() == "ours"


@pytest.mark.parametrize("cookie", cookies.ALL, ids=lambda each: each.name)
def test_what_was_kept_under_an_older_name_goes_with_the_new_one(
    app: Flask, cookie: cookies.Cookie
) -> None:
    """A display that is no longer paired must not be led to pairing for ever by its old cookie."""
    names = [cookie.name] if cookie.path == "/" else [f"__Secure-{cookie.name}", cookie.name]
    old = {"Cookie": "; ".join(f"{name}=dead" for name in names)}
    for change in (cookie.drop, lambda response: cookie.put(response, "new")):
        with app.test_request_context("/", base_url="https://guide.example.jp", headers=old):
            response = Response()
            change(response)
            first, *lines = response.headers.getlist("Set-Cookie")
            assert first.startswith(f"__Host-{cookie.name}=")
            assert [each.partition("=")[0] for each in lines] == names
            for line in lines:  # of a name with a prefix browsers take it back with Secure alone
                assert {"Max-Age=0", f"Path={cookie.path}", "Secure"} <= set(line.split("; "))
    with app.test_request_context("/", base_url="http://localhost", headers=old):
        response = Response()
        cookie.put(response, "new")
        assert response.headers.getlist("Set-Cookie")[0].startswith(f"{cookie.name}=new")
