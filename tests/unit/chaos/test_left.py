"""What was told is compared with what is kept by its ids: sums would cancel."""

from hypothesis import given
from hypothesis import strategies as st

from chaos.left import missing, too_few, too_many

IDS = st.sets(st.text("abcdef", min_size=1, max_size=3), max_size=12)


@given(IDS)
def test_the_same_ids_once_each_are_clean(ids: set[str]) -> None:
    kept = dict.fromkeys(ids, 1)
    assert missing("scans", ids, kept) == too_many("scans", ids, kept) == []


@given(IDS.filter(bool), st.data())
def test_one_lost_and_one_that_nobody_was_told_of_do_not_cancel(
    ids: set[str], data: st.DataObject
) -> None:
    lost = data.draw(st.sampled_from(sorted(ids)))
    kept = dict.fromkeys((ids - {lost}) | {"ghost"}, 1)
    assert len(kept) == len(ids)
    assert missing("scans", ids, kept) == [f"1 scans acknowledged and not kept: {lost}"]
    assert too_many("scans", ids, kept) == ["1 scans kept and acknowledged to nobody: ghost"]


@given(IDS.filter(bool), st.data())
def test_one_that_counts_twice_is_told(ids: set[str], data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(sorted(ids)))
    kept = dict.fromkeys(ids, 1) | {twice: 2}
    assert missing("scans", ids, kept) == []
    assert too_many("scans", ids, kept) == [f"1 scans counted more or less than once: {twice}"]


def test_few_ids_are_shown_of_many() -> None:
    [told] = missing("plans", [f"{number:02}" for number in range(50)], {})
    assert told == "50 plans acknowledged and not kept: 00, 01, 02"


def test_nothing_is_no_test() -> None:
    assert too_few({"reports": 5, "plans": 4}, 5) == [
        "only 4 plans were acknowledged: nothing was tested"
    ]
    assert too_few({"plans": 5}, 5) == []
