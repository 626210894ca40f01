"""Costs: what one arrival computes, and how many cores many need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import cost
from loadtests.cost import Kind

COSTS = st.lists(st.floats(0, 1), min_size=1, max_size=4)
KINDS = st.lists(st.builds(Kind, st.just("x"), st.floats(0, 1000), COSTS), max_size=5)


def test_what_is_done_with_nobody_there_is_nobodys_cost() -> None:
    assert cost.cost_of_one(12.0, 0.2, 10.0, 100) == pytest.approx(0.1)
    assert cost.cost_of_one(1.0, 0.2, 10.0, 100) == 0.0
    with pytest.raises(ValueError, match="nobody came"):
        cost.cost_of_one(1.0, 0.0, 1.0, 0)


def test_idle_areas_cost_what_one_more_did() -> None:
    assert cost.idle_of_many(0.1, 0.3, 10, 150) == pytest.approx(0.1 + 0.02 * 150)
    assert cost.idle_of_many(0.3, 0.2, 10, 150) == pytest.approx(0.3), "noise makes nobody cheaper"
    assert cost.idle_of_many(0.2, 0.2, 0, 150) == pytest.approx(0.2)


@given(KINDS, st.floats(0, 5))
def test_the_range_holds_the_middle_and_room_only_adds(kinds: list[Kind], idle: float) -> None:
    found = cost.cores_of(kinds, idle)
    slack = 1e-9 * (1 + found.high)
    assert idle <= found.low + slack
    assert found.low <= found.middle + slack
    assert found.middle <= found.high + slack
    room = found.with_room()
    assert room.low >= found.low
    assert room.high * cost.BUSY_AT_MOST == pytest.approx(found.high)


def test_cores_are_rates_times_costs() -> None:
    kinds = [Kind("page", 1_000, [0.004, 0.006]), Kind("plan", 38, [0.05])]
    found = cost.cores_of(kinds, 0.5)
    assert found.low == pytest.approx(0.5 + 4 + 1.9)
    assert found.middle == pytest.approx(0.5 + 5 + 1.9)
    assert found.high == pytest.approx(0.5 + 6 + 1.9)
