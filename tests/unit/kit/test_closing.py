"""One rule of what is closed when, and everybody who asks it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.closing import is_closed, is_over, next_change
from services.edge.closures import Shut
from services.itinerary.domain.place import Closure as PlannersClosure
from services.multilingual.domain.notice import Closure as GuidesClosure

TEN, NOON, TWO = (datetime(2026, 11, 3, hour, tzinfo=UTC) for hour in (10, 12, 14))
MOMENTS = st.integers(0, 10_000).map(lambda minutes: TEN + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("begin", "end", "at", "closed", "over"),
    [
        (NOON, TWO, TEN, False, False),  # announced
        (NOON, TWO, NOON, True, False),  # the beginning belongs to it
        (TEN, TWO, NOON, True, False),
        (TEN, NOON, NOON, False, True),  # the end does not
        (TEN, NOON, TWO, False, True),
        (NOON, None, TEN, False, False),  # until further notice
        (NOON, None, NOON, True, False),
        (TEN, None, TWO, True, False),
        (NOON, NOON, NOON, False, True),  # of no length
    ],
)
def test_closed_from_its_beginning_until_its_end(
    begin: datetime, end: datetime | None, at: datetime, *, closed: bool, over: bool
) -> None:
    assert (is_closed(begin, end, at), is_over(end, at)) == (closed, over)
    shut = Shut("c", "p", "flood", "", begin, end)
    assert (shut.is_in_force(at), shut.is_over(at)) == (closed, over)
    guides = GuidesClosure("c", "p", "flood", "", begin, end, begin, frozenset({"p"}))
    assert (guides.in_force(at), guides.is_over(at)) == (closed, over)
    planners = PlannersClosure("c", frozenset({"p"}), "flood", begin, end)
    assert planners.shuts("p", at) is closed
    assert not planners.shuts("another", at)


@given(st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), max_size=6), MOMENTS)
def test_nothing_changes_before_the_next_change(
    spans: list[tuple[datetime, datetime | None]], at: datetime
) -> None:
    change = next_change(spans, at)
    assert change is None or change > at
    for begin, end in spans:
        for moment in (begin, end):
            if moment is not None and moment > at:
                assert change is not None
                assert change <= moment


def test_nothing_to_come_is_never() -> None:
    assert next_change([], NOON) is None
    assert next_change([(TEN, NOON), (TEN, None)], NOON) is None
    assert next_change([(TEN, TWO)], NOON) == TWO
