"""A municipal list of another town is told before anything of it is taken over."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge.areas import Area
from services.edge.studio.pois import elsewhere, importing
from tests.pages.studio.pois.conftest import PoiStudio, places
from tests.pages.studio.pois.test_importing import HERE, SHARED, seen_of, send, ticked

WARNING = "This looks like the list of another town"
HEAD = "市区町村名,名称,緯度,経度\n"
FAR = (
    HEAD + "柳井市,白壁の町並み,33.96,132.11\n柳井市,むろやの園,33.97,132.12\n"
    "美祢市,池,34.25,131.3\n"
)
NEAR = HEAD + "山口県美祢市,弁天池,34.25,131.30\n美祢市,石の家,,\n柳井市,借りた像,34.2,131.31\n"
MINE = "美祢市・秋吉台"


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An area that says in its name which town it is."""
    named = Area("mine", {"ja": MINE})
    monkeypatch.setattr(importing, "area", lambda: named)


def row(latitude: float = 0, longitude: float = 0, town: str = "") -> pb.SightRow:
    made = pb.SightRow(row=2, name="池", town=town, record=base.PoiRecord(poi_id="pond"))
    if latitude:
        made.point.latitude, made.point.longitude = latitude, longitude
    return made


@pytest.mark.usefixtures("mine")
def test_most_rows_far_away_and_of_another_town_are_said_so(studio: PoiStudio) -> None:
    page = send(studio, "look", FAR.encode()).text
    assert page.count(WARNING) == 2, "above the rows, and beside the button"
    assert page.index(WARNING) < page.index('name="row"')
    assert "2 of 3 rows with a position lie more than 60 km from all places" in page
    assert "the nearest of these is 79 km away" in page
    assert f"2 of 3 rows name another town than this area does in its own name ({MINE})" in page
    assert '<span lang="ja">柳井市</span> <span class="number muted">2</span>' in page
    assert not studio.services.called("AddDrafts")


def test_it_can_be_taken_over_all_the_same(studio: PoiStudio) -> None:
    page = send(studio, "look", FAR.encode()).text
    assert ticked(page) == [2, 3, 4]
    send(studio, "take", FAR.encode(), 303, seen_of(page), (2,))
    assert len(studio.services.called("AddDrafts")) == 1


@pytest.mark.usefixtures("mine")
def test_a_list_of_the_own_town_is_not_doubted(studio: PoiStudio) -> None:
    page = send(studio, "look", NEAR.encode()).text
    assert WARNING not in page
    assert "Towns named in the file" in page
    assert studio.get(HERE).count(WARNING) == 0


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("name", ["yanai_tourism.csv", "shimabara_tourism.csv"])
def test_real_lists_of_other_towns_are_doubted(studio: PoiStudio, name: str) -> None:
    if not (file := Path(SHARED, name)).is_file():
        pytest.skip("the shared files are not here")
    assert WARNING in send(studio, "look", file.read_bytes()).text


def test_what_cannot_be_known_is_not_doubted() -> None:
    far = [row(33.96, 132.11, "柳井市")]
    assert elsewhere.seen(far, places(), MINE).doubtful
    assert not elsewhere.seen(far, [], "秋吉台").doubtful, "no place and no town is known"
    assert not elsewhere.seen([row()], places(), MINE).doubtful
    assert not elsewhere.seen([], places(), MINE).doubtful
    unusable = pb.SightRow(row=2, town="柳井市", refused=["TWICE"])
    assert elsewhere.seen([unusable], places(), MINE).towns == []


@given(far=st.integers(0, 20), near=st.integers(0, 20))
def test_most_means_more_than_half(far: int, near: int) -> None:
    rows = [row(33.0, 130.0)] * far + [row(34.3, 131.4)] * near
    found = elsewhere.seen(rows, places(), "秋吉台")
    assert (found.far, found.points, found.doubtful) == (far, far + near, far > near)
    assert not far or found.nearest_km > elsewhere.Elsewhere.FAR_KM


def test_places_without_a_point_lie_nowhere() -> None:
    nowhere = directory_pb.Place(place_id="x", names={"ja": "池"})
    assert elsewhere.seen([row(34.2, 131.3)], [nowhere], "秋吉台").points == 0
