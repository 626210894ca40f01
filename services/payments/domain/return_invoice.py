"""Return invoices (適格返還請求書): what a refund takes back of each tax rate.

Source: National Tax Agency, qualified invoice system. One is due for every return of the price of
10,000 yen or more, tax included; below that it may be left out. The tax is rounded once per rate.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.payments.domain.receipt import RateTotal, tax_inside
from services.payments.domain.shop import Rounding

DUE_FROM_YEN = 10_000


def return_totals(
    sold: Sequence[RateTotal], before_yen: Iterable[int], amount_yen: int, rounding: Rounding
) -> tuple[RateTotal, ...]:
    """Returns what a refund takes back of each rate, highest rate first, summing to amount_yen.

    sold: the totals of the sale. before_yen: refunds settled earlier, in that order. Nobody says
    which lines came back, so each refund takes from what is left of every rate in proportion; no
    rate ever gives back more than was sold of it, and the last refund takes exactly the rest.
    """
    left = {total.tax_rate_percent: total.amount_yen for total in sold}
    for earlier_yen in before_yen:
        for rate, part_yen in shares(left, earlier_yen).items():
            left[rate] -= part_yen
    return tuple(
        RateTotal(
            tax_rate_percent=rate,
            amount_yen=part_yen,
            tax_yen=tax_inside(part_yen, rate, rounding),
        )
        for rate, part_yen in sorted(shares(left, amount_yen).items(), reverse=True)
        if part_yen
    )


def shares(left: Mapping[int, int], amount_yen: int) -> dict[int, int]:
    """Returns an amount out of what is left of each rate: in proportion, never more than that."""
    left_yen = sum(left.values())
    if not 0 < amount_yen <= left_yen:
        raise AssertionError(f"{amount_yen} yen go back where {left_yen} are left")
    found = {rate: yen * amount_yen // left_yen for rate, yen in left.items()}
    for rate in sorted(left, reverse=True):  # the yen lost to rounding, fewer than there are rates
        more_yen = min(amount_yen - sum(found.values()), left[rate] - found[rate])
        found[rate] += more_yen
    return found
