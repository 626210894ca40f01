"""What a file from a translator changes: laid beside the texts as they stand, or refused."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.multilingual.domain.exchange import NAME, FileDamaged, Kind, Problem, Sheet, Unit
from services.multilingual.domain.narration import (
    MAX_NAME_CHARS,
    MAX_PARAGRAPHS,
    MAX_TEXT_CHARS,
    Head,
    Paragraph,
    Revision,
    Text,
    holds_forbidden,
)
from services.multilingual.domain.wording import fits_script, lost_numbers, placeholders, width

# A translation is at most so many times as wide as its source, and a short one so much wider.
MAX_GROWTH, SPARE_WIDTH = 3, 40


@dataclass(frozen=True)
class Side:
    """A text as it stands now. source: the revision the file was made from, None for no such."""

    head: Head
    latest: Revision | None
    source: Revision | None
    source_now: int = 0


@dataclass(frozen=True)
class Draft:
    """A text to save. read: a person has read all that the file says of it. parts: what changed."""

    stop_code: str
    text: Text
    read: bool
    source_revision: int
    base_revision: int
    parts: tuple[str, ...]
    source_newer: bool


@dataclass(frozen=True)
class Doubt:
    """Something a person should look at; it holds nothing up."""

    line: int
    stop_code: str
    part: str
    detail: str


@dataclass(frozen=True)
class Plan:
    """What a file changes. left_out: stops that somebody changed since the file was made."""

    drafts: tuple[Draft, ...]
    unchanged: int
    left_out: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def plan(sheet: Sheet, sides: Mapping[str, Side], *, leave_changed: bool) -> Plan:
    """Lays a file beside the texts as they stand.

    sides: by stop code; a code that is not there is unknown. leave_changed: leaves out stops that
    somebody changed since the file was made, instead of refusing it. Errors: FileDamaged.
    """
    problems = [*_repeated(sheet.units)]
    for unit in sheet.units:
        problems += _problems(unit, sides.get(unit.stop_code), sheet.locale)
    drafts: list[Draft] = []
    left_out: list[str] = []
    unchanged = 0
    for code, of_stop in _by_stop(sheet.units).items():
        side = sides.get(code)
        if side is None or side.source is None:
            continue
        draft, nameless = _draft(code, of_stop, side)
        if nameless:
            problems.append(Problem(of_stop[0].line, Kind.NAME_MISSING, code))
        if draft is not None and len(draft.text.paragraphs) > MAX_PARAGRAPHS:
            problems.append(_beyond(of_stop, side))
        if draft is None:
            unchanged += 1
        elif of_stop[0].base_revision == side.head.latest_revision:
            drafts.append(draft)
        elif leave_changed:
            left_out.append(code)
        else:
            problems.append(Problem(of_stop[0].line, Kind.CHANGED_SINCE, code))
    if problems:
        raise FileDamaged(problems)
    kept = {each.stop_code: set(each.parts) for each in drafts}
    doubts = tuple(
        Doubt(unit.line, unit.stop_code, unit.part, ", ".join(lost))
        for unit in sheet.units
        if unit.part in kept.get(unit.stop_code, ())
        and (lost := lost_numbers(unit.source, unit.target))
    )
    return Plan(tuple(drafts), unchanged, tuple(left_out), doubts)


def _problems(unit: Unit, side: Side | None, locale: str) -> Iterable[Problem]:
    where = f"{unit.stop_code} {unit.part}"
    if side is None:
        yield Problem(unit.line, Kind.UNIT_UNKNOWN, where)
        return
    if side.source is None:
        yield Problem(unit.line, Kind.REVISION, where)
        return
    words = _words(side.source.text, unit.part)
    if words is None:
        yield Problem(unit.line, Kind.UNIT_UNKNOWN, where)
    elif words != unit.source:
        yield Problem(unit.line, Kind.SOURCE_ALTERED, where)
    if unit.target:
        for kind, detail in damage(unit.part, unit.source, unit.target, locale):
            yield Problem(unit.line, kind, f"{where} {detail}".strip())


def damage(part: str, source: str, target: str, locale: str) -> Iterable[tuple[Kind, str]]:
    """Gives what keeps a translation from being saved, whoever made it, and where it shows.

    part: NAME or the id of a paragraph.
    """
    if holds_forbidden(target):
        yield Kind.FORBIDDEN_MARK, ""
    if (before := placeholders(source)) != (after := placeholders(target)):
        yield Kind.PLACEHOLDER, _difference(before, after)
    limit = MAX_NAME_CHARS if part == NAME else MAX_TEXT_CHARS
    if len(target) > limit or width(target) > MAX_GROWTH * width(source) + SPARE_WIDTH:
        yield Kind.TOO_LONG, ""
    if part != NAME and not fits_script(target, locale):
        yield Kind.SCRIPT, ""


def _draft(code: str, of_stop: Sequence[Unit], side: Side) -> tuple[Draft | None, bool]:
    """Returns the text a file makes of a stop, None for nothing new; whether it lacks a name."""
    assert side.source is not None  # noqa: S101 - the caller looked
    before = side.latest.text if side.latest else Text("", "", ())
    given = {each.part: each for each in of_stop if each.target}
    own = before.by_id()
    paragraphs = [
        Paragraph(each.paragraph_id, each.topic, given[each.paragraph_id].target)
        if each.paragraph_id in given
        else own[each.paragraph_id]
        for each in side.source.text.paragraphs
        if each.paragraph_id in given or each.paragraph_id in own
    ]
    kept = {each.paragraph_id for each in paragraphs}
    paragraphs += [each for each in before.paragraphs if each.paragraph_id not in kept]
    name = given[NAME].target if NAME in given else before.name
    text = Text(name, before.reading, tuple(paragraphs))
    parts = tuple(part for part, unit in given.items() if _words(before, part) != unit.target)
    unread_before = side.latest is None or side.latest.machine_draft
    # A text is read when all of it is; what the file leaves out is as it was.
    rest = ({NAME, *own} if side.latest else set()) - set(given)
    read = all(each.read for each in given.values()) and not (rest and unread_before)
    if not parts and not (given and read and unread_before):
        return None, False
    source, first = side.source.revision, of_stop[0]
    return (
        Draft(code, text, read, source, first.base_revision, parts, side.source_now != source),
        not name,
    )


def _beyond(of_stop: Sequence[Unit], side: Side) -> Problem:
    """Returns the first paragraph of a file that a text has no room for. Those there are stay."""
    assert side.source is not None  # noqa: S101 - the caller looked
    own = side.latest.text.by_id() if side.latest else {}
    new = [
        unit for unit in of_stop
        if unit.target and unit.part not in own and unit.part in side.source.text.by_id()
    ]  # fmt: skip
    first = new[MAX_PARAGRAPHS - len(own)]
    return Problem(first.line, Kind.TOO_MANY, f"{first.stop_code} {first.part}")


def _words(text: Text, part: str) -> str | None:
    if part == NAME:
        return text.name or None
    found = text.by_id().get(part)
    return found.text if found else None


def _repeated(units: Sequence[Unit]) -> Iterable[Problem]:
    seen: dict[tuple[str, str], Unit] = {}
    made_from: dict[str, tuple[int, int]] = {}
    for unit in units:
        if (unit.stop_code, unit.part) in seen:
            yield Problem(unit.line, Kind.UNIT_TWICE, f"{unit.stop_code} {unit.part}")
        seen[unit.stop_code, unit.part] = unit
        both = (unit.source_revision, unit.base_revision)
        if made_from.setdefault(unit.stop_code, both) != both:
            yield Problem(unit.line, Kind.REVISION, f"{unit.stop_code} {unit.part}")


def _by_stop(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.stop_code, []).append(unit)
    return found


def _difference(before: Counter[str], after: Counter[str]) -> str:
    lost, new = sorted((before - after).elements()), sorted((after - before).elements())
    return " ".join([*(f"-{each}" for each in lost[:5]), *(f"+{each}" for each in new[:5])])[:120]
