"""Random numbers that are the same compiled or not: Lehmer's generator (Park and Miller 1988)."""

import numpy as np

from services.itinerary.domain.orienteering.compiled import compiled, inlined
from services.itinerary.domain.orienteering.instance import Ints

BITS = 31
MODULUS = 2_147_483_647  # 2 ** 31 - 1
MULTIPLIER = 48_271


def seeded(seed: int) -> Ints:
    """Returns a generator's state. Any integer will do."""
    state = (seed * 2_654_435_761 + 88_172_645_463) % (MODULUS - 1) + 1
    chance = np.array([state], np.int64)
    for _ in range(8):
        below(chance, 2)
    return chance


@inlined
def _drawn(state: int) -> int:
    """Returns state * MULTIPLIER % MODULUS, a remainder by 2 ** 31 - 1 being a sum of digits: a
    search draws for every candidate, and a division takes the longest of all that it does."""
    product = state * MULTIPLIER
    number = (product & MODULUS) + (product >> BITS)
    return number - MODULUS if number >= MODULUS else number


@compiled
def below(chance: Ints, limit: int) -> int:
    """Returns a number from 0 to limit - 1."""
    chance[0] = _drawn(chance[0])
    number: int = chance[0] * limit // MODULUS
    return number


@compiled
def share(chance: Ints) -> float:
    """Returns a number from 0 to 1, both left out."""
    chance[0] = _drawn(chance[0])
    number: float = chance[0] / MODULUS
    return number
