"""What visitors asked for: the order, what is told of numbers, and how a mark ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.multilingual.domain import asked
from services.multilingual.domain.asked import Item, Kind, Mark, Matter, Outcome, Wished

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
MATTER = Matter(Kind.STRAY_CODE, stop_code="ADVGT")


def mark(outcome: Outcome = Outcome.DONE, days: int = 0, **more: object) -> Mark:
    until = NOW + timedelta(days=days) if days else None
    given = {"mark_id": "m", "matter": MATTER, "outcome": outcome, "reason": "", "author": "u1",
             "create_time": NOW, "until_time": until, **more}  # fmt: skip
    return Mark(**given)  # type: ignore[arg-type] # a dictionary of all fields


@given(st.integers(0, 10**9), st.integers(0, 3))
def test_what_one_or_two_visitors_did_is_no_step(views: int, more: int) -> None:
    """A number told is never above the true one, nor far below it, and has one digit."""
    told = asked.band(views)
    assert told <= views
    assert told == 0 if views < K else told >= K
    assert views < K or told > views * 2 / 5
    assert str(told).rstrip("0") in ("", "1", "2", "5")
    assert asked.band(views + more) >= told


@given(st.integers(0, K - 1), st.integers(1, 100))
def test_below_ten_nothing_is_told(views: int, percent: int) -> None:
    assert asked.behind("fr", [Wished("A", views, outdated=False)]) is None
    assert asked.behind("fr", []) is None
    assert asked.not_offered("th", views) is None
    assert asked.stray("ADVGT", views, date(2026, 11, 20)) is None
    # Insights tells of the ratings, by its own rules; no number of views is told with it.
    assert asked.unliked("A", "ja", views, percent).views == 0


def test_views_of_a_language_are_told_together_the_most_wished_text_first() -> None:
    texts = [Wished("C", 6, outdated=True), Wished("A", 3, outdated=False),
             Wished("B", 4, outdated=False)]  # fmt: skip
    item = asked.behind("fr", texts)
    assert item is not None
    assert item.views == 13
    assert [each.stop_code for each in item.texts] == ["B", "A", "C"]
    assert item.worth == 4 / 2 + 3 / 2 + 6 / 4


def test_the_order_follows_what_visitors_lose() -> None:
    """The same number of views: nowhere at all, then another language, then old words."""
    day = date(2026, 11, 20)
    missing = asked.behind("fr", [Wished("A", 100, outdated=False)])
    old = asked.behind("de", [Wished("A", 100, outdated=True)])
    lost, wish = asked.stray("ADVGT", 100, day), asked.not_offered("th", 101)
    hardly, half = asked.unliked("A", "ja", 100, 90), asked.unliked("A", "ko", 100, 50)
    items = [each for each in (half, old, wish, hardly, missing, lost) if each is not None]
    assert list(asked.in_order(items)) == [lost, missing, hardly, wish, half, old]


ITEMS = st.lists(
    st.builds(
        Item, st.builds(Matter, st.sampled_from(Kind), st.text("ABC", max_size=3)),
        st.integers(10, 99), st.floats(0, 99),
    ),
    unique_by=lambda item: item.matter,
    max_size=60,
)  # fmt: skip


@given(ITEMS, st.randoms())
def test_the_order_is_one_whatever_comes_in_and_made_up_codes_crowd_nothing_out(
    items: list[Item], chance: object
) -> None:
    found = asked.in_order(items)
    mixed = sorted(items, key=lambda _: chance.random())  # type: ignore[attr-defined] # Random
    assert asked.in_order(mixed) == found
    assert [each.worth for each in found] == sorted((each.worth for each in found), reverse=True)
    others = {each.matter for each in items if each.matter.kind is not Kind.STRAY_CODE}
    assert others <= {each.matter for each in found}
    strays = len(items) - len(others)
    assert len(found) == len(others) + min(strays, asked.STRAYS_SHOWN)


def test_what_is_put_off_waits_until_its_time_and_no_longer() -> None:
    put_off = mark(Outcome.PUT_OFF, days=7)
    assert put_off.holds_back(NOW)
    assert put_off.holds_back(NOW + timedelta(days=7, seconds=-1))
    assert not put_off.holds_back(NOW + timedelta(days=7))
    assert put_off.done_time is None
    assert not mark().holds_back(NOW)


@given(st.integers(0, 60))
def test_after_done_only_later_days_count(ago: int) -> None:
    today = date(2026, 11, 21)
    window, made = today - timedelta(days=30), today - timedelta(days=ago)
    first = asked.day_after(mark(), window, made)
    assert first > made
    assert first >= window
    assert first in (window, made + timedelta(days=1))
    assert asked.day_after(mark(Outcome.PUT_OFF, days=7), window, made) == window
    assert asked.day_after(None, window, None) == window


def test_the_newest_mark_holds_and_one_that_was_taken_back_does_not() -> None:
    gone = mark(withdraw_time=NOW)
    newer, older = mark(Outcome.PUT_OFF, days=7), mark(mark_id="old")
    assert asked.newest([gone, newer, older]) == {MATTER: newer}
    assert asked.newest([gone]) == {}


@pytest.mark.parametrize(
    ("outcome", "reason", "days", "field"),
    [
        (None, "", 0, "outcome"),
        (Outcome.PUT_OFF, "", 7, "reason"),
        (Outcome.PUT_OFF, "あ" * 201, 7, "reason"),
        (Outcome.PUT_OFF, "a\u202eb", 7, "reason"),
        (Outcome.PUT_OFF, "later", 0, "put_off_days"),
        (Outcome.PUT_OFF, "later", 181, "put_off_days"),
        (Outcome.DONE, "", 7, "put_off_days"),
    ],
)
def test_a_mark_that_is_none_is_named(
    outcome: Outcome | None, reason: str, days: int, field: str
) -> None:
    with pytest.raises(InvalidFields) as error:
        asked.check_mark(outcome, reason, days)
    assert [name for name, _ in error.value.fields] == [field]


def test_a_mark_needs_no_more_than_it_must() -> None:
    asked.check_mark(Outcome.DONE, "", 0)
    asked.check_mark(Outcome.DONE, "あ" * 200, 0)
    asked.check_mark(Outcome.PUT_OFF, "after the season", 180)
