"""Signs in and looks round an area, before the first visitor comes: what acts need to know."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from demo import gates, play
from demo.web import Browser, Unexpected
from loadtests.ground import MAIN_GATE, Ground

ROLES = ("clerk", "analyst", "editor")
FIRST_SHOP = "shotengai-souvenirs"
# One more than a festival has of stalls; every shop costs a page to look at.
SHOPS_MOST = 12
LOCALES = ("ja", "en", "zh-Hant")
# Tenders that need nobody's phone: card, transit card, iD, QUICPay through the simulated acquirer.
_BUTTONS = re.compile(r"[1-4]:acquirer_simulator|7:cash_record")
_ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)"')


def look_round(
    edge_url: str, host: str, area: str, logins: dict[str, dict[str, str]], *,
    roles: Sequence[str] = ROLES, locales: Sequence[str] = LOCALES, shops: Sequence[str] = (),
) -> Ground:  # fmt: skip
    """Returns what is found in an area. shops: whose tills are opened, beside the first.

    Errors: Unexpected, OSError.
    """
    now = datetime.now(UTC)
    stage = play.Stage(edge_url, host, logins["clerk"], now)
    play.wait_until_open(stage)
    people: dict[str, Browser] = {}
    for role in roles:
        people[role] = stage.browser()
        people[role].sign_in(logins[role]["user"], logins[role]["password"])
    clerk = people["clerk"]
    home_page = clerk.get("/").text + clerk.get(f"/g/{stage.stops[0]}").text
    counters, tickets = _counters(clerk, shops or (FIRST_SHOP,)), _gates(clerk)
    for gate in tickets:
        counters.setdefault(gate, _buttons(clerk, gate))
    tokens = {"clerk": clerk.get(f"/till?shop={FIRST_SHOP}").field("form_token")}
    if "editor" in people:
        tokens["editor"] = people["editor"].get("/studio/today").field("form_token")
    return Ground(
        area=area, host=host, stops=stage.stops,
        assets=sorted(set(_ASSET.findall(home_page))),
        cookies={role: browser.cookie_header() for role, browser in people.items()},
        tokens=tokens, counters=counters, gates=tickets,
        packs={each: _pack(clerk, area, each) for each in locales},
        trip=play.trip(now, 2, 1),
    )  # fmt: skip


def _counters(clerk: Browser, shops: Sequence[str]) -> dict[str, list[str]]:
    found = {shop: _buttons(clerk, shop) for shop in shops[:SHOPS_MOST]}
    return {shop: buttons for shop, buttons in found.items() if buttons}


def _buttons(clerk: Browser, shop: str) -> list[str]:
    values = play.BUTTON.findall(clerk.get(f"/till?shop={shop}").text)
    return [each for each in values if _BUTTONS.fullmatch(each)]


def _gates(clerk: Browser) -> dict[str, str]:
    price = gates.price_of(clerk, MAIN_GATE)
    return {MAIN_GATE: price} if price else {}


def _pack(browser: Browser, area: str, locale: str) -> list[str]:
    answer = browser.get(f"/packs/{area}/{locale}/manifest.json")
    if answer.status != 200:
        raise Unexpected(f"the pack {locale} gave {answer.status}")
    listed: list[dict[str, Any]] = answer.json()["files"]
    return sorted({f"/packs/{area}/{locale}/files/{each['sha256']}" for each in listed})


def warm(edge_url: str, ground: Ground) -> int:
    """Opens every page that is kept ready once in each language. Returns how many."""
    count = 0
    for language in ("ja", "en", "zh-TW", "ko", "zh-CN", "th"):
        with Browser(edge_url, ground.host, language) as browser:
            for path in ("/", "/g/", "/plan", "/api/v1/stops", "/api/v1/occupancy",
                         *(f"/G/{code}" for code in ground.stops)):  # fmt: skip
                browser.get(path)
                count += 1
    return count
