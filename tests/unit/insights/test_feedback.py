"""What of ratings and replies is told, and what may not be worked out from it."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from services.insights.domain import feedback
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.feedback import Values

Given = dict[tuple[str, str, str], int]


def ratings(
    rated: Given, withdrawn: Given | None = None, complaints: Given | None = None
) -> Values:
    """Sums of a month, from stop, language and face."""
    values: dict[tuple[Kind, Dimension, str], int] = {}
    for kind, counts in ((Kind.RATED, rated), (Kind.UNRATED, withdrawn or {})):
        for key, count in counts.items():
            values[kind, Dimension.FACE, "/".join(key)] = count
    for key, count in (complaints or {}).items():
        values[Kind.RATED, Dimension.COMPLAINT, "/".join(key)] = count
    return values


def replies(**questions: dict[str, int]) -> Values:
    return {
        (Kind.ANSWERED, Dimension.ANSWER, f"{question}/{option}"): count
        for question, options in questions.items()
        for option, count in options.items()
    }


def test_the_least_liked_stand_first_and_shares_are_rounded() -> None:
    values = ratings(
        {("A", "ja", "good"): 36, ("A", "ja", "poor"): 4, ("B", "ja", "good"): 30,
         ("B", "en", "good"): 3, ("B", "en", "fair"): 5, ("B", "en", "poor"): 12},
        complaints={("B", "en", "hard"): 11, ("B", "en", "long"): 4},
    )  # fmt: skip
    count, (first, second) = feedback.rated_stops(values, {("stop", "A"): {"ja": "池"}})
    assert count == 90
    assert (first.stop_code, first.count, first.good_tenths) == ("B", 50, 7)
    english, japanese = first.languages
    assert (english.locale, english.count, english.good_tenths) == ("en", 20, 2)
    assert [(each.value, each.count) for each in english.reasons] == [("hard", 11)]
    assert (japanese.locale, japanese.good_tenths) == ("ja", 10)
    assert (second.stop_code, second.names, second.good_tenths) == ("A", {"ja": "池"}, 9)


def test_what_was_withdrawn_no_longer_counts_even_when_it_is_heard_first() -> None:
    values = ratings(
        {("A", "ja", "good"): 20, ("A", "ja", "poor"): 2},
        {("A", "ja", "poor"): 2, ("A", "ja", "fair"): 1},
    )
    count, (stop,) = feedback.rated_stops(values, {})
    assert (count, stop.count, stop.good_tenths) == (20, 20, 10)


def test_few_ratings_tell_nothing() -> None:
    count, (stop,) = feedback.rated_stops(ratings({("A", "th", "poor"): 9}), {})
    assert count is None
    assert (stop.count, stop.good_tenths, stop.languages) == (None, None, ())


def test_a_small_language_takes_another_out_with_it() -> None:
    values = ratings({("A", "ja", "good"): 40, ("A", "en", "good"): 12, ("A", "th", "poor"): 2})
    _, (stop,) = feedback.rated_stops(values, {})
    shown = {each.locale: each.count for each in stop.languages}
    assert shown == {"ja": 40, "en": None, "th": None}
    assert stop.count == 54


FACES = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["ja", "en", "th"]),
              st.sampled_from(["good", "fair", "poor"])),
    st.integers(1, 40),
)  # fmt: skip


@given(FACES)
def test_hidden_cells_never_stand_alone_nor_sum_up_to_few(rated: Given) -> None:
    """Of every line: what is subtracted from its sum leaves nobody, or ten people in two cells."""
    exact: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (code, language, _), count in rated.items():
        exact[code][language] = exact[code].get(language, 0) + count
    total, stops = feedback.rated_stops(ratings(rated), {})
    if total is not None:
        hidden = [sum(exact[s.stop_code].values()) for s in stops if s.count is None]
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= K)
    for stop in stops:
        assert stop.count in (None, sum(exact[stop.stop_code].values()))
        if stop.count is None:
            assert stop.languages == ()
            continue
        told = {each.locale: each.count for each in stop.languages}
        out = [exact[stop.stop_code][locale] for locale in told if told[locale] is None]
        assert not out or (len(out) > 1 and sum(out) >= K)
        assert all(each.count is None or each.count >= K for each in stop.languages)
        assert all((each.good_tenths is None) == (each.count is None) for each in stop.languages)


def test_each_question_is_a_line_of_its_own() -> None:
    found = dict(
        feedback.answers(replies(
            party={"couple": 30, "alone": 4, "friends": 11}, heard={"social": 9},
        ))
    )  # fmt: skip
    assert found["heard"].withheld
    party = {cell.value: (cell.count, cell.withheld) for cell in found["party"].cells}
    assert party == {"couple": (30, False), "alone": (0, True), "friends": (0, True)}
    assert found["party"].n == 45


def test_prefectures_do_not_give_away_how_many_live_in_the_country() -> None:
    """Japan is withheld to protect Korea; the sum of the prefectures would be Japan."""
    values = replies(country={"JP": 12, "KR": 5}, prefecture={"JP-35": 12})
    found = dict(feedback.answers(values))
    assert all(cell.withheld for cell in found["country"].cells)
    assert found["prefecture"].withheld
    plenty = replies(country={"JP": 40, "KR": 15}, prefecture={"JP-35": 12, "JP-40": 13})
    assert not dict(feedback.answers(plenty))["prefecture"].withheld


def test_replies_are_counted_whole() -> None:
    values = {**replies(party={"alone": 3}), (Kind.ANSWERED, Dimension.TOTAL, ""): 4}
    assert feedback.reply_count(values) == 0
    key = (Kind.ANSWERED, Dimension.TOTAL, "")
    for exact, told in ((9, 0), (10, 10), (28, 20), (30, 30)):
        assert feedback.reply_count({**values, key: exact}) == told
    assert feedback.reply_count({}) == 0
