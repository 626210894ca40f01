"""Settings of spots, and what may be told of counts of plans."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.itinerary.domain.headcount import headcount_of
from services.itinerary.domain.score import score_for
from services.itinerary.domain.spot import NOT_STEERED, Promotion, SpotSettings, check_settings
from services.itinerary.domain.spot_counts import LEFT_OUT, PLANS, SHOWN, spots_of
from services.itinerary.domain.spot_figures import figures_of, plans_of
from services.itinerary.domain.trip import Party
from services.itinerary.domain.why import WhyOut
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

GOOD = Promotion(20, "2026-11-01", "2026-11-30", {"ja": "紅葉"})


def faults(**changes: Any) -> set[str]:
    capacity = changes.pop("capacity", None)
    promotion = replace(GOOD, **changes) if changes else None
    with pytest.raises(InvalidFields) as raised:
        check_settings(SpotSettings(capacity, promotion))
    return {name for name, _ in raised.value.fields}


def test_settings_within_bounds_are_taken() -> None:
    check_settings(NOT_STEERED)
    check_settings(SpotSettings(10, GOOD))
    check_settings(SpotSettings(100_000, replace(GOOD, reason={"en": "Autumn leaves"})))
    check_settings(SpotSettings(None, replace(GOOD, last_date="2026-11-01")))


def test_settings_beyond_bounds_are_refused_by_name() -> None:
    assert faults(capacity=9) == {"settings.capacity"}
    assert faults(capacity=100_001) == {"settings.capacity"}
    for percent in (0, 21, -5):
        assert faults(percent=percent) == {"settings.promotion.percent"}
    assert faults(first_date="2026-11-31") == {"settings.promotion.first_date"}
    assert faults(first_date="20261101") == {"settings.promotion.first_date"}
    assert faults(last_date="2026-10-31") == {"settings.promotion.last_date"}
    assert faults(last_date="2027-06-01") == {"settings.promotion.last_date"}
    for reason in ({}, {"ja": "  "}, {"fr": "automne"}, {"ja": "あ" * 201}):
        assert faults(reason=reason) == {"settings.promotion.reason"}


def test_a_recommendation_holds_from_its_first_to_its_last_day() -> None:
    settings = SpotSettings(promotion=GOOD)
    assert [settings.promoted_percent(f"2026-{day}") for day in
            ("10-31", "11-01", "11-30", "12-01")] == [0, 20, 20, 0]  # fmt: skip
    assert NOT_STEERED.promoted_percent("2026-11-01") == 0


@given(st.integers(0, 100), st.integers(0, 20), st.booleans())
def test_a_recommendation_raises_a_score_by_no_more_than_it_says(
    score: int,
    percent: int,
    hidden: bool,  # noqa: FBT001 - drawn by position
) -> None:
    one = poi("pond", score=score, hidden_spot=hidden)
    plain, promoted = score_for(one, ()), score_for(one, (), percent)
    assert plain <= promoted <= plain * (100 + percent) / 100 + 1


def test_a_plan_counts_its_people_once_a_half_hour() -> None:
    known = catalog([poi("cave", score=80), poi("hill")], [place("station"), place("cave", 1)])
    plan = plan_day(known, trip(party=Party(2, 0, 1, 1)))
    [visit] = plan.visits
    counted = headcount_of(plan)
    assert set(counted.values()) == {4}
    assert [slot for _, slot in counted] == list(
        range(visit.start_minute // 30, (visit.end_minute - 1) // 30 + 1)
    )


def test_a_plan_counts_each_spot_in_one_cell() -> None:
    known = catalog(
        [poi("cave", score=80), poi("hill"), poi("pond"), poi("shut", opening="Jul-Sep 24/7")],
        [place(name) for name in ("station", "cave", "hill", "pond", "shut")],
    )
    plan = plan_day(known, trip(must_poi_ids=("cave",), never_poi_ids=("pond",)))
    counted = spots_of(plan)
    assert set(counted.values()) == {1}
    assert counted["", PLANS] == 1
    assert set(counted) >= {
        ("cave", "shown"), ("cave", "asked"), ("pond", "never"), ("pond", "out:never_asked_for"),
        ("shut", "out:closed_that_day"),
    }  # fmt: skip
    for poi_id in known.pois:
        cells = [kind for name, kind in counted if name == poi_id]
        assert sum(kind == SHOWN or kind.startswith(LEFT_OUT) for kind in cells) == 1


def test_few_plans_are_withheld_and_figures_are_rounded_down() -> None:
    counts = {("", PLANS): 57, ("cave", SHOWN): 34, ("cave", "asked"): 12,
              ("cave", "out:no_bus"): 20, ("cave", "out:closure"): 3,
              ("pond", SHOWN): 9, ("pond", "never"): 50}  # fmt: skip
    assert plans_of(counts) == 50
    assert plans_of({("", PLANS): 9}) is None
    found = figures_of(counts, ("cave", "pond", "new"))
    cave = found["cave"]
    assert cave.asked == 10
    assert cave.shown == 30
    # 20 of 57 with 34 shown would tell that 3 were for another reason.
    assert cave.left_out == ()
    assert found["pond"].shown is None
    assert found["pond"].never is None, "with the seven others it would tell of them"
    assert (found["new"].shown, found["new"].asked) == (None, None)


def test_frequent_reasons_come_first() -> None:
    counts = {("", PLANS): 300, ("cave", SHOWN): 100, ("cave", "out:no_bus"): 90,
              ("cave", "out:closure"): 110}  # fmt: skip
    assert figures_of(counts, ["cave"])["cave"].left_out == (
        (WhyOut.CLOSURE, 110), (WhyOut.NO_BUS, 90),
    )  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from([SHOWN, "asked", "never", "out:no_bus", "out:closure", "out:crowded"]),
        st.integers(0, 60),
    ),
    st.integers(0, 40),
)
def test_no_small_figure_is_told_nor_left_to_be_worked_out(of: dict[str, int], more: int) -> None:
    cells = {kind: of.get(kind, 0) for kind in of if kind == SHOWN or kind.startswith(LEFT_OUT)}
    total = sum(cells.values()) + more
    counts = {("cave", kind): plans for kind, plans in of.items()} | {("", PLANS): total}
    found = figures_of(counts, ["cave"])["cave"]
    figures = [found.shown, *(plans for _, plans in found.left_out)]
    told = [figure for figure in figures if figure is not None]
    assert all(figure >= 10 and figure % 10 == 0 for figure in told)
    if found.asked is not None:
        assert of["asked"] >= 10
        assert total - of["asked"] >= 10 or total <= of["asked"]
    shown = plans_of(counts)
    assert shown is None or shown <= total
    # What is not told is at least ten plans in all, or nothing: the rest hides in a crowd.
    if told:
        hidden = total - of.get(SHOWN, 0) * (found.shown is not None) - sum(
            of[LEFT_OUT + why.value] for why, _ in found.left_out
        )  # fmt: skip
        assert hidden == 0 or hidden >= 10
