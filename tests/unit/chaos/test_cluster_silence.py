"""How long a listener of a cluster hears nothing: while many events are left, and at their end."""

import pytest

from chaos.scenarios import cluster
from chaos.scenarios.cluster import UNDER_WAY, Listener
from kit.pull import ACK_WAIT_S


def heard(monkeypatch: pytest.MonkeyPatch, many: int, silences: dict[int, float]) -> Listener:
    """A listener of so many events and those that may be under way. silences: in seconds, before
    the event of a number; others come each after a hundredth of one."""
    now = [0.0]
    monkeypatch.setattr("chaos.scenarios.cluster.time.monotonic", lambda: now[0])
    listener = Listener(many + UNDER_WAY)
    for number in range(1, many + UNDER_WAY + 1):
        now[0] += silences.get(number, 0.01)
        listener._note()
    return listener


def test_a_silence_among_many_is_not_one_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = heard(monkeypatch, 300, {7: 4.0, 300: 9.0, 301: 31.0, 300 + UNDER_WAY: 12.0})
    assert listener.longest_s == pytest.approx(9.0)
    assert listener.last_s == pytest.approx(31.0)
    assert listener.count == 300 + UNDER_WAY


def test_a_gap_in_the_flow_is_no_business_of_acknowledgements() -> None:
    assert cluster.GAP_MOST_S < ACK_WAIT_S < cluster.LAST_MOST_S
