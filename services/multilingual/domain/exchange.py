"""Texts on their way to translators and back: what a file holds, and what may come home from it.

A unit is one piece of text to translate: the name of a stop or one of its paragraphs. Every unit
says which revisions it was made from, so that a file which comes back after weeks is laid beside
what its translator saw, not beside what the text has become.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kit.pure.errors import InvalidFields, Refusal
from services.multilingual.domain.narration import Revision
from services.multilingual.domain.translation import Shown

NAME = "NAME"  # the unit of a stop's name; ids of paragraphs are in lower case
MAX_FILE_BYTES = 3_000_000
MAX_DETAIL = 120  # characters of a file that are quoted: enough to find the place
MAX_PROBLEMS = 20  # told at once: they travel in the headers of an answer


class Kind(StrEnum):
    """Why a file is not taken. Each has a line; the words are stable for programs."""

    SYNTAX = "SYNTAX"
    ENCODING = "ENCODING"
    SOURCE_LANGUAGE = "SOURCE_LANGUAGE"
    TARGET_LANGUAGE = "TARGET_LANGUAGE"
    UNIT_UNKNOWN = "UNIT_UNKNOWN"
    UNIT_TWICE = "UNIT_TWICE"
    PLURAL = "PLURAL"
    MARKUP = "MARKUP"
    REVISION = "REVISION"
    SOURCE_ALTERED = "SOURCE_ALTERED"
    PLACEHOLDER = "PLACEHOLDER"
    FORBIDDEN_MARK = "FORBIDDEN_MARK"
    CARD_NUMBER = "CARD_NUMBER"
    TOO_LONG = "TOO_LONG"
    SCRIPT = "SCRIPT"
    NAME_MISSING = "NAME_MISSING"
    CHANGED_SINCE = "CHANGED_SINCE"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file. line: from 1, 0 for the file as a whole."""

    line: int
    kind: Kind
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", self.detail[:MAX_DETAIL])


class FileDamaged(InvalidFields):
    """A file of translations cannot be taken; nothing of it was kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            [(f"line {each.line}", f"{each.kind}: {each.detail}")
             for each in sorted(problems, key=lambda each: each.line)[:MAX_PROBLEMS]]
        )  # fmt: skip


class FileTooLarge(Refusal):
    """The file would be larger than programs take. Choose fewer stops."""


@dataclass(frozen=True)
class Unit:
    """One piece of text. part: NAME or the id of a paragraph. target: empty while untranslated.

    read: a person has read the translation. about: what a translator should know. line: where it
    stands in a file, 0 before it was written.
    """

    stop_code: str
    part: str
    source: str
    target: str
    read: bool
    source_revision: int
    base_revision: int
    about: str = ""
    line: int = 0


@dataclass(frozen=True)
class Sheet:
    """The units of one language. source_locale: empty where the format does not say it."""

    source_locale: str
    locale: str
    units: tuple[Unit, ...]


def units(stop_code: str, number: int, source: Shown, latest: Revision | None) -> list[Unit]:
    """Returns what there is to translate of a stop. number: as visitors see it."""
    own = latest.text.by_id() if latest else {}
    base = latest.revision if latest else 0
    read = latest is not None and not latest.machine_draft
    name = latest.text.name if latest else ""
    found = [(NAME, source.text.name, name, "name")]
    found += [
        (each.paragraph_id, each.text, own[each.paragraph_id].text
         if each.paragraph_id in own else "", each.topic.name.lower().replace("_", " "))
        for each in source.text.paragraphs
    ]  # fmt: skip
    return [
        Unit(stop_code, part, words, target, read and bool(target), source.revision, base,
             f"stop {number}, {topic}")
        for part, words, target, topic in found
    ]  # fmt: skip


def is_finished(of_stop: Sequence[Unit], latest: Revision | None) -> bool:
    """Tells whether a stop needs no translator: all there, read, made from the source of now."""
    return (
        latest is not None
        and latest.source_revision == of_stop[0].source_revision
        and all(each.target and each.read for each in of_stop)
    )
