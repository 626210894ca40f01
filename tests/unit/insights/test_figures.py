"""Figures of days and ranges, and their comparison with what owners say."""

from datetime import date

import pytest

from services.insights.domain.agreement import compare
from services.insights.domain.fact import Dimension, Fact, Kind, Slice
from services.insights.domain.figures import (
    DaySums,
    Visitors,
    ZoneHour,
    breakdown,
    hour_totals,
    payments,
    plans,
)  # fmt: skip
from services.insights.domain.rollup import roll_up
from services.insights.domain.span import DaySpan, day_totals
from tests.unit.insights.made import NOON, ON, dated, fact


def money() -> list[Fact]:
    card, shop = Slice(Dimension.TENDER, "card"), Slice(Dimension.SHOP, "a")
    return [
        *(fact(Kind.CAPTURED, amount_yen=1_000, slices=(card, shop)) for _ in range(3)),
        fact(Kind.CAPTURED, amount_yen=400, practice=True, slices=(card,)),
        fact(Kind.VOIDED, amount_yen=1_000),
        fact(Kind.REFUNDED, amount_yen=250),
        fact(Kind.DECLINED, amount_yen=9_000),
        fact(Kind.RELEASED, amount_yen=0),
    ]


def sums() -> DaySums:
    return roll_up(dated(*money())).days


def test_net_is_what_stays() -> None:
    book = payments(sums(), ON, {}, practice=False)
    assert (book.captured.amount_yen, book.net_yen) == (3_000, 1_750)
    assert (book.voided.count, book.declined_count, book.unknown_count) == (1, 1, 0)


def test_sales_kept_are_those_taken_and_not_canceled_refunds_apart() -> None:
    book, on = payments(sums(), ON, {}, practice=False), day_totals(sums(), ON)
    assert book.captured.count == 3
    assert (book.kept_count, on.kept_count) == (2, 2)
    assert book.refunded.count == 1  # a refund takes no sale away


def test_a_sale_paid_in_parts_is_one_sale_kept_and_each_part_stays_under_its_tender() -> None:
    def part(kind: Kind, sale: str, tender: str) -> Fact:
        slices = (Slice(Dimension.TENDER, tender), Slice(Dimension.SPLIT_SALE, sale))
        return fact(kind, amount_yen=1_000, slices=slices)

    made = [
        fact(Kind.CAPTURED, amount_yen=500),
        part(Kind.CAPTURED, "s-1", "cash"), part(Kind.CAPTURED, "s-1", "card"),
        part(Kind.CAPTURED, "s-1", "card"), part(Kind.VOIDED, "s-1", "card"),
        part(Kind.CAPTURED, "s-2", "card"), part(Kind.VOIDED, "s-2", "card"),
    ]  # fmt: skip
    found = roll_up(dated(*made)).days
    book, on = payments(found, ON, {}, practice=False), day_totals(found, ON)
    assert (book.captured.count, book.voided.count) == (5, 2)
    assert (book.kept_count, on.kept_count) == (2, 2)  # the plain one, and s-1
    assert {cell.value: cell.count for cell in book.by_tender.cells} == {"cash": 1, "card": 3}


def test_a_sale_refunded_in_full_on_its_day_is_kept_no_more_a_later_refund_changes_no_day() -> None:
    def refund(sale: str = "", *, ends: bool) -> Fact:
        slices = [Slice(Dimension.ENDED, "yes")] if ends else []
        slices += [Slice(Dimension.SPLIT_SALE, sale)] if ends and sale else []
        return fact(Kind.REFUNDED, amount_yen=10, slices=tuple(slices))

    def part(sale: str) -> Fact:
        return fact(Kind.CAPTURED, amount_yen=10, slices=(Slice(Dimension.SPLIT_SALE, sale),))

    made = [
        fact(Kind.CAPTURED, amount_yen=20), refund(ends=False),  # a part went back: kept
        fact(Kind.CAPTURED, amount_yen=20), refund(ends=False), refund(ends=True),
        part("s-1"), part("s-1"), refund("s-1", ends=True),  # one of two parts: kept
        part("s-2"), part("s-2"), refund("s-2", ends=True), refund("s-2", ends=True),
    ]  # fmt: skip
    found = roll_up(dated(*made)).days
    book, on = payments(found, ON, {}, practice=False), day_totals(found, ON)
    assert (book.kept_count, on.kept_count) == (2, 2)
    assert book.refunded.count == 6


def test_practice_is_in_no_live_figure() -> None:
    found = day_totals(sums(), ON)
    assert found.captured.amount_yen == 3_000
    assert payments(sums(), ON, {}, practice=True).captured.amount_yen == 400


def test_a_breakdown_names_what_has_a_name_and_withholds_nothing_about_shops() -> None:
    found = breakdown(sums(), Kind.CAPTURED, Dimension.SHOP, {("place", "a"): {"ja": "売店"}})
    assert [(c.value, c.count, c.names, c.withheld) for c in found.cells] == [
        ("a", 3, {"ja": "売店"}, False)
    ]
    assert found.suppression_k == 0


def test_small_cells_about_people_are_withheld_by_the_dimension() -> None:
    origins = [fact(Kind.ADMITTED, slices=(Slice(Dimension.ORIGIN, "tw"),)) for _ in range(3)]
    found = breakdown(roll_up(dated(*origins)).days, Kind.ADMITTED, Dimension.ORIGIN, {})
    assert (found.cells, found.withheld, found.n) == ((), True, 0)  # three would be told by n


def test_every_hour_of_the_day_is_there() -> None:
    hours = hour_totals(roll_up(dated(*money())).hours, ON)
    assert [hour.hour for hour in hours] == list(range(24))
    assert (hours[12].captured.count, hours[12].practice_count) == (3, 1)
    assert sum(hour.captured.count for hour in hours) == 3


def test_plans_count_parties_and_people() -> None:
    made = [fact(Kind.PLANNED, persons=n) for n in (1, 4)] + [fact(Kind.REPAIRED)]
    found = plans(roll_up(dated(*made)).days, ON, {})
    assert (found.count, found.person_count, found.repaired_count) == (2, 5, 1)


def test_the_busiest_hour_is_never_a_withheld_one() -> None:
    def hour(estimate: int, *, withheld: bool) -> ZoneHour:
        return ZoneHour(
            zone_id="z", names={}, start_time=NOON, estimate=estimate, low=0, high=0,
            kind="devices", method="signature", withheld=withheld,
        )  # fmt: skip

    assert Visitors((hour(0, withheld=True),)).busiest is None
    busiest = Visitors((hour(12, withheld=False), hour(30, withheld=False))).busiest
    assert busiest is not None
    assert busiest.estimate == 30


def test_a_span_has_both_ends_also_over_a_leap_day() -> None:
    days = list(DaySpan(date(2028, 2, 28), date(2028, 3, 1)).days())
    assert days == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]


def test_agreement_is_to_the_yen_and_silence_is_no_agreement() -> None:
    said = {("payments", "captured_yen"): 3_000, ("payments", "refunded_yen"): 249}
    found = {t.measure: t for t in compare(sums(), ON, said).totals}
    assert found["captured_yen"].agrees
    assert not found["refunded_yen"].agrees
    assert found["scan_count"].said is None
    assert not found["scan_count"].agrees
    assert found["practice_captured_yen"].counted == 400


def test_a_total_only_its_owner_knows_is_shown() -> None:
    found = compare({}, ON, {("visitor_sense", "zone_hours"): 5}).totals
    assert [(t.service, t.counted, t.said) for t in found if t.said is not None] == [
        ("visitor_sense", 0, 5)
    ]


@pytest.mark.parametrize(
    ("parties", "foreign"),
    [
        ({"JP": 90, "KR": 10}, 10),
        ({"JP": 90, "KR": 6, "TW": 7}, 13),
        ({"JP": 90, "KR": 3}, None),  # the few from abroad would be told
        ({"JP": 3, "KR": 90}, None),  # the few from here would be told
        ({"JP": 5}, None),
        ({"KR": 40}, 40),
        ({}, 0),
    ],
)
def test_the_share_from_abroad_never_tells_of_a_few(
    parties: dict[str, int], foreign: int | None
) -> None:
    origins = [
        fact(Kind.ADMITTED, persons=n, slices=(Slice(Dimension.ORIGIN, origin),))
        for origin, n in parties.items()
    ]
    found = breakdown(
        roll_up(dated(*origins)).days, Kind.ADMITTED, Dimension.ORIGIN, {}, persons=True
    )
    assert Visitors(by_origin=found).foreign == foreign
