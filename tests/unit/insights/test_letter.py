"""Which period a letter is about, and which proposals wait."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain.letter import (
    AGAIN,
    Decided,
    Decision,
    Few,
    LetterKind,
    Step,
    blocked,
    check_decision,
    few_of,
    period_after,
    period_before,
)
from services.insights.domain.proposal import Action, Proposal

TODAY = date(2026, 6, 3)
ONE = Proposal(Action.ADD_LANGUAGE, "ko")


def test_a_month_and_a_week_that_are_over() -> None:
    month = period_before(LetterKind.MONTH, TODAY)
    assert (str(month.first), str(month.last)) == ("2026-05-01", "2026-05-31")
    assert (month.seen_first, str(month.before)) == (month.first, "2026-04-01")
    week = period_before(LetterKind.WEEK, TODAY)
    assert (str(week.first), str(week.last)) == ("2026-05-25", "2026-05-31")
    assert (str(week.seen_first), str(week.before)) == ("2026-05-04", "2026-04-06")


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)), st.sampled_from(LetterKind))
def test_a_period_is_over_and_none_newer_is(today: date, kind: LetterKind) -> None:
    period = period_before(kind, today)
    assert period.before < period.seen_first <= period.first < period.last < today
    later = period_before(kind, today + timedelta(days=1))
    assert later.first == period.first or later.first == period.last + timedelta(days=1)
    if kind is LetterKind.WEEK:
        assert (period.first.weekday(), period.last.weekday()) == (0, 6)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(LetterKind))
def test_the_first_letter_comes_when_two_weeks_are_seen(first: date, kind: LetterKind) -> None:
    on = period_after(kind, first)
    period = period_before(kind, on)
    assert period.last == on - timedelta(days=1)
    assert (period.last - first).days >= 13
    assert on - first <= timedelta(days=46)


def decided(*steps: Decision) -> Decided:
    return Decided(1, ONE, steps)


def at(days_ago: int, step: Step, on: date | None = None) -> Decision:
    return Decision(
        step, "Mori", on, said_time=f"{TODAY - timedelta(days=days_ago)}T00:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("steps", "waits"),
    [
        ((), False),
        ((at(500, Step.ACCEPTED),), True),
        ((at(91, Step.DECLINED),), True),
        ((at(AGAIN.days, Step.DECLINED),), False),
        ((at(5, Step.DONE, TODAY - timedelta(days=91)),), True),
        ((at(5, Step.DONE, TODAY - AGAIN),), False),
        ((at(9, Step.ACCEPTED), at(5, Step.TAKEN_BACK)), False),
        ((at(5, Step.TAKEN_BACK), at(3, Step.ACCEPTED)), True),
    ],
)
def test_what_was_decided_waits_its_time(steps: tuple[Decision, ...], *, waits: bool) -> None:
    assert (ONE.key in blocked([decided(*steps)], TODAY)) is waits


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Decision(Step.ACCEPTED, "", signed_as="Sato"), "owner"),
        (Decision(Step.DONE, "Mori", None, signed_as="Sato"), "on_date"),
        (Decision(Step.DONE, "Mori", TODAY + timedelta(days=1), signed_as="Sato"), "on_date"),
        (Decision(Step.DONE, "Mori", TODAY, signed_as=""), "signed_as"),
        (Decision(Step.DONE, "a\nb", TODAY, signed_as="Sato"), "owner"),
        (Decision(Step.DECLINED, "", None, "", "Sato"), "reason"),
        (Decision(Step.DECLINED, "", None, "x" * 201, "Sato"), "reason"),
        (Decision(Step.DECLINED, "", TODAY, "no money", "Sato"), "on_date"),
        (Decision(Step.TAKEN_BACK, "", TODAY, "", "Sato"), "on_date"),
        (Decision(Step.ACCEPTED, "Mori", TODAY + timedelta(days=400), "", "Sato"), "on_date"),
    ],
)
def test_a_decision_names_who_and_when(given: Decision, field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        check_decision(given, TODAY)
    assert field in str(caught.value.fields)


@pytest.mark.parametrize(
    "given",
    [
        Decision(Step.ACCEPTED, "Mori", None, "", "Sato"),
        Decision(Step.ACCEPTED, "Mori", TODAY + timedelta(days=300), "", "Sato"),
        Decision(Step.DONE, "Mori", TODAY, "", "Sato"),
        Decision(Step.DECLINED, "", None, "no money", "Sato"),
        Decision(Step.TAKEN_BACK, "", None, "", "Sato"),
    ],
)
def test_a_whole_decision_is_kept(given: Decision) -> None:
    check_decision(given, TODAY)


def test_fewer_than_three_are_explained() -> None:
    assert few_of([ONE] * 3, 30, 14, 3) is Few.NOT_FEW
    assert few_of([ONE], 30, 14, 3) is Few.NOTHING_CLEAR
    assert few_of([], 13, 14, 3) is Few.TOO_FEW_DAYS


def test_what_was_taken_back_holds_no_longer() -> None:
    both = decided(at(9, Step.ACCEPTED), at(5, Step.TAKEN_BACK))
    assert both.standing is None
    assert decided(at(9, Step.ACCEPTED)).standing == at(9, Step.ACCEPTED)
