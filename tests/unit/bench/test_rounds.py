"""Ratios compare neighbors of one round, never the best of one with the worst of another."""

import pytest

from bench.rounds import interleave, machine, medians, ratio


def test_each_is_measured_once_a_round_and_every_other_round_runs_backwards() -> None:
    order: list[str] = []

    def measure(name: str, value: float) -> dict[str, float]:
        order.append(name)
        return {name: value * len(order)}

    told: list[str] = []
    found = interleave(
        {"a": lambda: measure("a", 1), "b": lambda: measure("b", 10)}, 3, told.append
    )
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [1, 4, 5], "b": [20, 30, 60]}
    assert told[0] == "round 1 of 3: a"
    assert medians(found) == {"a": 4, "b": 30}


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    assert ratio({"ours": [10, 300, 20], "peer": [10, 100, 40]}, "ours", "peer") == 1.0


@pytest.mark.parametrize("rounds", [0, 51])
def test_rounds_are_bounded(rounds: int) -> None:
    with pytest.raises(ValueError, match="rounds"):
        interleave({}, rounds, lambda _: None)


def test_the_machine_is_told() -> None:
    assert {"cores", "python", "system", "load_average"} == set(machine())
