"""Ten thousand lines of a provider file, one percent of them faulty: all found, no other."""

import random

import pytest

from services.payments.domain.matching import match
from tests.unit.payments.office.test_matching import (
    FIRST,
    busy,
    check_findings,
    found_in,
    line_of,
    record,
    spaced,
    spoil,
    spoil_busy,
)

LINES = 10_000


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("reference", [True, False])
def test_ten_thousand_lines_with_one_percent_of_faults(seed: int, *, reference: bool) -> None:
    rng = random.Random(seed)
    # Here amounts tell the lines apart; the next test has few.
    amounts = [rng.randrange(100, 9_000) for _ in range(LINES)] if reference else list(
        rng.sample(range(100, 900_000), LINES)
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


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("reference", [True, False])
def test_equal_amounts_and_equal_times(seed: int, *, reference: bool) -> None:
    """Six prices, half of the sales in bursts of one second: precision and recall are 1, and what
    nobody could tell apart is told as such. With references nothing is."""
    rng = random.Random(seed)
    records = [busy(n, rng) for n in range(LINES)]
    lines = [line_of(each, n + 2, reference=reference, rng=rng) for n, each in enumerate(records)]
    file, truth = spoil_busy(lines, records, rng)
    assert len(truth) == 100
    rng.shuffle(file)
    result = match(file, records, (), FIRST, max(each.day for each in records))
    doubtful = check_findings(result, truth)
    if reference:
        assert (doubtful, {each.alike_count for each in result.findings}) == (0, {0})
