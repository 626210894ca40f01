"""Whatever is sent to whichever route, the edge says what is wrong with it and never breaks.

Every route by every method, with hostile values in its path, its query, its form fields and the
headers it reads. The names of fields are found in the sources and templates of the blueprint, so a
new field is tried without being written down here. Values arrive as the server hands them over:
bytes, decoded as Latin-1. What services would answer is theirs to test: here they are away.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import settings
from werkzeug.test import EnvironBuilder, run_wsgi_app

from services.edge import errors
from tests.examples import WHOLE
from tests.pages.edge.fakes import SESSION, FakeServices

pytestmark = pytest.mark.long

EDGE = Path(__file__).parents[3] / "services/edge"
HOSTILE = (
    b"%ED%A0%80",  # half a surrogate pair
    b"%00", b"a%00b",
    b"%E2%80%AE%E2%80%8Bx",  # turned round, and a space without width
    b"%FF%FE", b"%C0%AF", b"%F4%90%80%80",  # no UTF-8, too long, beyond Unicode
    b"%", b"%zz", b"%2500", b"%0d%0aX:y", b"\xff\xfe", b"\xed\xa0\x80",
    b"..%2f..%2fetc", b"//evil", b"http://[", b"[::1", b"%5c%5c",
    b"9" * 400, b"-1", b"1e999", b"NaN", b"0x10", b"%EF%BC%91", b"%D9%A1", b"%C2%B2",
    b"2026-02-30", b"0001-01-01", b"9999-12-31", b"10000-01-01",
    b"%F0%9F%98%80" * 50, b"{{7*7}}", b"%3Cscript%3E", b"'", b"%EF%BF%BF",
)  # fmt: skip
HEADERS = (
    ("Accept", "\xff/*;q=x"), ("Accept-Language", "\xff\xed\xa0\x80"),
    ("Cookie", "meguri_session=\xed\xa0\x80; meguri_locale=\xff; meguri_known=\xff.\xff"),
    ("Content-Type", "\xff"), ("Content-Type", "multipart/form-data"),
    ("Content-Type", "text/html; charset=\xff"), ("Referer", "http://[::1"),
    ("Origin", "http://[::1"), ("Origin", "\xff"), ("If-None-Match", "\xff"),
    ("Idempotency-Key", "\xff\xfe12345678"), ("Signature-Input", "sig=(\xff)"),
    ("X-Form-Token", "\xff"), ("Host", "\xff"), ("Host", "[::1"), ("Host", "a" * 300),
)  # fmt: skip
BODIES = (
    b'{"a":"\\ud800"}', b'{"scans":"\\u0000"}', b"\xff", b"[]", b"null", b'{"x":NaN}',
    b'{"amount_yen":1e400,"tender":"card"}', b"&".join(b"f%d=1" % n for n in range(1_200)),
    b"--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n\xed\xa0\x80\x00\r\n--b--\r\n",
)  # fmt: skip
FIELDS = {
    "GET": re.compile(r"""(?:args|values)(?:\.get|\.getlist)?[\[(]\s*["'](\w+)["']"""),
    "POST": re.compile(
        r"""(?:form|values)(?:\.get|\.getlist)?[\[(]\s*["'](\w+)["']|\bname="(\w+)\""""
    ),
}
NAMED_ELSEWHERE = ("from", "until", "to")  # where a view hands the name on
# A page is made for each: enough of them to reach every way a field is read.
IN_FIELDS = (b"%ED%A0%80", b"%00", b"\xff\xfe", b"[::1", b"9" * 400, b"%C2%B2", b"0001-01-01",
             b"9999-12-31")  # fmt: skip
PARTS = 10  # of the fields: all at once take long on a busy machine
AN_ID = "01a21f31-8a0e-74e2-8b86-6a7ff3375bfb"
VALUES = {"code": "8WXC3", "locale": "en", "on": "2026-11-01", "kind": "svg"}


@cache
def fields_of(method: str, blueprint: str) -> tuple[str, ...]:
    folder = EDGE / blueprint
    files = folder.rglob("*") if folder.is_dir() else (EDGE / f"{blueprint}.py",)
    text = "\n".join(
        file.read_text() for file in files if file.suffix in (".py", ".html") and file.exists()
    )
    found = {name for match in FIELDS[method].finditer(text) for name in match.groups() if name}
    found |= set(NAMED_ELSEWHERE) if method == "GET" and "args.get(name" in text else set()
    return tuple(sorted(found - {"form_token"}))


class Sender:
    """Sends bytes as a server hands them over and notes what broke."""

    def __init__(self, app: Flask, token: str) -> None:
        self._app, self._token = app, token
        self.broken: list[str] = []
        self.count = 0

    def send(
        self, method: str, path: bytes, query: bytes = b"", body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        if method == "POST" and headers is None:
            body += b"&form_token=" + self._token.encode()
        builder = EnvironBuilder(
            method=method, base_url="http://localhost", data=body,
            headers=[
                ("Origin", "http://localhost"),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ],
        )  # fmt: skip
        environ = builder.get_environ()
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        environ["QUERY_STRING"] = query.decode("latin-1")
        environ["HTTP_COOKIE"] = f"meguri_session={SESSION}"
        for name, value in (headers or {}).items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        _, status, _ = run_wsgi_app(self._app.wsgi_app, environ)
        self.count += 1
        # 503: a service that would have been asked is away.
        if status.startswith("5") and not status.startswith("503"):
            self.broken.append(f"{status} {method} {path!r} {query!r} {body[:80]!r}")


@pytest.fixture(scope="module")
def pages_of_problems() -> dict[str, str]:
    """Pages of problems that were set already, by all that is said on them."""
    return {}


@pytest.fixture(autouse=True)
def _no_page_of_a_problem_is_set_twice(
    pages_of_problems: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most answers are the same problem at the same address, and setting its page most of the
    work. The edge makes do with a bare page where its own breaks: here that is a failure."""
    real = errors._page

    def page(problem: errors.Problem, title: object) -> str:
        asked = {name: value for name, value in request.headers if name != "Content-Length"}
        value = request.query_string.partition(b"=")[2]  # names of fields are plain words
        said = repr((request.method, request.path, value, asked, problem, str(title)))
        if said not in pages_of_problems:
            pages_of_problems[said] = real(problem, title)
            assert "error-page" in pages_of_problems[said], said
        return pages_of_problems[said]

    monkeypatch.setattr(errors, "_page", page)


@pytest.fixture
def sender(app: Flask, browser: FlaskClient, services: FakeServices) -> Sender:
    for name in ("ClosePlace", "ReopenPlace", "CreateUser"):
        del services.answers[name]
    browser.set_cookie("meguri_session", SESSION)
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/admin").text)
    assert found
    return Sender(app, found[1])


def routes(app: Flask) -> list[tuple[str, str, str, list[str]]]:
    return [
        (method, rule.rule, rule.endpoint.partition(".")[0], sorted(rule.arguments))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def values_of(field: int) -> tuple[bytes, ...]:
    """What a field is tried with: three of the values in turn, in a deep run all of them."""
    if settings().max_examples > WHOLE:
        return IN_FIELDS
    return tuple(IN_FIELDS[(field + step) % len(IN_FIELDS)] for step in (0, 3, 5))


def filled(rule: str, **given: bytes) -> bytes:
    path = rule.encode()
    for name in re.findall(r"<(?:\w+:)?(\w+)>", rule):
        value = given.get(name, VALUES.get(name, AN_ID).encode())
        before, _, rest = path.partition(b"<")
        path = before + value + rest.partition(b">")[2]
    return path


def test_the_fields_are_found() -> None:
    assert {"amount_yen", "reason", "request_id", "shop"} <= set(fields_of("POST", "till"))
    assert {"shop", "day", "page"} <= set(fields_of("GET", "till"))
    assert {"login_name", "password", "next"} <= set(fields_of("POST", "login"))
    assert {"paragraph", "revision"} <= set(fields_of("POST", "studio"))


def test_no_path_breaks_the_edge(app: Flask, sender: Sender) -> None:
    for method, rule, _, arguments in routes(app):
        for name in arguments:
            for value in HOSTILE:
                sender.send(method, filled(rule, **{name: value}))
    assert sender.broken == []


@pytest.mark.parametrize("part", range(PARTS))
def test_no_field_breaks_the_edge(app: Flask, sender: Sender, part: int) -> None:
    turn = 0
    for method, rule, blueprint, _ in routes(app)[part::PARTS]:
        for name in fields_of(method, blueprint):
            turn += 1
            for value in values_of(turn):
                pair = name.encode() + b"=" + value
                if method == "GET":
                    sender.send(method, filled(rule), query=pair)
                else:
                    sound = b"" if name == "request_id" else b"request_id=r-12345678&"
                    sender.send(method, filled(rule), body=sound + pair)
    assert sender.count > 1_000 / PARTS
    assert sender.broken == []


def test_no_header_and_no_body_breaks_the_edge(app: Flask, sender: Sender) -> None:
    # Headers are read before and around the views: one of each method and blueprint will do.
    one_each = {(method, blueprint): rule for method, rule, blueprint, _ in routes(app)}
    for (method, _), rule in one_each.items():
        for name, value in HEADERS:
            sender.send(method, filled(rule), headers={name: value})
    for method, rule, _, _ in routes(app):
        for body in BODIES if method == "POST" else ():
            kind = "multipart/form-data; boundary=b" if body.startswith(b"--") else ""
            sender.send(
                method,
                filled(rule),
                body=body,
                headers={"Content-Type": kind or "application/json"},
            )
    assert sender.broken == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "X"])
def test_no_method_breaks_the_edge(app: Flask, sender: Sender, method: str) -> None:
    for _, rule, _, _ in routes(app):
        sender.send(method, filled(rule))
    assert sender.broken == []
