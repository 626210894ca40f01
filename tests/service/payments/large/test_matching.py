"""Ten thousand lines of a provider file, one percent of them faulty: all found, no other."""

import random

import pytest

from services.payments.domain.matching import match
from tests.unit.payments.office.test_matching import (
    FIRST,
    found_in,
    line_of,
    record,
    spaced,
    spoil,
)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("reference", [True, False])
def test_ten_thousand_lines_with_one_percent_of_faults(seed: int, *, reference: bool) -> None:
    rng = random.Random(seed)
    # Without references amounts must tell the lines apart, or nobody could know which one is gone.
    amounts = [rng.randrange(100, 9_000) for _ in range(10_000)] if reference else list(
        rng.sample(range(100, 900_000), 10_000)
    )  # fmt: skip
    records = [record(n, rng, amount_yen=amount) for n, amount in enumerate(amounts)]
    if not reference:
        records = [spaced(each, n) for n, each in enumerate(records)]
    lines = [line_of(each, n + 2, reference=reference, rng=rng) for n, each in enumerate(records)]
    file, truth = spoil(lines, records, rng)
    assert len(truth) == 100
    rng.shuffle(file)
    last = max(each.day for each in records)
    assert found_in(match(file, records, (), FIRST, last)) == truth
