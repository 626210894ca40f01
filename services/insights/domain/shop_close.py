"""Takings of a shop and date: counted here beside what the shop's closes hold. Live money only.

A close says of every date in it what all closes of the shop so far hold, so its newest close alone
is compared. What was said after that close waits for the next one and is no difference. A close
may leave out a sale that commits in the same moment: what was said within GRACE before it is in it
or waits, and which of the two is known with the next close.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

GRACE = timedelta(seconds=10)
MEASURES = ("captured_yen", "voided_yen", "refunded_yen")


@dataclass(frozen=True, kw_only=True)
class ClosedTender:
    """What is closed of one date and tender of a shop."""

    business_date: date
    tender: str
    captured_yen: int
    voided_yen: int
    refunded_yen: int


@dataclass(frozen=True, kw_only=True)
class ShopDayClosed:
    """What a close says of the dates in it. number: of the close, counting up in each shop."""

    shop_place_id: str
    number: int
    tenders: tuple[ClosedTender, ...]


@dataclass(frozen=True, kw_only=True)
class HeardClose:
    """The newest close of a shop that holds a date. closed: (tender, measure) -> yen."""

    number: int
    close_time: datetime
    closed: Mapping[tuple[str, str], int]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Yen counted here. after_yen: of them said after the newest close. near_yen: within GRACE."""

    tender: str
    measure: str
    yen: int
    after_yen: int = 0
    near_yen: int = 0


@dataclass(frozen=True, kw_only=True)
class ClosedSum:
    """One sum of a tender on both sides."""

    tender: str
    measure: str
    counted_yen: int
    closed_yen: int
    after_yen: int
    near_yen: int

    @property
    def agrees(self) -> bool:
        """True when exactly that is not closed which came after the close."""
        waiting_yen = self.counted_yen - self.closed_yen
        return self.after_yen <= waiting_yen <= self.after_yen + self.near_yen


@dataclass(frozen=True, kw_only=True)
class ShopClose:
    """A shop on a date. close: None while none was heard that holds the date. hidden: its money may
    not be told; there are no sums then, and same says whether all of them agreed."""

    shop_place_id: str
    names: Mapping[str, str]
    close: HeardClose | None
    sums: tuple[ClosedSum, ...]
    hidden: bool = False
    same: bool = False

    @property
    def agrees(self) -> bool:
        """False also while no close was heard."""
        if self.hidden:
            return self.same
        return self.close is not None and all(each.agrees for each in self.sums)

    @property
    def waiting_yen(self) -> int:
        """What is counted here and in no close yet, less what went back."""
        return sum(
            (each.counted_yen - each.closed_yen) * (1 if each.measure == "captured_yen" else -1)
            for each in self.sums
        )


def compare_shop(
    shop_place_id: str, names: Mapping[str, str], close: HeardClose | None,
    counted: Iterable[Counted],
) -> ShopClose:  # fmt: skip
    """Returns every sum that either side knows, by tender and measure."""
    here = {(each.tender, each.measure): each for each in counted}
    there = close.closed if close else {}
    sums = []
    for tender, measure in sorted(here.keys() | there.keys()):
        known = here.get((tender, measure)) or Counted(tender=tender, measure=measure, yen=0)
        closed_yen = there.get((tender, measure), 0)
        if known.yen or closed_yen:
            sums.append(
                ClosedSum(
                    tender=tender, measure=measure, counted_yen=known.yen, closed_yen=closed_yen,
                    after_yen=known.after_yen, near_yen=known.near_yen,
                )
            )  # fmt: skip
    return ShopClose(shop_place_id=shop_place_id, names=names, close=close, sums=tuple(sums))
