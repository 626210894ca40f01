"""What an installation costs a year, and a fair share of it for each area that uses it together.

Prices are assumptions with their ground, in yen with tax; each can be given. The share is the
Shapley value (L. S. Shapley, 1953): what an area adds to the costs, in the mean over all orders in
which the areas could have joined. Nobody pays more than alone, as long as sharing saves anything.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations

AREAS_MOST = 10  # the mean over all orders is taken exactly, over 2 to the power of these
HOURS_A_YEAR = 8_766  # 365.25 days
# Visitors of the main sight on the busiest day that one machine holds: the design load of an area
# is made of 8,000 (`./meguri load golden_week`).
VISITORS_A_MACHINE = 8_000


@dataclass(frozen=True)
class Prices:
    """Yen with tax. machine: a mini PC with 2 cores or more and 16 GB; watts: its mean power.

    kwh: the guide price of the Japanese association for fair trade in home appliances since 2022.
    sign: an A4 sheet, printed and laminated. hours: of work of the staff a week (`/week`).
    """

    machine: float = 60_000
    machine_years: float = 5
    uninterruptible: float = 15_000
    stick: float = 3_000  # two of them, for backups
    watts: float = 15
    kwh: float = 31
    line_month: float = 5_500
    domain_year: float = 3_000
    sign: float = 300
    sign_years: float = 3
    hour: float = 0  # of the staff's work; 0 leaves it out
    hours_week: float = 0.25


@dataclass(frozen=True)
class Area:
    """visitors: of its main sight on its busiest day. shops: that take payments. signs: hung."""

    name: str
    visitors: int
    shops: int = 0
    signs: int = 0


@dataclass(frozen=True)
class Line:
    """One kind of cost. shared: it is of the machine, else of the areas."""

    name: str
    yen_a_year: float
    shared: bool


@dataclass(frozen=True)
class Share:
    """Of one area, yen a year: its share, what it would pay alone, and the share for each shop."""

    area: Area
    yen: float
    alone: float

    @property
    def a_shop(self) -> float | None:
        """The share divided by the shops; None where there are none."""
        return self.yen / self.area.shops if self.area.shops else None


@dataclass(frozen=True)
class Costs:
    """machines: how many there must be. lines: what is paid for. shares: in the areas' order.

    first_yen: what has to be bought before the first day, and is in the yearly sums by its share.
    """

    machines: int
    lines: tuple[Line, ...]
    shares: tuple[Share, ...]
    first_yen: float

    @property
    def total(self) -> float:
        """Yen a year."""
        return sum(line.yen_a_year for line in self.lines)


def reckon(areas: Sequence[Area], prices: Prices) -> Costs:
    """Returns the costs of areas on one installation. Errors: ValueError naming what is wrong."""
    _check(areas, prices)
    shares = _shapley([_shared(areas, prices, chosen) for chosen in range(1 << len(areas))])
    return Costs(
        _machines(sum(area.visitors for area in areas)),
        (*_shared_lines(areas, prices), *_own_lines(areas, prices)),
        tuple(
            Share(area, share + _own(area, prices), _shared([area], prices, 1) + _own(area, prices))
            for area, share in zip(areas, shares, strict=True)
        ),
        _first(areas, prices),
    )


def whole(values: Sequence[float], total: int) -> list[int]:
    """Rounds to whole yen so that the rounded ones add up to a total, which is their sum rounded:
    what is left over goes to those that lost most (largest remainders)."""
    found = [math.floor(value) for value in values]
    left = max(0, total - sum(found))
    lost = sorted(range(len(values)), key=lambda place: found[place] - values[place])
    for place in lost[:left]:
        found[place] += 1
    return found


def _check(areas: Sequence[Area], prices: Prices) -> None:
    if not 1 <= len(areas) <= AREAS_MOST:
        raise ValueError(f"give 1 to {AREAS_MOST} areas")
    for area in areas:
        if min(area.visitors, area.shops, area.signs) < 0 or area.visitors > 10_000_000:
            raise ValueError(f"the numbers of {area.name} cannot be")
    if len({area.name for area in areas}) < len(areas):
        raise ValueError("an area is named twice")
    for each in fields(prices):
        value = getattr(prices, each.name)
        least = 0.1 if each.name.endswith("years") else 0.0
        if not least <= value <= 10_000_000:
            raise ValueError(f"{each.name} is {value:g} and cannot be")


def _first(areas: Sequence[Area], prices: Prices) -> float:
    count = _machines(sum(area.visitors for area in areas))
    bought = prices.machine + prices.uninterruptible + prices.stick
    return count * bought + sum(area.signs for area in areas) * prices.sign


def _machines(visitors: int) -> int:
    return max(1, math.ceil(visitors / VISITORS_A_MACHINE))


def _shared_lines(areas: Sequence[Area], prices: Prices) -> tuple[Line, ...]:
    count = _machines(sum(area.visitors for area in areas))
    bought = prices.machine + prices.uninterruptible + prices.stick
    return (
        Line("machine", count * bought / prices.machine_years, shared=True),
        Line("power", count * prices.watts / 1000 * HOURS_A_YEAR * prices.kwh, shared=True),
        Line("line", 12 * prices.line_month, shared=True),
    )


def _own_lines(areas: Sequence[Area], prices: Prices) -> tuple[Line, ...]:
    signs = sum(area.signs for area in areas) * prices.sign / prices.sign_years
    return (
        Line("domain", len(areas) * prices.domain_year, shared=False),
        Line("signs", signs, shared=False),
        Line("work", len(areas) * _work(prices), shared=False),
    )


def _work(prices: Prices) -> float:
    return prices.hour * prices.hours_week * 52


def _own(area: Area, prices: Prices) -> float:
    return sum(line.yen_a_year for line in _own_lines([area], prices))


def _shared(areas: Sequence[Area], prices: Prices, chosen: int) -> float:
    """Returns what the machines of some areas (bits of `chosen`) cost; nothing for nobody."""
    some = [area for number, area in enumerate(areas) if chosen >> number & 1]
    return sum(line.yen_a_year for line in _shared_lines(some, prices)) if some else 0.0


def _shapley(cost: Sequence[float]) -> list[float]:
    """Returns each one's share. cost: of each set of them, by the number its bits make."""
    count = (len(cost) - 1).bit_length()
    shares = []
    for number in range(count):
        others = [each for each in range(count) if each != number]
        share = 0.0
        for size in range(count):
            weight = 1 / (count * math.comb(count - 1, size))
            for some in combinations(others, size):
                before = sum(1 << each for each in some)
                share += weight * (cost[before | 1 << number] - cost[before])
        shares.append(share)
    return shares
