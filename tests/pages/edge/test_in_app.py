"""Somebody new inside the window of an app is offered the phone's own browser, once."""

import pytest
from flask.testing import FlaskClient

from services.edge import cookies, in_app
from tests.pages.edge.test_hot import Edge

ANDROID = "Mozilla/5.0 (Linux; Android 15; SO-53E; wv) AppleWebKit/537.36 Chrome/140.0 Mobile "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E1 "
LINE, WECHAT = ANDROID + "Line/15.1.0/IAB", IPHONE + "MicroMessenger/8.0.50 Language/zh_TW"
INSTAGRAM, SAFARI = ANDROID + "Instagram 300.0", IPHONE + "Version/18.5 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "app"),
    [(LINE, "LINE"), (WECHAT, "WeChat"), (INSTAGRAM, "Instagram"), (SAFARI, ""), ("", ""),
     (IPHONE + "[FBAN/FBIOS;FBAV/500]", "Facebook"), (ANDROID + "KAKAOTALK 11.0", "KakaoTalk"),
     (ANDROID.replace("; wv", "") + "Safari/537.36", "")],
)  # fmt: skip
def test_apps_are_told_from_browsers(agent: str, app: str) -> None:
    assert in_app.app_of(agent) == app


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", "ブラウザで開く"), ("en", "Open in your browser"), ("ko", "브라우저에서 열기"),
     ("zh-CN", "在浏览器中打开"), ("zh-TW", "在瀏覽器中開啟")],
)  # fmt: skip
def test_the_offer_speaks_the_visitors_language(
    browser: FlaskClient, language: str, words: str
) -> None:
    for path in ("/", "/g/8WXC3", "/G/8wxc3", "/g/", "/pack"):
        answer = browser.get(path, headers={"User-Agent": LINE, "Accept-Language": language})
        assert answer.status_code == 200
        assert words in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Shallow basins" not in answer.text


def test_line_has_a_way_out_and_wechat_is_explained(browser: FlaskClient) -> None:
    line = browser.get("/g/8WXC3", headers={"User-Agent": LINE}).text
    assert 'href="http://localhost/g/8WXC3?openExternalBrowser=1"' in line
    wechat = browser.get("/g/8WXC3", headers={"User-Agent": WECHAT}).text
    assert "openExternalBrowser" not in wechat
    assert "in-app__steps" in wechat
    assert "localhost/g/8WXC3</strong>" in wechat
    instagram = browser.get("/g/8WXC3", headers={"User-Agent": INSTAGRAM}).text
    assert 'href="intent://localhost/g/8WXC3#Intent;scheme=http;end"' in instagram


def test_who_stays_is_not_asked_again(browser: FlaskClient) -> None:
    stays = browser.post("/stay", data={"back": "/g/8WXC3"}, headers={"User-Agent": LINE})
    assert (stays.status_code, stays.headers["Location"]) == (303, "/g/8WXC3")
    assert "Shallow basins" in browser.get("/g/8WXC3", headers={"User-Agent": LINE}).text


def test_staying_never_leads_elsewhere(browser: FlaskClient) -> None:
    answer = browser.post("/stay", data={"back": "//elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_programs_and_pictures_are_left_alone(browser: FlaskClient) -> None:
    for path in ("/api/v1/stops", "/packs/mine/en/manifest.json", "/help", "/healthz"):
        assert "in-app" not in browser.get(path, headers={"User-Agent": LINE}).text


def test_a_ready_page_is_not_sent_instead() -> None:
    edge = Edge()
    edge.put("ja")
    assert not edge.is_flasks("/g/K7Q2X", accept_language="ja", user_agent=LINE)
    edge.special = in_app.is_new_inside
    assert edge.is_flasks("/g/K7Q2X", accept_language="ja", user_agent=LINE)
    assert not edge.is_flasks("/g/K7Q2X", accept_language="ja", user_agent=SAFARI)
    stayed = f"{cookies.STAY.name}=1"
    for name in (stayed, f"__Host-{stayed}"):
        assert not edge.is_flasks("/g/K7Q2X", accept_language="ja", user_agent=LINE, cookie=name)
