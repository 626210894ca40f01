"""Texts that few like, for those who write them: what is told of ratings, of two months together.

Each month is told by itself, by its own groups with their own chance (ratings.py), and only what
is told is added up: nothing stands here that a page of the months could not be asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.insights.domain.ratings import Heard, Liking, Text, Told, tell

LOW = Liking.ABOUT_HALF  # liked by no more than these: worth a look
MAX_SINCE = 500


@dataclass(frozen=True)
class Unliked:
    """A text that few like. reasons: most often chosen first."""

    stop_code: str
    locale: str
    liking: Liking
    reasons: tuple[str, ...]


def unliked(
    months: Iterable[Iterable[Heard]], since: Mapping[Text, datetime]
) -> tuple[Unliked, ...]:
    """Returns the texts that few like, least liked first.

    months: ratings of each in the order of hearing. since: of some texts, from when on ratings
    count; those of a group of ten that began before do not.
    """
    texts: dict[Text, Told] = {}
    for month in months:
        for text, told in tell(month, since).items():
            _add(texts.setdefault(text, Told()), told)
    found = [
        Unliked(*text, told.liking, told.complaints)
        for text, told in texts.items()
        if told.liking <= LOW
    ]
    return tuple(sorted(found, key=lambda each: (each.liking, each.stop_code, each.locale)))


def _add(sums: Told, told: Told) -> None:
    sums.count += told.count
    sums.good += told.good
    for reason, count in told.reasons.items():
        sums.reasons[reason] += count
