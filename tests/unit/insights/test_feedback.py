"""What of replies to the survey is told, and what may not be worked out from it."""

from services.insights.domain import feedback
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.feedback import Values


def replies(**questions: dict[str, int]) -> Values:
    return {
        (Kind.ANSWERED, Dimension.ANSWER, f"{question}/{option}"): count
        for question, options in questions.items()
        for option, count in options.items()
    }


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
