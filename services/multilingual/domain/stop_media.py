"""What photos and videos of stops have in common: words, who looked at one, whether it is seen.

Where the source language is not open (domain/review.py), visitors see one once somebody else looked
at it, or at once where a reason says why nobody else does.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from services.multilingual.domain import review
from services.multilingual.domain.narration import Reading
from services.multilingual.domain.review import Policy, SecondReaderNeeded


@dataclass(frozen=True, kw_only=True)
class StopMedia(ABC):
    """A photo or video of a stop.

    alts: what is to be seen on it, by locale, the source among them. writer: of its words.
    remove_time: when it was taken away, None for one that is there. waiting: visitors see it once
    somebody else looked at it. reading, looker, reason: how it was looked at, by whom ("" for
    nobody else), and why by nobody else.
    """

    stop_code: str
    version: int
    credit: str
    alts: Mapping[str, str]
    author: str
    create_time: datetime
    remove_time: datetime | None = None
    writer: str = ""
    waiting: bool = False
    reading: Reading = Reading.NOT_ASKED
    looker: str = ""
    reason: str = ""

    @property
    @abstractmethod
    def media_id(self) -> str:
        """Its own id among its kind."""

    @property
    def seen(self) -> bool:
        """Tells whether visitors see it."""
        return self.remove_time is None and not self.waiting


Item = TypeVar("Item", bound=StopMedia)


def put_in(item: Item, policy: Policy, reason: str) -> Item:
    """Returns what its author has put in: seen at once, or waiting for somebody else."""
    try:
        return replace(item, reading=_own_reading(policy, item.author, reason), reason=reason)
    except SecondReaderNeeded:
        return replace(item, waiting=True)


def reworded(item: Item, policy: Policy, reason: str) -> Item:
    """Returns one whose writer changed its words. Errors: review.SecondReaderNeeded for one that
    visitors see."""
    if item.waiting:
        return item
    reading = _own_reading(policy, item.writer, reason)
    return replace(item, reading=reading, looker="", reason=reason)


def shown(item: Item, policy: Policy, reader: str, *, reviews: bool, reason: str) -> Item:
    """Returns one that somebody lets visitors see. reviews: the reader is a reviewer.

    Errors: review.SecondReaderNeeded.
    """
    people = (item.author, item.writer)
    reading = reading_of(people, policy, reader, reviews=reviews, reason=reason)
    looker = "" if reader in people else reader
    why = reason if reading is Reading.ALONE else ""  # of a second reader nobody asks for one
    return replace(item, waiting=False, reading=reading, reason=why, looker=looker)


def needs_reason(item: StopMedia, policy: Policy, reader: str, *, reviews: bool) -> bool:
    """Tells whether somebody shows one that waits only with a reason: they are no second reader.

    reviews: the reader is a reviewer.
    """
    second = review.may_decide(item.author, item.writer, reader, reviews=reviews)
    return item.waiting and policy is not Policy.OPEN and not second


def reading_of(
    people: tuple[str, str], policy: Policy, reader: str, *, reviews: bool, reason: str
) -> Reading:
    """Returns how one counts as looked at when somebody shows it to visitors.

    people: who put it in and who wrote its words. Errors: review.SecondReaderNeeded.
    """
    if policy is not Policy.OPEN and review.may_decide(*people, reader, reviews=reviews):
        return Reading.SECOND_READER
    return _own_reading(policy, reader, reason)


def _own_reading(policy: Policy, author: str, reason: str) -> Reading:
    return review.reading_of(policy, author=author, publisher=author, reviews=False, reason=reason)
