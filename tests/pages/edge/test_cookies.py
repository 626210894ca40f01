"""Every cookie comes from one table, and the page about privacy shows that table."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from infra.local.home import ROOT
from kit.pure.languages import LOCALES
from services.directory.domain.user import SESSION_LIFE
from services.edge import cookies
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


@pytest.mark.parametrize("cookie", cookies.ALL, ids=lambda each: each.name)
def test_they_are_set_as_the_table_says(app: Flask, cookie: cookies.Cookie) -> None:
    with app.test_request_context("/", base_url="https://guide.example.jp"):
        response = Response()
        cookie.put(response, "1")
        (line,) = response.headers.getlist("Set-Cookie")
        own = "__Host-" if cookie.path == "/" else "__Secure-"
        assert line.startswith(f"{own if cookie.at_work else ''}{cookie.name}=1; ")
        assert {"Secure", "SameSite=Lax", f"Path={cookie.path}"} <= set(line.split("; "))
        assert ("HttpOnly" in line) != cookie.scripts
        life = f"Max-Age={round(cookie.life.total_seconds())}" if cookie.life else "Path="
        assert life in line
        assert ("Max-Age" in line) == (cookie.life is not None)


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


def test_over_tls_a_login_that_a_neighbour_planted_is_nobodys(app: Flask) -> None:
    planted = {"Cookie": "meguri_session=planted; meguri_till_shop=shop-a"}
    with app.test_request_context("/", base_url="https://guide.example.jp", headers=planted):
        assert cookies.SESSION.read() == ""
        assert cookies.TILL_SHOP.read() == "shop-a"  # kept by the release before: what a device is


def test_what_was_kept_under_a_plain_name_goes_with_the_new_one(app: Flask) -> None:
    """A display that is no longer paired must not be led to pairing for ever by its old cookie."""
    cookie = next(each for each in cookies.ALL if each.at_work and each.path != "/")
    old = {"Cookie": f"{cookie.name}=dead"}
    for change in (cookie.drop, lambda response: cookie.put(response, "new")):
        with app.test_request_context("/", base_url="https://guide.example.jp", headers=old):
            assert cookie.read() == "dead"
            response = Response()
            change(response)
            lines = response.headers.getlist("Set-Cookie")
            assert [each.partition("=")[0] for each in lines] == [
                f"__Secure-{cookie.name}", cookie.name,
            ]  # fmt: skip
            assert "Max-Age=0" in lines[1]
    with app.test_request_context("/", base_url="http://localhost", headers=old):
        response = Response()
        cookie.put(response, "new")
        assert len(response.headers.getlist("Set-Cookie")) == 1
