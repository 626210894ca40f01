"""The survey: questions an area asks at connection, and what may be answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from services.multilingual.domain.content import Words, chain
from services.multilingual.domain.rating import Rejected
from services.multilingual.domain.scan import known_locale
from services.multilingual.domain.translation import State

MAX_BATCH = 100
MAX_AGE = timedelta(days=30)
HOME = "JP"  # only who comes from here is asked for a prefecture
PREFECTURES = tuple(f"JP-{number:02}" for number in range(1, 48))  # ISO 3166-2:JP


class Kind(IntEnum):
    """How the options of a question are named."""

    CHOICE = 1
    COUNTRY = 2
    PREFECTURE = 3


@dataclass(frozen=True)
class Label:
    """What is shown of a question or an option, by locale. drafts: locales nobody has read yet.

    made_from: the source text a translation follows, where it is no longer the source's own.
    """

    texts: Mapping[str, str]
    drafts: frozenset[str] = frozenset()
    made_from: Mapping[str, str] = field(default_factory=dict)

    def state(self, locale: str, source_locale: str) -> State:
        """Returns how the text in a locale stands beside the source."""
        if not self.texts.get(locale):
            return State.MISSING
        if locale == source_locale:
            return State.SOURCE
        source = self.texts.get(source_locale, "")
        if self.made_from.get(locale, source) != source:
            return State.OUTDATED
        return State.MACHINE_DRAFT if locale in self.drafts else State.REVIEWED


def words(label: Label, locale: str, source_locale: str) -> Words:
    """Returns a label in the wanted language, or in the nearest there is, and says so."""
    found = next((each for each in chain(locale, source_locale, list(label.texts))
                  if label.texts.get(each)), "")  # fmt: skip
    return Words(
        label.texts.get(found, ""), found, locale, label.state(found, source_locale),
        found in label.drafts,
    )  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One answer to choose. label: None where the kind names it."""

    option_id: str
    label: Label | None = None


@dataclass(frozen=True)
class Question:
    """One question. Its id never gets a second meaning, so old answers keep theirs."""

    question_id: str
    kind: Kind
    label: Label
    options: tuple[Option, ...]
    shown: bool = True

    def allows(self, option_id: str) -> bool:
        """Tells whether this can be chosen."""
        return any(option.option_id == option_id for option in self.options)


@dataclass(frozen=True)
class Survey:
    """The survey of an area. version: 0 for the one it starts with."""

    version: int
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Reply:
    """A filled survey as a client reports it. answers: question and option. reply_time: None for
    now."""

    reply_id: str
    locale: str
    answers: tuple[tuple[str, str], ...]
    reply_time: datetime | None


@dataclass(frozen=True)
class Answered:
    """A reply as kept. reply_time: the hour only, in which no one family stands out."""

    reply_id: str
    locale: str
    answers: tuple[tuple[str, str], ...]
    reply_time: datetime


def judge(
    reply: Reply, questions: Iterable[Question], now: datetime, locales: Sequence[str] = ()
) -> Answered | Rejected:
    """Returns the reply as kept, or why not. questions: all of the area, those no longer asked
    too: a phone without a signal may have them still. locales: those of the area."""
    try:
        reply_id = str(UUID(reply.reply_id))
    except ValueError:
        return Rejected("", "REPLY_ID_INVALID")  # what was sent is a stranger's text
    reply_time = min(reply.reply_time or now, now)
    known = {question.question_id: question for question in questions}
    given = dict(reply.answers)
    reason = (
        _wrong_answer(reply.answers, known)
        or ("REPLY_TOO_OLD" if now - reply_time > MAX_AGE else "")
    )  # fmt: skip
    if reason:
        return Rejected(reply_id, reason)
    kept = _without_foreign_prefecture(given, known)
    hour = reply_time.replace(minute=0, second=0, microsecond=0)
    locale = known_locale(reply.locale, locales) if reply.locale else ""
    return Answered(reply_id, locale, tuple(sorted(kept.items())), hour)


def _wrong_answer(answers: Sequence[tuple[str, str]], known: Mapping[str, Question]) -> str:
    if not answers:
        return "REPLY_EMPTY"
    if len({question_id for question_id, _ in answers}) < len(answers):
        return "QUESTION_UNKNOWN"  # answered twice: which of the two would count?
    for question_id, option_id in answers:
        if question_id not in known:
            return "QUESTION_UNKNOWN"
        if not known[question_id].allows(option_id):
            return "OPTION_UNKNOWN"
    return ""


def _without_foreign_prefecture(
    given: dict[str, str], known: Mapping[str, Question]
) -> dict[str, str]:
    """Leaves out a prefecture that was chosen before the country was changed to another one."""
    countries = {given[key] for key in given if known[key].kind is Kind.COUNTRY}
    if countries and HOME not in countries:
        return {key: given[key] for key in given if known[key].kind is not Kind.PREFECTURE}
    return given
