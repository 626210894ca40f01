"""Day notes: what locals say today, for an area or one place of it, until midnight there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.pure.errors import InvalidFields, NotFound, Refusal
from kit.pure.locale import parse_tag
from services.multilingual.domain.narration import holds_forbidden, tidy_words

MAX_CHARS = 200
MAX_LOCALES = 20
MAX_PLACES = 1_000
MAX_SHOWN = 20  # at once in an area: a page of notes is no page of a guide
KEEP_DAYS = 90  # after their end, with who wrote them

_LINE_END = re.compile(r"\s*\n\s*")


class DayNoteUnknown(NotFound):
    """There is no such note. Open the page again."""


class DayNotesFull(Refusal):
    """As many notes are shown as an area may have. Take one back first."""


@dataclass(frozen=True)
class Said:
    """The words of a note in one locale. machine_draft: translated by a machine, read by nobody."""

    locale: str
    text: str
    machine_draft: bool = False


@dataclass(frozen=True)
class DayNote:
    """A note as written; never changed, at most taken back.

    place_id: "" for the whole area. place_ids: that place and everything below it. said: in its
    writer's locale first. until_time: the area's midnight after create_time.
    """

    note_id: str
    place_id: str
    place_ids: frozenset[str]
    said: tuple[Said, ...]
    author: str
    create_time: datetime
    until_time: datetime
    withdraw_time: datetime | None = None

    @property
    def own_locale(self) -> str:
        """The locale its writer wrote in."""
        return self.said[0].locale

    def locales(self) -> tuple[str, ...]:
        """Returns the locales it is said in, the writer's first."""
        return tuple(each.locale for each in self.said)

    def is_shown(self, now: datetime) -> bool:
        """Tells whether visitors see it at a moment: midnight itself is too late."""
        return self.withdraw_time is None and now < self.until_time

    def is_about(self, place_id: str) -> bool:
        """Tells whether the page of a place shows it."""
        return not self.place_id or place_id in self.place_ids


def shown(notes: Iterable[DayNote], now: datetime, place_id: str | None = None) -> list[DayNote]:
    """Returns the notes visitors see, newest first. place_id: on the page of it, None for all."""
    found = [
        each for each in notes
        if each.is_shown(now) and (place_id is None or each.is_about(place_id))
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.create_time, each.note_id), reverse=True)


def first_end(notes: Iterable[DayNote]) -> datetime | None:
    """Returns when the first of some notes ends by itself, None for never."""
    return min((each.until_time for each in notes), default=None)


def tidy(said: Sequence[Said]) -> tuple[Said, ...]:
    """Returns words as they are kept: Unicode NFC, one line, no blanks at the ends."""
    return tuple(
        Said(each.locale, _LINE_END.sub(" ", tidy_words(each.text)), each.machine_draft)
        for each in said
    )


def check(said: Sequence[Said], place_id: str, place_ids: Sequence[str]) -> None:
    """Errors: InvalidFields for what cannot be a note. said: tidied."""
    wrong: list[tuple[str, str]] = []
    if not 1 <= len(said) <= MAX_LOCALES:
        wrong.append(("texts", f"give 1 to {MAX_LOCALES} languages"))
    if len({each.locale for each in said}) != len(said):
        wrong.append(("texts", "give each language once"))
    if len(place_ids) > MAX_PLACES:
        wrong.append(("affected_place_ids", f"at most {MAX_PLACES}"))
    if place_ids and not place_id:
        wrong.append(("affected_place_ids", "a note for the whole area names no places"))
    if said and said[0].machine_draft:
        wrong.append(("texts[0].machine_draft", "the writer's own words are no machine's"))
    for at, each in enumerate(said):
        wrong += _wrong_in(f"texts[{at}]", each)
    if wrong:
        raise InvalidFields(wrong)


def check_room(shown_count: int) -> None:
    """Errors: DayNotesFull."""
    if shown_count >= MAX_SHOWN:
        raise DayNotesFull(f"{MAX_SHOWN} notes are shown already. Take one back first.")


def _wrong_in(name: str, said: Said) -> list[tuple[str, str]]:
    wrong = []
    tag = parse_tag(said.locale)
    if tag is None or tag.text() != said.locale:
        wrong.append((f"{name}.locale", "give a BCP 47 tag such as zh-Hant"))
    if not 1 <= len(said.text) <= MAX_CHARS:
        wrong.append((f"{name}.text", f"1 to {MAX_CHARS} characters"))
    if holds_forbidden(said.text):
        wrong.append((f"{name}.text", "control and direction marks cannot be kept; type it anew"))
    return wrong
