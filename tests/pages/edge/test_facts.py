"""A town without a cave: no page of its guide speaks of one."""

import re

import pytest
from flask.testing import FlaskClient

from kit.pure.languages import LOCALES
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.visitor import facts
from tests.pages.edge.fakes import FakeServices

PAGES = ("/", "/g/", "/help", "/safety", "/pack", "/scan", "/privacy")
CAVE = {"ja": "洞", "en": r"\b[Cc]aves?\b", "ko": "동굴", "zh-Hans": "洞", "zh-Hant": "洞"}


@pytest.fixture
def town(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """An old town whose guide tells of houses and wells."""
    stops = [
        pb.StopSummary(
            stop_code="K7Q2X", place_id="town/well", group=group, kind="house", position=1,
            route_m=20, name=pb.LocalizedText(text="A well", locale="en"),
            names={"en": "A well"},
        )
        for group in (pb.STOP_GROUP_ROUTE, pb.STOP_GROUP_ANIMAL)
    ]  # fmt: skip
    services.answers["ListStops"] = lambda request: pb.ListStopsResponse(
        stops=stops, locale=request.chosen_locale, published_locales=LOCALES, change_number=1
    )
    return browser


def words_of(page: str) -> str:
    """What a reader is told, with descriptions for machines."""
    return re.sub(r"<svg.*?</svg>|<(script|style).*?</\1>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("locale", CAVE)
def test_a_town_without_a_cave_reads_of_none(town: FlaskClient, path: str, locale: str) -> None:
    page = town.get(f"{path}?locale={locale}")
    assert page.status_code == 200
    plain = re.sub(r'class="[^"]*"|href="[^"]*"', "", words_of(page.text))
    assert not re.search(CAVE[locale], plain), path


@pytest.mark.parametrize("path", ["/", "/help", "/pack"])
def test_a_cave_is_named(browser: FlaskClient, path: str) -> None:
    assert re.search(CAVE["en"], browser.get(f"{path}?locale=en").text)


def test_while_nobody_can_tell_nothing_is_left_out(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.away.add("multilingual")
    assert "If the water rises" in browser.get("/help?locale=en").text


@pytest.mark.parametrize(
    ("kinds", "cave"),
    [(["hall", "column", "pool"], False), (["hall", "stalactite"], True), ([], False)],
)
def test_what_grows_in_caves_alone_tells(kinds: list[str], *, cave: bool) -> None:
    assert facts.shows_cave([pb.StopSummary(kind=kind) for kind in kinds]) is cave
