"""Codes that lead nowhere: what is kept of what anybody may send, and how much it weighs."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.stray import (
    DAY_CAP,
    KEEP_DAYS,
    MAX_BATCH,
    MAX_COUNT,
    MISTYPED,
    Met,
    Strays,
    add_up,
    check,
    sort_out,
)

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # ten in the morning in Tokyo
TOKYO = "Asia/Tokyo"
TODAY = date(2026, 11, 21)
CODES = [codes.make("lost", str(number), 0) for number in range(4)]
TYPED = st.one_of(st.sampled_from(CODES), st.text(max_size=50), st.just(""))


@given(st.lists(st.tuples(TYPED, st.integers(1, 9), st.integers(-90, 40))))
def test_whatever_is_typed_well_formed_codes_alone_are_kept(
    typed: list[tuple[str, int, int]],
) -> None:
    """The rest is one number a day, and nothing that is young enough gets lost."""
    met = [Met(text, NOW - timedelta(days=days), count) for text, count, days in typed]
    found = sort_out(met, {CODES[0]}, NOW, TOKYO)
    for each in found:
        assert each.code == MISTYPED or codes.read(each.code) == each.code
        assert each.code != CODES[0], "it leads somewhere by now"
        assert TODAY - timedelta(days=KEEP_DAYS) <= each.on <= TODAY
    young = [(text, count) for text, count, days in typed if days <= KEEP_DAYS]
    lost = sum(count for text, count in young if _read(text) == CODES[0])
    assert sum(each.count for each in found) == sum(count for _, count in young) - lost
    assert len({(each.code, each.on) for each in found}) == len(found)


def _read(text: str) -> str:
    try:
        return codes.read(text)
    except codes.StopCodeMistyped:
        return MISTYPED


def test_a_code_counts_in_its_one_spelling_and_on_the_days_of_the_area() -> None:
    code = CODES[1]
    evening = datetime(2026, 11, 20, 14, 59, tzinfo=UTC)  # one minute before midnight there
    met = [
        Met(code, evening, 2), Met(f" {code.lower()} ", evening + timedelta(minutes=1), 3),
        Met(code, None, 1),
    ]  # fmt: skip
    assert sort_out(met, (), NOW, TOKYO) == (
        Strays(code, date(2026, 11, 20), 2), Strays(code, TODAY, 4),
    )  # fmt: skip


def test_a_clock_that_runs_ahead_counts_today() -> None:
    [found] = sort_out([Met(CODES[1], NOW + timedelta(days=3), 1)], (), NOW, TOKYO)
    assert found.on == TODAY


ROWS = st.lists(
    st.tuples(st.sampled_from([*CODES, MISTYPED]), st.integers(0, 9), st.integers(1, 500)),
    unique_by=lambda row: row[:2],
)


@given(ROWS)
def test_of_a_day_no_more_than_its_cap_counts(rows: list[tuple[str, int, int]]) -> None:
    found = add_up(Strays(code, TODAY - timedelta(days=ago), count) for code, ago, count in rows)
    days = Counter(code for code, _, _ in rows)
    for code, stray in found.items():
        exact = sum(count for each, _, count in rows if each == code)
        if code == MISTYPED:
            assert stray.count == exact
        else:
            assert min(exact, DAY_CAP) <= stray.count <= min(exact, DAY_CAP * days[code])
        assert stray.last == TODAY - min(
            timedelta(days=ago) for each, ago, _ in rows if each == code
        )
    assert set(found) == set(days)


@pytest.mark.parametrize("count", [0, -1, MAX_COUNT + 1])
def test_a_count_that_is_none_is_named(count: int) -> None:
    with pytest.raises(InvalidFields) as error:
        check([Met("", None, 1), Met("", None, count)])
    assert [name for name, _ in error.value.fields] == ["codes[1].count"]


def test_a_batch_has_a_bound() -> None:
    check([Met("", None, MAX_COUNT)] * MAX_BATCH)
    with pytest.raises(InvalidFields):
        check([Met("", None, 1)] * (MAX_BATCH + 1))
