"""Telling what people said by whole groups of ten, with chance: nobody's own answer gets out.

What was heard is parted into groups of ten in the order of hearing; a group is told whole or not
at all. So a page that is read every minute changes by ten people or not at all, and there are no
rests to subtract. To what each group says a little chance is added: a number of the two-sided
geometric distribution, for whatever value of which either answer of one person is about as likely
(at most e^EPSILON times). That holds against one who gave nine of the ten himself, too. The chance
follows from the ids of the group's events, which nobody outside sees: read again it is the same,
and cannot be averaged away. Ratings and replies to the survey are told this way (decision 0038).
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from kit.pure.suppression import K

GROUP = K
EPSILON = 1.0  # of ten answers about one is blurred; an answer is told apart at most e times
_ALPHA = math.exp(-EPSILON)
_NOTHING = (1 - _ALPHA) / (1 + _ALPHA)  # how likely no chance is added


class Heard(Protocol):
    """Something that was heard, as its event said it."""

    @property
    def event_id(self) -> str:
        """The event's id."""
        ...


T = TypeVar("T", bound=Heard)


@dataclass(frozen=True)
class Group(Generic[T]):
    """Ten of what was heard. ids: of their events."""

    events: Sequence[T]
    ids: tuple[str, ...]

    def noisy(self, what: str, value: Callable[[T], int]) -> int:
        """Returns the sum of a value over the group, with chance. Not to be told as a number.

        what: names the sum, so that each has a chance of its own. value: 0 or 1 of each, or -1.
        """
        return self.noised(what, sum(map(value, self.events)))

    def noised(self, what: str, count: int) -> int:
        """Returns a sum over the group that was made elsewhere, with chance."""
        return count + chance(self.ids, what)


def whole(heard: Iterable[T]) -> list[Group[T]]:
    """Returns the groups that are full. heard: in the order of hearing."""
    events = list(heard)
    starts = range(0, len(events) - GROUP + 1, GROUP)
    parts = [events[start : start + GROUP] for start in starts]
    return [Group(part, tuple(each.event_id for each in part)) for part in parts]


def chance(ids: Sequence[str], what: str) -> int:
    """Returns what is added to a group's count of something: 0 most often, and mostly little."""
    digest = hashlib.sha256("|".join((what, *ids)).encode()).digest()
    where = int.from_bytes(digest[:7], "big") / 2**56  # evenly in [0, 1)
    if where < _NOTHING:
        return 0
    rest = 2 * (where - _NOTHING) / (1 - _NOTHING)  # [0, 1) is below, [1, 2) above
    sign, even = (1, rest - 1) if rest >= 1 else (-1, rest)
    return sign * (1 + int(math.log(1 - even) / -EPSILON))
