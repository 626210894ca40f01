"""No figure below k can be read or worked out from a released line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K, Line, release_line

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


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.integers(2, 15))
def test_every_withheld_cell_could_be_at_least_k(values: list[int], k: int) -> None:
    """An observer who knows the rule of the sum only: the range of each withheld cell spans k."""
    counts = {str(index): value for index, value in enumerate(values)}
    line = release_line(counts, k)
    rest = worked_out(line, counts)
    if rest is not None:
        assert rest[1] >= k  # the upper end of every withheld cell; the lower end is 0


def test_one_small_cell_takes_the_smallest_neighbor_with_it() -> None:
    line = release_line({"gate": 3, "street": 12, "hill": 40})
    assert line.cells == {"gate": None, "street": None, "hill": 40}
    assert line.total == 55


def test_two_small_cells_need_k_people_together() -> None:
    line = release_line({"gate": 3, "street": 4, "hill": 40, "pond": 41})
    assert line.cells == {"gate": None, "street": None, "hill": None, "pond": 41}
    assert line.total == 88


def test_where_protection_fails_the_sum_is_withheld() -> None:
    assert release_line({"gate": 3}) == Line({"gate": None}, None)
    assert release_line({"gate": 3, "street": 4}) == Line({"gate": None, "street": None}, None)


def test_an_empty_line_has_no_sum() -> None:
    assert release_line({}) == Line({}, None)


@pytest.mark.parametrize(("counts", "k"), [({"gate": -1}, 10), ({"gate": 11}, 1)])
def test_nonsense_is_refused(counts: dict[str, int], k: int) -> None:
    with pytest.raises(ValueError, match="must"):
        release_line(counts, k)
