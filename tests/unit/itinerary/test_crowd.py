"""How full places are expected to be, and what that takes off a visit."""

from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.crowd import (
    LIVE_FOR_MINUTES,
    LOSSES,
    QUIETER_LOSSES,
    SLOTS,
    Crowd,
    CrowdLevel,
    Level,
    loss_at,
    slots_of,
)
from services.itinerary.domain.spot import SpotSettings
from tests.unit.itinerary import problems

DAY = ((540, 960),)
FULL = {"cave": SpotSettings(capacity=20)}


def people(**slots: int) -> dict[str, list[int]]:
    """People at the cave by half hour, such as at_20=18."""
    counts = [0] * SLOTS
    for name, count in slots.items():
        counts[int(name.removeprefix("at_"))] = count
    return {"cave": counts}


def test_a_place_is_filled_by_the_fullest_half_hour_of_a_visit_and_the_party() -> None:
    crowd = Crowd(FULL, people(at_20=10, at_21=15))
    assert crowd.filled("cave", 600, 630) == 50
    assert crowd.filled("cave", 600, 631) == 75
    assert crowd.filled("cave", 630, 660, party=5) == 100
    assert crowd.filled("cave", 630, 660, party=6) == 105
    assert crowd.filled("cave", 660, 690) == 0


def test_one_more_than_fits_is_over_the_capacity_however_large_it_is() -> None:
    crowd = Crowd({"cave": SpotSettings(capacity=10_000)}, people(at_20=10_000))
    assert loss_at(crowd.filled("cave", 600, 630)) == 0
    assert loss_at(crowd.filled("cave", 600, 630, party=1)) > 0


def test_without_a_capacity_nothing_is_full() -> None:
    crowd = Crowd({}, people(at_20=10_000), {"cave": Level.CROWDED}, 600)
    assert crowd.filled("cave", 600, 630, party=500) == 0
    assert [piece.loss for piece in crowd.pieces("cave", DAY, 30, 500)] == [0]
    assert crowd.note("cave", 600, 630, DAY, 500) is None


def test_what_sensors_say_holds_for_a_while_and_only_from_now_on() -> None:
    crowd = Crowd(FULL, {}, {"cave": Level.CROWDED}, now_minute=600)
    assert crowd.filled("cave", 600, 630) > 100
    assert crowd.filled("cave", 600 + LIVE_FOR_MINUTES - 1, 720) > 100
    assert crowd.filled("cave", 600 + LIVE_FOR_MINUTES, 720) == 0
    assert crowd.filled("cave", 540, 600) == 0
    busy = Crowd(FULL, {}, {"cave": Level.BUSY}, now_minute=600)
    assert loss_at(busy.filled("cave", 600, 630)) == 0
    assert loss_at(busy.filled("cave", 600, 630), quieter=True) > 0
    quiet = Crowd(FULL, people(at_20=30), {"cave": Level.QUIET}, now_minute=600)
    assert quiet.filled("cave", 600, 630) == 150, "a quiet sensor empties no plans"


def test_losses_grow_to_an_open_bound() -> None:
    for losses in (LOSSES, QUIETER_LOSSES):
        assert [loss for _, loss in losses] == sorted(loss for _, loss in losses)
        assert losses[0][1] == 0
        assert losses[-1][1] <= 50
    assert loss_at(100) == 0
    assert loss_at(101) == 20
    assert loss_at(126) == 40
    assert loss_at(60, quieter=True) == 0
    assert loss_at(61, quieter=True) == 25


@given(
    problems.windows(), st.integers(5, 150), st.integers(1, 8), st.booleans(),
    st.lists(st.integers(0, 40), min_size=SLOTS, max_size=SLOTS),
    st.sampled_from([None, Level.BUSY, Level.CROWDED]), st.integers(400, 1100),
)  # fmt: skip
def test_pieces_are_the_windows_each_minute_with_its_loss(
    windows: tuple[tuple[int, int], ...], stay: int, party: int, quieter: bool,  # noqa: FBT001 - drawn by position
    counts: list[int], level: Level | None, now: int,
) -> None:  # fmt: skip
    crowd = Crowd(FULL, {"cave": counts}, {"cave": level} if level else {}, now)
    pieces = crowd.pieces("cave", windows, stay, party, quieter=quieter)
    losses = [piece.loss for piece in pieces]
    assert losses == sorted(set(losses))
    found = [
        (minute, piece.loss)
        for piece in pieces
        for earliest, latest in piece.windows
        for minute in range(earliest, latest + 1)
    ]
    wanted = [
        (minute, loss_at(crowd.filled("cave", minute, minute + stay, party), quieter=quieter))
        for earliest, latest in windows
        for minute in range(earliest, latest + 1)
    ]
    assert sorted(found) == wanted
    for piece in pieces:
        edges = [edge for window in piece.windows for edge in window]
        assert edges == sorted(edges)


def test_a_visitor_is_told_of_a_full_time_and_when_it_gets_quieter() -> None:
    crowd = Crowd(FULL, people(at_20=30, at_21=30))
    told = crowd.note("cave", 610, 640, DAY, 2)
    assert told is not None
    assert (told.level, told.quieter_from_minute) == (CrowdLevel.FULL, 660)
    quiet = crowd.note("cave", 700, 730, DAY, 2)
    assert quiet is not None
    assert (quiet.level, quiet.quieter_from_minute) == (CrowdLevel.QUIETER_TIME, None)


def test_nothing_is_told_where_all_times_are_alike_or_none_is_quieter() -> None:
    assert Crowd(FULL, people(at_20=3)).note("cave", 610, 640, DAY, 2) is None
    told = Crowd(FULL, {"cave": [30] * SLOTS}).note("cave", 610, 640, DAY, 2)
    assert told is not None
    assert (told.level, told.quieter_from_minute) == (CrowdLevel.FULL, None)


def test_half_hours_of_a_visit() -> None:
    assert list(slots_of(600, 630)) == [20]
    assert list(slots_of(599, 631)) == [19, 20, 21]
    assert list(slots_of(600, 600)) == [20]
    assert list(slots_of(1790, 1900)) == [59], "what is beyond the day is not counted"
