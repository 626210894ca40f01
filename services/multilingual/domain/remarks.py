"""What to look at once more in a translation. It holds nothing up: the writer may be right."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from services.multilingual.domain.exchange import NAME
from services.multilingual.domain.memory import Pair, says
from services.multilingual.domain.wording import fits_script, lost_numbers, placeholders, width

MIN_PAIRS = 10  # of a language, before its own growth is believed
FAR = 2.0  # times longer or shorter than usual
MIN_WIDTH = 40  # half columns: of a short text the length says nothing
MAX_DETAIL = 120


class Kind(IntEnum):
    """What seems wrong; the numbers are those of the contract."""

    LONG = 1
    SHORT = 2
    NUMBER = 3
    NAME = 4
    SCRIPT = 5
    PLACEHOLDER = 6
    UNTRANSLATED = 7


@dataclass(frozen=True)
class Remark:
    """One thing to look at. detail: the numbers, names or marks that are missing, else empty."""

    kind: Kind
    detail: str = ""


def growth(memory: Sequence[Pair]) -> float:
    """Returns how much wider translations into one language usually are than their sources."""
    ratios = [
        width(each.target) / width(each.source)
        for each in memory
        if each.part != NAME and width(each.source) >= MIN_WIDTH
    ]
    return statistics.median(ratios) if len(ratios) >= MIN_PAIRS else 1.0


def remarks(
    part: str, source: str, target: str, locale: str, said: Sequence[Pair], usual: float
) -> tuple[Remark, ...]:
    """Returns what to look at in one paragraph or name.

    part: NAME, which may be written as abroad, or a paragraph's id. said: the names that the
    source says. usual: see growth.
    """
    if not source or not target:
        return ()
    if source == target:
        return (Remark(Kind.UNTRANSLATED),) if part != NAME else ()
    found = []
    expected = width(source) * usual
    if width(source) >= MIN_WIDTH and width(target) > FAR * expected:
        found.append(Remark(Kind.LONG))
    if width(source) >= MIN_WIDTH and width(target) < expected / FAR:
        found.append(Remark(Kind.SHORT))
    if lost := lost_numbers(source, target):
        found.append(Remark(Kind.NUMBER, ", ".join(lost)))
    if unsaid := [each.target for each in said if not says(target, each.target)]:
        found.append(Remark(Kind.NAME, ", ".join(unsaid)[:MAX_DETAIL]))
    if part != NAME and not fits_script(target, locale):
        found.append(Remark(Kind.SCRIPT))
    if dropped := sorted((placeholders(source) - placeholders(target)).elements()):
        found.append(Remark(Kind.PLACEHOLDER, " ".join(dropped)[:MAX_DETAIL]))
    return tuple(found)
