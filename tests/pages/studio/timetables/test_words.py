"""Words for days, endings and points; where a line may stop; all pages of a long list."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask, g

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import ending, known, words
from services.edge.studio.timetables.typed import Days, free_key, one_name
from tests.pages.studio.timetables.conftest import Kept, Studio, line, places


@pytest.fixture
def english(made_once: Flask) -> Iterator[None]:
    with made_once.test_request_context("/studio/timetables", headers={"Accept-Language": "en"}):
        g.locale = "en"
        yield


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("days", "told"),
    [
        (Days("", tuple("1234567")), "Every day"),
        (Days("", tuple("1234567"), as_sunday=True), "Every day"),
        (Days("", tuple("12345")), "Mon–Fri"),
        (Days("", tuple("12345"), as_sunday=True), "Mon–Fri, not on holidays"),
        (Days("", tuple("67"), as_sunday=True), "Sat Sun and holidays"),
        (Days("", tuple("246")), "Tue Thu Sat"),
        (Days("", ()), "No days yet"),
        (Days("", (), added="2026-12-31"), "Only on some dates"),
        (Days("", tuple("1"), added="2026-12-31"), "Mon and extra dates"),
        (Days("", tuple("6"), first="2026-04-01"), "Sat (2026-04-01–)"),
    ],
)
def test_days_in_a_few_words(days: Days, told: str) -> None:
    assert words.days_told(days) == told


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("left", "told"),
    [
        (-1, "Ended on 2026-11-30"),
        (0, "Ends today"),
        (1, "Ends in 1 day (2026-11-30)"),
        (9, "Ends in 9 days (2026-11-30)"),
    ],
)
def test_endings_in_words(left: int, told: str) -> None:
    assert words.told_ending(ending.Ending(date(2026, 11, 30), left)) == told


@pytest.mark.usefixtures("english")
def test_how_well_points_are_known() -> None:
    station, center, shop = places()
    assert words.quality_of(station) == "A published point"
    assert words.quality_of(center) == "Estimated, may be off by 300 m"
    assert words.quality_of(shop) == "No point yet"
    assert [known.is_published(each) for each in (station, center, shop, None)] == [
        True, False, False, False,
    ]  # fmt: skip


@pytest.mark.usefixtures("english")
def test_places_stand_by_kind_transit_stops_first() -> None:
    groups = known.place_groups(places(), known.PLACE)
    assert [(group.label, [each[0] for each in group.entries]) for group in groups] == [
        ("Bus stops and stations", ["place:bus-center", "place:st-shin-yamaguchi"]),
        ("Shops", ["place:shop/tea"]),
    ]


def test_only_what_is_on_the_list_is_chosen() -> None:
    stops = list(line().stops)
    tea = known.chosen("place:shop/tea", places(), stops)
    assert tea is not None
    assert (tea.stop_id, tea.place_id) == ("shop-tea", "shop/tea")
    hall = known.chosen("stop:town-hall", places(), stops)
    assert hall is not None
    assert (hall.stop_id, hall.point) == ("town-hall", "34.200000, 131.300000")
    for value in ("place:nowhere", "stop:station", "stop:", "town-hall", ""):
        assert known.chosen(value, places(), stops) is None, value
    long_id = directory_pb.Place(place_id=f"{'a' * 60}/{'b' * 60}", names={"ja": "長"})
    assert known.of_place(long_id).stop_id == "b" * 60
    assert known.new_stop({"ja": "停"}).stop_id != known.new_stop({"ja": "停"}).stop_id


def test_names_and_keys() -> None:
    assert one_name({"ja": "停", "en": "Stop"}, "en") == "Stop"
    assert one_name({"ja": "停"}, "ko") == "停"
    assert one_name({"en": "Stop"}, "ko") == "Stop"
    assert one_name({}, "ko") == ""
    assert free_key("s", ["s0", "s2"]) == "s1"
    assert free_key("s", []) == "s0"


def test_a_long_list_is_read_to_its_end(studio: Studio, kept: Kept) -> None:
    def page(request: pb.ListTimetablesRequest) -> pb.ListTimetablesResponse:
        number = int(request.page_token or "0")
        each = pb.TimetableSummary(timetable_id=f"feed-{number}", kind=pb.TIMETABLE_KIND_FEED)
        token = str(number + 1) if number < 2 else ""
        return pb.ListTimetablesResponse(timetables=[each], next_page_token=token)

    studio.services.answers["ListTimetables"] = page
    shown = studio.get("/studio/timetables")
    assert all(f"feed?id=feed-{number}" in shown for number in range(3))


def test_an_empty_area_is_told_what_to_do(studio: Studio, kept: Kept) -> None:
    kept.lines.clear()
    page = studio.get("/studio/timetables")
    assert "There are no timetables yet" in page
    assert page.count('href="/studio/timetables/new"') == 2
