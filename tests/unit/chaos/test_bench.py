"""The check of a scenario without a platform: each acknowledged name has one effect."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chaos.bench import Bench

NAMES = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=20)


@given(names=NAMES, more=NAMES)
def test_one_effect_each_is_clean_also_where_an_acknowledgement_was_lost(
    names: list[str], more: list[str]
) -> None:
    bench = Bench(Path())
    bench.judge(names, {*names, *more}, "event")
    assert (bench.acknowledged, bench.lost, bench.doubled) == (len(names), [], [])


@given(names=NAMES.filter(bool), data=st.data())
def test_a_missing_and_a_second_effect_are_both_told(names: list[str], data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(names))
    rest = [name for name in names if name != lost]
    twice = data.draw(st.sampled_from(rest)) if rest else ""
    bench = Bench(Path())
    bench.judge(names, [*rest, *([twice] if twice else [])], "event")
    assert bench.lost == [f"event {lost} was acknowledged and has no effect"]
    assert bench.doubled == ([f"event {twice} has 2 effects"] if twice else [])


def test_sums_add_up_over_several_checks() -> None:
    bench = Bench(Path())
    bench.judge(["a"], ["a"], "event")
    bench.judge(["b"], [], "event")
    assert (bench.acknowledged, len(bench.lost)) == (2, 1)
