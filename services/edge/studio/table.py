"""The table of all texts by all languages, and what of it a filter leaves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.studio.words import UNCHECKED, WAITING, state_name


@dataclass(frozen=True)
class Filter:
    """What the editor wants to see; empty for everything. text: part of a name or code."""

    state: str = ""
    locale: str = ""
    text: str = ""

    @property
    def is_set(self) -> bool:
        """Tells whether anything is left out."""
        return bool(self.state or self.locale or self.text)

    def keeps(self, row: pb.StopStates) -> bool:
        """Tells whether a row belongs to what is wanted."""
        wanted = self.text.casefold()
        if wanted and wanted not in row.source_name.casefold() + " " + row.stop_code.casefold():
            return False
        return not self.state or any(self.marks(cell) for cell in row.narrations)

    def marks(self, cell: pb.NarrationState) -> bool:
        """Tells whether a cell is one of those looked for."""
        if self.locale and cell.locale != self.locale:
            return False
        if not self.state:
            return False
        if self.state == WAITING:
            return waits(cell)
        return name_of(cell) == self.state


@dataclass(frozen=True)
class Column:
    """A language and how far it is. counts: state name → texts."""

    locale: str
    counts: Counter[str]
    total: int

    def bars(self) -> Iterator[tuple[str, float, float]]:
        """Yields (state, start, width) in percent, best state first."""
        start = 0.0
        for state in ("source", "reviewed", UNCHECKED, "draft", "outdated", "missing"):
            width = 100 * self.counts[state] / self.total if self.total else 0.0
            if width:
                yield state, start, width
            start += width


def name_of(cell: pb.NarrationState) -> str:
    """Returns the name of a text's state; own words that nobody checked are a state of theirs."""
    return state_name(cell.state, unread=cell.machine_draft)


def waits(cell: pb.NarrationState) -> bool:
    """Tells whether a text has a draft that visitors do not see yet."""
    return cell.latest_revision > cell.published_revision


def columns(states: pb.ListTranslationStatesResponse) -> list[Column]:
    """Returns the languages with their counts."""
    found = []
    for at, locale in enumerate(states.locales):
        counts = Counter(name_of(row.narrations[at]) for row in states.stops)
        found.append(Column(locale, counts, len(states.stops)))
    return found


def grouped(rows: Sequence[pb.StopStates], wanted: Filter) -> list[tuple[int, list[pb.StopStates]]]:
    """Returns the kept rows by group."""
    kept = [row for row in rows if wanted.keeps(row)]
    return [(group, list(found)) for group, found in groupby(kept, key=lambda row: row.group)]


def next_to_do(
    states: pb.ListTranslationStatesResponse, stop_code: str, locale: str
) -> pb.StopStates | None:
    """Returns the next stop after this one whose text in the language wants work, from the top
    again at the end."""
    codes = [row.stop_code for row in states.stops]
    at = codes.index(stop_code) if stop_code in codes else -1
    column = list(states.locales).index(locale) if locale in states.locales else 0
    around = [*states.stops[at + 1 :], *states.stops[: max(at, 0)]]
    for row in around:
        cell = row.narrations[column]
        if waits(cell) or cell.machine_draft or cell.state in _TO_DO:
            return row
    return None


_TO_DO = (pb.TRANSLATION_STATE_MISSING, pb.TRANSLATION_STATE_OUTDATED)
