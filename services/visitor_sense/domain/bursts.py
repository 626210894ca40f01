"""Bursts: frames of one address without a pause, and what two of them have in common."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

PAUSE_MS = 2_000  # between two bursts of one address
LAP = 4_096  # sequence numbers before a counter begins again


class Heard(NamedTuple):
    """One probe request. time_ms: any origin. rssi_dbm: 0 when unknown. sequence: 0 to 4,095."""

    time_ms: int
    pseudonym: int
    signature: int
    rssi_dbm: int
    sequence: int
    randomized: bool


@dataclass(frozen=True)
class Burst:
    """Frames of one address without a pause. first, last: sequence. frames: their places."""

    begin_ms: int
    end_ms: int
    first: int
    last: int
    signature: int
    rssi_dbm: float
    frames: tuple[int, ...]
    address: int
    randomized: bool


def bursts_of(heard: Sequence[Heard]) -> list[Burst]:
    """Returns the bursts of frames in order of time, by their begin."""
    by_address: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(heard):
        by_address[one.pseudonym].append(number)
    found = []
    for numbers in by_address.values():
        begin = 0
        for at in range(1, len(numbers) + 1):
            if (
                at == len(numbers)
                or heard[numbers[at]].time_ms - heard[numbers[at - 1]].time_ms > PAUSE_MS
            ):
                found.append(_burst(heard, tuple(numbers[begin:at])))
                begin = at
    return sorted(found, key=lambda one: (one.begin_ms, one.frames))


def _burst(heard: Sequence[Heard], numbers: tuple[int, ...]) -> Burst:
    frames = [heard[number] for number in numbers]
    signals = [one.rssi_dbm for one in frames if one.rssi_dbm]
    return Burst(
        frames[0].time_ms, frames[-1].time_ms, frames[0].sequence, frames[-1].sequence,
        Counter(one.signature for one in frames).most_common(1)[0][0],
        float(median(signals)) if signals else 0.0,
        numbers, frames[0].pseudonym, frames[0].randomized,
    )  # fmt: skip


def gap(before: Burst, after: Burst) -> int:
    """Steps of the counter; some counters begin again after half a lap."""
    if LAP // 2 - 150 < before.last < LAP // 2 and after.first < before.last:
        return (after.first - before.last) % (LAP // 2)
    return (after.first - before.last) % LAP


def alike(one: Burst, other: Burst, db: float) -> bool:
    """Tells whether two signals may be of one phone; those of few frames scatter more."""
    if not one.rssi_dbm or not other.rssi_dbm:
        return True
    fewest = min(len(one.frames), len(other.frames))
    return abs(one.rssi_dbm - other.rssi_dbm) <= db + db / fewest
