"""Ready pages are sent without Flask, dropped when told, and never outlive the truth."""

import gzip
import time
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from services.edge import hot
from services.edge.areas import Area, Areas
from services.edge.assets import Assets
from services.edge.cookies import LOCALE
from services.edge.hot import HotPages, Ready, make_page
from services.edge.language import choose, choose_all, for_guide, wish_of
from services.edge.shelf import Shelf

HTML = b"<!doctype html><p>" + b"basin " * 400
HEADERS = [("Content-Type", "text/html"), ("Cache-Control", "no-cache"), ("Vary", "Cookie")]


class Edge:
    """Ready pages, and what is asked of them. What they do not have is Flask's."""

    def __init__(self) -> None:
        self.ready = Ready()
        self.counted: list[tuple[str, ...]] = []
        self.shelf = Shelf()
        areas = Areas(lambda: [Area("mine", hosts=("guide.example.jp",))], "mine")
        areas.refresh()
        self.special: Callable[[str, str], bool] = lambda _agent, _cookies: False
        self.pages = HotPages(
            self.ready, areas, Assets(), choose_all, self.count, self.shelf.published,
            lambda agent, known: self.special(agent, known),  # noqa: PLW0108 - tests change it
        )  # fmt: skip

    def count(self, *scan: str) -> None:
        self.counted.append(scan)

    def get(
        self, path: str, query: str = "", host: str = "localhost", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.pages.find(path, query, host, asked.get)
        assert answer is not None, "nothing ready"
        return answer.status, dict(answer.headers), answer.body

    def is_flasks(
        self, path: str, query: str = "", host: str = "localhost", **headers: str
    ) -> bool:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.pages.find(path, query, host, asked.get) is None

    def put(self, locale: str, body: bytes = HTML, until: float = float("inf")) -> None:
        self.ready.put(
            "mine",
            "K7Q2X",
            locale,
            make_page(body, HEADERS, until, locale),
            self.ready.turn("mine"),
        )


@pytest.fixture
def edge() -> Edge:
    return Edge()


def test_a_ready_page_is_sent_packed_and_counted(edge: Edge) -> None:
    edge.put("zh-Hant")
    wish = "zh-TW,zh;q=0.9,en;q=0.8"
    status, headers, body = edge.get("/G/k7q2x", accept_language=wish, accept_encoding="gzip, br")
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == HTML
    assert int(headers["Content-Length"]) == len(body)
    assert edge.counted == [("mine", "K7Q2X", "zh-TW", "zh-Hant")]


def test_without_gzip_the_plain_bytes_are_sent(edge: Edge) -> None:
    edge.put("ja")
    _, headers, body = edge.get("/g/K7Q2X", accept_language="ja")
    assert "Content-Encoding" not in headers
    assert body == HTML


def test_a_known_page_is_answered_by_304_and_still_counted(edge: Edge) -> None:
    edge.put("ja")
    etag = edge.get("/g/K7Q2X", accept_language="ja")[1]["ETag"]
    status, headers, body = edge.get(
        "/g/K7Q2X", accept_language="ja", if_none_match=f'"other", {etag}'
    )
    assert (status, body) == (304, b"")
    assert headers["ETag"] == etag
    assert set(headers) == {"ETag", "Content-Type", "Cache-Control", "Vary"}
    assert "Cookie" in headers["Vary"]
    assert len(edge.counted) == 2


def test_the_own_choice_is_stronger_than_the_header(edge: Edge) -> None:
    edge.put("ko", b"korean")
    edge.put("ja", b"japanese")
    *_, body = edge.get("/g/K7Q2X", accept_language="ja", cookie="a=b; meguri_locale=ko")
    assert body == b"korean"
    *_, body = edge.get("/g/K7Q2X", accept_language="ja", cookie="meguri_locale=xx")
    assert body == b"japanese"


PLACES = st.sampled_from(["ja", "ko", "xx", "", '"ko"'])
NAMES = st.sampled_from(["meguri_locale", "__Host-meguri_locale", "a", "x__Host-meguri_locale"])


@given(st.lists(st.tuples(NAMES, PLACES), max_size=4), st.sampled_from(["http", "https"]))
@example([("meguri_locale", "ja"), ("__Host-meguri_locale", "ko")], "https")
@example([("__Host-meguri_locale", "ko"), ("meguri_locale", "ja")], "http")
@example([("x__Host-meguri_locale", "ko"), ("meguri_locale", "ja")], "https")
def test_ready_pages_and_all_others_read_the_same_choice(
    kept: list[tuple[str, str]], scheme: str
) -> None:
    header = "; ".join(f"{name}={value}" for name, value in kept)
    asked = {"Cookie": header} if header else {}
    with Flask("any").test_request_context("/", base_url=f"{scheme}://x.jp", headers=asked):
        assert (hot.own_choice(header) or "") == LOCALE.read()


def test_what_was_chosen_before_the_name_changed_is_kept(edge: Edge) -> None:
    edge.put("ko", b"korean")
    edge.put("ja", b"japanese")
    for name in ("meguri_locale", "__Host-meguri_locale"):
        *_, body = edge.get("/g/K7Q2X", accept_language="ja", cookie=f"a=b; {name}=ko")
        assert body == b"korean"
    both = "meguri_locale=ja; __Host-meguri_locale=ko"  # the older one stands first
    assert edge.get("/g/K7Q2X", accept_language="ja", cookie=both)[2] == b"korean"


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "/g/M4T9B"},
        {"path": "/g/"},
        {"path": "/plan"},
        {"query": "locale=ko"},
        {"query": "loc%61le=ko"},
        {"host": "other.example"},
        {"accept_language": "ko"},
    ],
)
def test_everything_else_is_flasks(edge: Edge, asked: dict[str, str]) -> None:
    edge.put("ja")
    assert not edge.is_flasks("/g/K7Q2X", accept_language="ja")
    edge.counted.clear()
    assert edge.is_flasks(**{"path": "/g/K7Q2X", "accept_language": "ja", **asked})
    assert edge.counted == []


def test_what_apps_add_to_an_address_changes_no_page(edge: Edge) -> None:
    edge.put("ja")
    *_, body = edge.get("/g/K7Q2X", accept_language="ja", query="openExternalBrowser=1")
    assert body == HTML
    assert len(edge.counted) == 1


def test_a_prefetch_is_nobodys_scan(edge: Edge) -> None:
    edge.put("ja")
    edge.get("/g/K7Q2X", accept_language="ja", sec_purpose="prefetch")
    assert edge.counted == []


def test_dropped_pages_are_gone_in_their_area_only(edge: Edge) -> None:
    edge.put("ja")
    edge.ready.drop("elsewhere")
    assert edge.ready.get("mine", "K7Q2X", "ja")
    edge.ready.drop("mine")
    assert edge.ready.get("mine", "K7Q2X", "ja") is None


def test_a_page_that_is_sent_once_is_the_same_page_packed_less_well() -> None:
    kept, sent = make_page(HTML, HEADERS), make_page(HTML, HEADERS, once=True)
    assert gzip.decompress(kept.packed.body) == gzip.decompress(sent.packed.body) == HTML
    assert len(kept.packed.body) < len(sent.packed.body) < len(HTML) / 10
    others = (make_page(HTML, HEADERS), make_page(HTML + b".", HEADERS))
    assert [page.etag == kept.etag for page in others] == [True, False]


def test_a_page_made_before_a_drop_is_not_kept_after_it(edge: Edge) -> None:
    turn = edge.ready.turn("mine")
    edge.ready.drop("mine")  # published while the page was being rendered
    edge.ready.put("mine", "K7Q2X", "ja", make_page(HTML, HEADERS), turn)
    assert edge.ready.get("mine", "K7Q2X", "ja") is None


def test_a_page_ends_with_its_time(edge: Edge) -> None:
    edge.put("ja", until=time.monotonic() - 1)
    assert edge.ready.get("mine", "K7Q2X", "ja") is None


def test_when_full_pages_that_are_over_leave_first_then_the_oldest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hot, "KEPT_AT_MOST", 20)
    ready = Ready()

    def put(number: int, until: float = float("inf")) -> None:
        ready.put("mine", str(number), "ja", make_page(b"x", HEADERS, until), 0)

    def kept() -> set[int]:
        return {number for number in range(30) if ready.get("mine", str(number), "ja")}

    for number in range(20):
        put(number, until=0 if number in (7, 8) else float("inf"))
    put(3)  # its own place is always free
    assert kept() == set(range(20)) - {7, 8}
    put(20)
    assert kept() == set(range(21)) - {7, 8}
    put(21)
    put(22)
    assert kept() == set(range(23)) - {7, 8, 0, 1}


def test_static_files_are_kept_for_ever_under_their_version_only(edge: Edge) -> None:
    url = Assets().url("meguri.css")
    status, headers, body = edge.get(url, accept_encoding="gzip")
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert b"--accent" in gzip.decompress(body)
    assert edge.get(url, if_none_match=headers["ETag"])[0] == 304
    older = edge.get("/static/0123456789ab/meguri.css")
    assert older[0] == 200
    assert older[1]["Cache-Control"] == "no-cache"
    assert edge.is_flasks("/static/../main.py")


def test_a_language_that_is_configured_but_not_published_is_not_chosen(edge: Edge) -> None:
    edge.put("ja")
    edge.put("ko")
    edge.put("en+ko", b"<p>labelled</p>")
    assert edge.get("/g/K7Q2X", accept_language="ko,en;q=0.5")[2] == HTML
    edge.shelf.publish("mine", ["en", "ja", "th"])
    labelled = edge.get("/g/K7Q2X", accept_language="ko,en;q=0.5")
    assert labelled[2] == b"<p>labelled</p>"
    assert edge.counted[-1] == ("mine", "K7Q2X", "ko", "en+ko")
    assert edge.get("/g/K7Q2X", accept_language="ja,ko")[2] == HTML


def test_published_are_those_of_the_area_and_all_while_nobody_knows() -> None:
    shelf, area = Shelf(), Area("mine", locales=("ja", "en", "ko"))
    assert shelf.published(area) == ("ja", "en", "ko")
    shelf.publish("mine", ["th", "en", "ja"])
    assert shelf.published(area) == ("ja", "en"), "in the area's order, its source first"
    assert shelf.published(Area("other")) == Area("other").locales
    shelf.publish("mine", [])
    assert shelf.published(area) == area.locales


@pytest.mark.parametrize(
    ("cookie", "header", "served", "wish"),
    [
        ("ko", "fr,ja;q=0.5", "ja", "ko"),
        ("zh-Hant", "ja", "ja", "zh-Hant"),
        ("nonsense", "ja", "ja", "ja"),
    ],
)
def test_an_own_choice_that_is_not_published_is_the_first_wish(
    cookie: str, header: str, served: str, wish: str
) -> None:
    published = ("ja", "zh-Hans")
    assert choose(cookie, header, published) == served
    assert wish_of(cookie, header, published) == wish


def test_every_ready_page_is_the_guides() -> None:
    assert all(for_guide(path) for path in (*hot.KEPT_PATHS, "/g/K7Q2X", "/G/K7Q2X"))
    assert not any(for_guide(path) for path in ("/plan", "/help", "/till", "/safety", "/gate"))
