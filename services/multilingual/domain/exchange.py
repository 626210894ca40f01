"""Texts on their way to translators and back: what a file holds, and what may come home from it.

A unit is one piece of text to translate: the name of a stop or one of its paragraphs. Every unit
says which revisions it was made from, so that a file which comes back after weeks is laid beside
what its translator saw, not beside what the text has become.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kit.pure.errors import InvalidFields, Refusal
from services.multilingual.domain.guide import MAX_STOPS
from services.multilingual.domain.narration import MAX_PARAGRAPHS, MAX_TEXT_CHARS, Revision
from services.multilingual.domain.translation import Shown
from services.multilingual.domain.wording import is_piled

NAME = "NAME"  # the unit of a stop's name; ids of paragraphs are in lower case
MAX_FILE_BYTES = 3_000_000
MAX_UNITS = MAX_STOPS * (MAX_PARAGRAPHS + 1)
# A text as a program may write it: composed letters are up to three characters apart.
MAX_UNIT_CHARS = 3 * MAX_TEXT_CHARS
MAX_LINE_CHARS = 5 * MAX_UNIT_CHARS  # a row of a table has two texts, with marks doubled
MAX_CODE_CHARS, MAX_PART_CHARS = 40, 80
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
    TOO_MANY = "TOO_MANY"
    TOO_HEAVY = "TOO_HEAVY"
    SCRIPT = "SCRIPT"
    NAME_MISSING = "NAME_MISSING"
    CHANGED_SINCE = "CHANGED_SINCE"


class Fault(StrEnum):
    """What exactly, where a kind alone does not say what to do. Stable words, too."""

    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    GUIDE_TOO_MANY = "GUIDE_TOO_MANY"
    TABLE_HEADINGS = "TABLE_HEADINGS"
    TABLE_CELLS = "TABLE_CELLS"
    TABLE_STATE = "TABLE_STATE"
    TABLE_QUOTES = "TABLE_QUOTES"
    XML_BROKEN = "XML_BROKEN"
    NOT_XLIFF = "NOT_XLIFF"
    NOT_PO = "NOT_PO"
    SEVERAL_LANGUAGES = "SEVERAL_LANGUAGES"
    NO_LANGUAGE = "NO_LANGUAGE"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file. line: from 1, 0 for the file as a whole.

    detail: what stands there in the file, quoted and no sentence. fault: what exactly, or None.
    """

    line: int
    kind: Kind
    detail: str = ""
    fault: Fault | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", self.detail[:MAX_DETAIL])

    @property
    def words(self) -> str:
        """The stable words for programs that ask for no typed problems."""
        exactly = f"{self.fault} " if self.fault else ""
        return f"{self.kind}: {exactly}{self.detail}"


class FileDamaged(InvalidFields):
    """A file of translations cannot be taken; nothing of it was kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__([(f"line {each.line}", each.words) for each in self.told])

    @property
    def told(self) -> tuple[Problem, ...]:
        """The first of them, in the order of lines."""
        return tuple(sorted(self.problems, key=lambda each: each.line)[:MAX_PROBLEMS])


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


def check_count(count: int, line: int) -> None:
    """Errors: FileDamaged for more pieces of text than a guide has. line: of the newest one."""
    if count > MAX_UNITS:
        raise FileDamaged([Problem(line, Kind.TOO_MANY, fault=Fault.GUIDE_TOO_MANY)])


def check_lines(text: str) -> None:
    """Errors: FileDamaged for a line longer than any of ours, before anything reads it."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE_CHARS:
            raise FileDamaged([Problem(number, Kind.SYNTAX, fault=Fault.LINE_TOO_LONG)])


def check_sizes(sheet: Sheet) -> None:
    """Errors: FileDamaged. Before words are tidied: normalizing takes the square of their marks."""
    check_count(len(sheet.units), sheet.units[-1].line if sheet.units else 0)
    problems = []
    for unit in sheet.units:
        where = f"{unit.stop_code} {unit.part}"[:MAX_PART_CHARS]
        if len(unit.stop_code) > MAX_CODE_CHARS or len(unit.part) > MAX_PART_CHARS:
            problems.append(Problem(unit.line, Kind.UNIT_UNKNOWN, where))
        elif max(len(unit.source), len(unit.target)) > MAX_UNIT_CHARS:
            problems.append(Problem(unit.line, Kind.TOO_LONG, where))
        elif is_piled(unit.source) or is_piled(unit.target):
            problems.append(Problem(unit.line, Kind.FORBIDDEN_MARK, where))
    if problems:
        raise FileDamaged(problems)


def is_finished(of_stop: Sequence[Unit], latest: Revision | None) -> bool:
    """Tells whether a stop needs no translator: all there, read, made from the source of now."""
    return (
        latest is not None
        and latest.source_revision == of_stop[0].source_revision
        and all(each.target and each.read for each in of_stop)
    )
