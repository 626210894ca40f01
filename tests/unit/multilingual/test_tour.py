"""The order of a tour, and where the codes of retired stops lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.multilingual.domain import tour

CODES = st.lists(st.text("ABCDE", min_size=1, max_size=3), unique=True, min_size=1, max_size=8)


@given(CODES, st.data())
def test_a_moved_stop_stands_behind_the_one_named_and_the_rest_keep_their_order(
    order: list[str], data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(order))
    after = data.draw(st.sampled_from(["", *(each for each in order if each != code)]))
    found = tour.moved(order, code, after)
    assert sorted(found) == sorted(order)
    assert [each for each in found if each != code] == [each for each in order if each != code]
    at = found.index(code)
    assert (found[at - 1] if at else "") == after


@given(CODES, st.data())
def test_moving_back_behind_the_one_before_is_the_undo(
    order: list[str], data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(order))
    after = data.draw(st.sampled_from(["", *(each for each in order if each != code)]))
    at = order.index(code)
    followed = order[at - 1] if at else ""
    assert tour.moved(tour.moved(order, code, after), code, followed) == order


@pytest.mark.parametrize("after", ["Z", "A"])
def test_nothing_follows_itself_or_a_stranger(after: str) -> None:
    with pytest.raises(InvalidFields):
        tour.moved(["A", "B"], "A", after)


@given(CODES, st.data())
def test_a_stop_comes_back_to_where_it_stood(order: list[str], data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(order))
    rest = [each for each in order if each != code]
    assert tour.brought_back(rest, code, order.index(code) + 1) == order


def test_a_place_that_is_gone_is_the_end() -> None:
    assert tour.brought_back(["A"], "B", 9) == ["A", "B"]
    assert tour.brought_back(["A"], "B", 0) == ["B", "A"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5), st.booleans()), max_size=40))
def test_a_code_leads_to_a_stop_that_visitors_see_or_to_all(
    acts: list[tuple[int, int, bool]],
) -> None:
    """Whatever is retired and brought back in which order: no circle, no dead end."""
    live, targets = {str(each) for each in range(6)}, dict[str, str]()
    for code, target, back in acts:
        one, other = str(code), "" if target < 0 else str(target)
        if back and one in targets:
            del targets[one]
            live.add(one)
        elif not back and one in live and other != one and (not other or other in live):
            live.discard(one)
            targets[one] = other
        for each in targets:
            found = tour.lead(each, targets, live)
            assert not found or found in live
            if targets[each] in live:
                assert found == targets[each]


def test_a_circle_in_damaged_data_ends() -> None:
    assert tour.lead("A", {"A": "B", "B": "A"}, set()) == ""


def test_a_target_that_was_retired_leads_on() -> None:
    assert tour.lead("A", {"A": "B", "B": "C"}, {"C"}) == "C"
    assert tour.lead("A", {"A": "B", "B": ""}, {"C"}) == ""


@pytest.mark.parametrize(
    ("kind", "section", "route_m", "field"),
    [
        ("castle", "", 1, "kind"),
        ("pool", "nowhere", 1, "section_id"),
        ("pool", "first", -1, "route_m"),
        ("pool", "first", 100_001, "route_m"),
    ],
)
def test_what_cannot_be_drawn_is_refused(kind: str, section: str, route_m: int, field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        tour.check_placing(kind, section, route_m, {"first"})
    assert [name for name, _ in refused.value.fields] == [field]


def test_a_stop_need_not_be_on_the_plan() -> None:
    tour.check_placing("pool", "", None, set())
    tour.check_placing("hall", "first", 100_000, {"first"})


@pytest.mark.parametrize("place_id", ["", "Cave", "a/b/c/d", "a b", "a" * 99])
def test_a_place_is_one_of_directory(place_id: str) -> None:
    with pytest.raises(InvalidFields):
        tour.check_place(place_id)
