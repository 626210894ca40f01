"""A display on a screen of its own: pairing, what it is told, and what it is never told."""

import json
import threading
import time
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.payments.v1 import display_service_pb2 as display_pb
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge import cookies, leaving
from services.edge.board import BEGINNING, Board, BoardAway, News
from services.edge.till import display, news
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["payments"]

TILL, SECRET = "a1b2c3d4e5f6a1b2c3d4e5f6", "D" * 43
KEY = f"mine:display:shop-a:{TILL}"


class Noted(Board):
    """A board in this process."""

    def __init__(self) -> None:
        self.news: dict[str, tuple[str, News]] = {}
        self.alive: dict[str, int] = {}
        self.is_away = False
        self._changed = threading.Condition()

    def put(self, key: str, news: News, alive_s: int) -> None:
        with self._changed:
            number = int(self.news.get(key, ("0-0", {}))[0].partition("-")[0]) + 1
            self.news[key] = (f"{number}-0", json.loads(json.dumps(news)))
            self.alive[key] = alive_s
            self._changed.notify_all()

    def touch(self, key: str, alive_s: int) -> None:
        self.alive[key] = alive_s

    def latest(self, key: str) -> tuple[str, News]:
        if self.is_away:
            raise BoardAway
        return self.news.get(key, (BEGINNING, {}))

    def next(self, key: str, known: str, wait_s: float) -> tuple[str, News] | None:
        with self._changed:
            if self._changed.wait_for(lambda: self.latest(key)[0] != known, 0.05):
                return self.latest(key)
        return None

    def is_alive(self, key: str) -> bool:
        if self.is_away:
            raise BoardAway
        return key in self.alive

    @property
    def said(self) -> News:
        """What the till said last."""
        return self.latest(KEY)[1]


@pytest.fixture
def board(app: Flask) -> Noted:
    made = Noted()
    app.extensions["meguri"].board = made
    return made


@pytest.fixture
def till(browser: FlaskClient, payments: Payments, board: Noted) -> FlaskClient:
    """A till that has a display."""
    browser.set_cookie(cookies.TILL_COUNTER.name, TILL, path="/till")
    return browser


@pytest.fixture
def pairings(services: FakeServices, payments: Payments) -> dict[str, str]:
    """Secrets that payments knows, and the shop of each."""
    known = {SECRET: "shop-a"}

    def read(request: display_pb.ReadDisplayRequest) -> display_pb.ReadDisplayResponse:
        if request.display_secret not in known:
            raise Failure(grpc.StatusCode.NOT_FOUND, "DISPLAY_UNKNOWN")
        shop = known[request.display_secret]
        answer = display_pb.ReadDisplayResponse(
            display=display_pb.Display(display_id="d-1", shop_place_id=shop, counter_id=TILL)
        )
        found = payments.payment
        if request.merchant_code_yen:
            answer.merchant_code_svg = b"<svg>code for %d</svg>" % request.merchant_code_yen
        if request.payment_id == found.payment_id and found.shop_place_id == shop:
            answer.payment.CopyFrom(found)
            if found.state == pb.PAYMENT_STATE_CAPTURED:
                answer.link_secret = "L" * 43
        return answer

    services.answers["ReadDisplay"] = read
    return known


@pytest.fixture
def screen(app: Flask, board: Noted, pairings: dict[str, str]) -> FlaskClient:
    """A paired screen on which nobody is signed in."""
    client = app.test_client()  # with a context of its own: tests use it beside the till's
    client.set_cookie(cookies.DISPLAY.name, SECRET, path="/till/display")
    return client


def seen(screen: FlaskClient, customer: str = "en") -> dict[str, Any]:
    found: dict[str, Any] = screen.get(f"/till/display/now?customer={customer}").get_json()
    return found


def report(till: FlaskClient, **fields: Any) -> int:
    page = till.get("/till?shop=shop-a", headers=EN).text
    form = {name: dict(HIDDEN.findall(page))[name] for name in ("form_token", "shop")}
    return till.post("/till/display/news", data={**form, **fields}, headers=EN).status_code


PRODUCT = office_pb.Product(
    code="M", names={"ja": "夏みかん", "en": "Natsumikan", "ko": "여름귤"}, unit_amount_yen=650,
    tax_rate_percent=8, button=1,
)  # fmt: skip


def test_the_running_basket_is_shown_in_the_customer_s_language(
    till: FlaskClient, screen: FlaskClient, services: FakeServices
) -> None:
    services.answers["ListProducts"] = lambda _: office_pb.ListProductsResponse(products=[PRODUCT])
    assert seen(screen)["on"] == "welcome"
    assert report(till, item=["2*650@8 夏みかん"], amount_yen="1,000") == 204
    found = seen(screen, "ko")
    assert (found["on"], found["yen"], found["lost"]) == ("sum", "¥2,300", False)
    assert found["lines"][0] == "여름귤 × 2  ¥1,300"
    assert seen(screen, "zh-Hant")["lines"][0].startswith("夏みかん")
    page = screen.get("/till/display?customer=ko").text
    assert "여름귤 × 2" in page
    assert 'data-on="welcome" hidden' in page
    assert report(till, amount_yen="1300") == 204
    assert (seen(screen)["yen"], seen(screen)["lines"]) == ("¥1,300", [])
    assert report(till, amount_yen="") == 204
    assert seen(screen)["on"] == "welcome"


def test_pages_tell_it_without_javascript(till: FlaskClient, board: Noted) -> None:
    page = till.get("/till?shop=shop-a", headers=EN).text
    assert board.said == {"on": "welcome"}
    form = dict(HIDDEN.findall(page)) | {"amount_yen": "900", "add_amount": "1"}
    till.post("/till/basket", data=form, headers=EN)
    assert board.said["items"] == ["1*900@10 お買上げ"]
    form = dict(HIDDEN.findall(page)) | {
        "step": "counter", "amount_yen": "1300", "pay": "7:cash_record"
    }  # fmt: skip
    asked = till.post("/till/payments", data=form, headers=EN).text
    assert board.said["items"] == ["1*1300@10 お買上げ"]
    paid = dict(HIDDEN.findall(asked)) | {"tendered_yen": "5000"}
    till.post("/till/payments", data=paid, headers=EN)
    assert board.said["payment_id"] == "p-1"
    assert board.said["tendered_yen"] == 5000
    assert board.alive[KEY] == news.PAGE_S


def test_change_thanks_and_the_receipt_s_code(
    till: FlaskClient, screen: FlaskClient, payments: Payments, app: Flask
) -> None:
    till.get("/till/payments/p-1?tendered=5000", headers=EN)
    found = seen(screen)
    assert (found["on"], found["yen"], found["change"]) == ("ok", "¥1,300", "¥3,700")
    assert found["link"] == "", "a screen of this computer alone draws no code that leads nowhere"
    elsewhere = app.test_client(use_cookies=False)
    headers = {"Host": "192.168.1.20:8080", "Cookie": f"{cookies.DISPLAY.name}={SECRET}"}
    found = elsewhere.get("/till/display/now?customer=en", headers=headers).get_json()
    assert found["link"].startswith("<svg")
    assert "L" * 43 not in json.dumps(found)  # drawn, not written
    payments.payment.state, payments.payment.captured_yen = pb.PAYMENT_STATE_DECLINED, 0
    found = seen(screen)
    assert (found["on"], found["yen"], found["link"]) == ("bad", "¥1,300", "")
    payments.payment.state = pb.PAYMENT_STATE_UNKNOWN
    assert seen(screen)["on"] == "warn"


def test_a_code_to_pay_is_drawn_and_kept_nowhere(
    till: FlaskClient, screen: FlaskClient, payments: Payments, board: Noted
) -> None:
    payment = payments.payment
    payment.state, payment.captured_yen = pb.PAYMENT_STATE_CREATED, 0
    payment.tender, payment.customer_acts = pb.TENDER_CODE_PAYMENT, True
    payment.customer_code = "https://qr.example/CODE-TO-PAY"
    till.get("/till/payments/p-1", headers=EN)
    found = seen(screen)
    assert found["on"] == "open"
    assert found["code"].startswith("<svg")
    assert "CODE-TO-PAY" not in json.dumps(found)
    assert "CODE-TO-PAY" not in json.dumps(board.news)


def test_the_shop_s_own_code_is_shown_while_the_till_shows_it(
    till: FlaskClient, screen: FlaskClient, services: FakeServices
) -> None:
    made = pb.MakeMerchantCodeResponse(payload="x", sample=True, svg=b"<svg/>", png=b"")
    services.answers["MakeMerchantCode"] = lambda _: made
    till.get("/till/code?shop=shop-a&amount_yen=1300", headers=EN)
    found = seen(screen)
    assert (found["on"], found["yen"]) == ("open", "¥1,300")
    assert found["code"] == "<svg>code for 1300</svg>"
    assert "<svg>code for 1300</svg>" in screen.get("/till/display").text
    till.get("/till?shop=shop-a", headers=EN)
    assert seen(screen)["on"] == "welcome"


def test_an_old_payment_that_is_looked_up_is_not_shown(
    till: FlaskClient, screen: FlaskClient, payments: Payments, board: Noted
) -> None:
    payments.payment.create_time.FromSeconds(int(time.time()) - news.FRESH_S - 5)
    till.get("/till/payments/p-1", headers=EN)
    assert board.said == {}
    board.put(KEY, {"on": "payment", "payment_id": "p-1", "tendered_yen": 0}, 45)
    assert seen(screen)["on"] == "welcome"  # nor one that stood here when the customer left


def test_a_sum_that_comes_after_its_own_sale_is_dropped(till: FlaskClient, board: Noted) -> None:
    page = till.get("/till?shop=shop-a", headers=EN).text
    form = dict(HIDDEN.findall(page)) | {"amount_yen": "1300", "pay": "1:acquirer_simulator"}
    till.post("/till/payments", data=form, headers=EN)
    till.get("/till/payments/p-1", headers=EN)
    late = {name: form[name] for name in ("form_token", "shop", "request_id")}
    till.post("/till/display/news", data={**late, "amount_yen": "1300"}, headers=EN)
    assert board.said["on"] == "payment"
    till.post(
        "/till/display/news", data={**late, "request_id": "next", "amount_yen": "50"}, headers=EN
    )
    assert board.said["items"] == ["1*50@0 お買上げ"]


@pytest.mark.parametrize("name", ["4111 1111 1111 1111", "hQVDUFYwMWEgTwegAAAAAxAQVxBB"])
def test_a_name_that_holds_a_card_is_told_to_no_display(
    till: FlaskClient, board: Noted, name: str
) -> None:
    assert report(till, item=["2*650@8 夏みかん", f"1*100@10 {name}"]) == 204
    assert board.said["items"] == ["1*1400@0 お買上げ"]


def test_another_shop_s_screen_and_another_till_s_see_nothing_of_it(
    till: FlaskClient, screen: FlaskClient, pairings: dict[str, str], board: Noted
) -> None:
    till.get("/till/payments/p-1", headers=EN)
    assert seen(screen)["on"] == "ok"
    pairings[SECRET] = "shop-b"
    assert seen(screen)["on"] == "welcome"
    board.put(f"mine:display:shop-b:{TILL}", board.said, 45)  # even if it were named there
    assert seen(screen)["on"] == "welcome"
    assert report(till, shop="shop-b", amount_yen="1") == 404


def test_a_till_without_displays_tells_nobody(
    browser: FlaskClient, payments: Payments, board: Noted
) -> None:
    page = browser.get("/till?shop=shop-a", headers=EN).text
    assert "till-news" not in page
    browser.get("/till/payments/p-1", headers=EN)
    assert report(browser, amount_yen="100") == 204
    assert board.news == {}


def test_news_needs_a_person_and_the_page_s_token(till: FlaskClient, board: Noted) -> None:
    data = {"shop": "shop-a", "amount_yen": "5", "form_token": "x"}
    assert till.post("/till/display/news", data=data, headers=EN).status_code == 403
    till.delete_cookie("meguri_session")
    assert till.post("/till/display/news", data=data, headers=EN).status_code == 401
    assert board.news == {}


def test_a_till_that_is_gone_is_said_and_its_sum_taken_down(
    till: FlaskClient, screen: FlaskClient, board: Noted
) -> None:
    report(till, amount_yen="1300")
    assert board.alive[KEY] == news.BEATS_S
    board.alive.clear()
    assert (seen(screen)["on"], seen(screen)["lost"]) == ("welcome", True)
    assert report(till, beat="1") == 204
    assert seen(screen)["lost"] is False
    board.is_away = True
    assert (seen(screen)["on"], seen(screen)["lost"]) == ("welcome", True)
    assert "cannot be reached" in screen.get("/till/display?customer=en").text
    till.get("/till?shop=shop-a", headers=EN)  # the till goes on


def test_polling_costs_nothing_while_nothing_changes(screen: FlaskClient, board: Noted) -> None:
    first = screen.get("/till/display/now")
    tag = first.headers["ETag"]
    assert screen.get("/till/display/now", headers={"If-None-Match": tag}).status_code == 304
    board.put(KEY, {"on": "sum", "items": ["1*50@0 お買上げ"]}, 45)
    changed = screen.get("/till/display/now", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.get_json()["yen"] == "¥50"


def lines(screen: FlaskClient, count: int, **headers: str) -> list[str]:
    """Takes some lines of a stream that say something and ends it."""
    answer = screen.get("/till/display/feed?customer=en", headers=headers)
    assert answer.mimetype == "text/event-stream"
    found: list[str] = []
    for part in answer.response:
        found += [line for line in str(part if isinstance(part, str) else part.decode()).split("\n")
                  if line]  # fmt: skip
        if len(found) >= count:
            break
    answer.close()
    return found


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats come after a moment, so that nobody waits for them."""
    monkeypatch.setattr(display, "LONGEST_WAIT_S", 0.2)


@pytest.mark.usefixtures("soon")
def test_a_stream_begins_with_what_stands_and_beats(screen: FlaskClient, board: Noted) -> None:
    board.put(KEY, {"on": "sum", "items": ["1*50@0 お買上げ"]}, 45)
    found = lines(screen, 5)
    assert found[:2] == ["id: 1-0", "event: news"]
    assert json.loads(found[2].removeprefix("data: "))["yen"] == "¥50"
    assert found[3] == "event: beat"
    again = lines(screen, 3, **{"Last-Event-ID": "nonsense"})
    assert again[0] == "id: 1-0"


@pytest.mark.usefixtures("soon")
def test_a_stream_tells_that_the_pairing_was_ended(
    screen: FlaskClient, pairings: dict[str, str], board: Noted
) -> None:
    answer = screen.get("/till/display/feed")
    parts = iter(answer.response)
    assert "event: news" in str(next(parts))
    pairings.clear()
    rest = [str(part) for part in parts]
    assert "event: ended" in rest[-1]
    assert screen.get("/till/display/feed").status_code == 410
    assert screen.get("/till/display/now").status_code == 410
    page = screen.get("/till/display")
    assert (page.status_code, page.headers["Location"]) == (303, "/till/display/pair")
    assert f"{cookies.DISPLAY.name}=;" in page.headers["Set-Cookie"]


def test_a_stream_ends_with_its_server_however_long_it_would_wait(
    screen: FlaskClient, board: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "LONGEST_WAIT_S", 60.0)
    asked = []
    monkeypatch.setattr(board, "next", lambda _key, _known, wait_s: asked.append(wait_s))
    monkeypatch.setattr(leaving, "told", lambda: len(asked) > 2)
    answer = screen.get("/till/display/feed")
    assert len(list(answer.response)) <= 2  # what stands, and a beat
    assert len(asked) == 3
    assert max(asked) <= leaving.LOOK_EVERY_S
    board.is_away = True
    started = time.monotonic()
    assert list(screen.get("/till/display/feed").response) == []
    assert time.monotonic() - started < 1


def test_streams_give_their_places_back(
    screen: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "STREAMS", threading.BoundedSemaphore(1))
    for _ in range(3):
        lines(screen, 3)
    held = screen.get("/till/display/feed")
    refused = screen.get("/till/display/feed")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "30"
    held.close()
    del held
    lines(screen, 3)
