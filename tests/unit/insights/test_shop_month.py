"""A month for a shop: of people only what days tell, of the shop all, and what stands out."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from services.insights.domain.area_month import (
    AreaMonth,
    Told,
    Totals,
    ZoneHourHeard,
    ZoneHourMean,
    area_month,
    totals,
)
from services.insights.domain.fact import DatedFact, Dimension, Fact, Kind, Slice, date_facts
from services.insights.domain.month_findings import Before, FindingKind, findings
from services.insights.domain.own_month import OwnDay, OwnMonth, own_month
from services.insights.domain.rollup import Measures, RollUps, roll_up
from tests.unit.insights.made import TOKYO, fact

FIRST = date(2026, 5, 1)  # a Friday
DATES = [FIRST + timedelta(days=n) for n in range(28)]  # four of each day of the week
NOBODY = Before(Totals(), None)


def at(on: date, hour: int) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=TOKYO).astimezone(UTC)


def heard(*facts: Fact) -> list[DatedFact]:
    return [date_facts([each], TOKYO, each.occur_time)[0] for each in facts]


def gate(on: date, hour: int, persons: int, origin: str = "") -> Fact:
    slices = (Slice(Dimension.ORIGIN, origin),) if origin else ()
    return fact(Kind.ADMITTED, at(on, hour), persons=persons, slices=slices)


def views(on: date, hour: int, count: int, language: str = "ja") -> Fact:
    slices = (Slice(Dimension.ASKED, language), Slice(Dimension.SERVED, language))
    return fact(Kind.SCAN, at(on, hour), count=count, slices=slices)


def sale(on: date, hour: int, yen: int, kind: Kind = Kind.CAPTURED, **more: str) -> Fact:
    slices = [Slice(Dimension.SHOP, "a"), Slice(Dimension.TENDER, more.get("tender", "card"))]
    slices += [Slice(Dimension(name), value) for name, value in more.items() if name != "tender"]
    return fact(kind, at(on, hour), booked_date=on, amount_yen=yen, slices=tuple(slices))


def of(rolled: RollUps) -> AreaMonth:
    return area_month(rolled.days, rolled.hours, DATES, [])


def test_small_days_and_hours_are_in_no_sum_and_said_to_be_missing() -> None:
    month = of(roll_up(heard(
        gate(FIRST, 9, 40, "KR"), gate(FIRST, 10, 30, "JP"), gate(DATES[1], 9, 9, "KR"),
        views(DATES[7], 9, 11), views(DATES[7], 10, 25, "ko"), views(DATES[8], 9, 3),
        *(fact(Kind.PLANNED, at(DATES[2], 8)) for _ in range(12)), fact(Kind.PLANNED, at(FIRST, 8)),
    )))  # fmt: skip
    assert month.totals == Totals(Told(70, 1), Told(36, 1), Told(12, 1))
    assert month.gate_hours == {(5, 9): 40, (5, 10): 30}
    assert month.guide_hours == {(5, 9): 11, (5, 10): 25}
    assert (month.origins, month.asked) == ((("KR", 40), ("JP", 30)), 70)
    assert (month.languages, month.language_views) == ((("ko", 25), ("ja", 11)), 36)


def test_hours_that_would_give_a_small_one_away_are_left_out_with_it() -> None:
    month = of(roll_up(heard(gate(FIRST, 9, 4), gate(FIRST, 10, 30), gate(FIRST, 11, 50))))
    assert month.totals.admitted == Told(84, 0)
    assert month.gate_hours == {(5, 11): 50}  # 4 alone would be the rest


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(8, 12), st.integers(1, 40)), max_size=20))
def test_no_sum_holds_a_day_or_an_hour_that_is_not_told(given_: list[tuple[int, int, int]]) -> None:
    rolled = roll_up(heard(*(gate(DATES[day], hour, n) for day, hour, n in given_)))
    month = of(rolled)
    by_day = [sum(n for day, _, n in given_ if day == each) for each in range(4)]
    assert month.totals.admitted.value == sum(n for n in by_day if n >= K)
    assert month.totals.admitted.untold_days == sum(0 < n < K for n in by_day)
    assert sum(month.gate_hours.values()) <= month.totals.admitted.value
    # The four days are four days of the week: a cell is one hour of one day.
    assert all(count >= K for count in month.gate_hours.values())
    hidden = month.totals.admitted.value - sum(month.gate_hours.values())
    assert hidden == 0 or hidden >= K
    assert totals(rolled.days, rolled.hours, DATES) == month.totals


def test_zones_are_told_by_the_mean_of_their_hours_and_never_added_up() -> None:
    hours = [
        ZoneHourHeard("z", {"en": "Gate"}, "devices", 13, 40, 30, 50),
        ZoneHourHeard("z", {"en": "Gate"}, "devices", 13, 61, 40, 80),
        ZoneHourHeard("z", {"en": "Gate"}, "visitors", 13, 20, 15, 25),
    ]
    one, two = area_month({}, {}, DATES, hours).zones
    assert (one.kind, one.hours) == ("devices", (ZoneHourMean(13, 50, 35, 65, 2),))
    assert (two.kind, two.hours) == ("visitors", (ZoneHourMean(13, 20, 15, 25, 1),))


def test_the_own_month_is_kept_like_the_till_keeps_it() -> None:
    month = own_month(
        heard(
            sale(FIRST, 9, 500), sale(FIRST, 9, 300, tender="id"),
            sale(FIRST, 11, 300, Kind.VOIDED, tender="id"),
            sale(DATES[7], 9, 400, split_sale="s"), sale(DATES[7], 9, 600, split_sale="s"),
            sale(DATES[8], 9, 200), sale(DATES[8], 15, 200, Kind.REFUNDED, ended="yes"),
            sale(date(2026, 6, 9), 9, 9_999),
        ),
        DATES,
    )  # fmt: skip
    assert (month.kept_count, month.net_yen) == (2, 1_500)
    assert month.days[0] == OwnDay(FIRST, 1, 500)
    assert month.days[7] == OwnDay(DATES[7], 1, 1_000)
    assert month.days[8] == OwnDay(DATES[8], 0, 0)
    assert len(month.days) == 28
    assert month.hours == {(5, 9): Measures(4, 1_800), (6, 9): Measures(1, 200)}
    assert month.tenders == (("card", Measures(4, 1_700)), ("id", Measures(1, 300)))


def sundays(persons: int, *hours: int) -> list[Fact]:
    return [gate(on, hour, persons) for on in DATES if on.isoweekday() == 7 for hour in hours]


def weekdays(persons: int) -> list[Fact]:
    return [gate(on, hour, persons) for on in DATES if on.isoweekday() < 6 for hour in range(9, 16)]


def area_of(*facts: Fact) -> AreaMonth:
    return of(roll_up(heard(*facts)))


def own_of(*facts: Fact) -> OwnMonth:
    return own_month(heard(*facts), DATES)


def test_full_hours_in_which_the_till_is_quiet_stand_out() -> None:
    area = area_of(*weekdays(12), *sundays(90, 13, 14), *sundays(20, 9, 10, 11))
    morning = [sale(on, 9, 500) for on in DATES if on.isoweekday() == 7 for _ in range(4)]
    (found,) = findings(area, own_of(*morning), NOBODY, DATES)
    assert (found.kind, found.weekday, found.hour) == (FindingKind.FULL_AND_QUIET, 7, 13)
    assert (found.area_count, found.own_count, found.own_weekday_count) == (720, 0, 16)
    assert found.at_gates
    busy = [sale(on, 13, 500) for on in DATES if on.isoweekday() == 7 for _ in range(4)]
    (found,) = findings(area, own_of(*morning, *busy), NOBODY, DATES)
    assert (found.kind, found.own_count) == (FindingKind.FULL, 16)
    (found,) = findings(area, OwnMonth(), NOBODY, DATES)
    assert found.kind is FindingKind.FULL, "of a till without sales nothing is said"


def test_where_all_hours_are_alike_or_few_came_nothing_stands_out() -> None:
    assert findings(area_of(*weekdays(12)), OwnMonth(), NOBODY, DATES) == ()
    assert findings(area_of(*sundays(12, 13)), OwnMonth(), NOBODY, DATES) == ()
    assert findings(AreaMonth(), OwnMonth(), NOBODY, DATES) == ()
    once = area_of(gate(FIRST, 13, 500), *weekdays(10))
    assert findings(once, OwnMonth(), NOBODY, DATES[:5]) == (), "one Friday is no Fridays"


def test_pages_of_the_guide_stand_in_where_no_gate_counts() -> None:
    area = area_of(*(views(on, 13, 80) for on in DATES if on.isoweekday() == 6),
                   *(views(on, 9, 12) for on in DATES))  # fmt: skip
    (found,) = findings(area, OwnMonth(), NOBODY, DATES)
    assert (found.weekday, found.at_gates) == (6, False)
    assert found.hour in (12, 13)


def test_sales_that_go_another_way_than_guests_stand_out() -> None:
    area = AreaMonth(totals=Totals(admitted=Told(1_120)))
    own = OwnMonth(days=(OwnDay(FIRST, 38, 9),))
    before = Before(Totals(admitted=Told(1_000)), 40)
    (found,) = findings(area, own, before, DATES)
    assert (found.kind, found.area_percent, found.own_percent) == (FindingKind.APART, 12, -5)
    along = OwnMonth(days=(OwnDay(FIRST, 44, 9),))
    assert findings(area, along, before, DATES) == ()
    # Sums that leave days out are not compared, nor a shop that had not begun.
    for other in (Before(Totals(admitted=Told(1_000, 2)), 40), Before(before.area, None),
                  Before(Totals(admitted=Told(90)), 40), Before(before.area, 9)):  # fmt: skip
        assert findings(area, own, other, DATES) == ()


def test_a_language_that_many_ask_for_stands_out() -> None:
    area = AreaMonth(languages=(("ja", 70), ("und", 40), ("ko", 30)), language_views=140)
    (found,) = findings(area, OwnMonth(), NOBODY, DATES)
    assert (found.kind, found.locale, found.share_percent) == (FindingKind.LANGUAGE, "ko", 21)
    few = AreaMonth(languages=(("ja", 130), ("ko", 10)), language_views=140)
    assert findings(few, OwnMonth(), NOBODY, DATES) == ()


def test_no_more_than_two_things_stand_out() -> None:
    area = area_of(
        *weekdays(12), *sundays(90, 13, 14), *sundays(20, 9, 10, 11),
        *(views(on, 9, 60, "ko") for on in DATES),
    )  # fmt: skip
    before = Before(Totals(admitted=Told(100)), 400)
    found = findings(area, own_of(sale(FIRST, 9, 5)), before, DATES)
    assert [each.kind for each in found] == [FindingKind.FULL, FindingKind.APART]
