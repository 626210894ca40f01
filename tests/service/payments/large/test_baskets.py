"""Ten thousand random baskets: the receipt equals an independent calculation in decimals."""

import random
from decimal import Context, Decimal, localcontext

from services.payments.domain.receipt import Item, check_items, rate_totals
from services.payments.domain.shop import Rounding
from tests.unit.payments.test_receipt import MODES


def test_ten_thousand_baskets_agree_with_decimals() -> None:
    """Prices from a counter, one to thirty lines, all three ways to round, no line rounded."""
    chance = random.Random(20261101)
    for _ in range(10_000):
        rounding = chance.choice(list(Rounding))
        items = [
            Item(
                name="品", quantity=chance.choice([1, 1, 1, 2, 3, chance.randint(1, 40)]),
                unit_amount_yen=chance.choice([chance.randint(1, 999), chance.randint(1, 30_000)]),
                tax_rate_percent=chance.choice([8, 8, 10, 10, 0]),
            )
            for _ in range(chance.randint(1, 30))
        ]  # fmt: skip
        expected: dict[int, Decimal] = {}
        for item in items:
            line = Decimal(item.unit_amount_yen) * Decimal(item.quantity)
            rate = item.tax_rate_percent
            expected[rate] = expected.get(rate, Decimal(0)) + line
        total_yen = int(sum(expected.values()))
        assert check_items(items, total_yen) == tuple(items)
        found = [
            (total.tax_rate_percent, total.amount_yen, total.tax_yen)
            for total in rate_totals(items, total_yen, 10, rounding)
        ]
        assert found == [
            (rate, int(amount), int(_tax(amount, rate).quantize(Decimal(1), MODES[rounding])))
            for rate, amount in sorted(expected.items(), reverse=True)
        ]


def _tax(amount: Decimal, rate: int) -> Decimal:
    """What is in the price beyond the price without tax, exact to 40 places."""
    with localcontext(Context(prec=40)):
        return amount - amount / (1 + Decimal(rate) / 100) if rate else Decimal(0)
