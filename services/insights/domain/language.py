"""Languages as they are counted, and which of them are too small to be told.

Regions are merged, the two ways of writing Chinese kept apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.pure.suppression import rare_languages_first, release_line

Counts = Mapping[str, int]

NOT_ASKED = "und"  # BCP 47: undetermined

_TRADITIONAL_REGIONS = frozenset({"TW", "HK", "MO"})


def counted_language(locale: str) -> str:
    """Returns the language a locale is counted under: en-GB -> en, zh-TW -> zh-Hant.

    An empty locale is counted as not asked. Merging regions keeps cells large enough to show.
    """
    language, *rest = locale.replace("_", "-").split("-")
    if not language:
        return NOT_ASKED
    if language.lower() != "zh":
        return language.lower()
    subtags = {subtag.title() for subtag in rest}
    if "Hant" in subtags or ("Hans" not in subtags and _regions(rest) & _TRADITIONAL_REGIONS):
        return "zh-Hant"
    return "zh-Hans"


def _regions(subtags: list[str]) -> frozenset[str]:
    return frozenset(subtag.upper() for subtag in subtags if len(subtag) == 2)


@dataclass(frozen=True)
class Told:
    """What may be told of the three tables: languages to withhold, None for the whole table."""

    asked: frozenset[str] | None
    missed: frozenset[str] | None
    served: frozenset[str] | None


def told_languages(asked: Counts, served: Counts, missed: Counts, k: int) -> Told:
    """Returns what may be told of languages asked for, served, and asked for where another was
    served.

    The tables share their rows (who asked and got it: asked - missed; who got it without asking:
    served - asked + missed), so a cell withheld in one could be computed from the others. Asked for
    is told first, as any line. What was missed hides what is small of it and of asked - missed.
    Served is told only where nothing follows from it that is withheld: it says least of the three.
    """
    wishes = {tag: count for tag, count in asked.items() if count}
    line = release_line(wishes, k, rare_languages_first)
    hidden = None if line.total is None else _withheld(line.cells)
    gone = _missed(wishes, {tag: n for tag, n in missed.items() if n}, hidden, k)
    if gone is None and _gives_away(wishes, sum(missed.values()), k):
        hidden = None
    return Told(hidden, gone, _served(wishes, served, missed, (hidden, gone), k))


def _withheld(cells: Mapping[str, int | None]) -> frozenset[str]:
    return frozenset(tag for tag, count in cells.items() if count is None)


def _missed(
    asked: Counts, missed: Counts, hidden: frozenset[str] | None, k: int
) -> frozenset[str] | None:
    if hidden is None or 0 < sum(missed.values()) < k:
        return None
    out = {
        tag for tag, n in missed.items()
        if tag in hidden or 0 < n < k or 0 < asked[tag] - n < k
    }  # fmt: skip
    if not out:
        return frozenset()
    for tag in sorted(missed.keys() - out, key=lambda tag: (missed[tag], tag)):
        if _are_open(asked, missed, out, hidden, k):
            break
        out.add(tag)
    return frozenset(out) if _are_open(asked, missed, out, hidden, k) else None


def _gives_away(asked: Counts, missed: int, k: int) -> bool:
    """Tells whether it follows from who asked for what how many of a language missed it, all in all
    known to be so many: as on a day when hardly anybody asked for another one."""
    got = sum(asked.values()) - missed
    most = {tag: min(missed, count) for tag, count in asked.items()}
    spreads = (n - max(0, missed - (sum(most.values()) - n)) for n in most.values())
    return missed > 0 and any(
        spread < min(k - 1, missed, got or k, asked[tag])
        for tag, spread in zip(most, spreads, strict=True)
    )


def _are_open(asked: Counts, missed: Counts, out: set[str], hidden: frozenset[str], k: int) -> bool:
    """Tells whether each withheld count can be k different numbers at least.

    Known are the sum of what is withheld, of who asked and got it among those, and of who asked
    among the languages that are withheld there; and that nobody missed what was not asked for.
    """
    gone = sum(missed[tag] for tag in out)
    got = sum(asked[tag] - missed.get(tag, 0) for tag in out | hidden)
    if 0 < got < k:
        return False
    most = {tag: min(gone, asked[tag]) for tag in out - hidden}
    group = min(gone, sum(asked[tag] for tag in hidden)) if out & hidden else 0
    elsewhere = sum(most.values()) + group
    spreads = [n - max(0, gone - (elsewhere - n)) for n in most.values()]
    if group:
        alone = len(out & hidden) == 1
        spreads.append(group - (max(0, gone - (elsewhere - group)) if alone else 0))
    return all(spread >= k - 1 for spread in spreads)


def _served(
    asked: Counts, served: Counts, missed: Counts,
    told: tuple[frozenset[str] | None, frozenset[str] | None], k: int,
) -> frozenset[str] | None:  # fmt: skip
    hidden, gone = told
    if hidden is None or gone is None or gone:
        return None
    received = (n - asked.get(tag, 0) + missed.get(tag, 0) for tag, n in served.items())
    if any(0 < n < k for n in received):
        return None
    if any(0 < n < k for tag, n in served.items() if tag not in hidden):
        return None
    return hidden & {tag for tag, n in served.items() if n}
