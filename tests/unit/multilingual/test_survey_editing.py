"""Editing the survey: words, order, and that no answer changes its meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields, NotFound
from services.multilingual.domain import survey_editing as editing
from services.multilingual.domain.survey import Kind, Survey
from services.multilingual.domain.translation import State
from services.multilingual.store.surveys import FIRST


def state(survey: Survey, question_id: str, locale: str) -> tuple[State, bool]:
    return editing.state_of(editing.find(survey, question_id), locale, "ja")


def all_options(survey: Survey, question_id: str, text: str) -> dict[str, str]:
    options = editing.find(survey, question_id).options
    return {each.option_id: text for each in options if each.label}


def test_words_that_were_written_are_no_draft_any_longer() -> None:
    assert state(FIRST, "party", "en") == (State.MACHINE_DRAFT, True)
    label_only = editing.write(FIRST, "party", "en", "ja", "Who is with you?", {})
    assert state(label_only, "party", "en") == (State.MACHINE_DRAFT, True)  # options are unread
    whole = editing.write(
        label_only, "party", "en", "ja", "Who is with you?", all_options(FIRST, "party", "x")
    )
    assert state(whole, "party", "en") == (State.REVIEWED, False)
    assert (FIRST.version, label_only.version, whole.version) == (0, 1, 2)


def test_a_new_source_leaves_translations_behind_until_they_are_written_again() -> None:
    options = all_options(FIRST, "party", "x")
    read = editing.write(FIRST, "party", "en", "ja", "Who is with you?", options)
    source = editing.write(read, "party", "ja", "ja", "今日はどなたと", {})
    assert state(source, "party", "en")[0] is State.OUTDATED
    assert state(source, "party", "ko")[0] is State.OUTDATED
    assert state(source, "party", "ja")[0] is State.SOURCE
    again = editing.write(source, "party", "en", "ja", "Who is with you today?", options)
    assert state(again, "party", "en") == (State.REVIEWED, False)
    back = editing.write(source, "party", "ja", "ja", FIRST.questions[2].label.texts["ja"], {})
    assert state(back, "party", "en") == (State.REVIEWED, False)


def test_a_question_that_asks_for_something_else_has_another_id() -> None:
    survey = editing.ask_anew(FIRST, "transport", "ja", "帰りは何で")
    ids = [each.question_id for each in survey.questions if each.shown]
    assert ids == ["country", "prefecture", "party", "transport-2", "heard"]
    assert not editing.find(survey, "transport").shown
    assert state(survey, "transport-2", "en")[0] is State.MISSING
    third = editing.ask_anew(survey, "transport-2", "ja", "次は何で")
    assert editing.find(third, "transport-3").shown


@pytest.mark.parametrize(
    ("question_id", "label", "options"),
    [
        ("party", "", {}),
        ("party", "x" * 121, {}),
        ("party", "ok", {"alone": ""}),
        ("party", "ok", {"alone": "x" * 61}),
        ("party", "ok", {"dog": "Dog"}),
        ("country", "ok", {"JP": "Nippon"}),
    ],
)
def test_words_have_bounds(question_id: str, label: str, options: dict[str, str]) -> None:
    with pytest.raises(InvalidFields):
        editing.write(FIRST, question_id, "en", "ja", label, options)


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(NotFound):
        editing.write(FIRST, "pet", "en", "ja", "Pet?", {})
    with pytest.raises(NotFound):
        editing.arrange(FIRST, ["pet"])
    with pytest.raises(InvalidFields):
        editing.arrange(FIRST, ["party", "party"])
    with pytest.raises(InvalidFields):
        editing.ask_anew(FIRST, "country", "ja", "どこで生まれましたか")


def test_old_questions_have_a_bound_too() -> None:
    survey = FIRST
    for _ in range(editing.MAX_QUESTIONS - len(FIRST.questions)):
        newest = next(each for each in survey.questions if each.shown and each.kind is Kind.CHOICE)
        survey = editing.ask_anew(survey, newest.question_id, "ja", "？")
    with pytest.raises(InvalidFields):
        editing.ask_anew(survey, "heard", "ja", "？")


@given(st.permutations([each.question_id for each in FIRST.questions]), st.integers(0, 5))
def test_whatever_is_arranged_nothing_that_was_answered_is_lost(
    order: list[str], count: int
) -> None:
    survey = editing.arrange(FIRST, order[:count])
    assert [each.question_id for each in survey.questions if each.shown] == order[:count]
    known = {each.question_id: each.options for each in FIRST.questions}
    assert {each.question_id: each.options for each in survey.questions} == known
