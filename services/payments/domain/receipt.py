"""Qualified simplified invoice: totals per rate, tax inside the price, rounded once per rate.

Source: National Tax Agency, qualified invoice system: the fraction is handled once per rate and
invoice, never per line; which way is the issuer's choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields
from services.payments.domain.amount import MAX_AMOUNT_YEN, check_amount
from services.payments.domain.said import says_something
from services.payments.domain.shop import TAX_RATES_PERCENT, Rounding

MAX_ITEMS = 200
MAX_QUANTITY = 999
MAX_NAME_LENGTH = 80
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of a sale. unit_amount_yen: tax included."""

    name: str
    quantity: int
    unit_amount_yen: int
    tax_rate_percent: int

    @property
    def amount_yen(self) -> int:
        """The line's total, tax included."""
        return self.quantity * self.unit_amount_yen


@dataclass(frozen=True, kw_only=True)
class RateTotal:
    """Total of one tax rate. amount_yen: tax included; tax_yen: the tax inside it."""

    tax_rate_percent: int
    amount_yen: int
    tax_yen: int


def check_items(items: Sequence[Item], amount_yen: int) -> tuple[Item, ...]:
    """Returns the lines. Errors: InvalidFields when one cannot be used or the sum differs."""
    if not items:
        return ()
    if len(items) > MAX_ITEMS:
        raise InvalidFields([("items", f"give at most {MAX_ITEMS} lines")])
    for number, item in enumerate(items):
        field = f"items[{number}]"
        check_amount(f"{field}.unit_amount_yen", item.unit_amount_yen)
        if not 0 < item.quantity <= MAX_QUANTITY:
            raise InvalidFields([(f"{field}.quantity", f"give 1 to {MAX_QUANTITY}")])
        if item.tax_rate_percent not in TAX_RATES_PERCENT:
            raise InvalidFields([(f"{field}.tax_rate_percent", "give 10, 8 or 0")])
        if len(item.name.strip()) > MAX_NAME_LENGTH or not says_something(item.name):
            raise InvalidFields([(f"{field}.name", f"give 1 to {MAX_NAME_LENGTH} characters")])
    total_yen = sum(item.amount_yen for item in items)
    if total_yen != amount_yen:
        raise InvalidFields([("items", f"the lines sum to {total_yen} yen, not {amount_yen}")])
    return tuple(items)


def tax_inside(amount_yen: int, rate_percent: int, rounding: Rounding) -> int:
    """Returns the tax contained in an amount, in whole yen, by integer arithmetic only."""
    taxed, base = amount_yen * rate_percent, 100 + rate_percent
    if rounding is Rounding.UP:
        return -(-taxed // base)
    if rounding is Rounding.HALF_UP:
        return (2 * taxed + base) // (2 * base)
    return taxed // base


def rate_totals(
    items: Sequence[Item], total_yen: int, default_rate_percent: int, rounding: Rounding
) -> tuple[RateTotal, ...]:
    """Returns one total per rate, highest rate first, summing to total_yen.

    total_yen: what was captured; where that is less than the lines (a partial capture), each rate
    is reduced in proportion and the highest rate bears the rest.
    """
    if not 0 < total_yen <= MAX_AMOUNT_YEN:
        return ()
    sums = {default_rate_percent: total_yen}
    if items:
        sums = {}
        for item in items:
            sums[item.tax_rate_percent] = sums.get(item.tax_rate_percent, 0) + item.amount_yen
        sold_yen = sum(sums.values())
        sums = {rate: amount * total_yen // sold_yen for rate, amount in sums.items()}
        sums[max(sums)] += total_yen - sum(sums.values())
    return tuple(
        RateTotal(
            tax_rate_percent=rate,
            amount_yen=amount_yen,
            tax_yen=tax_inside(amount_yen, rate, rounding),
        )
        for rate, amount_yen in sorted(sums.items(), reverse=True)
        if amount_yen
    )


def receipt_number(payment_id: str, business_date: str) -> str:
    """Returns the number printed: the date and 40 random bits of the id, easy to read aloud.

    No counter per shop: it would be the one row that every sale of a shop waits for.
    """
    bits = int(payment_id[-10:], 16)
    code = _PAIRS[bits >> 30] + _PAIRS[bits >> 20 & 1023] + _PAIRS[bits >> 10 & 1023]
    return f"{business_date.replace('-', '')}-{code}{_PAIRS[bits & 1023]}"
