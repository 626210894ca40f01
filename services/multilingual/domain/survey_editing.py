"""Editing the survey: words in one language, which questions are asked, and in which order.

Nothing that was answered changes its meaning: questions and options are never removed and keep
their ids. Who wants to ask something else asks anew, under another id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kit.pure.errors import InvalidFields, NotFound
from services.multilingual.domain.survey import Kind, Label, Option, Question, Survey
from services.multilingual.domain.translation import State

MAX_QUESTIONS = 20
MAX_LABEL_CHARS = 120
MAX_OPTION_CHARS = 60
# What stands before everything else in a row of states.
_WORST_FIRST = (State.MISSING, State.OUTDATED, State.MACHINE_DRAFT, State.REVIEWED, State.SOURCE)


def find(survey: Survey, question_id: str) -> Question:
    """Returns a question. Errors: NotFound."""
    found = next((each for each in survey.questions if each.question_id == question_id), None)
    if found is None:
        raise NotFound("The survey has no such question. Open the list again.")
    return found


def state_of(question: Question, locale: str, source_locale: str) -> tuple[State, bool]:
    """Returns the worst state of all words of a question, and whether any of them is a draft."""
    labels = _labels(question)
    states = {label.state(locale, source_locale) for label in labels}
    worst = next(each for each in _WORST_FIRST if each in states)
    return worst, any(locale in label.drafts and label.texts.get(locale) for label in labels)


def write(
    survey: Survey,
    question_id: str,
    locale: str,
    source_locale: str,
    label: str,
    options: Mapping[str, str],
) -> Survey:
    """Returns the survey with a question's words in one locale, read by whoever wrote them.

    Errors: NotFound, InvalidFields.
    """
    question = find(survey, question_id)
    _check(question, label, options)
    changed = replace(
        question,
        label=_written(question.label, locale, source_locale, label),
        options=tuple(
            replace(
                each, label=_written(each.label, locale, source_locale, options[each.option_id])
            )
            if each.label is not None and each.option_id in options
            else each
            for each in question.options
        ),
    )
    return _with(survey, [changed if each is question else each for each in survey.questions])


def ask_anew(survey: Survey, question_id: str, source_locale: str, label: str) -> Survey:
    """Returns the survey with a question that asks for something else in a question's place.

    The old one is no longer asked and keeps its answers. Errors: NotFound, InvalidFields.
    """
    question = find(survey, question_id)
    if question.kind is not Kind.CHOICE:
        raise InvalidFields([("question_id", "countries and prefectures mean one thing only")])
    if len(survey.questions) >= MAX_QUESTIONS:
        raise InvalidFields([("question_id", f"at most {MAX_QUESTIONS} questions, old ones too")])
    _check(question, label, {})
    stem = question_id.rpartition("-")[0] if question_id[-1].isdecimal() else question_id
    taken = {each.question_id for each in survey.questions}
    new_id = next(name for n in range(2, 99) if (name := f"{stem or question_id}-{n}") not in taken)
    new = replace(question, question_id=new_id, label=Label({source_locale: label}), shown=True)
    found: list[Question] = []
    for each in survey.questions:
        found += [new, replace(each, shown=False)] if each is question else [each]
    return _with(survey, found)


def arrange(survey: Survey, question_ids: Sequence[str]) -> Survey:
    """Returns the survey that asks these in this order. Errors: NotFound, InvalidFields."""
    if len(set(question_ids)) < len(question_ids):
        raise InvalidFields([("question_ids", "each question once")])
    asked = [replace(find(survey, each), shown=True) for each in question_ids]
    others = [
        replace(each, shown=False)
        for each in survey.questions
        if each.question_id not in question_ids
    ]
    return _with(survey, [*asked, *others])


def _with(survey: Survey, questions: Sequence[Question]) -> Survey:
    return Survey(survey.version + 1, tuple(questions))


def _labels(question: Question) -> list[Label]:
    return [question.label, *(each.label for each in question.options if each.label is not None)]


def _written(label: Label | None, locale: str, source_locale: str, text: str) -> Label:
    before = label or Label({})
    source = before.texts.get(source_locale, "")
    made_from = dict(before.made_from)
    if locale == source_locale:
        if text != source:  # translations were made from what stood there
            for each in before.texts:
                made_from.setdefault(each, source)
        made_from.pop(source_locale, None)
    else:
        made_from[locale] = source
    return Label({**before.texts, locale: text}, before.drafts - {locale}, made_from)


def _check(question: Question, label: str, options: Mapping[str, str]) -> None:
    wrong = []
    if not label.strip() or len(label) > MAX_LABEL_CHARS:
        wrong.append(("label", f"give 1 to {MAX_LABEL_CHARS} characters"))
    known: dict[str, Option] = {each.option_id: each for each in question.options if each.label}
    for option_id, text in options.items():
        if option_id not in known:
            wrong.append(("options", "the question has no such option"))
        elif not text.strip() or len(text) > MAX_OPTION_CHARS:
            wrong.append((f"options.{option_id}", f"give 1 to {MAX_OPTION_CHARS} characters"))
    if wrong:
        raise InvalidFields(wrong)
