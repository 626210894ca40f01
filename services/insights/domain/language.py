"""Languages as they are counted, and which of them are too small to be told.

Regions are merged, the two ways of writing Chinese kept apart.
"""

from collections.abc import Mapping

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


def withheld_languages(asked: Counts, served: Counts, missed: Counts, k: int) -> frozenset[str]:
    """Returns the languages of which no count may be told, in any of the three tables.

    asked, served, missed: people per language; a missed language was asked for and another
    served. The tables share their rows (served as asked = asked - missed), so a cell withheld in
    one could be computed from the others: a language goes out of all of them together, and the
    languages that are out hide one another: at least two, and in each table nobody or at least k.
    """
    languages = sorted(
        asked.keys() | served.keys(),
        key=lambda tag: (asked.get(tag, 0) + served.get(tag, 0), tag),
    )
    out = {
        tag
        for tag in languages
        if any(0 < count < k for count in _cells_of(tag, asked, served, missed))
    }
    for tag in languages:
        if not out or _hide_one_another(out, (asked, served, missed), k):
            break
        out.add(tag)
    return frozenset(out)


def _cells_of(tag: str, asked: Counts, served: Counts, missed: Counts) -> tuple[int, ...]:
    wished, gone = asked.get(tag, 0), missed.get(tag, 0)
    return wished, served.get(tag, 0), gone, wished - gone


def _hide_one_another(out: set[str], tables: tuple[Counts, ...], k: int) -> bool:
    sums = [sum(table.get(tag, 0) for tag in out) for table in tables]
    return len(out) > 1 and all(hidden == 0 or hidden >= k for hidden in sums)
