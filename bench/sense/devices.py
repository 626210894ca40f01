"""How many phones are in a mix: association, rate of bursts, and the baselines.

Split by phone: the phones in the order of their names are dealt to two halves; what is learned
(Learned, BurstRate) comes from one and is scored on mixes of the other alone. The rules themselves
were written with all phones in view: for phones nobody has seen the figures may be worse.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.sense.mixes import WINDOW_MS, Mix, Phones, make_mix, v_measure
from services.visitor_sense.domain.association import Learned, associate
from services.visitor_sense.domain.rate import BurstRate, count_bursts, crowd, learn_rate

PARTS = 2
SIZES = (5, 9, 18, 30, 50, 100)  # up to nine each phone is another
CROWD_SIZES = (300,)  # too many to associate fairly: the rate of bursts is scored
_LEARN_SIZES, _LEARN_MIXES = (5, 12, 30, 100), 4
_SCANS = (20.0, 25.0, 30.0, 35.0, 40.0, 50.0)


@dataclass(frozen=True)
class Score:
    """Errors as shares of the true number. coverage, v_measure: nan where not given."""

    mape: float
    bias: float
    v_measure: float = float("nan")
    coverage: float = float("nan")


def score_devices(
    phones: Phones, mixes: int, tell: Callable[[str], None]
) -> dict[str, dict[int, Score]]:
    """Returns estimator -> size of the crowd -> score. mixes: per size, over all parts."""
    rows: dict[str, dict[int, list[tuple[float, float, float, float]]]] = {}
    names = sorted(phones)
    for part in range(PARTS):
        scored = {name: phones[name] for name in names[part::PARTS]}
        known = {name: phones[name] for name in names if name not in scored}
        learned, rate = learn(known), learn_rate(burst_rates(known))
        tell(f"part {part + 1}: scored {', '.join(scored)}; {learned}; {rate}")
        chance = random.Random(f"scored {part}")
        for size in (*SIZES, *CROWD_SIZES):
            for _ in range(mixes // PARTS if size in SIZES else 3):
                mix = make_mix(scored, size, chance)
                for name, row in _estimates(mix, learned, rate, link=size in SIZES).items():
                    rows.setdefault(name, {}).setdefault(size, []).append(row)
    return {
        name: {size: Score(*map(fmean, zip(*found, strict=True))) for size, found in sizes.items()}
        for name, sizes in rows.items()
    }


def _estimates(
    mix: Mix, learned: Learned, rate: BurstRate, *, link: bool
) -> dict[str, tuple[float, float, float, float]]:
    nan = float("nan")

    def row(devices: float, v: float = nan, inside: float = nan) -> tuple[float, ...]:
        error = (devices - mix.size) / mix.size
        return abs(error), error, v, inside

    signatures = [one.signature for one in mix.heard]
    bursts = count_bursts((one.time_ms, one.pseudonym) for one in mix.heard)
    by_rate = crowd(bursts, WINDOW_MS / 60_000, rate)
    addresses = [one.pseudonym for one in mix.heard]
    found = {
        "addresses": row(len(set(addresses)), v_measure(mix.phones, addresses)),
        "fingerprint": row(len(set(signatures)), v_measure(mix.phones, signatures)),
        "rate": row(by_rate.devices, nan, float(by_rate.low <= mix.size <= by_rate.high)),
    }
    if link:
        linked = associate(mix.heard, learned)
        low, high = linked.interval
        found["association"] = row(
            linked.devices, v_measure(mix.phones, linked.labels), float(low <= mix.size <= high)
        )
    return found  # type: ignore[return-value] # four figures each


def burst_rates(phones: Phones) -> list[float]:
    """Returns the bursts per minute of each phone, the mean of its sessions."""
    return [
        fmean(
            count_bursts((one.time_ms, one.pseudonym) for one in session if one.time_ms < WINDOW_MS)
            for session in sessions
        )
        / (WINDOW_MS / 60_000)
        for sessions in phones.values()
    ]


def learn(phones: Phones) -> Learned:
    """Learns what Learned holds from mixes of phones, by least mean error of the count."""
    mixes = [
        make_mix(phones, size, random.Random(f"learn {size} {number}"))
        for size in _LEARN_SIZES
        for number in range(_LEARN_MIXES)
    ]
    found = [_fit(Learned(scans_per_phone=scans), mixes) for scans in _SCANS]
    return min(found, key=lambda one: one[0])[1]


def _fit(learned: Learned, mixes: Sequence[Mix]) -> tuple[float, Learned]:
    found = ((associate(mix.heard, learned).devices, mix.size) for mix in mixes)
    return fmean(abs(devices / size - 1) for devices, size in found), learned
