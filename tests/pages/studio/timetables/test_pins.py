"""Map pins: which are missing, putting one by numbers or by steps, and slips that are caught."""

from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from services.edge.studio.timetables import pins, points
from tests.pages.edge.fakes import Failure, settings
from tests.pages.edge.test_moving_map import GSI, data_of
from tests.pages.studio.timetables.conftest import CONFLICT, Studio, changed

LIST = "/studio/pins"
CENTER = "/studio/pins/bus-center"


def put(studio: Studio, path: str, action: str, status: int = 200, **typed: str) -> Any:
    fields = changed(studio.fields(path), **typed)
    return studio.send(path, [*fields, ("action", action)], status)


def test_the_list_has_what_nobody_has_published(studio: Studio) -> None:
    page = studio.get(LIST)
    missing = page.partition("<form")[0] + page[page.index("<h1>") : page.index('id="other"')]
    assert "Bus center" in missing
    assert "Estimated, may be off by 300 m" in missing
    assert "茶店" in missing
    assert "No point yet" in missing
    assert 'href="/studio/pins/st-shin-yamaguchi"' not in missing
    answer = studio.client.get(f"{LIST}/choose?place=shop/tea", base_url="http://guide.example.jp")
    assert answer.location == "/studio/pins/shop/tea"
    studio.get(f"{LIST}/choose?place=nowhere", status=404)
    studio.get(f"{LIST}/nowhere", status=404)


def test_a_pin_pasted_into_one_field(studio: Studio) -> None:
    pasted = {"latitude": "34.2281, 131.3034", "longitude": "", "quality": "source"}
    answer = put(studio, CENTER, "save", 303, **pasted)
    assert answer.location == f"{LIST}?done=pinned"
    (sent,) = studio.services.called("PinPlace")
    assert (sent.place_id, sent.version) == ("bus-center", 3)
    assert (sent.latitude, sent.longitude) == (34.2281, 131.3034)
    assert sent.coordinate_quality == directory_pb.COORDINATE_QUALITY_SOURCE
    assert sent.error_m == 0, "a published point has no error, whatever the field still says"


def test_a_pin_read_by_eye_says_how_far_it_may_be_off(studio: Studio) -> None:
    page = put(studio, CENTER, "save", 422, quality="estimate", error="").text
    assert 'id="f-error-error"' in page
    put(studio, CENTER, "save", 303, quality="estimate", error="150")
    (sent,) = studio.services.called("PinPlace")
    assert (sent.coordinate_quality, sent.error_m) == (
        directory_pb.COORDINATE_QUALITY_ESTIMATE, 150,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "quality"),
    [("st-shin-yamaguchi", "source"), ("bus-center", "estimate"), ("shop/tea", "estimate")],
)
def test_an_estimate_does_not_become_a_published_point_by_itself(
    studio: Studio, place: str, quality: str
) -> None:
    assert dict(studio.fields(f"{LIST}/{place}"))["quality"] == quality


def test_the_first_point_of_a_place(studio: Studio) -> None:
    page = studio.get(f"{LIST}/shop/tea")
    assert '<svg class="sketch"' not in page
    shown = put(studio, f"{LIST}/shop/tea", "show", latitude="34.228 131.30", longitude="").text
    assert '<svg class="sketch"' in shown
    assert 'value="131.300000"' in shown
    assert studio.services.called("PinPlace") == []


@pytest.mark.parametrize("latitude", ["", "north", "34.2281"])
def test_what_cannot_be_read_stays_in_the_field(studio: Studio, latitude: str) -> None:
    page = put(studio, CENTER, "save", 422, latitude=latitude, longitude="").text
    assert 'id="f-latitude-error"' in page
    assert f'value="{latitude}"' in page


def test_a_pin_far_from_everything_is_asked_about(studio: Studio) -> None:
    far = {"latitude": "35.68", "longitude": "139.76"}
    page = put(studio, CENTER, "save", 422, **far).text
    assert "away from every other place" in page
    assert studio.services.called("PinPlace") == []
    put(studio, CENTER, "save", 303, **far, quality="source", sure="1")
    assert len(studio.services.called("PinPlace")) == 1


POINT = st.tuples(st.floats(-80, 80), st.floats(-179, 179))


@given(POINT, st.sampled_from(sorted(pins.NUDGES)), st.sampled_from(pins.STEPS_M))
def test_a_step_is_as_long_as_it_says(
    point: tuple[float, float], direction: str, step_m: int
) -> None:
    typed = pins.Typed(point=point)
    pins.nudge(typed, direction, step_m)
    assert typed.point is not None
    assert points.distance_m(point, typed.point) == pytest.approx(step_m, abs=0.2 + step_m / 50)
    north, east = pins.NUDGES[direction]
    assert (typed.point[0] - point[0]) * north >= 0
    assert (typed.point[1] - point[1]) * east >= 0
    assert typed.latitude == f"{typed.point[0]:.6f}"


def test_without_a_point_or_a_direction_nothing_moves() -> None:
    typed = pins.Typed(point=(34.0, 131.0))
    pins.nudge(typed, "up", 10)
    assert typed.point == (34.0, 131.0)
    nowhere = pins.Typed()
    pins.nudge(nowhere, "north", 10)
    assert nowhere.point is None


@pytest.mark.parametrize(
    ("refused", "status", "told"),
    [
        (CONFLICT, 409, "Yours is still in the fields"),
        (Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS"), 422, "need a correction"),
    ],
)
def test_a_refusal_keeps_the_numbers(
    studio: Studio, refused: Failure, status: int, told: str
) -> None:
    def refuse(_: object) -> None:
        raise refused

    studio.services.answers["PinPlace"] = refuse  # type: ignore[assignment]
    page = put(studio, CENTER, "save", status, latitude="34.3", longitude="131.3").text
    assert told in page
    assert 'value="34.300000"' in page


def test_the_map_of_a_pin_shows_neighbours_and_at_last_the_pin(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = studio.client.get(CENTER, base_url="http://guide.example.jp")
    given_ = data_of(answer.text)
    assert given_["sets"] == ["f-latitude", "f-longitude"]
    assert [pin.get("own", False) for pin in given_["pins"]] == [False, True]
    assert given_["pins"][-1]["lat"] == pytest.approx(34.227)
    assert GSI not in answer.headers["Content-Security-Policy"]
    nowhere = data_of(studio.get(f"{LIST}/shop/tea"))
    assert not any(pin.get("own") for pin in nowhere["pins"])
    parts = studio.client.application.extensions["meguri"]
    monkeypatch.setattr(parts, "settings", settings(MEGURI_MAP_TILES="gsi-std"))
    plain = studio.client.get(CENTER, base_url="http://guide.example.jp")
    assert GSI not in plain.headers["Content-Security-Policy"]
    asked = studio.client.get(f"{CENTER}?tiles=1", base_url="http://guide.example.jp")
    assert GSI in asked.headers["Content-Security-Policy"]
    assert data_of(asked.text)["tiles"]["most"] == 18
