"""What is told of ratings: by whole groups, with chance, and never one visitor's answer."""

import math
import uuid
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from meguri.multilingual.v1 import feedback_service_pb2 as words
from services.insights.domain import feedback
from services.insights.domain.groups import EPSILON, GROUP
from services.insights.domain.ratings import REASONS, Heard, Liking, liking_of, tell
from tests.examples import share
from tests.unit.insights.test_groups import likely

FAR = 40  # of the chance: beyond it nothing is likely enough to matter


def heard(
    number: int, face: str = "good", language: str = "ja", *reasons: str, stop: str = "A",
    ended: bool = False,
) -> Heard:  # fmt: skip
    event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{stop}{language}{number}"))
    return Heard(event_id, ended, stop, language, face, reasons)


def of_words(good: int, count: int) -> dict[Liking, float]:
    """How likely each word is to be told of so many good ones of one group of ten."""
    found: Counter[Liking] = Counter()
    for added in range(-FAR, FAR + 1):
        found[liking_of(good + added, count)] += likely(added)  # type: ignore[assignment]
    return dict(found)


@given(st.integers(0, GROUP - 1))
def test_whatever_is_told_of_ten_any_answer_of_one_of_them_may_be_behind_it(others: int) -> None:
    """All know the nine others' answers, and see what is told: the tenth may be either.

    Above all where all or none liked it, which tenths told exactly.
    """
    assert EPSILON <= 1
    liked, not_liked = of_words(others + 1, GROUP), of_words(others, GROUP)
    assert set(liked) == set(not_liked) == set(Liking)
    for word in Liking:
        ratio = liked[word] / not_liked[word]
        assert math.exp(-EPSILON) - 1e-6 <= ratio <= math.exp(EPSILON) + 1e-6


ANSWERS = st.lists(
    st.tuples(st.sampled_from(["good", "fair", "poor"]), st.sampled_from(["ja", "en"]),
              st.booleans()),
    min_size=20, max_size=60,
)  # fmt: skip


@share(25)
@given(ANSWERS)
def test_a_page_read_after_every_rating_changes_by_ten_of_them_or_not_at_all(
    answers: list[tuple[str, str, bool]],
) -> None:
    events = [
        heard(n, face, language, *(["hard"] if hard and face != "good" else []))
        for n, (face, language, hard) in enumerate(answers)
    ]
    pages = [tell(events[:end]) for end in range(len(events) + 1)]
    for language in ("ja", "en"):
        key, seen = ("A", language), 0
        for end, (before, after) in enumerate(pairwise(pages)):
            seen += events[end].language == language
            is_whole = seen % GROUP == 0 and events[end].language == language
            was = (before[key].count, before[key].good) if key in before else (0, 0)
            now = (after[key].count, after[key].good) if key in after else (0, 0)
            assert now[0] - was[0] == (GROUP if is_whole else 0)
            assert is_whole or now == was
            assert now[0] % GROUP == 0


@share(25)
@given(ANSWERS)
def test_what_is_told_is_of_ten_ratings_or_more_and_its_sums_hide_nobody(
    answers: list[tuple[str, str, bool]],
) -> None:
    events = [heard(n, face, language) for n, (face, language, _) in enumerate(answers)]
    count, stops = feedback.rated_stops(events, {})
    languages = [each for stop in stops for each in stop.languages]
    assert all(each.count >= K and each.count % K == 0 for each in languages)
    assert (count or 0) == sum(each.count for each in languages)  # no rest to subtract
    assert all(stop.count == sum(each.count for each in stop.languages) for stop in stops)


@pytest.mark.parametrize("face", ["good", "poor"])
def test_ten_of_one_mind_are_told_in_several_ways(face: str) -> None:
    """What ten ratings say is not what is told of them each time."""
    said = {
        tell([heard(n, face, stop=f"S{number}") for n in range(GROUP)])[f"S{number}", "ja"].liking
        for number in range(200)
    }
    assert len(said) > 1


def test_chance_evens_out_and_the_least_liked_stand_first() -> None:
    """A stop that few like is found: that is what the page is for."""
    events = [heard(n, "good" if n % 10 else "poor") for n in range(200)]
    events += [heard(n, "good" if n % 5 == 0 else "poor", "en", *(["hard"] if n % 2 else []))
               for n in range(100)]  # fmt: skip
    events += [heard(n, "good", stop="B") for n in range(100)]
    count, (first, second) = feedback.rated_stops(events, {("stop", "A"): {"ja": "池"}})
    assert (count, first.stop_code, first.names, first.count) == (400, "A", {"ja": "池"}, 300)
    english, japanese = first.languages
    assert (english.locale, english.count, english.liking) == ("en", 100, Liking.FEW)
    assert english.reasons == ("hard",)
    assert (japanese.locale, japanese.liking) == ("ja", Liking.NEARLY_ALL)
    assert (second.stop_code, second.languages[0].reasons) == ("B", ())


def test_chance_alone_makes_no_reason() -> None:
    for stop in range(60):
        told = tell([heard(n, "good", stop=f"S{stop}") for n in range(10 * (1 + stop % 30))])
        assert told[f"S{stop}", "ja"].complaints == ()


def test_what_was_withdrawn_no_longer_counts_even_when_it_is_heard_first() -> None:
    events = [heard(n, "poor", ended=n < 5) for n in range(20)]
    assert tell(events)["A", "ja"].count == 10
    assert tell(events[:10]) == {}


@pytest.mark.parametrize(("ended", "told"), [(5, 10), (6, None), (9, None), (10, None)])
def test_of_fewer_than_ten_that_withdrawals_left_nothing_is_told(
    ended: int, told: int | None
) -> None:
    """A group of ten is told; of the next ten events some say that a rating ended."""
    events = [heard(n, "poor") for n in range(10)]
    events += [heard(n, "poor", ended=n < 10 + ended) for n in range(10, 20)]
    found = tell(events)
    assert {text: each.count for text, each in found.items()} == (
        {("A", "ja"): told} if told else {}
    )
    count, stops = feedback.rated_stops(events, {})
    assert (count, len(stops)) == (told, 1 if told else 0)


@pytest.mark.parametrize(
    ("good", "word"),
    [(-3, "HARDLY_ANYONE"), (14, "HARDLY_ANYONE"), (15, "FEW"), (34, "FEW"), (35, "ABOUT_HALF"),
     (64, "ABOUT_HALF"), (65, "MOST"), (84, "MOST"), (85, "NEARLY_ALL"), (104, "NEARLY_ALL")],
)  # fmt: skip
def test_words_begin_where_they_say(good: int, word: str) -> None:
    assert liking_of(good, 100) is Liking[word]


def test_reasons_are_those_of_the_guide() -> None:
    said = [
        name.removeprefix("RATING_REASON_").lower() for name in dict(words.RatingReason.items())
    ]
    assert [*REASONS] == [name for name in said if name != "unspecified"]
