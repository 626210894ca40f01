"""What the first room of a request takes for one question, however its header is written."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from services.edge.areas import Areas
from services.edge.assets import Assets
from services.edge.forwarded import Names, Proxies
from services.edge.front import Front
from services.edge.hot import HotPages, Ready, make_page
from services.edge.language import choose_all
from tests.pages.edge.test_threads import Headers


class Sent:
    """Remembers what was sent, as the server would send it."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 0, b"", dict[str, str]()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


class Behind:
    """Stands where the threads are: notes what comes through."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def answer(self, scope: Any, _protocol: Any) -> None:
        self.seen.append(f"{scope.method} {scope.path}")


def ask(
    *lines: tuple[str, str], path: str = "/g/K7Q2X", method: str = "GET",
    proxies: frozenset[str] = frozenset(), names: Names | None = None,
) -> tuple[Sent, Behind]:  # fmt: skip
    ready, areas = Ready(), Areas(list, "mine")
    areas.refresh()
    for locale in ("en", "ja", "ko"):
        ready.put("mine", "K7Q2X", locale, make_page(locale.encode(), []), 0)
    pages = HotPages(
        ready, areas, Assets(), choose_all, lambda *_: None, lambda _: ("en", "ja", "ko")
    )
    sent, behind = Sent(), Behind()
    names = names or Names(Proxies(proxies))
    front = Front(pages, names, behind)  # type: ignore[arg-type] # plays the threads
    scope = SimpleNamespace(
        method=method, path=path, query_string="", client="127.0.0.1:5",
        headers=Headers([("host", "localhost"), *lines]),
    )  # fmt: skip
    asyncio.run(front.__rsgi__(scope, sent))  # type: ignore[arg-type] # what is asked is there
    return sent, behind


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ([("cookie", "a=1"), ("cookie", "meguri_locale=ko")], b"ko"),
        ([("accept-language", "ko;q=0.1"), ("accept-language", "ja")], b"ja"),
        ([("cookie", "a=1"), ("accept-language", "ja"), ("cookie", "b=2")], b"ja"),
        ([("cookie", "meguri_locale=ko")], b"ko"),
        ([], b"en"),
    ],
)
def test_lines_of_one_name_choose_together(lines: list[tuple[str, str]], body: bytes) -> None:
    sent, behind = ask(*lines)
    assert (sent.status, sent.body, behind.seen) == (200, body, [])


def test_a_file_has_a_head_and_a_page_is_asked_of_flask() -> None:
    path = Assets().url("meguri.css")
    got, head = ask(path=path)[0], ask(path=path, method="HEAD")[0]
    assert (head.status, head.headers) == (200, got.headers)
    sent, behind = ask(method="HEAD")
    assert (sent.status, behind.seen) == (0, ["HEAD /g/K7Q2X"])


@pytest.mark.parametrize(("told", "proxies", "ready"), [
    (["http"], ["127.0.0.1"], False), (["https", "http"], ["127.0.0.1"], False),
    (["https, http"], ["127.0.0.1"], False), (["https"], ["127.0.0.1"], True),
    (["http, https"], ["127.0.0.1"], True), ([], ["127.0.0.1"], True),
    (["http"], [], True), (["http"], ["192.0.2.1"], True),
])  # fmt: skip
def test_who_asked_a_proxy_in_plain_gets_no_ready_page(
    told: list[str], proxies: list[str], *, ready: bool
) -> None:
    """guards.py leads to the same page over TLS."""
    lines = [("x-forwarded-proto", each) for each in told]
    for path in ("/g/K7Q2X", "/static/meguri.css"):
        sent, behind = ask(*lines, path=path, proxies=frozenset(proxies))
        assert (sent.status, behind.seen) == ((200, []) if ready else (0, [f"GET {path}"]))


@pytest.mark.parametrize(("address", "ready"), [
    ("https://guide.example.jp", False), ("http://guide.example.jp", True), ("", True),
])  # fmt: skip
def test_in_a_house_without_tls_ready_pages_are_for_everybody(address: str, *, ready: bool) -> None:
    """Its proxy says "http" of every visitor, and nobody is led to a line that is not there."""
    names = Names.told_by({"MEGURI_PUBLIC_URL": address})
    for path in ("/g/K7Q2X", "/static/meguri.css"):
        sent, behind = ask(("x-forwarded-proto", "http"), path=path, names=names)
        assert (sent.status, behind.seen) == ((200, []) if ready else (0, [f"GET {path}"]))
