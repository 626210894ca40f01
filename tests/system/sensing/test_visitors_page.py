"""The page of visitors on a whole platform, with a simulated area's captures sent by its sensor."""

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from tests.platform import Platform
from tests.system.browser.conftest import DESK, Visit, site, visit
from tests.system.look import look, look_by_night

__all__ = ["site", "visit"]  # fixtures of the browser
pytestmark = [pytest.mark.long, pytest.mark.platform]

SEED, VISITORS, ZONE = 7, 900, "main-gate"
WAIT_S = 40
Seen = TypeVar("Seen")


@pytest.fixture(scope="module")
def heard(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A day of a simulated area, as the gate's sensor sends it; what the public door then tells."""
    folder = tmp_path_factory.mktemp("area")
    platform.run(
        "sense", "generate", "--seed", str(SEED), "--visitors", str(VISITORS), "--out", str(folder)
    )
    sensor = platform.state["sensor"]["id"]
    done = json.loads(
        platform.run("sense", "replay", str(folder / f"{sensor}.pcap"), "--sensor", sensor,
                     "--json").stdout
    )  # fmt: skip
    assert done["batches_waiting"] == 0
    end = time.monotonic() + WAIT_S
    while True:
        told = public_door(platform)
        # Until the last hours are closed; the newest one is not over yet.
        if sum(hour["estimate"] is not None for hour in told["hours"]) >= 4:
            return told
        assert time.monotonic() < end, "the hours were never told"
        time.sleep(0.5)


def public_door(platform: Platform) -> dict[str, Any]:
    """Returns what anybody may read of the zone."""
    told: dict[str, Any] = json.loads(platform.get(f"/api/v1/visitors?zone={ZONE}"))
    return told


def at_one_moment(platform: Platform, read: Callable[[], Seen]) -> tuple[Seen, dict[str, Any]]:
    """Returns what ``read`` saw and what the public door told before and after it alike: an hour
    is counted again when batches of it come late, which they do on a busy machine."""
    end = time.monotonic() + WAIT_S
    while True:
        before = public_door(platform)
        seen = read()
        if public_door(platform)["hours"] == before["hours"]:
            return seen, before
        assert time.monotonic() < end, "the hours never came to rest"


def told_on(told: dict[str, Any]) -> str:
    """Returns a day of the week that most told hours are in: on a Monday morning, in Japan,
    they are of the week before."""
    starts = [
        datetime.fromisoformat(hour["start"]).astimezone(ZoneInfo("Asia/Tokyo"))
        for hour in told["hours"]
        if hour["estimate"] is not None
    ]
    week, _ = Counter(start.isocalendar()[:2] for start in starts).most_common(1)[0]
    return next(f"{start:%Y-%m-%d}" for start in starts if start.isocalendar()[:2] == week)


def hours_shown(page: Page) -> dict[str, list[str]]:
    """Returns the table behind the curve: hour as on the page, and its cells."""
    page.locator("#d-hours summary").click()
    rows = page.locator("#d-hours tbody tr").all()
    return {
        row.locator("th").inner_text(): [cell.inner_text() for cell in row.locator("td").all()]
        for row in rows
    }


def test_the_page_shows_what_the_public_door_tells_and_no_more(
    platform: Platform, heard: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    assert heard["hours"]
    analyst = visit("en", size=DESK)
    analyst.sign_in("analyst")
    page = analyst.open(f"/insights/visitors?span=week&on={told_on(heard)}&zone={ZONE}")

    def read() -> dict[str, list[str]]:
        page.reload()
        return hours_shown(page)

    shown, told_now = at_one_moment(platform, read)
    found = {}
    for hour in told_now["hours"]:
        start = datetime.fromisoformat(hour["start"]).astimezone(ZoneInfo("Asia/Tokyo"))
        ends = [f"{hour[end]:,}" for end in ("estimate", "low", "high") if not hour["withheld"]]
        found[f"{start.month}/{start.day} {start.hour}:00"] = ends or ["fewer than 10"]
    told = {name: cells[:3] for name, cells in shown.items() if name in found}
    assert len(told) >= 2  # of four or more, when a week has just begun
    assert told == {name: found[name] for name in told}
    assert page.get_by_text("Devices, not visitors.").count() == 1
    assert page.locator("svg.chart polygon.band").count() >= 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_is_in_the_way_on_a_phone_and_at_a_desk(
    heard: dict[str, Any], visit: Callable[..., Visit], language: str
) -> None:
    assert heard["hours"]
    analyst = visit(language, size=DESK)
    analyst.sign_in("analyst")
    page = analyst.open(f"/insights/visitors?on={told_on(heard)}&zone={ZONE}")
    for fold in page.locator("details.behind > summary").all():
        fold.click()
    look_by_night(page, f"visitors-{language}")
    page = analyst.open(f"/insights/visitors/compare?zone={ZONE}&days=1")
    look(page, f"visitors-compare-{language}")


def test_without_scripts_everything_can_be_read_and_taken_away(
    platform: Platform, heard: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    assert heard["hours"]
    analyst = visit("ja", size=DESK, java_script_enabled=False)
    analyst.sign_in("analyst")
    page = analyst.open(f"/insights/visitors?on={told_on(heard)}&zone={ZONE}")
    assert page.locator("svg.chart").count() >= 2
    page.select_option("#f-span", "day")
    page.locator("form.range-form button").click()
    assert "span=day" in page.url
    url = f"{analyst.site.url}/insights/visitors.csv?span=week&on={told_on(heard)}"
    table, told = at_one_moment(platform, lambda: page.request.get(url).text())
    figures = [hour["estimate"] for hour in told["hours"] if hour["estimate"]]
    assert sum(f",{figure}," in table for figure in figures) >= 2
    entities = page.request.get(
        f"{analyst.site.url}/api/v1/insights/visitors/presence?on={told_on(heard)}"
    ).json()
    assert any(entity.get("deviceCount") for entity in entities)
    assert not any("visitorCount" in entity for entity in entities)
