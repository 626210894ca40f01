"""What a visitor sees, in which language, and what remains when a service is away."""

import gzip
import re
import time
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.closures import Known
from services.edge.directory import with_all_below
from services.edge.parts import Parts
from services.edge.visitor import stop_page
from services.edge.visitor.stops import clean_code, near_codes
from tests.pages.edge.fakes import NAMES, FakeServices, closure, content, places

TAIWAN = {"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"}


def test_taiwan_reads_traditional_chinese(browser: FlaskClient) -> None:
    page = browser.get("/g/8WXC3", headers=TAIWAN).text
    assert '<html lang="zh-Hant"' in page
    assert "百枚皿" in page
    assert "距正面入口約 280 公尺" in page


def test_a_text_in_another_language_says_so_once_and_carries_its_lang(browser: FlaskClient) -> None:
    page = browser.get("/g/8WXC3", headers=TAIWAN).text
    assert page.count("尚無繁體中文內容，以English顯示。") == 1
    assert '<p data-said="formation" lang="en">Shallow basins in steps.</p>' in page
    assert "尚無" not in browser.get("/g/8WXC3", headers={"Accept-Language": "en"}).text


def test_a_japanese_name_in_brackets_stays_together(
    browser: FlaskClient, services: FakeServices
) -> None:
    answer = services.answers["ReadStop"]

    def named(request: pb.ReadStopRequest) -> pb.ReadStopResponse:
        found = answer(request)
        assert isinstance(found, pb.ReadStopResponse)
        found.stop.name.text = "Hundred <Saucers> (Hyakumai-zara)"
        found.stop.next.name.text = "Great (wide) Court"
        return found

    services.answers["ReadStop"] = named
    page = browser.get("/g/8WXC3", headers={"Accept-Language": "en"}).text
    assert 'Hundred &lt;Saucers&gt; <span class="together">(Hyakumai-zara)</span>' in page
    assert ">Great (wide) Court<" in page


def test_any_case_of_the_code_opens_the_page(browser: FlaskClient) -> None:
    for path in ("/g/8WXC3", "/g/8wxc3", "/G/8WXC3", "/G/8wxc3"):
        assert browser.get(path).status_code == 200


def test_a_stop_page_is_small(browser: FlaskClient) -> None:
    page = browser.get("/g/8WXC3", headers=TAIWAN).data
    [style] = re.findall(rb'<link rel="stylesheet" href="/static/([^"]+)">', page)
    found = browser.application.extensions["meguri"].assets.find(style.decode())[0].packed
    assert len(gzip.compress(page)) + len(found) < 25_000


def test_a_stop_says_in_search_results_what_it_tells(browser: FlaskClient) -> None:
    page = browser.get("/g/8WXC3", headers={"Accept-Language": "en"}).text
    [told] = re.findall(r'<meta name="description" content="([^"]+)">', page)
    assert told.startswith("Shallow basins")
    assert len(told) <= 150


def test_a_second_reader_gets_ready_bytes_with_the_same_etag(
    browser: FlaskClient, parts: Parts, services: FakeServices
) -> None:
    first = browser.get("/g/8WXC3", headers=TAIWAN)
    page = parts.ready.get("mine", "8WXC3", "zh-Hant")
    assert page is not None
    assert page.etag == first.headers["ETag"]
    assert dict(page.plain.headers)["Content-Security-Policy"]
    again = browser.get("/g/8WXC3", headers={**TAIWAN, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_what_apps_add_to_an_address_is_kept_as_the_page_without_it(
    browser: FlaskClient, parts: Parts, services: FakeServices
) -> None:
    bare = browser.get("/g/8WXC3", headers=TAIWAN)
    parts.ready.drop("mine")
    added = browser.get("/g/8WXC3?openExternalBrowser=1", headers=TAIWAN)
    assert (added.headers["ETag"], added.data) == (bare.headers["ETag"], bare.data)
    page = parts.ready.get("mine", "8WXC3", "zh-Hant")
    assert page is not None
    assert page.plain.body == bare.data
    browser.get("/g/8WXC3?locale=ko", headers=TAIWAN)
    assert parts.ready.get("mine", "8WXC3", "ko") is None  # asked for by an address, not a phone
    browser.get("/g/?q=a&x=1", headers=TAIWAN)
    assert parts.ready.get("mine", "/g/", "zh-Hant") is None


def test_texts_nobody_read_are_labelled(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    assert "badge--draft" not in browser.get("/g/8WXC3").text
    services.machine_draft = True
    parts.ready.drop("mine")
    assert "badge--draft" in browser.get("/g/8WXC3?locale=en").text


@pytest.mark.parametrize(
    ("locale", "translated", "own"),
    [("ja", "機械翻訳", "確認前"), ("en", "Machine translated", "Not yet checked"),
     ("ko", "기계 번역", "확인 전"), ("zh-Hans", "机器翻译", "尚未核对"),
     ("zh-Hant", "機器翻譯", "尚未核對")],
)  # fmt: skip
def test_own_words_nobody_checked_are_not_called_translated(
    browser: FlaskClient, services: FakeServices, locale: str, translated: str, own: str
) -> None:
    services.machine_draft = True
    asked = {"Accept-Language": locale}
    page = browser.get("/g/8WXC3", headers=asked).text
    said = own if locale == "ja" else translated
    assert f'badge--draft">{said}<' in page
    assert page.count("badge--draft") == 1


def test_a_page_of_own_words_with_one_translated_part_says_translated() -> None:
    stop = content(0, "ja", "text")
    stop.machine_draft = True
    stop.name.machine_draft = True
    known = Known((), datetime.now(UTC), stale=False)
    assert stop_page.build(stop, None, known, "ja").unread == "source"
    stop.paragraphs[0].text.machine_draft = True  # it is in English
    assert stop_page.build(stop, None, known, "ja").unread == "translation"
    assert stop_page.build(stop, None, known, "en").unread == "translation"


def test_hostile_text_stays_text(browser: FlaskClient, services: FakeServices) -> None:
    services.text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    page = browser.get("/g/8WXC3").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(("code", "status"), [("8WXC4", 404), ("ZZZZ", 404), ("%3Cscript%3E", 404)])
def test_an_unknown_code_helps(browser: FlaskClient, code: str, status: int) -> None:
    answer = browser.get(f"/g/{code}")
    assert answer.status_code == status
    assert 'name="q"' in answer.text
    assert "<script>" not in answer.text


def test_a_mistyped_code_proposes_the_near_one(browser: FlaskClient) -> None:
    assert 'href="/g/8WXC3"' in browser.get("/g/8WXC4").text
    assert 'href="/g/8WXC3"' in browser.get("/g/?q=8XWC3").text


def test_a_typed_code_opens_its_stop_and_a_name_finds_it(browser: FlaskClient) -> None:
    answer = browser.get("/g/?q=8wxc3")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/g/8WXC3")
    page = browser.get("/g/?q=saucers", headers={"Accept-Language": "ja"}).text
    assert "百枚皿" in page
    assert "黄金柱" not in page


def test_codes_are_read_as_people_write_them() -> None:
    assert clean_code(" 8wx-c3 ") == "8WXC3"
    assert clean_code("OIL") == "011"
    stops = [pb.StopSummary(stop_code=row[0]) for row in NAMES]
    assert [stop.stop_code for stop in near_codes("K7Q2", stops)] == ["K7Q2X"]
    assert near_codes("AAAAA", stops) == []


def test_the_own_choice_of_language_is_kept(browser: FlaskClient) -> None:
    answer = browser.post(
        "/language",
        data={"locale": "ko", "back": "/g/8WXC3"},
        headers={"Origin": "http://localhost"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/g/8WXC3")
    assert '<html lang="ko"' in browser.get("/g/8WXC3", headers=TAIWAN).text
    bad = browser.post("/language", data={"locale": "xx"}, headers={"Origin": "http://localhost"})
    assert bad.status_code == 400


def test_closures_show_with_reason_and_time(browser: FlaskClient, services: FakeServices) -> None:
    services.closures = [closure("flood")]
    for path in ("/", "/g/8WXC3"):
        page = browser.get(path, headers=TAIWAN).text
        assert "黑谷入口已關閉" in page
        assert "水位上漲" in page
        assert "截至" in page


@pytest.mark.parametrize(
    "path",
    ["/", "/g/", "/g/8WXC3", "/g/8WXC4", "/safety", "/map", "/pack", "/scan", "/help"],
)
def test_every_page_of_the_guide_tells_a_closure_once(
    browser: FlaskClient, services: FakeServices, parts: Parts, path: str
) -> None:
    assert (
        "notice--bad" not in (quiet := browser.get(path, headers=TAIWAN).text) or path == "/safety"
    )
    assert "黑谷入口已關閉" not in quiet
    services.closures = [closure("flood")]
    parts.closures.forget("mine")
    parts.ready.drop("mine")
    told = browser.get(path, headers=TAIWAN).text
    assert told.count("黑谷入口已關閉") == 1
    assert "水位上漲" in told


@pytest.mark.parametrize("path", ["/", "/g/", "/safety", "/map"])
def test_pages_say_when_nobody_can_tell_what_is_closed(
    browser: FlaskClient, services: FakeServices, parts: Parts, path: str
) -> None:
    browser.get(path, headers=TAIWAN)
    services.away.add("directory")
    parts.closures.forget("mine")
    parts.ready.drop("mine")
    assert "目前無法確認哪些地方關閉" in browser.get(path, headers=TAIWAN).text


def test_what_staff_add_to_a_closure_carries_its_language(
    browser: FlaskClient, services: FakeServices
) -> None:
    shut = closure("flood")
    shut.note = "第二駐車場へ"
    services.closures = [shut]
    assert (
        '<span class="badge badge--plain" lang="ja">日本語</span>'
        in browser.get("/safety", headers=TAIWAN).text
    )
    at_home = browser.get("/safety", headers={"Accept-Language": "ja"}).text
    assert "第二駐車場へ" in at_home
    assert 'badge badge--plain" lang="ja"' not in at_home


def with_the_mouth_below_the_gate() -> directory.ListPlacesResponse:
    mouth = directory.Place(
        place_id="akiyoshido/main-mouth", kind=directory.PLACE_KIND_STOP,
        parent_place_id="akiyoshido-kurotani",
    )  # fmt: skip
    return directory.ListPlacesResponse(places=[*places(), mouth])


def test_a_way_out_that_is_closed_is_marked_whatever_the_guide_has_heard(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.answers["ListPlaces"] = lambda _: with_the_mouth_below_the_gate()
    services.closures = [closure("flood")]
    page = browser.get("/safety", headers={"Accept-Language": "en"}).text
    marks = re.findall(r'data-closed="(\w+)"( hidden)?', page)
    assert marks == [("K7Q2X", "")]
    assert "Do not count on a way out that says" in page


def test_a_page_is_not_kept_beyond_the_end_of_a_closure(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    services.closures = [closure("flood", hours=1)]
    browser.get("/g/8WXC3", headers=TAIWAN)
    page = parts.ready.get("mine", "8WXC3", "zh-Hant")
    assert page is not None
    assert 3_000 < page.until - time.monotonic() <= 3_600


def test_pages_open_from_the_shelf_while_the_guide_is_away(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    browser.get("/g/8WXC3", headers=TAIWAN)
    services.away.add("multilingual")
    parts.ready.drop("mine")
    page = browser.get("/g/8WXC3", headers=TAIWAN)
    assert page.status_code == 200
    assert "目前無法查詢導覽" in page.text
    assert "Shallow basins" in page.text


def test_without_a_copy_the_page_says_so_and_programs_get_the_reason(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.away.add("multilingual")
    page = browser.get("/g/8WXC3")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "2"
    answer = browser.get("/api/v1/stops/8WXC3")
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["reason"] == "service_unavailable"
    assert browser.get("/").status_code == 200


def test_a_stop_page_is_counted_once_with_the_first_wish_only(
    browser: FlaskClient, parts: Parts
) -> None:
    sent = []
    parts.scans._send = lambda *batch: sent.append(batch)
    browser.get("/g/8WXC3", headers={**TAIWAN, "Sec-Purpose": "prefetch"})  # nobody reads it yet
    browser.get("/g/8wxc3", headers=TAIWAN)
    browser.head("/g/8WXC3")
    parts.scans.flush()
    ((area, _, (scan,)),) = sent
    assert (area, scan.stop_code, scan.count) == ("mine", "8WXC3", 1)
    assert (scan.wished, scan.served) == ("zh-Hant", "zh-Hant")
    assert (datetime.now(UTC) - scan.at).total_seconds() < 5


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender"])
def test_a_prefetch_of_a_page_that_is_not_ready_counts_nothing(
    browser: FlaskClient, parts: Parts, purpose: str
) -> None:
    """Ready pages are sent without Flask, which has a test of its own."""
    sent = []
    parts.scans._send = lambda *batch: sent.append(batch)
    page = browser.get("/g/8WXC3", headers=[*TAIWAN.items(), ("Sec-Purpose", purpose)])
    assert page.status_code == 200
    parts.scans.flush()
    assert sent == []
    browser.get("/g/8WXC3", headers=TAIWAN)
    parts.scans.flush()
    assert len(sent) == 1


@pytest.mark.parametrize("path", ["/", "/g/", "/g/8WXC3", "/help", "/privacy", "/login"])
@pytest.mark.parametrize("locale", ["ja", "ko", "zh-Hans", "zh-Hant"])
def test_no_label_is_left_in_english(browser: FlaskClient, path: str, locale: str) -> None:
    page = browser.get(f"{path}?locale={locale}").text
    assert f'<html lang="{locale}"' in page
    labels = re.sub(
        r'<(\w+)[^>]*\slang="(?!' + locale + r')[^"]*"[^>]*>.*?</\1>', "", page, flags=re.S
    )
    for word in ("Skip to", "Language", "Privacy", "All stops", "Sign in", "Open now", "Before"):
        assert f">{word}" not in labels


def test_a_closure_reaches_everything_below_on_the_map() -> None:
    tree = [
        directory.Place(place_id="course", parent_place_id="gate"),
        directory.Place(place_id="gate", parent_place_id="cave"),
        directory.Place(place_id="cave"),
        directory.Place(place_id="pond"),
    ]
    assert with_all_below({"cave"}, tree) == {"cave", "gate", "course"}
    assert with_all_below({"gate"}, tree) == {"gate", "course"}
    assert with_all_below(set(), tree) == set()
