"""The daily close: what the movements of a shop sum to, and what the drawer should hold.

The protocol by which each movement gets into exactly one close is that of store/closes.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kit.pure.errors import InvalidFields
from services.payments.domain.ledger import EntryKind
from services.payments.domain.rates import movement_by_rate
from services.payments.domain.receipt import Item, tax_inside
from services.payments.domain.said import says_something
from services.payments.domain.shop import Rounding, Shop
from services.payments.domain.tender import Tender

MAX_CASH_YEN = 99_999_999
MAX_REASON_LENGTH = 200
SAID_DATES = 180  # of a shop that closes once a year the event would be too large to be said


@dataclass(frozen=True, kw_only=True)
class Movement:
    """An entry of a sale that waits for a close. before_yen: left of its payment before it.

    cash_yen: what it moved in the drawer, a cash refund of a card sale too.
    """

    entry_id: str
    kind: EntryKind
    tender: Tender
    amount_yen: int
    before_yen: int
    cash_yen: int
    business_date: date
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class CloseLine:
    """Sums of one tender and tax rate. tax_yen: inside net_yen, rounded once for the line."""

    tender: Tender
    tax_rate_percent: int
    captured_count: int
    captured_yen: int
    voided_yen: int
    refunded_yen: int
    tax_yen: int

    @property
    def net_yen(self) -> int:
        """What is left of the sales."""
        return self.captured_yen - self.voided_yen - self.refunded_yen


@dataclass(frozen=True, kw_only=True)
class SaleCounts:
    """Sales kept, refunded in full, canceled; the rule: top of store/sale_counts.py."""

    kept: int
    refunded: int
    canceled: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What waits for a close, or went into one. earlier_count: movements of days before. sales:
    None in closes of older releases."""

    lines: tuple[CloseLine, ...]
    entry_count: int
    earlier_count: int
    cash_yen: int
    sales: SaleCounts | None = None

    @property
    def net_yen(self) -> int:
        """The sum of all lines."""
        return sum(line.net_yen for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class ClosedTender:
    """What all closes of a shop hold of one date and tender."""

    business_date: date
    tender: Tender
    captured_yen: int
    voided_yen: int
    refunded_yen: int


@dataclass(frozen=True, kw_only=True)
class ClosedDate:
    """What a close holds of one date, and what all closes of the shop so far hold of it."""

    business_date: date
    lines: tuple[CloseLine, ...]
    entry_count: int
    closed: tuple[ClosedTender, ...]


@dataclass(frozen=True, kw_only=True)
class CashCount:
    """What somebody counted. float_yen: in the drawer before the first sale."""

    float_yen: int
    counted_yen: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Close:
    """A close as it is kept; never edited. number: counts up in each shop, without a gap."""

    area: str
    close_id: str
    shop_place_id: str
    number: int
    business_date: date
    figures: Figures
    count: CashCount
    expected_yen: int
    unresolved_count: int
    closed_by: str
    close_time: datetime

    @property
    def difference_yen(self) -> int:
        """Counted more than expected (above 0) or less."""
        return self.count.counted_yen - self.expected_yen


def sum_up(
    movements: Sequence[Movement], shop: Shop, day: date, sales: SaleCounts | None = None
) -> Figures:
    """Returns the sums per tender and rate, in the order of the tenders, highest rate first."""
    sums: dict[tuple[Tender, int], dict[str, int]] = {}
    for movement in movements:
        for rate, signed_yen in movement_by_rate(
            movement.kind, movement.amount_yen, movement.before_yen, movement.items,
            shop.default_tax_rate_percent,
        ).items():  # fmt: skip
            into = sums.setdefault((movement.tender, rate), {})
            column = {EntryKind.CAPTURE: "captured", EntryKind.VOID: "voided"}.get(
                movement.kind, "refunded"
            )
            into[column] = into.get(column, 0) + abs_of(movement.kind, signed_yen)
            if movement.kind is EntryKind.CAPTURE:
                into["count"] = into.get("count", 0) + 1
    order = list(Tender)
    return Figures(
        lines=tuple(
            _line(tender, rate, sums[tender, rate], shop.tax_rounding)
            for tender, rate in sorted(sums, key=lambda each: (order.index(each[0]), -each[1]))
        ),
        entry_count=len(movements),
        earlier_count=sum(movement.business_date < day for movement in movements),
        cash_yen=sum(movement.cash_yen for movement in movements),
        sales=sales,
    )


def by_date(
    movements: Sequence[Movement], shop: Shop, closed: Iterable[ClosedTender]
) -> tuple[ClosedDate, ...]:
    """Returns the same movements by date booked, oldest first: the newest SAID_DATES dates."""
    dated: dict[date, list[Movement]] = {}
    for movement in movements:
        dated.setdefault(movement.business_date, []).append(movement)
    so_far = tuple(closed)
    return tuple(
        ClosedDate(
            business_date=day, lines=sum_up(dated[day], shop, day).lines,
            entry_count=len(dated[day]),
            closed=tuple(each for each in so_far if each.business_date == day),
        )
        for day in sorted(dated)[-SAID_DATES:]
    )  # fmt: skip


def abs_of(kind: EntryKind, signed_yen: int) -> int:
    """Turns a signed part into the column's own direction: a column grows with its movements."""
    return signed_yen if kind is EntryKind.CAPTURE else -signed_yen


def _line(tender: Tender, rate: int, sums: dict[str, int], rounding: Rounding) -> CloseLine:
    captured, voided = sums.get("captured", 0), sums.get("voided", 0)
    refunded = sums.get("refunded", 0)
    net_yen = captured - voided - refunded
    tax_yen = tax_inside(abs(net_yen), rate, rounding)
    return CloseLine(
        tender=tender, tax_rate_percent=rate, captured_count=sums.get("count", 0),
        captured_yen=captured, voided_yen=voided, refunded_yen=refunded,
        tax_yen=-tax_yen if net_yen < 0 else tax_yen,
    )  # fmt: skip


def check_count(count: CashCount, figures: Figures) -> int:
    """Returns the cash expected. Errors: InvalidFields; a difference needs a reason."""
    bad = [
        (name, f"give 0 to {MAX_CASH_YEN:,} yen")
        for name, yen in (("float_yen", count.float_yen), ("counted_yen", count.counted_yen))
        if not 0 <= yen <= MAX_CASH_YEN
    ]
    if len(count.reason) > MAX_REASON_LENGTH:
        bad.append(("reason", f"give at most {MAX_REASON_LENGTH} characters"))
    expected_yen = count.float_yen + figures.cash_yen
    if count.counted_yen != expected_yen and not says_something(count.reason):
        difference_yen = count.counted_yen - expected_yen
        bad.append(("reason", f"the count differs by {difference_yen} yen: write why"))
    if bad:
        raise InvalidFields(bad)
    return expected_yen
