"""Sales of a day as they may be told: to whoever keeps the books all of it, to marketing staff what
domain.sales lets be told.

Of a day there is one cell: takings kept and sales kept, of both or of neither. What was taken,
canceled and refunded one by one, hours and ways to pay are parts of it without shops in them (no
roll-up has shop and hour, or shop and tender), so they are told only where every shop of the day
consents. Of the running day nothing is: who reads it twice would know every single sale.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.rollup import DayKey, Measures, by_date
from services.insights.domain.sales import Consents, of_many, told

PAYMENT_KINDS = frozenset({
    Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED, Kind.DECLINED, Kind.EXPIRED, Kind.UNKNOWN,
    Kind.RELEASED,
})  # fmt: skip
NOBODY = ""  # money that no shop is named with: of nobody who could consent


class Reach(StrEnum):
    """How far the sales of a day are told: everything, takings and number of sales, or nothing but
    the shops that stand alone."""

    ALL = "all"
    TOTAL = "total"
    NONE = "none"


@dataclass(frozen=True)
class ShopTakings:
    """What one shop took on a day, less what went back."""

    shop_place_id: str
    net_yen: int
    names: Mapping[str, str]


@dataclass(frozen=True)
class SalesTold:
    """What may be told of a day's sales. alone: shops that stand alone, largest first. others: how
    many more there are; others_yen: their takings together, None where withheld."""

    reach: Reach = Reach.ALL
    alone: tuple[ShopTakings, ...] = ()
    others: int = 0
    others_yen: int | None = None


EVERYTHING = SalesTold()


@dataclass(frozen=True)
class Cell:
    """The sales of a day by shop. net: takings kept in yen. kept: payments kept. Both have every
    shop at which any payment was tried."""

    net: Mapping[str, int]
    kept: Mapping[str, int]

    @property
    def public(self) -> bool:
        """Takings and sales are of many: they may be told to everybody."""
        return of_many(self.net) and of_many(self.kept)


def cell_of(sums: Mapping[DayKey, Measures], on: date) -> Cell:
    """Returns the live sales of a day by shop. sums: with payments undivided and by shop."""
    net: defaultdict[str, int] = defaultdict(int)
    kept: defaultdict[str, int] = defaultdict(int)
    whole = 0
    for key, each in sums.items():
        if key.occur_date != on or key.practice or key.kind not in PAYMENT_KINDS:
            continue
        sign = _SIGN.get(key.kind, 0)
        if key.dimension is Dimension.SHOP:
            net[key.value] += sign * each.amount_yen
            # A refund is no sale less, unless it is in full; that is known of the day alone.
            kept[key.value] += sign * each.count if key.kind is not Kind.REFUNDED else 0
        elif key.dimension is Dimension.TOTAL:
            whole += sign * each.amount_yen
    if whole != sum(net.values()):
        net[NOBODY] += whole - sum(net.values())
    return Cell(dict(net), dict(kept))


_SIGN = {Kind.CAPTURED: 1, Kind.VOIDED: -1, Kind.REFUNDED: -1}


def untold_dates(sums: Mapping[DayKey, Measures]) -> frozenset[date]:
    """Returns the dates whose sales may not be told to everybody. sums: as for cell_of."""
    return frozenset(on for on, each in by_date(sums).items() if not cell_of(each, on).public)


def told_to_analysts(
    cell: Cell, consents: Consents, names: Mapping[str, Mapping[str, str]], *, over: bool
) -> SalesTold:
    """Returns what marketing staff may read of a day. names: of shops. over: the day is."""
    if not over:
        return SalesTold(Reach.NONE, others=len(cell.net))
    if cell.net.keys() <= consents.now:
        return SalesTold(Reach.ALL)
    found = told(cell.net, consents.now, consents.ever)
    whole = found.whole and cell.public
    # Where the sum is not told, nobody can be left over of it.
    alone = found.alone if whole else cell.net.keys() & consents.now
    lines = sorted(alone, key=lambda shop: (-cell.net[shop], shop))
    others = {shop: net for shop, net in cell.net.items() if shop not in alone}
    return SalesTold(
        Reach.TOTAL if whole else Reach.NONE,
        tuple(ShopTakings(shop, cell.net[shop], names.get(shop, {})) for shop in lines),
        len(others),
        sum(others.values()) if whole else None,
    )
