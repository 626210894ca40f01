"""Ready pages are sent without Flask, dropped when told, and never outlive the truth."""

import gzip
import time
from collections.abc import Iterable
from typing import Any

import pytest

from services.edge import hot
from services.edge.areas import Area, Areas
from services.edge.assets import Assets
from services.edge.hot import HotPages, Ready, make_page
from services.edge.language import choose, for_guide, label_of, wish_of
from services.edge.shelf import Shelf

HTML = b"<!doctype html><p>" + b"basin " * 400
HEADERS = [("Content-Type", "text/html"), ("Cache-Control", "no-cache"), ("Vary", "Cookie")]


class Edge:
    """The middleware with a Flask behind it that says when it was asked."""

    def __init__(self) -> None:
        self.ready, self.flask = Ready(), 0
        self.counted: list[tuple[str, ...]] = []
        self.shelf = Shelf()
        areas = Areas(lambda: [Area("mine", hosts=("guide.example.jp",))], "mine")
        self.app = HotPages(
            self.answer, self.ready, areas, Assets(), choose, label_of, self.count,
            self.shelf.published,
        )  # fmt: skip

    def answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.flask += 1
        start_response("200 OK", [])
        return [b"flask"]

    def count(self, *scan: str) -> None:
        self.counted.append(scan)

    def get(self, path: str, **headers: str) -> tuple[str, dict[str, str], bytes]:
        said: list[Any] = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost", **headers}
        body = b"".join(self.app(environ, lambda status, sent: said.extend((status, dict(sent)))))
        return said[0], said[1], body

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
    status, headers, body = edge.get(
        "/G/k7q2x", HTTP_ACCEPT_LANGUAGE=wish, HTTP_ACCEPT_ENCODING="gzip, br"
    )
    assert status == "200 OK"
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == HTML
    assert int(headers["Content-Length"]) == len(body)
    assert edge.counted == [("mine", "K7Q2X", "zh-TW", "zh-Hant")]
    assert edge.flask == 0


def test_without_gzip_the_plain_bytes_are_sent(edge: Edge) -> None:
    edge.put("ja")
    _, headers, body = edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja")
    assert "Content-Encoding" not in headers
    assert body == HTML


def test_a_known_page_is_answered_by_304_and_still_counted(edge: Edge) -> None:
    edge.put("ja")
    etag = edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja")[1]["ETag"]
    status, headers, body = edge.get(
        "/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja", HTTP_IF_NONE_MATCH=f'"other", {etag}'
    )
    assert (status, body) == ("304 Not Modified", b"")
    assert headers["ETag"] == etag
    assert set(headers) == {"ETag", "Content-Type", "Cache-Control", "Vary"}
    assert "Cookie" in headers["Vary"]
    assert len(edge.counted) == 2


def test_the_own_choice_is_stronger_than_the_header(edge: Edge) -> None:
    edge.put("ko", b"korean")
    edge.put("ja", b"japanese")
    *_, body = edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja", HTTP_COOKIE="a=b; meguri_locale=ko")
    assert body == b"korean"
    *_, body = edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja", HTTP_COOKIE="meguri_locale=xx")
    assert body == b"japanese"


@pytest.mark.parametrize(
    "environ",
    [
        {"PATH_INFO": "/g/M4T9B"},
        {"PATH_INFO": "/g/"},
        {"QUERY_STRING": "locale=ko"},
        {"QUERY_STRING": "loc%61le=ko"},
        {"HTTP_HOST": "other.example"},
        {"REQUEST_METHOD": "POST"},
        {"HTTP_ACCEPT_LANGUAGE": "ko"},
    ],
)
def test_everything_else_is_flasks(edge: Edge, environ: dict[str, str]) -> None:
    edge.put("ja")
    asked = {"HTTP_ACCEPT_LANGUAGE": "ja", "PATH_INFO": "/g/K7Q2X", **environ}
    *_, body = edge.get(**{"path": asked.pop("PATH_INFO"), **asked})
    assert body == b"flask"
    assert edge.counted == []


def test_what_apps_add_to_an_address_changes_no_page(edge: Edge) -> None:
    edge.put("ja")
    *_, body = edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja", QUERY_STRING="openExternalBrowser=1")
    assert body == HTML
    assert len(edge.counted) == 1


def test_a_prefetch_is_nobodys_scan(edge: Edge) -> None:
    edge.put("ja")
    edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja", HTTP_SEC_PURPOSE="prefetch")
    assert edge.counted == []


def test_dropped_pages_are_gone_in_their_area_only(edge: Edge) -> None:
    edge.put("ja")
    edge.ready.drop("elsewhere")
    assert edge.ready.get("mine", "K7Q2X", "ja")
    edge.ready.drop("mine")
    assert edge.ready.get("mine", "K7Q2X", "ja") is None


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
    status, headers, body = edge.get(url, HTTP_ACCEPT_ENCODING="gzip")
    assert status == "200 OK"
    assert "immutable" in headers["Cache-Control"]
    assert b"--accent" in gzip.decompress(body)
    assert edge.get(url, HTTP_IF_NONE_MATCH=headers["ETag"])[0] == "304 Not Modified"
    older = edge.get("/static/0123456789ab/meguri.css")
    assert older[0] == "200 OK"
    assert older[1]["Cache-Control"] == "no-cache"
    assert edge.get("/static/../main.py")[2] == b"flask"


def test_a_language_that_is_configured_but_not_published_is_not_chosen(edge: Edge) -> None:
    edge.put("ja")
    edge.put("ko")
    edge.put("en+ko", b"<p>labelled</p>")
    assert edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ko,en;q=0.5")[2] == HTML
    edge.shelf.publish("mine", ["en", "ja", "th"])
    labelled = edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ko,en;q=0.5")
    assert labelled[2] == b"<p>labelled</p>"
    assert edge.counted[-1] == ("mine", "K7Q2X", "ko", "en+ko")
    assert edge.get("/g/K7Q2X", HTTP_ACCEPT_LANGUAGE="ja,ko")[2] == HTML
    assert edge.flask == 0


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
