"""What is told of replies to the survey: no reply changes what is told alone, nor can it be
worked out of what is told later, over any cross of questions."""

import math
import random
import uuid
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from services.insights.domain import feedback
from services.insights.domain.groups import EPSILON, GROUP
from services.insights.domain.replies import Reply, Told, least, tell, told_count
from tests.examples import share
from tests.unit.insights.test_groups import likely

FAR = 60  # of the chance: beyond it nothing is likely enough to matter
OPTIONS = {
    "country": ("JP", "KR", "TW"), "prefecture": ("JP-35", "JP-40"), "party": ("alone", "couple"),
}  # fmt: skip
ANSWERS = st.fixed_dictionaries(
    {}, optional={question: st.sampled_from(options) for question, options in OPTIONS.items()}
)
MONTHS = st.lists(ANSWERS, min_size=8, max_size=64)


def month(given_answers: list[dict[str, str]], name: str = "m") -> list[Reply]:
    """Replies in the order of hearing; the same name has the same events."""
    return [
        Reply(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name}{n}")), frozenset(each.items()))
        for n, each in enumerate(given_answers)
    ]


def figures(told: Told) -> list[int]:
    return [told.count, *(n for options in told.questions.values() for n in options.values())]


@share(25)
@given(MONTHS)
def test_one_more_reply_changes_nothing_told_unless_a_group_fills(
    answers: list[dict[str, str]],
) -> None:
    """Whoever reads the page before and after somebody fills in the survey sees the same page."""
    replies = month(answers)
    for end in range(len(replies) + 1):
        told = tell(replies[:end])
        assert told == tell(replies[: end // GROUP * GROUP])
        assert told.count == end // GROUP * GROUP


@share(25)
@given(MONTHS, st.randoms(use_true_random=False))
def test_who_of_a_group_answered_what_makes_no_difference(
    answers: list[dict[str, str]], dice: random.Random
) -> None:
    """Answers change hands within each group, each question for itself: every page is the same.

    So no cross of questions can be worked out, nor anything of fewer than the ten of a group.
    """
    mixed = [dict(each) for each in answers]
    for start in range(0, len(answers) // GROUP * GROUP, GROUP):
        for question in OPTIONS:
            hands = [each.get(question) for each in answers[start : start + GROUP]]
            dice.shuffle(hands)
            for place, option in enumerate(hands, start):
                mixed[place].pop(question, None)
                if option is not None:
                    mixed[place][question] = option
    for end in range(0, len(answers) + 1, GROUP):
        assert tell(month(answers)[:end]) == tell(month(mixed)[:end])


@share(25)
@given(MONTHS)
def test_figures_and_their_differences_are_whole_tens(answers: list[dict[str, str]]) -> None:
    """Whatever pages are read, and whatever of them is added or subtracted, is told in tens."""
    replies = month(answers)
    pages = [tell(replies[:end]) for end in range(len(replies) + 1)]
    for told in pages:
        assert all(figure % K == 0 and 0 <= figure <= told.count for figure in figures(told))
        cells = [n for options in told.questions.values() for n in options.values()]
        assert all(n >= K for n in cells)
    for earlier, later in combinations(pages[::GROUP], 2):
        assert later.count - earlier.count >= GROUP


def sums(groups: int) -> dict[int, float]:
    """How likely each sum of the chance of so many groups is."""
    found = {added: likely(added) for added in range(-FAR, FAR + 1)}
    one = dict(found)
    for _ in range(groups - 1):
        both: Counter[int] = Counter()
        for first, a in found.items():
            for second, b in one.items():
                both[first + second] += a * b  # type: ignore[assignment]
        found = {added: each for added, each in both.items() if each > 1e-14}
    return found


@pytest.mark.parametrize("groups", [1, 2, 5])
def test_whatever_is_told_one_of_ten_may_have_answered_so_or_not(groups: int) -> None:
    """All know everybody else's answers, see what is told, and cannot tell the one's."""
    added = sums(groups)
    for others in range(groups * GROUP):
        told: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
        for chose, found in told.items():
            for chance, how_likely in added.items():
                found[told_count(others + chose + chance, groups)] += how_likely  # type: ignore[assignment]
        for figure in told[True] | told[False]:
            with_it, without = told[True][figure], told[False][figure]
            if max(with_it, without) > 1e-9:
                assert math.exp(-EPSILON) - 1e-3 < with_it / without < math.exp(EPSILON) + 1e-3


@pytest.mark.parametrize("groups", [1, 2, 3, 6, 12])
def test_what_one_alone_chose_is_told_in_hardly_any_month(groups: int) -> None:
    assert sum(each for added, each in sums(groups).items() if 1 + added >= least(groups)) < 1e-3


def test_what_nobody_chose_is_never_told() -> None:
    for number in range(50):
        told = tell(month([{"country": "JP"}] * 200, f"m{number}"))
        assert set(told.questions) == {"country"}
        assert set(told.questions["country"]) == {"JP"}


def test_ten_of_one_mind_are_told_in_several_ways() -> None:
    """What ten replies say is not what is told of them each time."""
    months = [tell(month([{"country": "JP"}] * GROUP, f"m{number}")) for number in range(100)]
    assert {each.questions.get("country", {}).get("JP") for each in months} == {None, GROUP}


def test_chance_evens_out_and_what_many_chose_is_told_about_right() -> None:
    answers = [{"country": "JP" if n % 10 < 7 else "KR" if n % 10 < 9 else f"X{n}"}
               for n in range(500)]  # fmt: skip
    told = tell(month(answers))
    assert told.count == 500
    assert set(told.questions["country"]) == {"JP", "KR"}  # of the others one came of each
    assert abs(told.questions["country"]["JP"] - 350) <= 40
    assert abs(told.questions["country"]["KR"] - 100) <= 40


@pytest.mark.parametrize(
    ("noisy", "groups", "told"),
    [(9, 1, 0), (10, 1, 10), (13, 1, 10), (11, 2, 0), (12, 2, 10), (15, 2, 20), (27, 2, 20),
     (24, 9, 20), (25, 9, 30), (-3, 1, 0)],
)  # fmt: skip
def test_a_noisy_sum_is_told_in_tens_and_never_above_all(
    noisy: int, groups: int, told: int
) -> None:
    assert told_count(noisy, groups) == told


def test_a_question_tells_its_answers_chosen_most_first_and_no_number_of_its_own() -> None:
    """How many left a question out is told of none: n is that of all surveys."""
    answers: list[dict[str, str]] = [{"party": "couple"}] * 60 + [{"heard": "social"}] * 60
    answers += [{"party": "alone"}] * 100
    count, questions = feedback.answers(month(answers))
    assert count == 220
    found = dict(questions)
    assert [cell.value for cell in found["party"].cells] == ["alone", "couple"]
    assert {each.n for each in found.values()} == {220}
    assert not any(cell.withheld for each in found.values() for cell in each.cells)
    assert feedback.answers([]) == (0, ())
