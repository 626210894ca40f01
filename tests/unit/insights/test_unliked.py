"""Texts that few like: told by the same groups as the months, and by nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.groups import GROUP
from services.insights.domain.ratings import Heard, Liking, Told, tell
from services.insights.domain.unliked import unliked
from tests.unit.insights.test_ratings import heard

START = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = ("A", "ja")


def at(number: int, face: str, minute: int, *reasons: str, stop: str = "A") -> Heard:
    found = heard(number, face, "ja", *reasons, stop=stop)
    return Heard(
        found.event_id, found.ended, stop, "ja", face, reasons, START + timedelta(minutes=minute)
    )


def month(*faces: str, begin: int = 0) -> list[Heard]:
    return [at(begin + n, face, begin + n) for n, face in enumerate(faces)]


def test_texts_that_are_liked_are_left_out() -> None:
    bad = [at(n, "poor", n, "hard") for n in range(40)]
    good = [at(n, "good", n, stop="B") for n in range(40)]
    [found] = unliked([[], bad + good], {})
    assert (found.stop_code, found.locale) == TEXT
    assert found.liking in (Liking.HARDLY_ANYONE, Liking.FEW)
    assert found.reasons == ("hard",)


def test_what_is_not_told_of_a_month_is_not_told_of_two() -> None:
    nine = month(*["poor"] * (GROUP - 1))
    assert unliked([nine, month(*["poor"] * (GROUP - 1), begin=100)], {}) == ()


def _time_of(one: Heard) -> datetime:
    assert one.heard_time is not None
    return one.heard_time


FACES = st.lists(st.sampled_from(["good", "fair", "poor"]), min_size=30, max_size=60)


@given(FACES, FACES, st.integers(0, 30))
def test_it_tells_of_whole_groups_of_the_months_alone(
    before: list[str], this: list[str], since: int
) -> None:
    """Whatever time is asked for: a sum of what each month's own groups tell, with their chance."""
    months = [month(*before), month(*this, begin=1_000)]
    later = START + timedelta(minutes=since)
    good = count = 0
    for each in months:
        groups = [each[n : n + GROUP] for n in range(0, len(each) - GROUP + 1, GROUP)]
        told = [tell(group)[TEXT] for group in groups if _time_of(group[0]) >= later]
        sums = (sum(one.count for one in told), sum(one.good for one in told))
        now = tell(each, {TEXT: later}).get(TEXT, Told())
        assert (now.count, now.good) == sums
        count, good = count + sums[0], good + sums[1]
    found = unliked(months, {TEXT: later})
    share_good = good / count if count else 1.0
    assert bool(found) == (count > 0 and share_good < 0.65)
    assert unliked(months, {("other", "ja"): later}) == unliked(months, {})


def test_done_ratings_of_before_count_no_more() -> None:
    poor, good = ["poor"] * 40, ["good"] * 40
    both = month(*poor, *good)
    after = {TEXT: START + timedelta(minutes=40)}
    assert unliked([both], {})
    assert unliked([both], after) == ()
    # A group that began before is left out whole: its ratings are in no other group.
    assert unliked([month(*poor)], {TEXT: START + timedelta(minutes=31)}) == ()
    assert unliked([month(*poor)], {TEXT: START + timedelta(minutes=30)})
