"""Today's opening hours of the sites on the home page."""

import re
from datetime import UTC, datetime, tzinfo

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.visitor import hours
from services.edge.visitor.hours import build
from tests.pages.edge.fakes import FakeServices, closure

SITE = directory.Place(
    place_id="akiyoshido", kind=directory.PLACE_KIND_SITE,
    names={"ja": "秋芳洞", "en": "Akiyoshi-do"},
)  # fmt: skip


def gate(place_id: str, name: str) -> directory.Place:
    return directory.Place(
        place_id=place_id, kind=directory.PLACE_KIND_GATE, parent_place_id="akiyoshido",
        names={"ja": name, "en": name.title()},
    )  # fmt: skip


def poi(place_id: str, *spans: tuple[int, int, int], score: int = 50, **more: object) -> pb.Poi:
    record = pb.PoiRecord(
        poi_id=place_id, place_id=place_id, score=score, status=pb.POI_STATUS_OPEN,
        estimated_fields=more.pop("estimated", ()),  # type: ignore[arg-type]
    )  # fmt: skip
    return pb.Poi(
        record=record,
        open_spans=[
            pb.MinuteSpan(open_minute=a, close_minute=b, last_entry_minute=c) for a, b, c in spans
        ],
        **more,  # type: ignore[arg-type]
    )


PLACES = (
    SITE, gate("main", "main"), gate("back", "back"),
    directory.Place(place_id="pond", kind=directory.PLACE_KIND_POI, names={"ja": "池"}),
)  # fmt: skip
DAY = (8 * 60 + 30, 17 * 60 + 30, 16 * 60 + 30)


@pytest.mark.parametrize(
    ("minute", "state"),
    [(8 * 60, "later"), (9 * 60, "open"), (16 * 60 + 30, "open"), (17 * 60, "late"),
     (17 * 60 + 30, "over"), (23 * 60, "over")],
)  # fmt: skip
def test_the_state_follows_the_clock_and_the_last_entry(minute: int, state: str) -> None:
    (site,) = build(PLACES, [poi("main", DAY)], {}, minute, "en")
    assert (site.all.state, site.all.hours, site.all.last_entry) == (state, "8:30–17:30", "16:30")
    assert site.name == "Akiyoshi-do"
    assert not site.ways


def test_ways_in_that_differ_are_told_one_by_one_and_the_site_is_open_while_one_is() -> None:
    late = (*DAY[:2], DAY[1] - 60 + 30)
    found = build(PLACES, [poi("back", DAY), poi("main", late, score=90)], {}, 16 * 60 + 45, "en")
    assert [site.name for site in found] == ["Akiyoshi-do"]
    assert found[0].all.state == "open"
    assert found[0].all.last_entry == ""  # it differs: nobody may be sent to the wrong gate
    assert [(way.name, way.state, way.last_entry) for way in found[0].ways] == [
        ("Main", "open", "17:00"), ("Back", "late", "16:30"),
    ]  # fmt: skip


def test_a_shut_gate_is_closed_and_a_shut_site_closes_all_its_gates() -> None:
    pois = [poi("main", DAY), poi("back", DAY)]
    (one,) = build(PLACES, pois, {"main": "flood"}, 600, "en")
    assert [(way.name, way.state) for way in one.ways] == [("Back", "open"), ("Main", "closed")]
    assert one.all.state == "open"
    (all_shut,) = build(PLACES, pois, {"akiyoshido": "flood"}, 600, "en")
    assert (all_shut.all.state, all_shut.ways) == ("closed", ())


def test_a_closure_with_an_end_leaves_the_hours_after_it() -> None:
    spans = [(510, 600, 600), (720, 1050, 990)]
    (site,) = build(PLACES, [poi("main", *spans)], {"main": "flood"}, 610, "en")
    assert (site.all.state, site.all.hours, site.all.last_entry) == (
        "closed",
        "12:00–17:30",
        "16:30",
    )


def test_hours_nobody_confirmed_say_so_and_unknown_hours_are_no_closing_day() -> None:
    sure, guess = poi("main", DAY), poi("main", DAY, estimated=["opening"])
    asked = poi("main", DAY)
    asked.record.status = pb.POI_STATUS_CHECK_BEFORE_USE
    assert [build(PLACES, [each], {}, 600, "en")[0].unsure for each in (sure, guess, asked)] == [
        False, True, True,
    ]  # fmt: skip
    unknown = poi("main", closed_why=pb.WHY_OUT_HOURS_UNKNOWN)
    assert build(PLACES, [unknown], {}, 600, "en")[0].all.state == "unknown"
    off = poi("main", closed_why=pb.WHY_OUT_CLOSED_THAT_DAY)
    assert build(PLACES, [off], {}, 600, "en")[0].all.state == "off"


def test_what_is_no_site_and_no_gate_is_left_to_the_map() -> None:
    assert build(PLACES, [poi("pond", DAY), poi("nowhere", DAY)], {}, 600, "en") == []


@pytest.fixture
def planner(services: FakeServices) -> FakeServices:
    kurotani = poi("akiyoshido-kurotani", (0, 1440, 1440), estimated=["opening"])
    services.answers["ListPois"] = lambda _: pb.ListPoisResponse(pois=[kurotani])
    return services


def test_home_says_when_it_is_open_today(browser: FlaskClient, planner: FakeServices) -> None:
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    assert "Open now" in page
    assert "all day" in page
    assert "to be confirmed" in page
    today = planner.called("ListPois")[0].visit_date
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", today)


def test_home_shows_a_closure_before_the_planner_has_heard_of_it(
    browser: FlaskClient, planner: FakeServices
) -> None:
    planner.closures.append(closure())
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    assert "Closed now" in page
    assert "Open now" not in page.replace("Open now?", "")


def test_home_opens_without_the_planner_and_then_from_the_last_answer(
    browser: FlaskClient, planner: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner.away.add("itinerary")
    assert "hours__head" not in browser.get("/?x").text
    planner.away.clear()
    assert "hours__head" in browser.get("/?x").text
    planner.away.add("itinerary")
    assert "hours__head" in browser.get("/?x").text
    # The answer of another day is no answer.
    monkeypatch.setattr(hours, "datetime", _Tomorrow)
    assert "hours__head" not in browser.get("/?x").text


class _Tomorrow(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Tomorrow":
        return cls(2031, 1, 1, 3, tzinfo=tz or UTC)
