"""What may be published of a day: nothing small, and no single shop."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain.day_sales import cell_of
from services.insights.domain.fact import Dimension, Kind, Slice
from services.insights.domain.figures import DaySums
from services.insights.domain.open_data import (
    Licence,
    OpenMeasure,
    OpenSettings,
    checked,
    open_day,
)
from services.insights.domain.rollup import roll_up
from tests.unit.insights.made import ON, dated, fact

ALL = tuple(OpenMeasure)


def sums(*facts: Any) -> DaySums:
    return roll_up(dated(*facts)).days


def sale(shop: str, yen: int, **more: Any) -> Any:
    return fact(Kind.CAPTURED, amount_yen=yen, slices=(Slice(Dimension.SHOP, shop),), **more)


def told(day: DaySums) -> dict[str, int | None]:
    return {measure.value: value for measure, value in open_day(day, ON, ALL).figures.items()}


def test_small_counts_are_withheld_and_nothing_is_nothing() -> None:
    few = sums(fact(Kind.SCAN, count=9), fact(Kind.PLANNED), fact(Kind.ADMITTED, persons=9))
    assert told(few) == {"guide_views": None, "plans": None, "entries": None, "takings": 0}
    many = sums(fact(Kind.SCAN, count=10), fact(Kind.ADMITTED, persons=10))
    assert told(many) == {"guide_views": 10, "plans": 0, "entries": 10, "takings": 0}


@pytest.mark.parametrize(
    ("shops", "public"),
    [
        ([], True),
        ([500], False),
        ([500, 500], False),
        ([500, 500, 500], True),
        ([700, 200, 100], True),
        ([701, 200, 99], False),
        ([500, 500, 0], False),
    ],
)
def test_takings_are_those_of_many_shops(shops: list[int], *, public: bool) -> None:
    day = sums(*(sale(f"shop-{at}", yen) for at, yen in enumerate(shops)))
    assert cell_of(day, ON).public is public
    assert told(day)["takings"] == (sum(shops) if public else None)


def test_practice_is_in_no_figure() -> None:
    day = sums(*(sale(f"shop-{at}", 500, practice=True) for at in range(3)))
    assert told(day)["takings"] == 0


def test_what_goes_back_on_a_day_without_sales_is_not_told() -> None:
    assert told(sums(fact(Kind.REFUNDED, amount_yen=300)))["takings"] is None


@given(st.lists(st.integers(0, 1_000), max_size=6))
def test_no_shop_is_worked_out_by_another(shops: list[int]) -> None:
    day = sums(*(sale(f"shop-{at}", yen) for at, yen in enumerate(shops)))
    figure = told(day)["takings"]
    if figure:
        for own in shops:  # who knows the own sales is left with those of at least two others
            others = [each for each in shops if each]
            if own:
                others.remove(own)
            assert len(others) >= 2
            assert max(shops) <= 0.7 * figure


def test_only_what_was_chosen_is_there() -> None:
    day = open_day(sums(fact(Kind.SCAN, count=50)), ON, (OpenMeasure.PLANS,))
    assert dict(day.figures) == {OpenMeasure.PLANS: 0}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"licence": None}, "settings.licence"), ({"publisher": " "}, "settings.publisher"),
        ({"publisher": "x" * 81}, "settings.publisher"), ({"contact": "a\nb"}, "settings.contact"),
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_published_is_refused(given: dict[str, Any], field: str) -> None:
    usual: dict[str, Any] = {
        "measures": (OpenMeasure.PLANS,), "licence": Licence.CC_BY_4_0, "publisher": "Mine City",
    }  # fmt: skip
    with pytest.raises(InvalidFields) as caught:
        checked(OpenSettings(**(usual | given)))
    assert [name for name, _ in caught.value.fields] == [field]


def test_a_name_may_have_the_wide_blank_of_japanese() -> None:
    given_ = OpenSettings((OpenMeasure.PLANS,), Licence.CC0_1_0, "美祢市　観光課")
    assert checked(given_).publisher == "美祢市　観光課"


def test_measures_stand_in_their_order_once() -> None:
    given_ = (OpenMeasure.TAKINGS, OpenMeasure.PLANS, OpenMeasure.TAKINGS)
    kept = checked(OpenSettings(given_, Licence.CC0_1_0, " Mine City "))
    assert kept.measures == (OpenMeasure.PLANS, OpenMeasure.TAKINGS)
    assert kept.publisher == "Mine City"
    assert checked(OpenSettings()) == OpenSettings()  # to publish nothing needs no terms
