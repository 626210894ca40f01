"""What is told of ratings, so that nobody's own answer can be worked out of it.

Ratings of a stop in one language are counted in groups of ten, in the order in which they were
heard; a group is told whole or not at all. So a page that is read every minute changes by ten
ratings or not at all, and there are no rests to subtract. To what each group says a little chance
is added: a number of the two-sided geometric distribution, for whatever value of which any answer
of one rating is about as likely as the other (at most e^EPSILON times). That holds against one who
gave nine of the ten himself, too. The chance follows from the ids of the group's events, which
nobody outside sees: read again it is the same, and cannot be averaged away.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from kit.pure.suppression import K

GROUP = K
EPSILON = 1.0  # of ten answers about one is blurred; a rating is told apart at most e times
GOOD = "good"
REASONS = ("hard", "long", "language", "mismatch", "sound")
_ALPHA = math.exp(-EPSILON)
_NOTHING = (1 - _ALPHA) / (1 + _ALPHA)  # how likely no chance is added


class Liking(IntEnum):
    """How many of those who rated a text say that it is good."""

    HARDLY_ANYONE = 1
    FEW = 2
    ABOUT_HALF = 3
    MOST = 4
    NEARLY_ALL = 5


# From this share on, of the noisy count.
_FROM = ((0.85, Liking.NEARLY_ALL), (0.65, Liking.MOST), (0.35, Liking.ABOUT_HALF),
         (0.15, Liking.FEW))  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """A rating that was given, or one that ended, as an event said it."""

    event_id: str
    ended: bool
    stop_code: str
    language: str
    face: str
    reasons: tuple[str, ...] = ()


@dataclass
class Told:
    """What may be told of a stop in one language. count: of whole groups, less what was withdrawn
    within them. good, reasons: noisy, and not to be told as numbers."""

    count: int = 0
    good: int = 0
    reasons: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def liking(self) -> Liking:
        """How it is liked."""
        return liking_of(self.good, self.count)

    @property
    def complaints(self) -> tuple[str, ...]:
        """Reasons that about one in five chose, and about K or more: of less, chance alone could
        make a reason. Most often chosen first."""
        least = max(K, self.count // 5)
        many = [(-count, reason) for reason, count in self.reasons.items() if count >= least]
        return tuple(reason for _count, reason in sorted(many))


def tell(heard: Iterable[Heard]) -> Mapping[tuple[str, str], Told]:
    """Returns what may be told, by stop and language. heard: in the order of hearing."""
    by_text: defaultdict[tuple[str, str], list[Heard]] = defaultdict(list)
    for each in heard:
        by_text[each.stop_code, each.language].append(each)
    found = {text: _tell(events) for text, events in by_text.items()}
    return {text: told for text, told in found.items() if told.count >= K}


def liking_of(good: int, count: int) -> Liking:
    """Returns the word for so many of a count, which is above 0."""
    return next((word for least, word in _FROM if good >= least * count), Liking.HARDLY_ANYONE)


def chance(ids: Sequence[str], what: str) -> int:
    """Returns what is added to a group's count of something: 0 most often, and mostly little."""
    digest = hashlib.sha256("|".join((what, *ids)).encode()).digest()
    where = int.from_bytes(digest[:7], "big") / 2**56  # evenly in [0, 1)
    if where < _NOTHING:
        return 0
    rest = 2 * (where - _NOTHING) / (1 - _NOTHING)  # [0, 1) is below, [1, 2) above
    sign, even = (1, rest - 1) if rest >= 1 else (-1, rest)
    return sign * (1 + int(math.log(1 - even) / -EPSILON))


def _tell(events: Sequence[Heard]) -> Told:
    told = Told()
    for start in range(0, len(events) - GROUP + 1, GROUP):
        group = events[start : start + GROUP]
        ids = [each.event_id for each in group]
        told.count += sum(_sign(each) for each in group)
        told.good += sum(_sign(each) for each in group if each.face == GOOD) + chance(ids, GOOD)
        for reason in REASONS:
            chosen = sum(_sign(each) for each in group if reason in each.reasons)
            told.reasons[reason] += chosen + chance(ids, reason)
    return told


def _sign(heard: Heard) -> int:
    return -1 if heard.ended else 1
