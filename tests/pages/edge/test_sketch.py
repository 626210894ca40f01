"""The sketch map: to scale, on the paper, and no number on another."""

from itertools import combinations
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan.pins import pin_of
from services.edge.plan.texts import told
from services.edge.sketch import RADIUS, WIDTH, Pin, draw
from tests.examples import share


def pin(label: str, latitude: float, longitude: float) -> Pin:
    return Pin(label, label, latitude, longitude, estimated=False, kind="visit")


AROUND_MINE = st.builds(
    lambda n, e: pin("1", 34.15 + n / 1000, 131.15 + e / 1000),
    st.integers(0, 250), st.integers(0, 250),
)  # fmt: skip


@share(40)
@given(st.lists(AROUND_MINE, min_size=1, max_size=16))
def test_every_number_is_on_the_paper_and_apart_from_the_others(pins: list[Pin]) -> None:
    map_ = draw(pins, pins)
    assert map_
    for each in map_.pins:
        assert RADIUS < each.label_x < WIDTH - RADIUS
        assert RADIUS < each.label_y < map_.height - RADIUS
        assert 0 <= each.x <= WIDTH
        assert 0 <= each.y <= map_.height
    for one, other in combinations(map_.pins, 2):
        assert hypot(one.label_x - other.label_x, one.label_y - other.label_y) > RADIUS


def test_the_scale_bar_has_the_length_it_says() -> None:
    north, south = pin("1", 34.30, 131.3), pin("2", 34.20, 131.3)
    map_ = draw([north, south], [north, south])
    assert map_
    apart = map_.pins[1].y - map_.pins[0].y
    assert abs(apart / map_.scale_length * map_.scale_m - 11_120) < 20
    assert map_.scale_text.endswith("km")
    assert map_.pins[0].y < map_.pins[1].y  # north is up


def test_a_knot_is_pulled_apart_with_ties() -> None:
    knot = [pin(str(n), 34.228, 131.303) for n in range(6)]
    map_ = draw(knot, knot)
    assert map_
    assert sum(each.moved for each in map_.pins) >= 5
    assert draw(knot, knot) == map_


def test_nothing_to_draw() -> None:
    assert draw([], []) is None
    assert pin_of(pb.KnownPoint(), "1", "somewhere", "visit") is None


def test_an_estimated_point_is_drawn_differently() -> None:
    point = pb.Point(latitude=34, longitude=131)
    for quality, estimated in ((pb.POINT_QUALITY_SOURCE, False), (pb.POINT_QUALITY_ESTIMATE, True),
                               (pb.POINT_QUALITY_SAME_AS_PARENT, True)):  # fmt: skip
        drawn = pin_of(pb.KnownPoint(point=point, quality=quality), "1", "here", "visit")
        assert drawn
        assert drawn.estimated == estimated


def test_texts_fall_back_to_what_a_reader_may_know() -> None:
    texts = {"ja": "池", "zh-Hant": "弁天池", "fr": "Étang"}
    assert told(texts, "zh-Hant").fallback is False
    assert (told(texts, "zh-Hans").locale, told(texts, "ko").locale) == ("zh-Hant", "ja")
    assert told({"fr": "Étang"}, "en") == told({"fr": "Étang"}, "ko")
    assert (told({}, "en", "pond").text, told({}, "en").text) == ("pond", "")
    assert not told({}, "en")
