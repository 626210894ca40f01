"""Which figure of an hour may leave the installation, and what the device figure is worth.

Device figure: fixed addresses, plus distinct signatures among randomized addresses. Its interval
speaks of the reading of signatures only, not of people, radio range or switched-off Wi-Fi:

* low: one phone may show several signatures. In 400 random mixes each of 3 to 13 labelled devices
  (Pintor & Atzori captures) the true number was at least 0.60 of the estimate in 95 of 100.
* high: equal phones show equal signatures. Robyns (2017): 80 and 68 % of signatures are unique
  among 50 and 100 devices, 33 and 15 % among 1,000 and 10,000.
"""

import math
from collections.abc import Mapping
from itertools import pairwise

from kit.pure.suppression import K, Line, release_line
from services.visitor_sense.domain.noise import Noise
from services.visitor_sense.domain.sketch import Bounded

LOW_SHARE = 0.60
# (estimate, devices that may stand behind each): 50 devices of which 80 % are unique show 40, …
_HIGH_SHARES = ((40, 50 / 40), (68, 100 / 68), (330, 1_000 / 330), (1_500, 10_000 / 1_500))


def device_figure(device_keys: Bounded, addresses: Bounded) -> Bounded:
    """Returns the number of devices with its interval; never more devices than addresses."""
    found = released_interval(device_keys.estimate)
    most = max(addresses.high, device_keys.estimate)
    return Bounded(found.estimate, found.low, min(found.high, most))


def released_interval(estimate: int) -> Bounded:
    """Returns a figure with its interval, from nothing but the figure itself."""
    return Bounded(
        estimate, round(estimate * LOW_SHARE), math.ceil(estimate * _high_share(estimate))
    )


def noisy_interval(estimate: int, noise: Noise) -> Bounded:
    """Returns a figure with noise in it and its interval: what nineteen in twenty draws of the
    noise may have hidden, each end with its own interval."""
    off = noise.reach()
    low, high = released_interval(max(0, estimate - off)), released_interval(estimate + off)
    return Bounded(estimate, low.low, high.high)


def _high_share(estimate: int) -> float:
    """Interpolates between the known points, on a logarithmic scale of the estimate."""
    if estimate <= _HIGH_SHARES[0][0]:
        return _HIGH_SHARES[0][1]
    for (low, low_share), (high, high_share) in pairwise(_HIGH_SHARES):
        if estimate <= high:
            part = math.log(estimate / low) / math.log(high / low)
            return low_share + part * (high_share - low_share)
    return _HIGH_SHARES[-1][1]


def released_figure(estimate: int, before: int | None) -> int | None:
    """Returns what may be shown of a finished hour, given what was shown before.

    Late observations may correct a figure: the old one stays unless they change it by at least K,
    because the difference of the two answers is itself a figure about the people in between.
    """
    if before is not None and abs(estimate - before) < K:
        return before
    return estimate if estimate >= K else before


def rounded_down(figure: int) -> int:
    """Returns a figure that may be held against others, down to a whole multiple of K.

    Two of them are equal or differ by K or more: no subtraction leaves a count of 1 to K - 1. The
    true difference may be anything up to K - 1 to either side.
    """
    return figure - figure % K


def released_line(counts: Mapping[str, int], least: int = K) -> Line[str]:
    """Returns what may be shown of the zones of an hour and of their sum.

    counts: what is released of each zone, or below least what is withheld. The sum tells
    nothing but the shown cells and, rounded down, what the withheld ones hold together: else
    the difference of two answers would be the few that came late to a withheld zone. It is
    rounded down as a whole, so that it stays or changes by at least K.
    """
    line = release_line(counts, least)
    if line.total is None:
        return line
    shown = sum(count for count in line.cells.values() if count is not None)
    return Line(line.cells, rounded_down(shown + rounded_down(line.total - shown)))
