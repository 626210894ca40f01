"""How stone grows: three sections in four steps, which move only when somebody lets them."""

import re
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from services.edge.visitor import drawings, growth
from tests.pages.edge.test_in_app import SAFARI

WAYS = ("column", "pool", "skin")


@pytest.mark.parametrize("way", WAYS)
def test_a_section_has_four_steps_that_differ_and_no_inline_style(way: str) -> None:
    drawn = str(growth.draw(way))
    groups = ET.fromstring(drawn)  # noqa: S314 - our own drawing
    steps = [ET.tostring(each) for each in groups if "step" in each.get("class", "")]
    assert len(set(steps)) == growth.STEPS
    assert len(drawn) < 8_000
    assert "style=" not in drawn
    assert not re.search(r"nan|inf|\de-", drawn)
    assert 'aria-hidden="true"' in drawn


def test_every_kind_that_grows_is_drawn_and_the_rest_is_left() -> None:
    ways = {kind: growth.growth(kind) for kind in drawings.SCENES}
    grown = {kind for kind, way in ways.items() if way}
    assert grown == {
        "stalactite", "stalagmite", "column", "flowstone_column", "rimstone_pool", "flowstone",
        "flowstone_mound",
    }  # fmt: skip
    assert len({way.drawing for way in ways.values() if way}) == len(WAYS)
    assert all(len(way.steps) == growth.STEPS for way in ways.values() if way)
    assert growth.growth("a kind nobody knows") is None


def test_a_pool_says_how_pools_grow_in_the_visitors_language(browser: FlaskClient) -> None:
    page = browser.get("/g/8WXC3", headers={"User-Agent": SAFARI, "Accept-Language": "ja"}).text
    assert "棚田のように池が並びます" in page
    assert re.search(r'class="growth__play[^>]*><input[^>]*type="checkbox"', page)
    assert "動かして見る" in page
