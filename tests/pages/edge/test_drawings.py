"""Drawings are made from data: always the same for the same stop, in order along the way."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge import plan_of_way
from services.edge.visitor import area_map, drawings, formations, route_plan

KINDS = (*drawings.SCENES, "a kind nobody knows")


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_is_small_steady_and_without_inline_style(kind: str) -> None:
    scene = drawings.scene(kind, "ADVGT")
    assert scene == drawings.scene.__wrapped__(kind, "ADVGT")
    assert len(scene) < 8_000
    assert "style=" not in scene
    assert "nan" not in scene
    assert 'aria-hidden="true"' in scene


def test_two_stops_of_a_kind_do_not_look_the_same() -> None:
    assert drawings.scene("stalactite", "9N3A3") != drawings.scene("stalactite", "NNT8Z")


def test_every_scene_has_a_shape() -> None:
    assert set(drawings.SCENES.values()) <= set(formations.SHAPES)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_stops_lie_on_the_way_in_their_order(shares: list[float]) -> None:
    xs = [plan_of_way.point_at(share)[0] for share in sorted(shares)]
    assert xs == sorted(xs)


@given(st.floats(-5, 5))
def test_every_share_lies_on_the_sheet(share: float) -> None:
    x, y = plan_of_way.point_at(share)
    assert 0 <= x <= 720
    assert 0 <= y <= 260


def test_the_current_stop_and_closed_stops_stand_out() -> None:
    marks = (
        route_plan.Mark(1, 0, "a"), route_plan.Mark(2, 0.5, "a", closed=True),
        route_plan.Mark(3, 1, "b", wide=True),
    )  # fmt: skip
    plan = route_plan.draw(marks, 1)
    assert plan.count("plan__here") == 1
    assert plan.count("plan__shut") == 1
    assert plan.count('class="plan__room"') == 1


spots = st.lists(
    st.tuples(st.floats(24, 45), st.floats(123, 146), st.booleans()), min_size=1, max_size=60
)


@given(spots)
def test_no_place_is_lost_on_the_map_and_none_lies_off_it(
    places: list[tuple[float, float, bool]],
) -> None:
    given_spots = [
        area_map.Spot(str(number), "x", latitude, longitude, sure)
        for number, (latitude, longitude, sure) in enumerate(places)
    ]
    plan = area_map.sketch(given_spots)
    shown = sorted(spot.place_id for mark in plan.marks for spot in mark.spots)
    assert shown == sorted(spot.place_id for spot in given_spots)
    for mark in plan.marks:
        assert 0 <= mark.x <= area_map.WIDTH
        assert 0 <= mark.y <= area_map.HEIGHT
    letters = [mark.letter for mark in plan.marks]
    assert len(set(letters)) == len(letters)
    assert not re.search("nan|inf", area_map.draw(plan))


def test_near_places_share_a_letter_and_north_is_up() -> None:
    plan = area_map.sketch(
        [
            area_map.Spot("south", "S", 34.10, 131.30, sure=True),
            area_map.Spot("north", "N", 34.30, 131.30, sure=False, closed=True),
            area_map.Spot("beside", "B", 34.3001, 131.3001, sure=True),
        ]
    )
    first, second = plan.marks
    assert (first.letter, second.letter) == ("A", "B")
    assert {spot.place_id for spot in first.spots} == {"north", "beside"}
    assert first.sure
    assert first.closed
    assert math.isclose((second.y - first.y) / plan.px_per_km, 0.2 * 111.32, rel_tol=0.01)
