"""The map of a planned day: visits numbered in their order, joined, and told as a list."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from services.edge import guards, tiles
from services.itinerary.domain.plan import Effect
from tests.pages.edge.fakes import settings
from tests.pages.edge.test_moving_map import GSI, data_of
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH, page_of

MAP = f"/plan/{PLAN_ID}/map"


def test_visits_are_numbered_and_joined_in_order(visitor: FlaskClient, planner: Planner) -> None:
    assert f'href="{MAP}"' in page_of(visitor)
    answer = visitor.get(MAP, headers=ENGLISH)
    given = data_of(answer.text)
    visits = planner.kept[PLAN_ID].itinerary.plan.visits
    assert [p["label"] for p in given["pins"] if p["label"]] == [
        str(number) for number in range(1, len(visits) + 1)
    ]
    points = [(v.location.point.latitude, v.location.point.longitude) for v in visits]
    assert [tuple(at) for at in given["line"][1:-1]] == points
    assert given["line"][0] == given["line"][-1]
    assert given["tiles"] is None
    assert answer.text.count('class="list-row__mark"') == len(visits) + 2
    assert "<svg" in answer.text
    assert answer.headers["Content-Security-Policy"] == guards.CONTENT_SECURITY_POLICY
    assert visitor.get(f"{MAP}/tiles").status_code == 404


def test_what_is_shut_is_shut_on_the_map(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    planner.effects = (Effect("pond", "c1", "flood", datetime(2026, 11, 21, tzinfo=UTC), None),)
    shut = [
        pin["title"]
        for pin in data_of(visitor.get(MAP, headers=ENGLISH).text)["pins"]
        if pin["shut"]
    ]
    assert shut == ["Benten Pond"]


def test_pictures_of_others_on_a_page_of_their_own(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_of(visitor)
    parts = visitor.application.extensions["meguri"]
    monkeypatch.setattr(parts, "settings", settings(**{tiles.VARIABLE: "gsi-std"}))
    assert f'href="{MAP}/tiles"' in visitor.get(MAP, headers=ENGLISH).text
    answer = visitor.get(f"{MAP}/tiles", headers=ENGLISH)
    assert GSI in answer.headers["Content-Security-Policy"]
    assert data_of(answer.text)["tiles"]["url"].startswith(f"{GSI}/xyz/std/")


def test_no_such_day_is_no_map(visitor: FlaskClient) -> None:
    assert visitor.get("/plan/01a1fcf5-0000-77e9-aa38-b7ad77d5290e/map").status_code == 404
