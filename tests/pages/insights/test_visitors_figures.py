"""Rules behind the pages of visitors: sums, comparison, drawings, periods."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights import charts
from services.edge.insights.bands import band
from services.edge.insights.visitors import compare as rules
from services.edge.insights.visitors import period as periods
from services.edge.insights.visitors.compare import compare
from services.edge.insights.visitors.figures import (
    GAP,
    MIXED,
    TOLD,
    WITHHELD,
    Slot,
    days_of,
    hours_of,
    total_of,
)
from services.edge.insights.visitors.moves import flow
from services.edge.insights.visitors.period import Period, date_of, period_of
from services.edge.insights.visitors.period import days_of as days_asked
from services.edge.insights.visitors.stays import boxes, ring
from tests.pages.edge.fakes import stamp
from tests.pages.insights.sensed import MONDAY, TOKYO, at, slot, told

FIGURES = st.tuples(
    st.integers(10, 2_000), st.integers(0, 500), st.integers(0, 500)
).map(lambda n: (n[0], max(0, n[0] - n[1]), n[0] + n[2]))  # fmt: skip
METHODS = st.sampled_from(["signature", "rate", "calibrated"])
SLOTS = st.lists(
    st.one_of(st.builds(slot, FIGURES, METHODS), st.just(slot()), st.just(slot(state=WITHHELD))),
    min_size=1, max_size=40,
)  # fmt: skip


@given(SLOTS, SLOTS)
def test_more_or_fewer_is_said_only_where_the_intervals_are_apart(
    earlier: list[Slot], later: list[Slot]
) -> None:
    found = compare(earlier, later)
    if found.outcome == rules.MORE:
        assert found.later[1] > found.earlier[2]
        assert found.low >= 0
    elif found.outcome == rules.FEWER:
        assert found.later[2] < found.earlier[1]
        assert found.high is not None
        assert found.high <= 0
    elif found.outcome != rules.NOTHING:
        assert found.later[1] <= found.earlier[2]
        assert found.later[2] >= found.earlier[1]
    if found.outcome == rules.SAME:
        assert found.low >= -10
        assert found.high is not None
        assert found.high <= 10


@given(SLOTS, SLOTS)
def test_only_hours_told_in_the_same_way_are_compared_and_the_others_are_counted(
    earlier: list[Slot], later: list[Slot]
) -> None:
    found = compare(earlier, later)
    pairs = list(zip(earlier, later, strict=False))
    same = [(a, b) for a, b in pairs if a.figure and b.figure and a.method == b.method]
    used = [pair for pair in same if pair[0].method == found.method] if found.method else []
    if found.outcome != rules.NOTHING:
        assert found.pairs == len(used)
        assert found.earlier == total_of([a for a, _ in used])
        assert found.later == total_of([b for _, b in used])
    told_once = sum(bool(a.figure or b.figure) for a, b in pairs)
    assert found.pairs + found.left_out == told_once


def test_the_same_figures_are_the_same_only_when_they_are_sure() -> None:
    sure, unsure = slot((1_000, 980, 1_020)), slot((1_000, 700, 1_300))
    assert compare([sure], [sure]).outcome == rules.SAME
    assert compare([unsure], [unsure]).outcome == rules.UNCLEAR
    assert compare([sure], [unsure]).outcome == rules.UNCLEAR


def test_without_a_lower_end_there_is_no_upper_end_of_the_change() -> None:
    found = compare([slot((10, 0, 20))], [slot((100, 90, 120))])
    assert (found.outcome, found.low, found.high) == (rules.MORE, 350, None)


def test_devices_are_not_compared_with_visitors() -> None:
    found = compare([slot((100, 60, 150), "signature")], [slot((70, 60, 80))])
    assert (found.outcome, found.pairs, found.left_out) == (rules.NOTHING, 0, 1)


@given(st.lists(FIGURES, max_size=30))
def test_a_sum_lies_in_its_interval(figures: list[tuple[int, int, int]]) -> None:
    estimate, low, high = total_of([slot(one) for one in figures])
    assert low <= estimate <= high


@given(st.lists(st.one_of(st.none(), FIGURES), max_size=60), st.booleans())
def test_a_band_draws_each_value_once_and_no_line_over_a_gap(
    values: list[tuple[int, int, int] | None],
    hidden: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    hints = ["" for _ in values]
    found = band(values, [value is None and hidden for value in values], hints, hints)
    drawn = sum(len(each.line.split()) for each in found.stretches) + len(found.alone)
    assert drawn == len(found.spots) == sum(value is not None for value in values)
    assert len(found.withheld) == (values.count(None) if hidden else 0)
    for each in found.stretches:
        assert len(each.area.split()) == 2 * len(each.line.split()) > 2
        xs = [float(point.split(",")[0]) for point in each.line.split()]
        wide = charts.room(len(values))
        assert all(abs(b - a - wide) < 0.05 for a, b in pairwise(xs))
    for spot in found.spots:
        assert charts.TOP <= spot.high_y <= spot.y <= spot.low_y <= found.base


def test_a_value_between_gaps_keeps_its_interval_and_blank_labels_are_not_written() -> None:
    found = band([None, (50, 40, 60), None], [True, False, False], ["a", "", "c"], ["x", "y", "z"])
    assert (len(found.alone), found.stretches, found.empty) == (1, (), False)
    assert found.alone[0].high_y < found.alone[0].y < found.alone[0].low_y
    assert [tick.text for tick in found.labels] == ["a", "c"]
    assert found.withheld[0].hint == "x"
    assert band([], [], [], []).empty


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(periods.SPANS))
def test_a_period_holds_the_day_asked_for_and_fits_one_answer(on: date, span: str) -> None:
    found = period_of(span, on, TOKYO)
    assert found.first <= on <= found.last
    parts = list(found.parts())
    assert all(part.end - part.begin <= timedelta(days=31) for part in parts)
    assert [day for part in parts for day in part.dates] == found.dates
    assert (len(parts) > 1) == (span == "year")
    assert len(list(found.hours())) == 24 * found.days == 24 * len(found.dates)
    assert found.shifted(found.days).begin == found.end
    before, after = periods.around(found)
    assert period_of(span, before, TOKYO).end == found.begin
    assert period_of(span, after, TOKYO).begin == found.end


@pytest.mark.parametrize(
    ("text", "days"),
    [("", 7), ("0", 1), ("31", 31), ("32", 31), ("9999", 31), ("-3", 7), ("٣", 7), ("3.5", 7)],
)
def test_days_asked_for_are_bounded(text: str, days: int) -> None:
    assert days_asked({"days": text}) == days


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "1999-12-31", "2100-01-01", "2026-2-3", "２０２６"]
)
def test_what_is_no_date_is_not_given(text: str) -> None:
    assert date_of({"on": text}, "on") is None


def one_day(*hours: wire.ZoneHourVisitors, **more: Any) -> list[Slot]:
    answer = wire.ReadVisitorsResponse(hours=hours, **more)
    return hours_of(answer, Period(MONDAY, 1, TOKYO), more.pop("zone", "gate"))


def test_hours_of_a_day_are_told_withheld_or_missing() -> None:
    found = one_day(
        told("gate", at(MONDAY, 9), (50, 40, 60), people=True),
        told("gate", at(MONDAY, 10), None),
        told("street", at(MONDAY, 11), (70, 50, 90)),
    )
    assert [one.state for one in found[8:12]] == [GAP, TOLD, WITHHELD, GAP]
    assert (found[9].figure, found[9].people, found[9].calibration) == ((50, 40, 60), True, 2)
    (day,) = days_of(found)
    assert (day.state, day.figure, day.left_out) == (TOLD, (50, 40, 60), 23)


def test_a_day_of_visitors_and_devices_is_not_added_up() -> None:
    (day,) = days_of(
        one_day(
            told("gate", at(MONDAY, 9), (50, 40, 60), people=True),
            told("gate", at(MONDAY, 10), (50, 40, 60)),
        )
    )
    assert (day.state, day.figure) == (MIXED, None)


def test_the_sum_over_zones_is_told_only_with_an_interval() -> None:
    start = at(MONDAY, 9)
    hidden = [told("gate", start, None), told("street", start, None)]
    totals = [wire.HourTotal(hour_start_time=stamp(start), estimate=15)]
    answer = wire.ReadVisitorsResponse(hours=hidden, totals=totals)
    found = hours_of(answer, Period(MONDAY, 1, TOKYO), "")
    assert (found[9].state, found[9].figure) == (WITHHELD, None)
    hidden[0] = told("gate", start, (10, 6, 13))
    answer = wire.ReadVisitorsResponse(hours=hidden, totals=totals)
    assert hours_of(answer, Period(MONDAY, 1, TOKYO), "")[9].figure == (15, 6, 20)


def test_the_interval_of_a_sum_told_in_tens_holds_what_was_rounded_away() -> None:
    start, privacy = at(MONDAY, 9), wire.PrivacyParameters(k=10, rounded_down_to=10)
    shown, hidden = told("gate", start, (19, 18, 19)), told("street", start, None)
    for hours, estimate, figure in (
        ([shown], 10, (10, 10, 19)),
        ([shown, hidden, hidden], 20, (20, 18, 38)),  # 19 withheld became 10, 29 became 20
    ):
        total = wire.HourTotal(hour_start_time=stamp(start), estimate=estimate)
        answer = wire.ReadVisitorsResponse(hours=hours, totals=[total], privacy=privacy)
        assert hours_of(answer, Period(MONDAY, 1, TOKYO), "")[9].figure == figure


def test_a_day_without_hours_that_most_days_have_is_marked() -> None:
    days = [MONDAY + timedelta(days=number) for number in range(3)]
    hours = [told("gate", at(on, hour), (50, 40, 60)) for on in days for hour in (9, 10, 11)]
    found = hours_of(
        wire.ReadVisitorsResponse(hours=[*hours[:4], *hours[6:]]), Period(MONDAY, 3, TOKYO), "gate"
    )
    assert [day.holes for day in days_of(found)] == [0, 2, 0]
    told_days = [day.figure for day in days_of(found)]
    assert told_days == [(150, 120, 180), (50, 40, 60), (150, 120, 180)]
    drawn = band(told_days, [False] * 3, ["", "", ""], ["", "", ""], [False, True, False])
    assert drawn.hollow == {drawn.spots[1].x}


NAMES = {"gate": "Gate", "street": "Street", "hill": "Hill"}


@given(st.integers(10, 5_000), st.floats(60, 9_000), st.floats(0, 5_000), st.floats(0, 5_000))
def test_boxes_stay_on_the_paper_and_more_stays_are_surer(
    stays: int, first: float, second: float, third: float
) -> None:
    one = wire.ZoneDayDwell(
        zone_id="gate", date="2026-05-04", stays=stays, first_quartile_s=first,
        median_s=first + second, third_quartile_s=first + second + third,
    )  # fmt: skip
    (row,) = boxes([one], NAMES).rows
    assert row.median_low <= row.median <= row.median_high
    for start, width in (row.box, row.sure):
        assert start >= 0
        assert width >= 0
        assert start + width <= 360.01
    one.stays *= 4
    (surer,) = boxes([one], NAMES).rows
    assert surer.median_high - surer.median_low <= row.median_high - row.median_low


def test_pairs_are_drawn_as_wide_as_they_are_and_the_others_are_counted() -> None:
    pairs = [
        wire.ZoneDayPair(zone_id="gate", other_zone_id="hill", devices=16),
        wire.ZoneDayPair(zone_id="gate", other_zone_id="street", devices=100),
        wire.ZoneDayPair(zone_id="gate", other_zone_id="no-longer-here", devices=50),
    ]
    found = ring(pairs, NAMES, 10)
    assert [(one.names, one.devices, one.low, one.high) for one in found.pairs] == [
        (("Gate", "Street"), 100, 83, 127),
        (("Gate", "Hill"), 16, 9, 34),
    ]
    assert found.untold == 1
    assert found.pairs[0].width > found.pairs[1].width
    assert all(one.wide > one.width for one in found.pairs)
    assert all(0 <= knot.x <= found.width and 0 <= knot.y <= found.height for knot in found.knots)
    assert ring([], {}, 10).untold == 0


def moved(left: str, reached: str, devices: int, scale: float = 0.0) -> wire.ZoneDayMove:
    return wire.ZoneDayMove(
        from_zone_id=left, to_zone_id=reached, devices=devices, noise_scale=scale
    )


def test_ways_are_arrows_rows_and_cells_and_the_others_are_counted() -> None:
    found = flow(
        [moved("hill", "gate", 20), moved("gate", "hill", 100), moved("gate", "gone", 50)],
        NAMES, 10,
    )  # fmt: skip
    assert [(one.left, one.reached, one.devices, one.low, one.high) for one in found.moves] == [
        ("Gate", "Hill", 100, 83, 127), ("Hill", "Gate", 20, 12, 38),
    ]  # fmt: skip
    assert found.untold == 4  # six ways between three zones
    assert not found.noisy
    cells = {
        (knot.name, found.knots[place].name): cell.devices
        for knot, row in found.rows
        for place, cell in enumerate(row)
        if cell
    }
    assert cells == {("Gate", "Hill"): 100, ("Hill", "Gate"): 20}
    there, back = found.moves
    assert there.path != back.path  # each on its own side
    assert there.wide >= there.width > back.width
    points = [
        float(number) for move in found.moves
        for number in re.findall(r"-?[0-9.]+", move.path + " " + move.head)
    ]  # fmt: skip
    assert all(0 <= number <= found.width for number in points)


def test_no_way_is_an_empty_picture() -> None:
    assert (flow([], {}, 10).untold, flow([], {}, 10).moves) == (0, ())
    assert flow([], NAMES, 10).untold == 6


def test_noise_makes_the_interval_wider_and_rounding_goes() -> None:
    (plain,) = flow([moved("gate", "hill", 100)], NAMES, 10).moves
    noisy = flow([moved("gate", "hill", 100, scale=10.0)], NAMES, 10)
    (one,) = noisy.moves
    assert noisy.noisy
    assert one.low < plain.low
    assert one.high == 129  # 1.645 roots of 100 and two hundred
