"""The fault table: whole, and told truly from what a run found."""

from typing import Any

import pytest

from chaos.faults import FAULTS, Fault, chosen, is_timed, minutes_of, numbers_of, outcome
from chaos.scenarios import SCENARIOS

LONG = Fault(2, "says", "passes", ("soak",), apart="takes long", least_minutes=30.0)
ONE = Fault(1, "says", "passes", ("a", "b"), also=("c",), apart="takes long")


def result(name: str, **more: Any) -> dict[str, Any]:
    """What a run says of a scenario that passed."""
    return {"name": name, "passed": True, **more}


def test_the_table_is_f1_to_f15_and_names_scenarios_that_there_are() -> None:
    assert [each.name for each in FAULTS] == [f"F{number}" for number in range(1, 16)]
    for each in FAULTS:
        assert each.scenarios
        assert {*each.scenarios, *each.also} <= set(SCENARIOS)


def test_what_takes_long_is_apart_in_both_tables() -> None:
    apart = {name for name, scenario in SCENARIOS.items() if scenario.apart}
    assert apart == {name for each in FAULTS if each.apart for name in each.scenarios}


def test_a_scenario_tells_its_own_fault_first() -> None:
    assert numbers_of("kill-every-part") == ["F1"]
    assert numbers_of("postgres-standby") == ["F3"]
    assert numbers_of("payments-same-key") == []


def test_faults_are_chosen_by_name() -> None:
    assert chosen([]) == list(FAULTS)
    assert [each.number for each in chosen(["F6", "F2"])] == [6, 2]
    with pytest.raises(KeyError):
        chosen(["F16"])


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ([], ("skipped", "takes long")),
        ([result("c")], ("skipped", "takes long")),
        ([result("a"), result("b")], ("passed", "")),
        ([result("a")], ("passed", "b: not asked for")),
        ([result("a"), result("b", left_out="no root")], ("passed", "b: no root")),
        ([result("a", left_out="x"), result("b", left_out="y")], ("skipped", "a: x; b: y")),
        (
            [result("a"), {"name": "b", "passed": False, "problems": ["lost one", "and more"]}],
            ("FAILED", "b: lost one"),
        ),
        (
            [result("a", left_out="x"), {"name": "b", "passed": False}],
            ("FAILED", "b: it did not end well"),
        ),
    ],
)
def test_an_outcome_is_never_better_than_its_worst_scenario(
    results: list[dict[str, Any]], wanted: tuple[str, str]
) -> None:
    assert outcome(ONE, results) == wanted


def soak(minutes: float, *, passed: bool = True) -> dict[str, Any]:
    """What a run says of a soak."""
    return {"name": "soak", "passed": passed, "minutes": minutes, "problems": ["grows"]}


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ([soak(2)], ("too short", "2 minutes of 30")),
        ([soak(2), soak(29.5)], ("too short", "29.5 minutes of 30")),
        ([soak(2, passed=False)], ("FAILED", "soak: grows")),
        ([soak(30)], ("passed", "")),
        ([soak(30, passed=False), soak(2)], ("FAILED", "soak: grows")),
        ([soak(2, passed=False), soak(30)], ("passed", "")),
    ],
)
def test_a_soak_that_was_too_short_has_not_passed(
    results: list[dict[str, Any]], wanted: tuple[str, str]
) -> None:
    assert outcome(LONG, results) == wanted


def test_a_soak_of_before_tells_its_minutes_among_its_figures() -> None:
    assert minutes_of({"name": "soak", "figures": {"minutes": 3.0}}) == 3.0
    assert minutes_of({"name": "partitions", "figures": {}}) == 0.0
    [fault] = [each for each in FAULTS if each.least_minutes]
    assert (fault.name, fault.least_minutes) == ("F14", 30.0)


def test_what_a_busy_machine_passed_was_not_judged_for_time() -> None:
    both = [result("a", slack=2.0), result("b", slack=2.1)]
    assert outcome(ONE, both) == ("passed", "b: not judged for time")
    before = {"load_before": [13.9, 9.0, 9.0], "cores": 2}
    assert outcome(ONE, [result("a", run=before), result("b")]) == (
        "passed", "a: not judged for time",
    )  # fmt: skip
    assert is_timed(result("a", slack=1.0, run=before))
    assert is_timed(result("a", slack=7.0, minutes=30.0))
