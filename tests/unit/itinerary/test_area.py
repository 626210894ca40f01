"""An area dropped and made anew, with its events in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from services.itinerary.domain.area import AreaState, configured, dropped

START = datetime(2026, 11, 21, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


# First life: settings 1 and 2, drop; second life: settings 1 and 2.
EVENTS = (
    ("configured", "Asia/Tokyo", 1, at(1)),
    ("configured", "Asia/Seoul", 2, at(2)),
    ("dropped", "", 3, at(3)),
    ("configured", "Europe/Berlin", 1, at(4)),
    ("configured", "Europe/Paris", 2, at(5)),
)


def play(events: tuple[tuple[str, str, int, datetime], ...]) -> AreaState:
    state = AreaState()
    for kind, zone, version, moment in events:
        if kind == "dropped":
            state = dropped(state, moment).state
        else:
            state = configured(state, zone, version, moment).state
    return state


def test_any_order_ends_in_the_last_life_with_its_drop_known() -> None:
    for order in permutations(EVENTS):
        state = play(order)
        assert state.dropped_time == at(3), order
        assert state.time_zone in ("Europe/Berlin", "Europe/Paris"), order


def test_settings_of_one_life_may_be_swapped() -> None:
    for order in permutations(EVENTS[:2]):
        assert play(order).time_zone == "Asia/Seoul", order


def test_three_times_every_event_changes_nothing() -> None:
    assert play(EVENTS * 3) == play(EVENTS)


def test_only_what_was_said_before_is_wiped() -> None:
    first = configured(AreaState(), "Asia/Tokyo", 1, at(1))
    assert first.wipe_until is None
    assert configured(first.state, "Asia/Tokyo", 2, at(2)).wipe_until is None
    anew = configured(first.state, "Asia/Tokyo", 1, at(4))
    assert anew.wipe_until == at(4)
    late = dropped(anew.state, at(3))
    assert (late.wipe_until, late.state.time_zone) == (at(3), "Asia/Tokyo")
    assert dropped(first.state, at(3)).wipe_until == at(3)
    assert dropped(dropped(first.state, at(3)).state, at(3)).wipe_until is None
