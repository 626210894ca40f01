"""What is told of ratings, so that nobody's own answer can be worked out of it.

Ratings of a stop in one language are counted in groups of ten, with chance (groups.py), and told in
words: a share would promise what chance took.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from kit.pure.suppression import K
from services.insights.domain.groups import Group, whole

Text = tuple[str, str]  # stop and language

GOOD = "good"
REASONS = ("hard", "long", "language", "mismatch", "sound")


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


class Heard(NamedTuple):
    """A rating that was given, or one that ended, as an event said it. heard_time: when it was
    heard here; None where nobody asks for it."""

    event_id: str
    ended: bool
    stop_code: str
    language: str
    face: str
    reasons: tuple[str, ...] = ()
    heard_time: datetime | None = None


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


def tell(
    heard: Iterable[Heard], since: Mapping[Text, datetime] | None = None
) -> Mapping[Text, Told]:
    """Returns what may be told, by stop and language. heard: in the order of hearing.

    since: of some texts, from when on. Groups stay what they are without it: those that began
    before are left out whole, so no rating is ever in two groups.
    """
    by_text: defaultdict[Text, list[Heard]] = defaultdict(list)
    for each in heard:
        by_text[each.stop_code, each.language].append(each)
    found = {
        text: _tell(group for group in whole(events) if _begun(group, (since or {}).get(text)))
        for text, events in by_text.items()
    }
    return {text: told for text, told in found.items() if told.count >= K}


def liking_of(good: int, count: int) -> Liking:
    """Returns the word for so many of a count, which is above 0."""
    return next((word for least, word in _FROM if good >= least * count), Liking.HARDLY_ANYONE)


def _begun(group: Group[Heard], since: datetime | None) -> bool:
    first = group.events[0].heard_time
    return since is None or (first is not None and first >= since)


def _tell(groups: Iterable[Group[Heard]]) -> Told:
    told = Told()
    for group in groups:
        sums = dict.fromkeys((GOOD, *REASONS), 0)
        for heard in group.events:
            sign = _sign(heard)
            told.count += sign
            if heard.face == GOOD:
                sums[GOOD] += sign
            for reason in REASONS if heard.reasons else ():
                sums[reason] += sign * (reason in heard.reasons)
        told.good += group.noised(GOOD, sums[GOOD])
        for reason in REASONS:
            told.reasons[reason] += group.noised(reason, sums[reason])
    return told


def _sign(heard: Heard) -> int:
    return -1 if heard.ended else 1
