"""Closures as they show on the pages of stops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.pure import closing


@dataclass(frozen=True)
class Closure:
    """A closure of directory as heard.

    affected_place_ids: the place and everything below it. as_of_time: when the staff said so.
    """

    closure_id: str
    place_id: str
    reason: str
    note: str
    from_time: datetime
    until_time: datetime | None
    as_of_time: datetime
    affected_place_ids: frozenset[str]

    def is_over(self, now: datetime) -> bool:
        """Tells whether it has ended by itself."""
        return closing.is_over(self.until_time, now)

    def in_force(self, now: datetime) -> bool:
        """Tells whether the place is shut now."""
        return closing.is_closed(self.from_time, self.until_time, now)


def notices(closures: Iterable[Closure], place_id: str, now: datetime) -> list[Closure]:
    """Returns closures in force or announced for a place, soonest first."""
    found = [
        each for each in closures if place_id in each.affected_place_ids and not each.is_over(now)
    ]
    return sorted(found, key=lambda each: (each.from_time, each.closure_id))


def changes_at(closures: Sequence[Closure], now: datetime) -> datetime | None:
    """Returns when the next of the closures begins or ends by itself, None for never."""
    return closing.next_change(((each.from_time, each.until_time) for each in closures), now)
