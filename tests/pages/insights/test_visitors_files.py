"""What leaves the page as a file: each released figure once, with its ends, and no withheld one."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.openapi import SCHEMAS
from services.edge.insights.visitors import fiware
from services.edge.insights.visitors.files import visitors_csv
from services.edge.insights.visitors.period import Period
from tests.pages.edge.fakes import stamp
from tests.pages.insights.sensed import MONDAY, PRIVACY, TOKYO, at, told

DAY = Period(MONDAY, 1, TOKYO)
NAMES = {"gate": "正面口", "street": "=SUM(A1:A9)"}
ZONES = {
    zone_id: wire.ZoneOccupancy(zone_id=zone_id, place_id=f"{zone_id}-place") for zone_id in NAMES
}
PLACES = {
    "gate-place": directory_pb.Place(
        place_id="gate-place", latitude=34.2, longitude=131.3,
        coordinate_quality=directory_pb.COORDINATE_QUALITY_SOURCE,
    )
}  # fmt: skip
HOURS = st.lists(
    st.tuples(
        st.sampled_from(sorted(NAMES)), st.integers(0, 23),
        st.none() | st.tuples(st.integers(10, 900), st.integers(0, 9), st.integers(0, 90)),
        st.booleans(),
    ),
    unique_by=lambda one: one[:2], max_size=30,
)  # fmt: skip


def answered(hours: list[Any]) -> wire.ReadVisitorsResponse:
    return wire.ReadVisitorsResponse(
        hours=[
            told(zone_id, at(MONDAY, hour),
                 figure and (figure[0], figure[0] - figure[1], figure[0] + figure[2]),
                 people=people)
            for zone_id, hour, figure, people in hours
        ],
        privacy=PRIVACY,
    )  # fmt: skip


def table(answer: wire.ReadVisitorsResponse, days: Any = None) -> list[dict[str, str]]:
    text = visitors_csv(answer, days or wire.ReadDaysResponse(), NAMES, DAY, demo=False)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def entities(answer: wire.ReadVisitorsResponse) -> list[fiware.Entity]:
    return fiware.presence(answer, ZONES, PLACES, NAMES, "mine", DAY)


@given(HOURS)
def test_the_table_holds_each_hour_once_and_of_a_withheld_one_the_threshold(
    hours: list[Any],
) -> None:
    lines = table(answered(hours))
    assert len(lines) == len(hours)
    for line, (zone_id, hour, figure, people) in zip(lines, hours, strict=True):
        assert (line["figure"], line["zone"], line["demo"]) == ("hour", zone_id, "no")
        assert line["kind"] == ("visitors" if people else "devices")
        assert datetime.fromisoformat(line["start"]) == at(MONDAY, hour)
        ends = [line["low"], line["estimate"], line["high"]]
        if figure is None:
            assert ends == ["", "", ""]
            assert line["withheld_below"] == "10"
        else:
            middle, below, above = figure
            assert ends == [str(middle - below), str(middle), str(middle + above)]
            assert line["withheld_below"] == ""


@given(HOURS)
def test_entities_hold_the_same_figures_and_name_them_by_what_they_count(hours: list[Any]) -> None:
    found = entities(answered(hours))
    assert len({entity["id"] for entity in found}) == len(found) == len(hours)
    for entity, (zone_id, hour, figure, people) in zip(found, hours, strict=True):
        assert f":{zone_id}:" in entity["id"]
        assert entity["hour"]["value"] == hour
        counts = {"visitorCount", "deviceCount"} & entity.keys()
        if figure is None:
            assert counts == set()
            assert entity["withheld"]["value"] is True
            continue
        assert counts == {"visitorCount" if people else "deviceCount"}
        count = entity[counts.pop()]
        middle, below, above = figure
        assert [count[end]["value"] for end in ("low", "high")] == [middle - below, middle + above]
        assert count["value"] == middle
        seen = datetime.fromisoformat(entity["dateObserved"]["value"])
        assert seen == at(MONDAY, hour) + timedelta(minutes=30)


@given(HOURS)
def test_every_attribute_is_described_and_is_a_property(hours: list[Any]) -> None:
    described = SCHEMAS["TourismPresenceObserved"]["properties"].keys()
    for entity in entities(answered(hours)):
        assert entity.keys() <= described
        for name, value in entity.items():
            if name == "location":
                assert value["type"] == "GeoProperty"
            elif name not in ("id", "type", "@context"):
                assert value["type"] == "Property"


def test_a_name_runs_as_no_formula_in_a_spreadsheet() -> None:
    (line,) = table(answered([("street", 9, (50, 5, 5), False)]))
    assert line["name"] == "'=SUM(A1:A9)"


def test_sums_over_zones_are_in_the_table_as_they_were_told() -> None:
    start = stamp(at(MONDAY, 9))
    lines = table(
        wire.ReadVisitorsResponse(
            totals=[
                wire.HourTotal(hour_start_time=start, estimate=120, kind=wire.COUNT_KIND_VISITORS),
                wire.HourTotal(hour_start_time=start, withheld=True),
            ],
            privacy=PRIVACY,
        )
    )
    assert [line["figure"] for line in lines] == ["hour_all_zones"] * 2
    assert [(line["estimate"], line["withheld_below"]) for line in lines] == [
        ("120", ""), ("", "10"),
    ]  # fmt: skip
    assert [line["kind"] for line in lines] == ["visitors", "devices"]


def test_a_place_without_a_point_has_no_location_and_a_zone_that_is_gone_no_entity() -> None:
    answer = answered([("gate", 9, (50, 5, 5), True), ("street", 9, (50, 5, 5), True)])
    answer.hours.append(told("no-longer-here", at(MONDAY, 9), (50, 40, 60)))
    gate, street = entities(answer)
    assert gate["locationQuality"]["value"] == "published"
    assert "location" not in street
    assert street["locationName"]["value"] == NAMES["street"]
    assert gate["calibrationVersion"]["value"] == 2


def test_days_of_dwell_are_described_and_carry_their_own_noon() -> None:
    one = wire.ZoneDayDwell(
        zone_id="gate", date="2026-05-04", stays=40, first_quartile_s=330, median_s=600,
        third_quartile_s=905,
    )  # fmt: skip
    new_york = Period(MONDAY, 1, ZoneInfo("America/New_York"))
    answer = wire.ReadDaysResponse(dwell=[one])
    (entity,) = fiware.dwell(answer, ZONES, PLACES, NAMES, "mine", new_york)
    assert entity.keys() <= SCHEMAS["TourismDwellTimeObserved"]["properties"].keys()
    assert entity["dwellTimeRange"]["value"] == "5.5-15.1"
    noon = datetime(2026, 5, 4, 16, tzinfo=UTC)
    assert datetime.fromisoformat(entity["dateObserved"]["value"]) == noon


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_day_has_as_many_hours_as_its_clock(on: date, hours: int) -> None:
    found = list(Period(on, 1, ZoneInfo("America/New_York")).hours())
    assert len(found) == hours
    assert len({hour.astimezone(UTC) for hour in found}) == hours
    assert {hour.date() for hour in found} == {on}
