"""When a planned text is due, and which times are taken for one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.multilingual.domain.later import LONGEST_AHEAD, Plan, check_due

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # midnight in Tokyo
SPANS = st.timedeltas(min_value=-2 * LONGEST_AHEAD, max_value=2 * LONGEST_AHEAD)


def plan(due_time: datetime, problem: str = "") -> Plan:
    return Plan(
        stop_code="K7Q2X", locale="en", revision=2, replaced_revision=1, planner="hanako",
        reviews=False, reason="", due_time=due_time, create_time=NOW, problem=problem,
    )  # fmt: skip


@given(SPANS)
def test_a_time_is_taken_exactly_while_it_is_ahead_and_near(span: timedelta) -> None:
    if timedelta(0) < span <= LONGEST_AHEAD:
        check_due(NOW + span, NOW)
    else:
        with pytest.raises(InvalidFields):
            check_due(NOW + span, NOW)


@given(SPANS)
def test_a_plan_is_due_from_its_time_on_unless_something_is_in_the_way(span: timedelta) -> None:
    assert plan(NOW + span).is_due(NOW) == (span <= timedelta(0))
    assert not plan(NOW + span, "READING_MISSING").is_due(NOW)
