"""How far a text can be trusted: computed from the source, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from services.multilingual.domain.narration import Paragraph, Text


class State(IntEnum):
    """State of a text in one locale; the numbers are those of the contract."""

    MISSING = 1
    MACHINE_DRAFT = 2
    REVIEWED = 3
    OUTDATED = 4
    SOURCE = 5


@dataclass(frozen=True)
class Shown:
    """What visitors see in one locale.

    made_from: the source text it follows, None where it is the source itself.
    """

    text: Text
    revision: int
    source_revision: int
    machine_draft: bool
    made_from: Text | None = None


@dataclass(frozen=True)
class Standing:
    """How one text stands beside its source."""

    state: State
    machine_draft: bool
    outdated: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceChange:
    """What happened to one source paragraph; before or after is empty for a new or removed one."""

    paragraph_id: str
    before: str
    after: str


def changes(before: Text | None, after: Text) -> tuple[SourceChange, ...]:
    """Returns what changed between two source texts, in the order of the newer one."""
    old: Mapping[str, Paragraph] = before.by_id() if before else {}
    new = after.by_id()
    found = [
        SourceChange(key, old[key].text if key in old else "", paragraph.text)
        for key, paragraph in new.items()
        if key not in old or old[key].text != paragraph.text
    ]
    found += [SourceChange(key, old[key].text, "") for key in old if key not in new]
    return tuple(found)


def standing(shown: Shown | None, source: Text, *, is_source: bool) -> Standing:
    """Returns how a shown text stands beside the published source."""
    if shown is None:
        return Standing(State.MISSING, machine_draft=False, missing=tuple(source.by_id()))
    if is_source:
        return Standing(State.SOURCE, machine_draft=shown.machine_draft)
    known = shown.text.by_id()
    changed = {change.paragraph_id for change in changes(shown.made_from, source)}
    outdated = frozenset(changed & set(known)) if shown.made_from is not None else frozenset()
    missing = tuple(key for key in source.by_id() if key not in known)
    if outdated:
        state = State.OUTDATED
    else:
        state = State.MACHINE_DRAFT if shown.machine_draft else State.REVIEWED
    return Standing(state, shown.machine_draft, outdated, missing)


def paragraph_state(standing: Standing, paragraph_id: str) -> State:
    """Returns the state of one paragraph of a text."""
    if standing.state is not State.OUTDATED:
        return standing.state
    if paragraph_id in standing.outdated:
        return State.OUTDATED
    return State.MACHINE_DRAFT if standing.machine_draft else State.REVIEWED
