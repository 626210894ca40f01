"""Counting distinct values: exact while few, order-free always."""

import random
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain.sketch import EXACT_LIMIT, Bounded, Distinct, distinct
from tests.examples import share

VALUES = st.lists(st.integers(0, 2**64 - 1), max_size=200)


def of(*parts: list[int]) -> Distinct:
    """Returns a set made of parts, stored and read back between them."""
    found = Distinct()
    for part in parts:
        found.add(np.array(part, np.uint64))
        found = Distinct.from_bytes(found.to_bytes())
    return found


def many(count: int, seed: int = 1) -> list[int]:
    """Returns distinct values (an equal pair among so few is out of the question)."""
    source = random.Random(seed)
    return [source.getrandbits(64) for _ in range(count)]


@given(VALUES, VALUES)
def test_small_sets_are_exact(first: list[int], second: list[int]) -> None:
    size = len({*first, *second})
    assert of(first, second, first).count() == Bounded(size, size, size)


@pytest.mark.parametrize("count", [EXACT_LIMIT - 1, EXACT_LIMIT, EXACT_LIMIT + 1])
def test_the_limit_is_where_it_is_said_to_be(count: int) -> None:
    found = of(many(count))
    assert found.exact == (count <= EXACT_LIMIT)
    assert abs(found.count().estimate - count) <= (0 if found.exact else count * 0.05)


@share(10)
@given(st.integers(EXACT_LIMIT + 1, 30_000), st.integers(0, 2**32))
def test_large_sets_have_an_interval_that_holds(count: int, seed: int) -> None:
    values = many(count, seed)
    figure = of(values).count()
    assert figure.low <= figure.estimate <= figure.high
    assert figure.low * 0.96 <= count <= figure.high * 1.04


def test_order_repeats_and_parts_decide_nothing() -> None:
    values = many(20_000)
    once = of(values).count()
    shuffled = values + values[:5_000]
    random.Random(2).shuffle(shuffled)
    parts = [shuffled[at : at + 777] for at in range(0, len(shuffled), 777)]
    assert of(*parts).count() == once


def test_a_sketch_stays_small_and_holds_no_value() -> None:
    values = many(3_000)
    found = of(values)
    assert len(found.to_bytes()) == 1 + 8 * 3_000
    found.forget_values()
    stored = found.to_bytes()
    assert not found.exact
    assert len(stored) <= 1_800
    assert not any(value.to_bytes(8, "little") in stored for value in values)
    assert abs(found.count().estimate - 3_000) < 3_000 * 0.05


@pytest.mark.parametrize("data", [b"", b"\x01abc", b"\x03abc", b"\x07", b"hello"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a set"):
        Distinct.from_bytes(data)


def test_a_sketch_written_before_it_was_packed_is_read() -> None:
    values = many(9_000)
    packed = of(values).to_bytes()
    before = b"\x02" + zlib.decompress(packed[1:])
    assert Distinct.from_bytes(before).count() == Distinct.from_bytes(packed).count()
    assert Distinct.from_bytes(before).to_bytes() == packed


@given(VALUES)
def test_distinct_is_what_numpy_calls_unique(values: list[int]) -> None:
    column = np.array(values + values[:3], np.uint64)
    assert distinct(column).tolist() == np.unique(column).tolist()
