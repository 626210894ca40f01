"""The bench on a simulated area: seconds of computing, so not among the unit tests."""

from dataclasses import replace

import pytest

from bench.sense import area
from services.visitor_sense.domain.association import Association


def test_days_of_few_visitors_are_measured_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(area, "LEAST_CELL", 10)
    found = area.measure_area(150)
    assert found.twice == 0.0
    assert found.twice_summed > 0.5
    assert found.flow_devices == 0.0  # sketches of few devices are exact
    assert 0.0 < found.flow_people < 1.0
    assert 0.0 < found.way < 1.0
    assert 0.0 < found.way_pairs < 1.0
    assert found.dwell <= found.dwell_worst < 1.0


def test_crowds_that_come_and_go_are_judged_by_who_was_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(area, "LEAST_PHONES", 3)
    found = area.measure_crowds(None, visitors=25)
    assert found.windows > 3
    assert abs(found.bias) <= found.mape < 1.0
    assert 0.5 < found.v_measure <= 1.0
    assert 0.0 <= found.coverage <= 1.0
    deaf = Association([], 0, 0, 0, crowded=False)
    monkeypatch.setattr(area, "associate", lambda heard: replace(deaf, labels=[0] * len(heard)))
    assert area.measure_crowds(None, visitors=25).bias == -1.0
