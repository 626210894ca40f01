"""Random numbers that are the same compiled or not: Lehmer's generator (Park and Miller 1988)."""

import numpy as np

from services.itinerary.domain.orienteering.compiled import compiled
from services.itinerary.domain.orienteering.instance import Ints

MODULUS = 2_147_483_647
MULTIPLIER = 48_271


def seeded(seed: int) -> Ints:
    """Returns a generator's state. Any integer will do."""
    state = (seed * 2_654_435_761 + 88_172_645_463) % (MODULUS - 1) + 1
    chance = np.array([state], np.int64)
    for _ in range(8):
        below(chance, 2)
    return chance


@compiled
def below(chance: Ints, limit: int) -> int:
    """Returns a number from 0 to limit - 1."""
    chance[0] = chance[0] * MULTIPLIER % MODULUS
    number: int = chance[0] * limit // MODULUS
    return number


@compiled
def share(chance: Ints) -> float:
    """Returns a number from 0 to 1, both left out."""
    chance[0] = chance[0] * MULTIPLIER % MODULUS
    number: float = chance[0] / MODULUS
    return number
