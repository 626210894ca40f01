"""What letters tell of sales: found from all, told of many shops alone, whoever subtracts."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from services.insights.domain import letter_sales
from services.insights.domain.fact import DatedFact, Dimension, Kind, Slice
from services.insights.domain.letter_rules import Seen, proposals
from services.insights.domain.letter_sales import (
    KINDS,
    ShopSales,
    Tried,
    declined_between,
    hours_between,
    shop_sales,
)
from services.insights.domain.proposal import Action, Proposal
from services.insights.domain.rollup import roll_up
from services.insights.domain.sales import of_many
from services.insights.domain.span import day_totals
from tests.unit.insights.letters_made import BEFORE, FIRST, LAST, scans, seen
from tests.unit.insights.made import NOON, fact

DATES = [BEFORE + timedelta(days=n) for n in range((LAST - BEFORE).days + 1)]
Hours = Mapping[int, Mapping[str, int]]


def even(*counts: int) -> dict[str, int]:
    return {f"shop {n}": count for n, count in enumerate(counts)}


def with_sales(of_day: Callable[[date], Hours], untold: Iterable[date] = ()) -> Seen:
    sales = ShopSales({on: of_day(on) for on in DATES})
    return replace(
        seen(lambda _on: scans(20)), sales=sales, untold_sales=frozenset(untold)
    )  # fmt: skip


def till_of(found: Seen) -> Proposal | None:
    return next((one for one in proposals(found) if one.action is Action.STAFF_TILL), None)


def crowded(on: date) -> Hours:
    return {hour: even(14, 13, 13) if hour == 9 else even(2, 2, 1) for hour in range(9, 17)}


def test_sales_that_crowd_an_edge_are_told_with_the_sales_that_pages_count() -> None:
    one = till_of(with_sales(crowded))
    assert one is not None
    assert (one.detail, one.count, one.total, one.typical) == ("9", 31 * 40, 31 * 75, 8)
    assert (one.days, one.steady) == (31, True)


def test_an_hour_that_one_shop_makes_is_not_told_though_the_day_is_of_many() -> None:
    """Three shops all day, and at nine only one of them: the sum of the hour was that shop's."""

    def of_day(_on: date) -> Hours:
        return {**crowded(_on), 9: even(20, 0, 0)}

    assert of_many(whole_of(of_day(FIRST)))
    assert till_of(with_sales(of_day)) is None


def test_an_hour_is_not_told_beside_which_one_shop_is_left() -> None:
    """The day's page tells its sum: less a told hour, the rest would be the one shop's."""
    hours = {9: even(40, 40, 40), 10: even(30, 0, 0)}
    assert letter_sales.told_hours(hours) == {}
    assert letter_sales.told_hours({**hours, 10: even(5, 4, 4)}) == {9: 120, 10: 13}


def test_days_that_are_not_told_and_days_without_single_sales_are_in_nothing() -> None:
    alone = date(2026, 5, 12)

    def of_day(on: date) -> Hours:
        return {9: even(500)} if on == alone else crowded(on)

    one = till_of(with_sales(of_day, [alone]))
    assert one is not None
    assert (one.count, one.total, one.days) == (30 * 40, 30 * 75, 30)
    found = with_sales(crowded)
    gone = replace(found, sales=replace(found.sales, since=FIRST + timedelta(days=1)))
    assert till_of(gone) is None
    half = replace(found, sales=replace(found.sales, since=FIRST))
    steady = till_of(half)
    assert steady is not None
    assert not steady.steady


def ways(declined: Mapping[str, int], taken: Mapping[str, int] | None = None) -> Seen:
    tried = Tried(taken or even(3, 3, 3), declined)
    sales = ShopSales({}, {on: {"code_payment": tried} for on in DATES})
    return replace(seen(lambda _on: scans(20)), sales=sales)


def test_a_tender_that_is_declined_often_is_told_in_tens_and_of_many_shops() -> None:
    (one,) = proposals(ways(even(1, 1, 1)))
    assert (one.action, one.subject) == (Action.OFFER_BRAND, "code_payment")
    assert (one.count, one.total, one.days, one.steady) == (90, 31 * 12, 31, True)
    assert one.expected is None
    assert proposals(ways(even(1, 1, 1)), {one.key}) == ()
    assert proposals(ways(even(6, 0, 0))) == ()  # one shop's terminal
    assert proposals(ways(even(3, 0, 0), even(9, 0, 0))) == ()  # one shop's way to pay


def sale(kind: Kind, on: date, hour: int, shop: str, **more: object) -> DatedFact:
    slices = [Slice(Dimension.SHOP, shop), Slice(Dimension.TENDER, str(more.get("tender", "card")))]
    slices += [Slice(Dimension(name), str(value)) for name, value in more.items()
               if name in {"ended", "split_sale"}]  # fmt: skip
    return DatedFact(fact(kind, NOON, slices=tuple(slices)), on, hour, late=False)


@st.composite
def days_of_money(draw: st.DrawFn) -> list[DatedFact]:
    """Payments of a day with what went back: a void or full refund of each at most."""
    found = []
    for n in range(draw(st.integers(0, 12))):
        hour, shop = draw(st.integers(9, 12)), draw(st.sampled_from("abc"))
        split = {"split_sale": f"s{draw(st.integers(0, 2))}"} if draw(st.booleans()) else {}
        found.append(sale(Kind.CAPTURED, FIRST, hour, shop, **split))
        back = draw(st.sampled_from(["", "void", "part", "full"]))
        later = min(hour + n % 2, 13)
        if back == "void":
            found.append(sale(Kind.VOIDED, FIRST, later, shop, **split))
        elif back == "part":
            found.append(sale(Kind.REFUNDED, FIRST, later, shop))
        elif back == "full":
            found.append(sale(Kind.REFUNDED, FIRST, later, shop, ended="yes", **split))
    return found


@given(days_of_money())
def test_hours_add_up_to_the_sales_that_the_page_of_the_day_counts(money: list[DatedFact]) -> None:
    edges = hours_between(shop_sales(money), (), FIRST, FIRST)
    assert edges is not None
    assert sum(edges.all.values()) == day_totals(roll_up(money).days, FIRST).kept_count


def test_what_was_tried_is_kept_by_shop_and_way_to_pay() -> None:
    money = [
        sale(Kind.CAPTURED, FIRST, 9, "a"), sale(Kind.CAPTURED, FIRST, 10, "a"),
        sale(Kind.VOIDED, FIRST, 10, "a"), sale(Kind.DECLINED, FIRST, 10, "b", tender="points"),
    ]  # fmt: skip
    found = shop_sales(money, FIRST)
    assert found.hours == {FIRST: {9: {"a": 1}}}
    assert found.tenders == {
        FIRST: {"card": Tried({"a": 2}), "points": Tried({}, {"b": 1})}
    }  # fmt: skip
    assert found.since == FIRST
    assert set(KINDS) >= {Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED, Kind.DECLINED}
    assert declined_between(found, FIRST - timedelta(days=1), FIRST) == {}


hours_of_shops = st.dictionaries(
    st.integers(8, 17),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(-2, 30).filter(bool), min_size=1),
    max_size=8,
)


@given(hours_of_shops)
def test_each_hour_told_and_what_is_left_of_the_day_are_of_many(hours: Hours) -> None:
    told = letter_sales.told_hours(hours)
    rest: Counter[str] = Counter()
    for hour, shops in hours.items():
        if hour in told:
            assert of_many(shops)
            assert told[hour] == sum(shops.values())
        else:
            rest.update(shops)
    assert not told or of_many(rest)  # of a day that tells nothing no hour follows


def random_shops(noise: random.Random) -> dict[date, Hours]:
    """A street in which some shops are large, some open late, some shut on most days."""
    shops = {f"s{n}": noise.choice((0.3, 1, 1, 2, 9)) for n in range(noise.randint(3, 9))}
    late = {shop for shop in shops if noise.random() < 0.4}
    found: dict[date, Hours] = {}
    for on in DATES:
        open_ = [shop for shop in shops if noise.random() < 0.8]
        hours = {
            hour: {
                shop: count for shop in open_
                if not (shop in late and hour < 11)
                and (count := round(shops[shop] * noise.randint(0, 6) * (4 if hour == 9 else 1)))
            }
            for hour in range(8, 17)
        }  # fmt: skip
        found[on] = {hour: counts for hour, counts in hours.items() if counts}
    return found


def whole_of(hours: Hours) -> dict[str, int]:
    found: Counter[str] = Counter()
    for shops in hours.values():
        found.update(shops)
    return dict(found)


@pytest.mark.parametrize("seed", range(3))
def test_all_letters_and_pages_together_pin_down_no_hour_of_few_shops(seed: int) -> None:
    """Letters of every window of four weeks and of each month, each with the count of each hour,
    beside the sums of days: an hour of a day that follows from all of these is one of many shops.
    """
    days = random_shops(random.Random(seed))
    sales = ShopSales(days)
    untold = {on for on, hours in days.items() if not of_many(whole_of(hours))}
    cells = [(on, hour) for on, hours in days.items() if on not in untold for hour in hours]
    place = {cell: n for n, cell in enumerate(cells)}
    rows, sums = [], []
    for on in days.keys() - untold:
        rows.append([place[on, hour] for hour in days[on]])
        sums.append(sum(whole_of(days[on]).values()))
    windows = [(on, on + timedelta(days=27)) for on in DATES if on + timedelta(days=27) <= LAST]
    for first, last in [*windows, (BEFORE, FIRST - timedelta(days=1)), (FIRST, LAST)]:
        edges = hours_between(sales, untold, first, last)
        assert edges is not None
        for hour, count in edges.told.items():
            told = [on for on in days if first <= on <= last and on not in untold
                    and hour in letter_sales.told_hours(days[on])]  # fmt: skip
            rows.append([place[on, hour] for on in told])
            sums.append(count)
    table = np.zeros((len(rows), len(cells)))
    for n, row in enumerate(rows):
        table[n, row] = 1.0
    noise, pinned = random.Random(seed), 0
    for cell in noise.sample(cells, min(60, len(cells))):
        goal = np.zeros(len(cells))
        goal[place[cell]] = 1.0
        ends = [
            linprog(sign * goal, A_eq=table, b_eq=sums, bounds=(0, None), method="highs").fun
            for sign in (1, -1)
        ]
        truth = sum(days[cell[0]][cell[1]].values())
        if -ends[1] - ends[0] < 0.5:
            pinned += 1
            assert of_many(days[cell[0]][cell[1]]), (cell, truth)
    if seed == 0:
        assert pinned  # the attack does pin down what may be told
