"""Each rule speaks from its threshold on, not below, and gives nothing small about people away."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.letter_rules import (
    LEAST_MISSED,
    MOST,
    crowded_edge,
    least_share,
    proposals,
    told_missed,
)
from services.insights.domain.proposal import Action, Basis, Proposal
from services.insights.domain.ratings import Liking
from services.insights.domain.unliked import Unliked
from tests.unit.insights.letters_made import FIRST, LAST, scans, seen

STOPS = {code: {"en": f"Stop {code}"} for code in ("A", "B", "C", "D", "E", "F")}


def only(found: tuple[Proposal, ...], action: Action) -> Proposal | None:
    return next((one for one in found if one.action is action), None)


def of_stops(**pages: int) -> dict[tuple[Kind, Dimension, str], int]:
    cells = {(Kind.SCAN, Dimension.STOP, stop): count for stop, count in pages.items()}
    return {**cells, (Kind.SCAN, Dimension.TOTAL, ""): sum(pages.values())}


def test_a_language_that_is_wished_for_is_proposed_with_what_it_can_bring_at_most() -> None:
    one = only(proposals(seen(lambda _on: scans(200, ko=40, th=20))), Action.ADD_LANGUAGE)
    assert one is not None
    assert (one.subject, one.count, one.total, one.days) == ("ko", 1240, 6200, 31)
    assert one.steady
    assert one.expected is not None
    assert (one.expected.low, one.expected.high) == (40, 40)
    assert one.expected.basis is Basis.AT_MOST
    assert one.series is not None
    assert one.series.fewer
    assert one.series.values == ("ko",)


def test_a_language_of_days_too_small_to_be_told_is_not_proposed() -> None:
    # Nine a day are 279 in all, of which no page of a day tells one.
    assert only(proposals(seen(lambda _on: scans(200, ko=9))), Action.ADD_LANGUAGE) is None


@given(st.dictionaries(st.sampled_from(["ko", "th", "en", "fr"]), st.integers(0, 60)))
def test_what_a_letter_adds_up_are_counts_that_days_tell(missed: dict[str, int]) -> None:
    told = told_missed(scans(400, **missed))
    assert all(count >= 10 and missed[tag] == count for tag, count in told.items() if count)


@pytest.mark.parametrize("least", [LEAST_MISSED - 1, LEAST_MISSED])
def test_a_language_needs_enough_pages(least: int) -> None:
    found = proposals(
        seen(
            lambda on: scans(500, ko=least, th=300)
            if on == LAST
            else scans(100)
        )
    )  # fmt: skip
    assert found[0].subject == "th"
    again = proposals(
        seen(lambda on: scans(500, ko=least, th=300) if on == LAST else scans(100)),
        blocked={"add_language/th"},
    )
    assert bool(again) is (least >= LEAST_MISSED)
    assert not any(one.steady for one in again)  # April had none


def test_a_stop_that_nobody_opens_needs_a_sign() -> None:
    found = proposals(seen(lambda _on: of_stops(A=1, B=20, C=24, D=30, E=40), stops=STOPS))
    one = only(found, Action.SIGN_AT_STOP)
    assert one is not None
    # F was published and never opened; A is next.
    assert (one.subject, one.count, one.names) == ("F", 0, {"en": "Stop F"})
    assert one.steady
    assert one.expected is not None
    assert one.expected.basis is Basis.OTHERS
    assert 10 < one.expected.low < 25 <= one.expected.high <= 40
    later = only(
        proposals(seen(lambda _on: of_stops(A=1, B=20, C=24, D=30, E=40), stops=STOPS), {one.key}),
        Action.SIGN_AT_STOP,
    )
    assert later is not None
    assert later.subject == "A"


@pytest.mark.parametrize(
    ("pages", "stops"),
    [
        ({"A": 5, "B": 20, "C": 24, "D": 30, "E": 40}, "ABCDE"),  # above a fifth of 24
        ({"A": 0, "B": 20, "C": 24, "D": 30}, "ABCD"),  # too few stops to say what is usual
    ],
)
def test_a_stop_that_is_read_a_little_less_is_left_alone(pages: dict[str, int], stops: str) -> None:
    known = {code: STOPS[code] for code in stops}
    found = proposals(seen(lambda _on: of_stops(**pages), stops=known))
    assert only(found, Action.SIGN_AT_STOP) is None


def plans(
    chosen: Mapping[str, int], left_out: Mapping[str, int], total: int
) -> dict[tuple[Kind, Dimension, str], int]:
    return {
        (Kind.PLANNED, Dimension.TOTAL, ""): total,
        **{(Kind.PLANNED, Dimension.CHOSEN, poi): count for poi, count in chosen.items()},
        **{(Kind.PLANNED, Dimension.LEFT_OUT, why): count for why, count in left_out.items()},
    }


def test_a_spot_in_hardly_any_plan_is_brought_to_light() -> None:
    chosen = {"cave": 30, "plateau": 25, "museum": 20, "shrine": 15, "spring": 1}
    one = only(proposals(seen(lambda _on: plans(chosen, {}, 40))), Action.SHOW_SPOT)
    assert one is not None
    assert (one.subject, one.count, one.total, one.typical) == ("spring", 31, 1240, 620)
    even = dict.fromkeys(chosen, 20)
    assert only(proposals(seen(lambda _on: plans(even, {}, 40))), Action.SHOW_SPOT) is None


def test_wishes_that_hours_or_buses_end_are_told_with_their_share() -> None:
    why = {"closed_that_day": 1, "closed_at_that_time": 2, "no_bus": 3, "not_enough_time": 4}
    found = proposals(seen(lambda _on: plans({}, why, 20)))
    hours, bus = only(found, Action.LONGER_HOURS), only(found, Action.MOVE_BUS)
    assert hours is not None
    assert bus is not None
    assert (hours.count, hours.total, bus.count) == (93, 310, 93)
    assert hours.series is not None
    assert set(hours.series.values) == {"closed_that_day", "closed_at_that_time"}
    rare = {"closed_that_day": 1, "no_bus": 1, "not_enough_time": 20}
    none = proposals(seen(lambda _on: plans({}, rare, 20)))
    assert only(none, Action.LONGER_HOURS) is None
    assert only(none, Action.MOVE_BUS) is None


def test_an_edge_of_the_opening_that_people_crowd_in_is_told_in_tens() -> None:
    def hours(_on: date) -> dict[tuple[Kind, int], int]:
        people = {(Kind.ADMITTED, hour): 11 for hour in range(9, 17)}
        return {**people, (Kind.ADMITTED, 8): 57}

    def of_day(_on: date) -> dict[tuple[Kind, Dimension, str], int]:
        return {(Kind.ADMITTED, Dimension.TOTAL, ""): 40}

    one = only(proposals(seen(of_day, hours)), Action.OPEN_EARLIER)
    assert one is not None
    assert (one.detail, one.count, one.total, one.typical) == ("8", 1760, 4490, 9)
    assert one.steady
    assert one.expected is None  # nothing of the past tells it


@pytest.mark.parametrize(
    ("by_hour", "least", "found"),
    [
        ({8: 100, 9: 20, 10: 20, 11: 20}, 100, 8),
        ({8: 20, 9: 20, 10: 20, 11: 100}, 100, 11),
        ({8: 20, 9: 100, 10: 20, 11: 20}, 100, None),  # in the midst: no matter of the opening
        ({8: 100, 9: 20, 10: 20, 11: 20}, 200, None),  # too few in all
        ({8: 100, 9: 20, 10: 20}, 100, None),  # too few hours to speak of an edge
        ({7: 2, 8: 100, 9: 20, 10: 20, 11: 20}, 100, 8),  # one party at dawn opens nothing
        ({}, 0, None),
    ],
)  # fmt: skip
def test_an_edge_is_crowded_by_twice_an_even_share(
    by_hour: dict[int, int], least: int, found: int | None
) -> None:
    edge = crowded_edge(by_hour, least)
    assert (edge[0] if edge else None) == found


def test_hours_of_few_people_are_in_no_sum_of_a_letter() -> None:
    """Letters of four weeks overlap: the tens of several would narrow one small hour to a few."""

    def of_small(small: int) -> Proposal | None:
        def hours(on: date) -> dict[tuple[Kind, int], int]:
            people = {(Kind.ADMITTED, hour): 11 for hour in range(9, 17)}
            return {**people, (Kind.ADMITTED, 8): small if on == date(2026, 5, 12) else 57}

        return only(proposals(seen(lambda _on: scans(20), hours)), Action.OPEN_EARLIER)

    assert of_small(1)
    assert of_small(1) == of_small(9)
    assert of_small(9) != of_small(57)


def test_a_text_that_few_like_is_told_in_words_and_judged_by_no_day() -> None:
    low = Unliked("K7Q2X", "en", Liking.FEW, ("hard",))
    found = proposals(seen(lambda _on: scans(20), stops={"K7Q2X": {"en": "A"}}, unliked=(low,)))
    one = only(found, Action.IMPROVE_TEXT)
    assert one is not None
    assert (one.subject, one.detail, one.liking, one.reasons) == ("K7Q2X", "en", 2, ("hard",))
    assert one.count == 0
    assert one.series is None
    assert one.key == "improve_text/K7Q2X/en"


def test_three_at_most_each_of_another_kind_the_steady_first() -> None:
    why = {"closed_that_day": 5, "no_bus": 5}
    chosen = {"cave": 30, "plateau": 25, "museum": 20, "shrine": 15, "spring": 1}

    def of_day(on: date) -> dict[tuple[Kind, Dimension, str], int]:
        missed = {"ko": 200, "th": 40} if on >= FIRST else {}  # new in May, and strong
        return {**scans(400, **missed), **plans(chosen, why, 40)}

    found = proposals(seen(of_day))
    assert len(found) == MOST
    assert len({one.action for one in found}) == MOST
    assert all(one.steady for one in found)


def test_practice_and_too_few_days_propose_nothing() -> None:
    assert proposals(seen(lambda _on: scans(200, ko=40, th=20), practice=True)) == ()
    late = LAST - timedelta(days=12)
    few = seen(lambda on: scans(200, ko=40, th=20) if on >= late else {})
    assert proposals(few) == ()


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_sure_share_is_below_the_share(count: int, more: int) -> None:
    total = count + more
    assert 0 <= least_share(count, total) <= count / total
    assert least_share(10 * count, 10 * total) >= least_share(count, total) - 1e-12
    assert least_share(0, 0) == 0
