"""Small figures about people are never shown, nor left to be worked out (k-anonymity).

A released line is a set of cells and their sum. A cell below K is withheld, and with it one large
cell, so that the sum does not tell what was withheld. Which large one is said by an order of names
alone, never by counts (decision 0095). Small cells that all stand before every large one hide one
another, once there are two of them and K people in them. So whoever knows these rules still finds
every number below K possible for each small cell. Where that cannot be had, the sum is withheld
instead. A cell must be part of one released sum only: crossing sums (a table with sums of rows and
of columns) need more.

What is withheld is decided on the whole line and never on the selection that a caller asked for;
so two answers never differ in what they withhold. Which cell was withheld for its size need not be
told, though it can be guessed: that it is below K is all there is to know of it.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from kit.pure.languages import LOCALES

K = 10

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Line(Generic[Key]):
    """Released cells and their sum; None stands for withheld."""

    cells: Mapping[Key, int | None]
    total: int | None


def release_line(
    counts: Mapping[Key, int], k: int = K, order: Callable[[Key], int] = lambda _key: 0
) -> Line[Key]:
    """Returns what may be shown of cells and of their sum.

    counts: people per cell, not negative. order: of large cells the one with the least number is
    taken along with small ones, the least name among equals; it must not look at counts. Those that
    people miss least stand first. Errors: ValueError for a negative count or k below 2.
    """
    if k < 2 or any(count < 0 for count in counts.values()):
        raise ValueError("counts must not be negative, and k must be at least 2")
    place = {key: (order(key), str(key)) for key in counts}
    withheld = {key for key, count in counts.items() if count < k}
    hidden = sum(counts[key] for key in withheld)
    large = sorted(counts.keys() - withheld, key=place.__getitem__)
    alone = len(withheld) > 1 and hidden >= k and _stand_first(withheld, large, place)
    if withheld and large and not alone:
        first = large.pop(0)
        withheld.add(first)
        hidden += counts[first]
    total = sum(counts.values())
    # Where those withheld may all be small, any of them may be anything below k once k are in them.
    # Else one of them is known to hold k or more, and the others may be as many as k - 1.
    least = k if _stand_first(withheld, large, place) else 2 * k - 1
    is_open = total >= k and (not withheld or (len(withheld) > 1 and hidden >= least))
    cells = {key: None if key in withheld else count for key, count in counts.items()}
    return Line(cells, total if is_open else None)


def _stand_first(
    some: Collection[Key], others: Collection[Key], place: Mapping[Key, tuple[int, str]]
) -> bool:
    """Tells whether all of some stand before all others in the order."""
    before = max((place[key] for key in some), default=None)
    after = min((place[key] for key in others), default=None)
    return before is None or after is None or before < after


def quiet_hours_first(hour: int | str) -> int:
    """An order of the hours of a day: those far from noon are missed least."""
    return -abs(int(hour) - 12)


def rare_languages_first(tag: str) -> int:
    """An order of languages: those that few places publish are missed least."""
    return -LOCALES.index(tag) if tag in LOCALES else -len(LOCALES)
