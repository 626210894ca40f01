"""How a day's budget of differential privacy is dealt out among the figures of an area.

Neighbors are two days that differ in one device, as it is counted. Its budget of a day, epsilon, is
halved between figures of hours and of the whole day:

* hours: a device is reckoned to be in ZONE_HOURS figures of zones and hours at most, each with an
  equal part. That is not enforced (sketches cannot take a device back): who is in twice as many
  loses twice that half, and every answer says so.
* days: enforced, for the lists of the day are at hand: one stay of a device counts, in MOST_ZONES
  zones, and MOST_MOVES of its moves.

Each figure gets its noise once, in the transaction that tells it first, and is never told again
otherwise: corrections would spend more than the budget, and repeated draws would average out.

Whether a figure is shown is decided on the noisy one, else a figure that vanishes would tell of the
one device too few. So that nevertheless no figure of fewer than K devices is ever shown, it has to
be K + margin at least, the margin being what noise reaches with a chance of DELTA only; where it
does, the figure is withheld all the same. That chance is the delta of the promise.
"""

import math
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.visitor_sense.domain.laplace import Below, discrete_laplace, tail, within

ZONE_HOURS, MOST_ZONES, MOST_MOVES = 8, 3, 4
DELTA = 1e-5  # per figure
LEAST_TENTHS, MOST_TENTHS = 5, 500  # of epsilon a day: 0.5 to 50
INTERVAL = 0.95  # of the noise, around which the interval of the figure itself is laid
TOLD_WITHIN = 0.9  # what staff are told of the noise


@dataclass(frozen=True)
class Noise:
    """The noise of one figure. epsilon: what a device in it loses. sensitivity: how much one device
    can change the figure, in its steps."""

    epsilon: Fraction
    sensitivity: int = 1

    @property
    def scale(self) -> Fraction:
        """Scale of the discrete Laplace distribution."""
        return self.sensitivity / self.epsilon

    @property
    def shown_from(self) -> int:
        """The smallest noisy count that is shown."""
        chance, reach = DELTA / (1 + math.exp(self.epsilon)), 1
        while tail(self.scale, reach) > chance:
            reach += 1
        return K + reach - 1

    def reach(self, share: float = INTERVAL) -> int:
        """Returns within how many steps of nothing such a share of the noise lies."""
        return within(self.scale, share)

    def add(self, count: int, below: Below = secrets.randbelow) -> int:
        """Returns a count with noise, never below 0."""
        return max(0, count + discrete_laplace(self.scale, below))

    def told(self, count: int, noisy: int) -> int | None:
        """Returns what may be shown of a count of devices: the noisy one, or None."""
        return noisy if count >= K and noisy >= self.shown_from else None


@dataclass(frozen=True)
class Budget:
    """What a device of an area may lose on a day. tenths: of epsilon."""

    tenths: int

    @property
    def epsilon(self) -> Fraction:
        """The whole of it."""
        return Fraction(self.tenths, 10)

    @property
    def hour(self) -> Noise:
        """Of one zone and hour."""
        return Noise(self.epsilon / 2 / ZONE_HOURS)

    def shared(self, sensitivity: int = 1) -> Noise:
        """Of one of two figures that a zone and hour needs."""
        return Noise(self.hour.epsilon / 2, sensitivity)

    @property
    def stays(self) -> Noise:
        """Of the stays of a zone and day, and as much again of how they spread over durations."""
        return Noise(self.epsilon / 8 / MOST_ZONES)

    @property
    def move(self) -> Noise:
        """Of a move from zone to zone on a day."""
        return Noise(self.epsilon / 4 / MOST_MOVES)


def budget_of(epsilon: float) -> Budget | None:
    """Returns the budget of an epsilon a day, None for 0. Errors: InvalidFields."""
    if epsilon == 0:
        return None
    tenths = round(epsilon * 10) if math.isfinite(epsilon) else 0
    if not LEAST_TENTHS <= tenths <= MOST_TENTHS or not math.isclose(tenths, epsilon * 10):
        raise InvalidFields([("epsilon_per_day", "0, or 0.5 to 50 in steps of 0.1")])
    return Budget(tenths)


def quantiles(bins: Iterable[tuple[float, float, int]], shares: Iterable[float]) -> list[float]:
    """Returns quantiles of what was counted by bins, straight within each. bins: begin, end and
    count, in order; one that noise made negative counts nothing. Errors: ValueError for nobody."""
    told = [(begin, end, count) for begin, end, count in bins if count > 0]
    total = sum(count for _, _, count in told)
    if not total:
        raise ValueError("nothing was counted")
    return [_quantile(told, share * total) for share in shares]


def _quantile(bins: list[tuple[float, float, int]], wanted: float) -> float:
    before = 0
    for begin, end, count in bins:
        if before + count >= wanted:
            return begin + (end - begin) * (wanted - before) / count
        before += count
    return bins[-1][1]
