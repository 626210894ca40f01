"""Movements of sales split by tax rate, so that the parts of a payment's movements always add up.

A refund takes from each rate what the split before it and the split after it differ by: refunded to
the last yen, every rate of the sale stands at zero again, however many refunds it took.
"""

from collections.abc import Mapping, Sequence

from services.payments.domain.ledger import EntryKind
from services.payments.domain.receipt import Item, rate_totals
from services.payments.domain.shop import Rounding


def movement_by_rate(
    kind: EntryKind, amount_yen: int, before_yen: int, items: Sequence[Item],
    default_rate_percent: int,
) -> Mapping[int, int]:  # fmt: skip
    """Returns yen per tax rate: above 0 for a capture, below 0 for a void or refund.

    before_yen: what was left of the payment before this movement. The parts sum to the movement.
    """
    if kind is EntryKind.CAPTURE:
        return split(items, amount_yen, default_rate_percent)
    before = split(items, before_yen, default_rate_percent)
    after = split(items, before_yen - amount_yen, default_rate_percent)
    return {rate: after.get(rate, 0) - yen for rate, yen in before.items()}


def split(items: Sequence[Item], total_yen: int, default_rate_percent: int) -> dict[int, int]:
    """Returns the yen of each rate in what is left of a sale, as its receipt would say."""
    totals = rate_totals(items, total_yen, default_rate_percent, Rounding.DOWN)
    return {each.tax_rate_percent: each.amount_yen for each in totals}
