"""The page of a site's Wi-Fi: out of the window that keeps nothing, then the guide, the survey."""

import pytest
from flask.testing import FlaskClient

from services.edge import in_app
from tests.pages.edge.test_in_app import ANDROID, IPHONE, LINE, SAFARI

CHROME = ANDROID.replace("; wv", "") + "Safari/537.36"
ANDROIDS_WINDOW = ANDROID + "Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "window"),
    [(IPHONE, True), (ANDROIDS_WINDOW, True), ("CaptiveNetworkSupport-481.100.16 wispr", True),
     (SAFARI, False), (CHROME, False), ("Mozilla/5.0 (Android 15; rv:143.0) Firefox/143.0", False),
     ("", False)],
)  # fmt: skip
def test_a_window_of_the_wifi_is_told_from_a_browser(agent: str, *, window: bool) -> None:
    assert in_app.is_window(agent) is window


@pytest.mark.parametrize("agent", [IPHONE, ANDROIDS_WINDOW])
def test_in_the_window_nothing_is_offered_but_the_way_out(browser: FlaskClient, agent: str) -> None:
    answer = browser.get("/wifi", headers={"User-Agent": agent, "Accept-Language": "en"})
    assert "localhost/wifi</strong>" in answer.text
    assert "load nothing here" in answer.text
    assert 'href="/pack"' not in answer.text
    assert 'href="/survey"' not in answer.text
    assert (answer.headers["Cache-Control"], "User-Agent" in answer.headers["Vary"]) == (
        "no-store", True,
    )  # fmt: skip


def test_in_a_browser_the_guide_is_one_tap_away_and_the_questions_another(
    browser: FlaskClient,
) -> None:
    page = browser.get("/wifi", headers={"User-Agent": SAFARI, "Accept-Language": "en"}).text
    assert page.index('href="/pack"') < page.index('href="/survey"')
    assert "you are in your browser" in page
    browser.post("/survey/no")
    assert 'href="/survey"' not in browser.get("/wifi", headers={"User-Agent": SAFARI}).text


def test_an_app_that_opens_it_is_left_as_at_any_first_page(browser: FlaskClient) -> None:
    page = browser.get("/wifi", headers={"User-Agent": LINE}).text
    assert 'href="http://localhost/wifi?openExternalBrowser=1"' in page


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "ようこそ"), ("ko", "환영합니다"), ("zh-TW", "歡迎")]
)
def test_it_speaks_the_visitors_language(browser: FlaskClient, language: str, words: str) -> None:
    page = browser.get("/wifi", headers={"User-Agent": IPHONE, "Accept-Language": language}).text
    assert f"<h1>{words}</h1>" in page


def test_phones_that_ask_are_told_of_the_page(browser: FlaskClient) -> None:
    answer = browser.get("/wifi/captive.json")
    assert answer.content_type == "application/captive+json"
    assert answer.headers["Cache-Control"] == "private"
    told = answer.get_json(force=True)
    assert told["captive"] is False
    assert told["venue-info-url"].endswith("/wifi")
