"""What requests cost in CPU time, and how many cores a load beyond this machine would need. Pure.

Costs are CPU seconds of all processes of the platform, without the load's own programs, over the
time from the first arrival until it was quiet again, less what the platform computes with nobody
there. Every kind is measured more than once; the range is from the least to the most of what was
found, never a deviation that assumes a distribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BUSY_AT_MOST = 0.6  # of the cores a wise operator buys: above it queues grow fast


@dataclass(frozen=True)
class Kind:
    """One kind of arrival. per_s: in the load that is computed. costs_s: CPU seconds of one
    arrival, one value a pass."""

    name: str
    per_s: float
    costs_s: Sequence[float]

    @property
    def low_s(self) -> float:
        """The least that was found."""
        return min(self.costs_s)

    @property
    def high_s(self) -> float:
        """The most that was found."""
        return max(self.costs_s)

    @property
    def middle_s(self) -> float:
        """The mean of what was found."""
        return sum(self.costs_s) / len(self.costs_s)


@dataclass(frozen=True)
class Cores:
    """So many cores would be busy all the time. low, high: the range of what was found."""

    low: float
    middle: float
    high: float

    def with_room(self) -> "Cores":
        """Returns how many to buy, so that they are busy for at most a part of the time."""
        return Cores(*(each / BUSY_AT_MOST for each in (self.low, self.middle, self.high)))


def cost_of_one(platform_s: float, idle_cores: float, lasted_s: float, arrivals: int) -> float:
    """Returns the CPU seconds of one arrival; 0 where the platform did less than it does idle.

    Errors: ValueError for no arrival.
    """
    if arrivals <= 0:
        raise ValueError("nobody came: there is no cost of one")
    return max(0.0, platform_s - idle_cores * lasted_s) / arrivals


def idle_of_many(idle_none: float, idle_some: float, some: int, many: int) -> float:
    """Returns the cores that many areas keep busy with nobody there.

    idle_none, idle_some: measured without and with `some` of them. Never less than measured.
    """
    each = max(0.0, idle_some - idle_none) / some if some else 0.0
    return max(idle_some, idle_none + each * many)


def cores_of(kinds: Sequence[Kind], idle_cores: float) -> Cores:
    """Returns the cores that all kinds together keep busy."""
    return Cores(
        idle_cores + sum(each.per_s * each.low_s for each in kinds),
        idle_cores + sum(each.per_s * each.middle_s for each in kinds),
        idle_cores + sum(each.per_s * each.high_s for each in kinds),
    )
