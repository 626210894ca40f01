"""Comparison of totals counted here with those their owners say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.insights.domain.fact import Kind
from services.insights.domain.figures import DaySums, Payments, payments, total
from services.insights.domain.shop_close import ShopClose

Said = Mapping[tuple[str, str], int]  # (service, measure) -> total


@dataclass(frozen=True)
class OwnerTotal:
    """One total, counted here and said there. said: None while the owner said nothing. hidden: the
    figures may not be told; both are 0 then, and same says whether they were equal."""

    service: str
    measure: str
    counted: int
    said: int | None
    hidden: bool = False
    same: bool = False

    @property
    def agrees(self) -> bool:
        """False also while the owner said nothing."""
        return self.same if self.hidden else self.said == self.counted


@dataclass(frozen=True)
class DayAgreement:
    """Exact totals of one business date."""

    on: date
    live: Payments
    practice: Payments
    scan_count: int
    plan_count: int
    totals: tuple[OwnerTotal, ...]
    closes: tuple[ShopClose, ...]


def compare(
    sums: DaySums, on: date, said: Said, closes: tuple[ShopClose, ...] = ()
) -> DayAgreement:
    """Returns every comparable total of a date, also those the owner alone knows of."""
    live = payments(sums, on, {}, practice=False)
    practice = payments(sums, on, {}, practice=True)
    counted: dict[tuple[str, str], int] = {
        **{("payments", name): value for name, value in _money(live)},
        **{("payments", f"practice_{name}"): value for name, value in _money(practice)},
        ("multilingual", "scan_count"): total(sums, Kind.SCAN, on).count,
        ("itinerary", "plan_count"): total(sums, Kind.PLANNED, on).count,
    }
    return DayAgreement(
        on,
        live,
        practice,
        counted["multilingual", "scan_count"],
        counted["itinerary", "plan_count"],
        tuple(
            OwnerTotal(service, measure, counted.get((service, measure), 0), said.get(key))
            for key in sorted(counted.keys() | said.keys())
            for service, measure in [key]
        ),
        closes,
    )


def _money(book: Payments) -> Iterable[tuple[str, int]]:
    return (
        ("captured_count", book.captured.count),
        ("captured_yen", book.captured.amount_yen),
        ("voided_count", book.voided.count),
        ("voided_yen", book.voided.amount_yen),
        ("refunded_count", book.refunded.count),
        ("refunded_yen", book.refunded.amount_yen),
    )
