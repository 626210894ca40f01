"""Exact discrete Laplace noise: whole numbers all the way, no floating point that could give away
what it was added to (Mironov 2012).

P(x) is proportional to exp(-|x| / scale) over all whole numbers. Sampled as in Canonne, Kamath and
Steinke, The Discrete Gaussian for Differential Privacy (2020), algorithms 1 and 2.
"""

import math
import secrets
from collections.abc import Callable
from fractions import Fraction

# Returns a number from 0 to below its argument, each as likely as the other.
Below = Callable[[int], int]


def discrete_laplace(scale: Fraction, below: Below = secrets.randbelow) -> int:
    """Returns one number. scale: above 0. Errors: ValueError."""
    if scale <= 0:
        raise ValueError("noise needs a scale above zero")
    steps, per = scale.numerator, scale.denominator
    while True:
        rest = below(steps)
        if not _heads(rest, steps, below):
            continue
        whole = 0
        while _heads(1, 1, below):
            whole += 1
        size = (rest + steps * whole) // per
        negative = below(2) == 1
        if size or not negative:  # else nought would come twice as often
            return -size if negative else size


def _heads(above: int, under: int, below: Below) -> bool:
    """Returns True with a chance of exp(-above / under), which is between exp(-1) and 1."""
    tosses = 1
    while below(under * tosses) < above:
        tosses += 1
    return tosses % 2 == 1


def tail(scale: Fraction, least: int) -> float:
    """Returns the chance that a number is `least` or more. least: 1 or more."""
    return math.exp(-least / scale) / (1 + math.exp(-1 / scale))


def within(scale: Fraction, share: float) -> int:
    """Returns the smallest whole number that so many of all numbers do not go beyond, either way.

    share: between 0 and 1.
    """
    found = 0
    while 2 * tail(scale, found + 1) > 1 - share:
        found += 1
    return found
