"""Return invoices: whatever comes back in whatever steps, no rate gives back more than it sold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.receipt import RateTotal, tax_inside
from services.payments.domain.return_invoice import return_totals
from services.payments.domain.shop import Rounding


def sold(amounts: dict[int, int]) -> tuple[RateTotal, ...]:
    return tuple(
        RateTotal(tax_rate_percent=rate, amount_yen=yen, tax_yen=0)
        for rate, yen in sorted(amounts.items(), reverse=True)
    )


SALES = st.dictionaries(
    st.sampled_from([0, 8, 10]), st.integers(1, 30_000), min_size=1, max_size=3
).map(sold)


@given(sale=SALES, data=st.data(), rounding=st.sampled_from(Rounding))
def test_steps_of_any_size_sum_to_the_sale(
    sale: tuple[RateTotal, ...], data: st.DataObject, rounding: Rounding
) -> None:
    left_yen = sum(total.amount_yen for total in sale)
    before: list[int] = []
    back = {total.tax_rate_percent: 0 for total in sale}
    while left_yen:
        step_yen = data.draw(st.integers(1, left_yen)) if len(before) < 6 else left_yen
        totals = return_totals(sale, before, step_yen, rounding)
        assert sum(total.amount_yen for total in totals) == step_yen
        for total in totals:
            assert total.amount_yen > 0
            rate = total.tax_rate_percent
            assert total.tax_yen == tax_inside(total.amount_yen, rate, rounding)
            back[rate] += total.amount_yen
        for total in sale:
            assert back[total.tax_rate_percent] <= total.amount_yen
        before.append(step_yen)
        left_yen -= step_yen
    assert back == {total.tax_rate_percent: total.amount_yen for total in sale}


def test_a_half_takes_half_of_every_rate_and_the_last_takes_the_rest() -> None:
    sale = sold({10: 1001, 8: 501})
    first = return_totals(sale, [], 751, Rounding.DOWN)
    assert [(t.tax_rate_percent, t.amount_yen, t.tax_yen) for t in first] == [
        (10, 501, 45), (8, 250, 18)
    ]  # fmt: skip
    last = return_totals(sale, [751], 751, Rounding.DOWN)
    assert [(t.tax_rate_percent, t.amount_yen) for t in last] == [(10, 500), (8, 251)]


def test_more_than_is_left_is_a_mistake_of_ours() -> None:
    for before, amount_yen in (([], 1001), ([1000], 1), ([], 0)):
        with pytest.raises(AssertionError):
            return_totals(sold({10: 1000}), before, amount_yen, Rounding.DOWN)
