"""Browsers inside of other apps: what is loaded there is gone with the app's window, and the camera
never leads back to it. A new visitor is offered the phone's own browser before anything is loaded.

The name of the browser is looked at for this one answer and kept nowhere.
"""

import re

from services.edge import cookies

# What the user agent of an app's own window contains -> the app's name.
APPS = (
    ("Line/", "LINE"), ("MicroMessenger/", "WeChat"), ("Instagram", "Instagram"),
    ("FBAN/", "Facebook"), ("FBAV/", "Facebook"), ("FB_IAB", "Facebook"),
    ("KAKAOTALK", "KakaoTalk"), ("NAVER(", "NAVER"), ("Weibo", "Weibo"), ("QQ/", "QQ"),
    ("XiaoHongShu", "小红书"), ("BytedanceWebview", "TikTok"), ("musical_ly", "TikTok"),
    ("trill_", "TikTok"), ("Snapchat", "Snapchat"),
)  # fmt: skip
_MARK = re.compile("|".join(re.escape(mark) for mark, _ in APPS))
# Whoever has chosen a language or to stay was here before; over TLS something stands before these.
KNOWN_COOKIES = (f"{cookies.STAY.name}=", f"{cookies.LOCALE.name}=")


def app_of(user_agent: str) -> str:
    """Returns the name of the app whose window this is, "" for a browser of its own."""
    return next((name for mark, name in APPS if mark in user_agent), "")


def is_window(user_agent: str) -> bool:
    """Tells whether a request comes from a window inside of something else: of any app, or the one
    that a phone opens by itself for a Wi-Fi. Apple's has WebKit's name and not Safari's; Android's
    says "wv". An iPhone's own start screen looks the same, so only /wifi asks."""
    webkit = "AppleWebKit/" in user_agent and "Safari/" not in user_agent
    return webkit or "; wv)" in user_agent or "CaptiveNetworkSupport" in user_agent


def is_new_inside(user_agent: str, cookies: str) -> bool:
    """Tells whether a request comes from an app's window that was never here before.

    cookies: the header.
    """
    if _MARK.search(user_agent) is None:
        return False
    return not any(each in cookies for each in KNOWN_COOKIES)


def way_out(app: str, user_agent: str, host: str, path: str, scheme: str) -> str:
    """Returns an address that opens a page in the phone's own browser, "" where the app allows
    none and the visitor has to use its menu. path: with a leading slash, without a query."""
    address = f"{scheme}://{host}{path}"
    if app == "LINE":
        return f"{address}?openExternalBrowser=1"  # developers.line.biz: LINE URL scheme
    if app == "KakaoTalk":
        return f"kakaotalk://web/openExternal?url={address}"
    if "Android" in user_agent and app != "WeChat":
        return f"intent://{host}{path}#Intent;scheme={scheme};end"
    return ""
