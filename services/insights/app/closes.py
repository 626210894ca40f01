"""Closes of shops beside what was counted here."""

from collections import defaultdict
from datetime import date

from kit.db import Row, Transaction
from services.insights.domain.area import AreaState
from services.insights.domain.fact import Kind
from services.insights.domain.shop_close import (
    MEASURES,
    Counted,
    HeardClose,
    ShopClose,
    compare_shop,
)
from services.insights.domain.span import DaySpan
from services.insights.store import labels, shop_closes

MONEY_OF_SHOPS = (Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED)


async def read_closes(
    tx: Transaction, span: DaySpan, area: AreaState
) -> dict[date, tuple[ShopClose, ...]]:
    """Returns the shops of each date that have live money or a close, by shop.

    Of dates whose single payments are no longer kept none: there is nothing to compare.
    """
    gone = max((area.sealed.get(kind, date.min) for kind in MONEY_OF_SHOPS), default=date.min)
    if gone > span.last:
        return {}
    span = DaySpan(max(span.first, gone), span.last)
    heard: defaultdict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in await shop_closes.read(tx, span.first, span.last):
        heard[row["business_date"], row["shop_place_id"]].append(row)
    counted: defaultdict[tuple[date, str], list[Counted]] = defaultdict(list)
    for row in await shop_closes.counted(tx, span.first, span.last):
        counted[row["business_date"], row["shop_place_id"]].append(
            Counted(
                tender=row["tender"], measure=row["measure"], yen=row["yen"],
                after_yen=row["after_yen"], near_yen=row["near_yen"],
            )
        )  # fmt: skip
    names = await labels.read(tx)
    found: defaultdict[date, tuple[ShopClose, ...]] = defaultdict(tuple)
    for on, shop in sorted(heard.keys() | counted.keys()):
        close = _close(heard[on, shop]) if (on, shop) in heard else None
        found[on] += (compare_shop(shop, names.get(("place", shop), {}), close, counted[on, shop]),)
    return dict(found)


def _close(rows: list[Row]) -> HeardClose:
    newest = max(rows, key=lambda row: int(row["number"]))
    return HeardClose(
        number=newest["number"], close_time=newest["close_time"],
        closed={(row["tender"], name): row[name] for row in rows for name in MEASURES},
    )  # fmt: skip
