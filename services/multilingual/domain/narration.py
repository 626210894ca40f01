"""Texts: what an editor writes, saves and shows."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cached_property

from kit.pure.errors import InvalidFields, NotFound, VersionConflict

MAX_PARAGRAPHS = 12
MAX_TEXT_CHARS = 2_000
MAX_NAME_CHARS = 80
MAX_READING_CHARS = 120
MAX_NOTE_CHARS = 200
IMPORTER = "import"  # author of what a bulk load brought

_PARAGRAPH_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
# Controls, and marks that turn the direction of text: they can make a sentence read as another.
_FORBIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


class Topic(IntEnum):
    """What a paragraph tells about; the numbers are those of the contract."""

    FORMATION = 1
    FOLK_TALE = 2
    CLIMATE = 3
    ANIMALS = 4
    HISTORY = 5
    ACCESS = 6
    SIZE = 7
    DOUBT = 8


class Reading(IntEnum):
    """Who read a text before visitors saw it; the numbers are those of the contract."""

    NOT_ASKED = 1
    SECOND_READER = 2
    OUTSIDE_READER = 3
    ALONE = 4


class RevisionConflict(VersionConflict):
    """Somebody saved or published meanwhile. Read the text again, then decide."""


class RevisionUnknown(NotFound):
    """The text has no revision of this number."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; paragraph_id ties it to the same paragraph in other locales."""

    paragraph_id: str
    topic: Topic
    text: str


@dataclass(frozen=True)
class Text:
    """The text of one stop in one locale. reading: how the name is read, may be empty."""

    name: str
    reading: str
    paragraphs: tuple[Paragraph, ...]

    def by_id(self) -> Mapping[str, Paragraph]:
        """Returns the paragraphs by their id."""
        return self._by_id

    @cached_property
    def _by_id(self) -> Mapping[str, Paragraph]:
        return {paragraph.paragraph_id: paragraph for paragraph in self.paragraphs}


@dataclass(frozen=True)
class Revision:
    """One saved text; never changed afterwards.

    base_revision: what it was made from, 0 for nothing. source_revision: published source it
    follows, 0 for the source itself. publish_time and publisher: when and by whom it was last
    shown, unset for never. published: visitors see it now. machine_draft: nobody has read it.
    reading: who read it before it was last shown, None for never; reason: why nobody else did.
    """

    revision: int
    base_revision: int
    source_revision: int
    text: Text
    machine_draft: bool
    author: str
    note: str
    create_time: datetime
    publish_time: datetime | None = None
    publisher: str = ""
    published: bool = False
    reading: Reading | None = None
    reason: str = ""


@dataclass(frozen=True)
class Head:
    """Where a text stands: its newest and its published revision, 0 for none."""

    latest_revision: int = 0
    published_revision: int = 0


def tidy(text: Text) -> Text:
    """Returns the text as it is kept: Unicode NFC, no blanks at the ends, plain line ends."""
    return Text(
        tidy_words(text.name),
        tidy_words(text.reading),
        tuple(
            Paragraph(each.paragraph_id, each.topic, tidy_words(each.text))
            for each in text.paragraphs
        ),
    )


def check(text: Text, note: str = "") -> None:
    """Errors: InvalidFields for a text that cannot be kept."""
    wrong = _bounds(text, note)
    ids = [each.paragraph_id for each in text.paragraphs]
    if len(set(ids)) != len(ids):
        wrong.append(("text.paragraphs", "two paragraphs have the same id"))
    for at, each in enumerate(text.paragraphs):
        if not _PARAGRAPH_ID.fullmatch(each.paragraph_id):
            wrong.append((f"text.paragraphs[{at}].paragraph_id", "a-z, 0-9 and dash, at most 40"))
        if not 1 <= len(each.text) <= MAX_TEXT_CHARS:
            wrong.append((f"text.paragraphs[{at}].text", f"1 to {MAX_TEXT_CHARS} characters"))
    everything = [text.name, text.reading, note, *(each.text for each in text.paragraphs)]
    if any(holds_forbidden(each) for each in everything):
        wrong.append(("text", "control and direction marks cannot be kept; type the text anew"))
    if wrong:
        raise InvalidFields(wrong)


UNSEEN = "control and direction marks cannot be kept; type it anew"


def unseen_in(**said: str) -> list[tuple[str, str]]:
    """Returns which of some fields hold what nobody sees, as the fields of InvalidFields.

    Names and descriptions are what people look for something by: marks that turn or hide letters
    would make one look like another. Line breaks of any system may stand in them.
    """
    return [(name, UNSEEN) for name, text in said.items()
            if holds_forbidden(text.replace("\r\n", "\n").replace("\t", " "))]  # fmt: skip


def holds_forbidden(text: str) -> bool:
    """Tells whether a text holds controls, marks of direction or half a letter (a surrogate that
    JSON lets through), which are never kept."""
    return _FORBIDDEN.search(text) is not None


def check_base(head: Head, base_revision: int) -> None:
    """Errors: RevisionConflict when the editor did not see the newest revision."""
    if base_revision != head.latest_revision:
        raise RevisionConflict(
            f"Revision {head.latest_revision} was saved since you opened {base_revision}."
        )


def check_replaced(head: Head, replaced_revision: int) -> None:
    """Errors: RevisionConflict when another revision was published since the editor decided."""
    if replaced_revision != head.published_revision:
        raise RevisionConflict(
            f"Visitors see revision {head.published_revision} by now, not {replaced_revision}."
        )


def _bounds(text: Text, note: str) -> list[tuple[str, str]]:
    wrong: list[tuple[str, str]] = []
    if not 1 <= len(text.name) <= MAX_NAME_CHARS:
        wrong.append(("text.name", f"1 to {MAX_NAME_CHARS} characters"))
    if len(text.reading) > MAX_READING_CHARS:
        wrong.append(("text.reading", f"at most {MAX_READING_CHARS} characters"))
    if len(note) > MAX_NOTE_CHARS:
        wrong.append(("note", f"at most {MAX_NOTE_CHARS} characters"))
    if len(text.paragraphs) > MAX_PARAGRAPHS:
        wrong.append(("text.paragraphs", f"at most {MAX_PARAGRAPHS}"))
    return wrong


def tidy_words(text: str) -> str:
    """Returns words as they are kept: see tidy."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
