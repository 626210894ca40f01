"""No figure below k can be read or worked out from a released line."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K, Line, quiet_hours_first, rare_languages_first, release_line

COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 60), max_size=12)


def worked_out(line: Line[str], counts: dict[str, int]) -> tuple[int, int] | None:
    """What anybody can subtract: how many cells are withheld, and how many people are in them."""
    withheld = [key for key, value in line.cells.items() if value is None]
    if line.total is None or not withheld:
        return None
    return len(withheld), line.total - sum(value for value in line.cells.values() if value)


@given(COUNTS)
def test_nothing_below_k_is_shown_or_left_over(counts: dict[str, int]) -> None:
    line = release_line(counts)
    assert line.cells.keys() == counts.keys()
    assert all(value is None or value == counts[key] >= K for key, value in line.cells.items())
    assert line.total is None or line.total == sum(counts.values()) >= K
    rest = worked_out(line, counts)
    if rest is not None:
        cells, people = rest
        assert cells > 1
        assert people >= K


@given(COUNTS)
def test_large_cells_are_shown_when_nothing_needs_protection(counts: dict[str, int]) -> None:
    if counts and all(count >= K for count in counts.values()):
        assert release_line(counts) == Line(counts, sum(counts.values()))


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_cells_decides_nothing(counts: dict[str, int], random: object) -> None:
    keys = list(counts)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert release_line({key: counts[key] for key in keys}) == release_line(counts)


def test_one_small_cell_takes_along_the_first_large_one_of_the_order() -> None:
    counts = {"gate": 3, "street": 12, "hill": 40}
    assert release_line(counts).cells == {"gate": None, "street": 12, "hill": None}
    last = release_line(counts, order=lambda place: int(place == "hill"))
    assert last.cells == {"gate": None, "street": None, "hill": 40}
    assert last.total == 55


def test_small_cells_that_stand_first_hide_one_another_once_there_are_k() -> None:
    counts = {"a": 6, "b": 5, "tower": 40}
    assert release_line(counts).cells == {"a": None, "b": None, "tower": 40}
    few = release_line({**counts, "b": 3})
    assert few.cells == {"a": None, "b": None, "tower": None}
    assert few.total == 49
    behind = release_line({"a": 6, "z": 5, "tower": 40})  # who knows the rule knows both are small
    assert behind.cells == {"a": None, "z": None, "tower": None}


@pytest.mark.parametrize(("k", "cells", "top"), [(3, 3, 9), (3, 4, 8), (4, 3, 11), (2, 4, 7)])
def test_whoever_knows_the_rule_finds_every_small_number_possible(
    k: int, cells: int, top: int
) -> None:
    """All lines there are below `top`, put together by what is told of them: in each such group a
    cell that may be small may be any number below k. Where the sum is withheld, that alone says
    that there are few; then k - 1 may be out of the question."""
    names = "abcd"[:cells]
    worlds: dict[tuple[tuple[int | None, ...], int | None], list[tuple[int, ...]]] = {}
    for counts in product(range(top), repeat=cells):
        line = release_line(dict(zip(names, counts, strict=True)), k, order=lambda key: -ord(key))
        told = (tuple(line.cells[name] for name in names), line.total)
        worlds.setdefault(told, []).append(counts)
    for (shown, total), found in worlds.items():
        hidden = 0 if total is None else total - sum(count or 0 for count in shown)
        if hidden >= top:  # worlds that hold a larger number are not among ours
            continue
        for at in range(cells):
            small = {counts[at] for counts in found if shown[at] is None and counts[at] < k}
            assert not small or small >= set(range(k if total is not None else k - 1)), shown


@pytest.mark.parametrize(
    ("order", "keys", "expected"),
    [
        (quiet_hours_first, [11, 9, 18, 13], [18, 9, 11, 13]),
        (quiet_hours_first, ["12", "0", "20"], ["0", "20", "12"]),
        (rare_languages_first, ["ja", "xx", "en", "id", "zh-Hant"],
         ["xx", "id", "zh-Hant", "en", "ja"]),
    ],
)  # fmt: skip
def test_what_is_missed_least_stands_first(order: Any, keys: list[Any], expected: Any) -> None:
    assert sorted(keys, key=order) == expected


def test_where_protection_fails_the_sum_is_withheld() -> None:
    assert release_line({"gate": 3}) == Line({"gate": None}, None)
    assert release_line({"gate": 3, "street": 4}) == Line({"gate": None, "street": None}, None)


def test_an_empty_line_has_no_sum() -> None:
    assert release_line({}) == Line({}, None)


@pytest.mark.parametrize(("counts", "k"), [({"gate": -1}, 10), ({"gate": 11}, 1)])
def test_nonsense_is_refused(counts: dict[str, int], k: int) -> None:
    with pytest.raises(ValueError, match="must"):
        release_line(counts, k)
