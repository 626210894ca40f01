"""Figures of KPIs from events: what other pages tell, added up, and nothing finer."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.fact import Dimension, Kind, Slice
from services.insights.domain.figures import DaySums
from services.insights.domain.kpi import Certainty, Figure, Measure
from services.insights.domain.kpi_measures import foreign, from_events, from_replies
from services.insights.domain.replies import Reply
from services.insights.domain.rollup import roll_up
from tests.unit.insights.made import ON, dated, fact

Day = dict[str, int]


def admitted(by_origin: Day) -> DaySums:
    return roll_up(
        dated(
            *(
                fact(
                    Kind.ADMITTED, persons=persons,
                    slices=(Slice(Dimension.ORIGIN, origin),) if origin else (),
                )
                for origin, persons in by_origin.items()
            )
        )
    ).days  # fmt: skip


def test_who_was_asked_is_known_and_who_was_not_may_be_from_abroad() -> None:
    assert foreign(admitted({"JP": 50, "KR": 20, "TW": 15}), ON) == (35, 35)
    assert foreign(admitted({"JP": 50, "KR": 20, "": 30}), ON) == (20, 50)
    assert foreign(admitted({"": 30}), ON) == (0, 30)
    assert foreign(admitted({}), ON) == (0, 0)


def test_small_countries_hide_one_another_and_are_abroad_all_the_same() -> None:
    assert foreign(admitted({"JP": 50, "KR": 7, "TW": 8}), ON) == (15, 15)


def test_where_japan_itself_is_withheld_nothing_of_it_is_told() -> None:
    # 4 from Japan and 9 from Korea hide one another: the 13 may be all from Japan, or none.
    least, most = foreign(admitted({"JP": 4, "KR": 9, "TW": 40}), ON)
    assert (least, most) == (40, 53)


def test_a_day_that_tells_nothing_leaves_everything_open() -> None:
    assert foreign(admitted({"KR": 5}), ON) == (0, 5)


@given(st.dictionaries(st.sampled_from(["JP", "KR", "TW", "US", "ZZ", ""]), st.integers(0, 60)))
def test_the_span_holds_the_truth(by_origin: Day) -> None:
    least, most = foreign(admitted(by_origin), ON)
    asked = sum(n for origin, n in by_origin.items() if origin not in {"JP", ""})
    assert 0 <= least <= asked
    assert asked + by_origin.get("", 0) <= most


def test_months_add_their_days_up() -> None:
    sums = roll_up(
        dated(
            fact(Kind.SCAN, count=3), fact(Kind.SCAN, count=4),
            fact(Kind.CAPTURED, amount_yen=900), fact(Kind.REFUNDED, amount_yen=200),
            fact(Kind.CAPTURED, amount_yen=5_000, practice=True),
            fact(Kind.PLANNED, persons=4),
        )
    ).days  # fmt: skip
    found = from_events(sums, [date(2026, 4, 30), ON])
    assert found[Measure.GUIDE_VIEWS] == {
        "2026-04": Figure(0, 0, Certainty.EXACT), "2026-05": Figure(7, 7, Certainty.EXACT),
    }  # fmt: skip
    assert found[Measure.TAKINGS]["2026-05"].value == 700
    assert found[Measure.PLANS]["2026-05"].value == 1


def test_replies_are_told_in_whole_tens() -> None:
    heard = [Reply(f"id-{number}", frozenset()) for number in range(27)]
    assert from_replies({"2026-05": heard}) == {"2026-05": Figure(20, 29, Certainty.BOUNDED)}
