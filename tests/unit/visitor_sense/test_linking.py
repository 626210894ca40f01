"""Nothing that is kept of one day tells which device of the next day is the same."""

import random
from collections.abc import Callable

from services.visitor_sense.domain.pseudonym import pseudonym, signature

DEVICES = 40_000
ADVANTAGE = 0.01


def told(key: bytes, number: int) -> tuple[int, int]:
    """What an observation of a device holds of it."""
    address = bytes([0x3C]) + random.Random(number).randbytes(5)
    return pseudonym(key, address), signature(key, b"elements %d" % number)


def advantage(guess: Callable[[tuple[int, int], tuple[int, int]], bool]) -> float:
    """How much oftener a guess "the same" is made of the same device than of another."""
    chance = random.Random(1)
    yesterday, today = chance.randbytes(32), chance.randbytes(32)
    first = [told(yesterday, number) for number in range(DEVICES)]
    second = [told(today, number) for number in range(DEVICES)]
    strangers = second[1:] + second[:1]
    same = sum(guess(one, other) for one, other in zip(first, second, strict=True))
    other = sum(guess(one, other) for one, other in zip(first, strangers, strict=True))
    return abs(same - other) / DEVICES


def test_whoever_knows_both_days_has_no_advantage() -> None:
    near = [
        lambda one, other: one[0] == other[0],
        lambda one, other: one[1] == other[1],
        lambda one, other: (one[0] ^ other[0]).bit_count() < 32,
        lambda one, other: (one[1] ^ other[1]).bit_count() < 32,
        lambda one, other: one[0] % 1_021 == other[0] % 1_021,
        lambda one, other: (one[0] > 1 << 63) is (other[0] > 1 << 63),
    ]
    assert max(advantage(guess) for guess in near) <= ADVANTAGE


def test_under_one_key_the_same_guesses_would_know() -> None:
    key = bytes(32)
    assert told(key, 7) == told(key, 7)
    assert told(key, 7)[0] != told(key, 8)[0]
