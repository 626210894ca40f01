"""Which frames came from one phone, though it makes up addresses: for small crowds.

A fixed address is a device. Frames under made-up addresses become *bursts* (one address, no pause
of two seconds). Two kinds of phones are told apart by what their bursts show, class by class:

* counters that go on from address to address: bursts are chained by the smallest plausible gap of
  the counter, signal and regularity. A gap may be the longer the fewer phones of that class there
  are, so that chance continuations stay rare. Chains of two classes are one phone where they take
  turns in one counter (phones show several classes). Cf. Espresso (INFOCOM 2021).
* counters made up anew with the address: nothing links two bursts but class and signal. One phone
  is assumed per hill of signal strengths; where the other kind shows a crowd, so many phones as
  scans divided by SCANS_PER_PHONE, which cannot be linked and are only counted.

The labels serve a count and are forgotten with it. Nothing here may be stored or sent.
"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.visitor_sense.domain.bursts import LAP, Burst, Heard, alike, bursts_of, gap
from services.visitor_sense.domain.hills import hills

SURE_GAP = 128  # a class is judged by gaps up to this one
LOOK_BACK = 20  # bursts of a class among which one that goes on is looked for
GOES_ON_SHARE = 0.4  # of bursts, beyond chance: a class whose counters go on
LEAST_GAP, MOST_GAP = 110, 400
CHANCE = 0.2  # of a false continuation that a gap may have, over all phones of a class
AT_ONCE_MS, AT_ONCE_GAP, AT_ONCE_DB = 3_000, 40, 12
FEW_PHONES, PATIENT_MS = 20, 65_000  # while so few are there another class may come later
FAR_DB = 30  # two bursts of one phone hardly differ by more
SCAN_MS, SCAN_DB = 1_500, 8
RARE = 6  # bursts of a class that may be a sideline of another phone
FILL_GAP = 200  # of a hole in a chain that stray bursts may fill
FEW_FRAMES = 3  # so few are a phone that passed far away, or a sideline: not counted …
LONG_MS = 300_000  # … where there was time to send more
LOW_SHARE, HIGH_SHARE = 0.4, 3.0  # of the phones without a fixed address
_SIGNAL, _UNEVEN = 3.0, 0.5  # what a link costs, in steps of the counter


@dataclass(frozen=True)
class Learned:
    """What was learned from labelled phones (bench/sense/accuracy.py); never from those scored.

    crowd: phones per class from which a place counts as crowded. scans_per_phone: in 20 minutes, of
    phones whose counters do not go on.
    """

    crowd: float = 1.8
    scans_per_phone: float = 35.0


LEARNED = Learned()
_WINDOW_MS = 1_200_000


@dataclass(frozen=True)
class Association:
    """labels: per frame, in the order given. devices: estimate of phones and fixed addresses.

    fixed: how many of these were fixed addresses, which are exact. addresses: of any kind.
    crowded: several phones per class were found.
    """

    labels: list[int]
    devices: int
    fixed: int
    addresses: int
    crowded: bool

    @property
    def interval(self) -> tuple[int, int]:
        """Low and high: wide, for crowds that come and go before a sensor that hops were off by a
        third to a half, other than mixes of a laboratory (bench/sense/accuracy.py)."""
        made_up = self.devices - self.fixed
        low = self.fixed + math.floor(made_up * LOW_SHARE)
        return low, min(self.addresses, self.fixed + math.ceil(made_up * HIGH_SHARE))


class _Sets:
    """Union-find over bursts."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def root(self, one: int) -> int:
        while self._above[one] != one:
            self._above[one] = self._above[self._above[one]]
            one = self._above[one]
        return one

    def join(self, one: int, other: int) -> None:
        self._above[self.root(other)] = self.root(one)


def associate(heard: Sequence[Heard], learned: Learned = LEARNED) -> Association:
    """Associates frames in order of time."""
    bursts = bursts_of(heard)
    classes: dict[int, list[int]] = defaultdict(list)
    for number, burst in enumerate(bursts):
        if burst.randomized:
            classes[burst.signature].append(number)
    going = sorted(number for mine in classes.values() if _goes_on(bursts, mine) for number in mine)
    sets = _by_address(bursts)
    _chain(bursts, going, sets, dict.fromkeys(classes, SURE_GAP))
    phones = Counter(bursts[min(piece)].signature for piece in _pieces(bursts, going, sets))
    crowd = sum(phones.values()) / max(1, len(phones))
    gaps = {
        signature: min(MOST_GAP, max(LEAST_GAP, int(LAP * CHANCE / max(1, phones[signature]))))
        for signature in classes
    }
    sets = _by_address(bursts)
    few = sum(phones.values()) <= FEW_PHONES
    _chain(bursts, going, sets, gaps)
    _join_classes(bursts, going, sets, PATIENT_MS if few else AT_ONCE_MS)
    _fill(bursts, going, sets)
    crowded = crowd >= learned.crowd
    chained = set(going)
    for mine in classes.values():
        rest = [number for number in mine if number not in chained]
        rest = _sideline(bursts, rest, going, sets)
        _scans(bursts, rest, sets, learned if crowded else None)
    _minor(bursts, sets)
    labels = [0] * len(heard)
    for number, burst in enumerate(bursts):
        for frame in burst.frames:
            labels[frame] = sets.root(number)
    fixed = {label for one, label in zip(heard, labels, strict=True) if not one.randomized}
    devices = len(fixed) + _made_up(heard, labels, fixed)
    return Association(labels, devices, len(fixed), len({one.pseudonym for one in heard}), crowded)


def _made_up(heard: Sequence[Heard], labels: Sequence[int], fixed: set[int]) -> int:
    """Counts phones without a fixed address; over a long time a few frames are no phone."""
    long = bool(heard) and heard[-1].time_ms - heard[0].time_ms >= LONG_MS
    least = FEW_FRAMES if long else 0
    return sum(size > least for label, size in Counter(labels).items() if label not in fixed)


def _by_address(bursts: Sequence[Burst]) -> _Sets:
    sets, first = _Sets(len(bursts)), dict[int, int]()
    for number, burst in enumerate(bursts):
        sets.join(first.setdefault(burst.address, number), number)
    return sets


def _goes_on(bursts: Sequence[Burst], mine: Sequence[int]) -> bool:
    """Tells whether counters of a class go on from address to address, beyond chance."""
    seen = expected = 0.0
    judged = 0
    for place, number in enumerate(mine):
        burst = bursts[number]
        before = [
            bursts[other]
            for other in mine[max(0, place - LOOK_BACK) : place]
            if bursts[other].address != burst.address
        ]
        if before:
            judged += 1
            seen += any(0 < (burst.first - one.last) % LAP <= SURE_GAP for one in before)
            expected += 1 - (1 - SURE_GAP / LAP) ** len(before)
    return judged > 0 and seen - expected >= GOES_ON_SHARE * (judged - expected)


@dataclass(frozen=True)
class _Track:
    tail: Burst
    number: int
    step: int | None


def _chain(
    bursts: Sequence[Burst], going: Iterable[int], sets: _Sets, gaps: dict[int, int]
) -> None:
    tracks: list[_Track] = []
    of_address: dict[int, int] = {}
    for number in going:
        burst = bursts[number]
        known = of_address.get(burst.address)
        if known is not None:
            tracks[known] = replace(tracks[known], tail=burst, number=number)
            continue
        costs = (
            (cost, place)
            for place, track in enumerate(tracks)
            if (cost := _cost(track, burst, gaps[burst.signature])) is not None
        )
        _, best = min(costs, default=(0.0, -1))
        if best < 0:
            best = len(tracks)
            tracks.append(_Track(burst, number, None))
        else:
            track = tracks[best]
            sets.join(track.number, number)
            tracks[best] = _Track(burst, number, gap(track.tail, burst))
        of_address[burst.address] = best


def _cost(track: _Track, burst: Burst, most: int) -> float | None:
    """Returns what it costs to continue a track, None where it cannot be."""
    tail = track.tail
    if tail.signature != burst.signature:
        return None
    step = gap(tail, burst)
    if not 0 < step <= most or burst.begin_ms < tail.begin_ms or not alike(tail, burst, FAR_DB):
        return None
    cost = step + _UNEVEN * abs(step - (step if track.step is None else track.step))
    if tail.rssi_dbm and burst.rssi_dbm:
        cost += _SIGNAL * min(15.0, abs(tail.rssi_dbm - burst.rssi_dbm))
    return cost


def _chains(going: Iterable[int], sets: _Sets) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number in going:
        found[sets.root(number)].append(number)
    return found


def _join_classes(bursts: Sequence[Burst], going: Sequence[int], sets: _Sets, wait_ms: int) -> None:
    """Joins chains of different classes that take turns in one counter."""
    chains = _chains(going, sets)
    for place, later in enumerate(going):
        for earlier in reversed(going[:place]):
            before, after = bursts[earlier], bursts[later]
            if after.begin_ms - before.begin_ms > wait_ms + SCAN_MS:
                break
            one, other = sets.root(earlier), sets.root(later)
            if (
                one != other
                and before.signature != after.signature
                and 0 < gap(before, after) <= AT_ONCE_GAP
                and alike(before, after, AT_ONCE_DB)
                and _take_turns(bursts, chains[one], chains[other])
            ):
                chains[one] = sorted(chains[one] + chains.pop(other))
                sets.join(one, other)


def _take_turns(bursts: Sequence[Burst], one: list[int], other: list[int]) -> bool:
    """Tells whether two chains, laid into one, still rise by small steps wherever they meet."""
    mine = set(one)
    both = sorted(one + other)
    return all(
        0 < gap(bursts[before], bursts[after]) <= MOST_GAP
        for before, after in pairwise(both)
        if (before in mine) is not (after in mine)
    )


def _pieces(bursts: Sequence[Burst], going: Iterable[int], sets: _Sets) -> list[list[int]]:
    return [
        piece
        for piece in _chains(going, sets).values()
        if sum(len(bursts[number].frames) for number in piece) > FEW_FRAMES
    ]


def _hole(bursts: Sequence[Burst], chains: Iterable[Sequence[int]], stray: Burst) -> int | None:
    """Returns the burst after which a stray one fits, in time, counter and signal."""
    best: tuple[float, int] | None = None
    for chain in chains:
        at = bisect_left(chain, stray.begin_ms, key=lambda number: bursts[number].begin_ms)
        if not 0 < at < len(chain):
            continue
        before, after = bursts[chain[at - 1]], bursts[chain[at]]
        width = (after.first - before.last) % LAP
        inside = 0 < (stray.first - before.last) % LAP < width <= FILL_GAP
        if inside and alike(before, stray, 10):
            cost = width + abs(stray.rssi_dbm - before.rssi_dbm)
            best = min(best or (cost, chain[at - 1]), (cost, chain[at - 1]))
    return best[1] if best else None


def _fill(bursts: Sequence[Burst], going: Iterable[int], sets: _Sets) -> None:
    """Puts chains of one or two bursts into holes of longer ones."""
    chains = _chains(going, sets)
    for root, chain in list(chains.items()):
        if len(chain) <= 2:
            longer = [other for other in chains.values() if len(other) > len(chain)]
            places = [_hole(bursts, longer, bursts[number]) for number in chain]
            homes = {sets.root(place) if place is not None else None for place in places}
            if len(homes) == 1 and places[0] is not None:
                sets.join(places[0], chain[0])
                del chains[root]


def _sideline(
    bursts: Sequence[Burst], mine: list[int], going: Iterable[int], sets: _Sets
) -> list[int]:
    """Puts a rare class into the chains where most of it fits; returns what is left."""
    if not 0 < len(mine) <= RARE:
        return mine
    long = [chain for chain in _chains(going, sets).values() if len(chain) > 1]
    places = [_hole(bursts, long, bursts[number]) for number in mine]
    if 2 * sum(place is not None for place in places) <= len(mine):
        return mine
    for number, place in zip(mine, places, strict=True):
        if place is not None:
            sets.join(place, number)
    return [number for number, place in zip(mine, places, strict=True) if place is None]


@dataclass
class _Scan:
    begin_ms: int
    signal: float
    frames: int
    number: int


def _scans(
    bursts: Sequence[Burst], mine: Sequence[int], sets: _Sets, learned: Learned | None
) -> None:
    """Tells phones of a class apart by signal; in a crowd at least so many as scans say."""
    scans: list[_Scan] = []
    for number in mine:
        burst = bursts[number]
        size = len(burst.frames)
        for scan in reversed(scans[-12:]):
            near = abs(scan.signal / scan.frames - burst.rssi_dbm) <= SCAN_DB
            if burst.begin_ms - scan.begin_ms <= SCAN_MS and near:
                scan.signal += burst.rssi_dbm * size
                scan.frames += size
                sets.join(scan.number, number)
                break
        else:
            scans.append(_Scan(burst.begin_ms, burst.rssi_dbm * size, size, number))
    units: dict[int, _Scan] = {}
    for scan in scans:
        unit = units.setdefault(sets.root(scan.number), _Scan(0, 0.0, 0, scan.number))
        unit.signal += scan.signal
        unit.frames += scan.frames
    ordered = sorted(units.values(), key=lambda unit: (unit.signal / unit.frames, unit.number))
    groups = hills([unit.signal / unit.frames for unit in ordered])
    if learned and scans:
        share = (scans[-1].begin_ms - scans[0].begin_ms) / _WINDOW_MS
        least = round(len(scans) / (learned.scans_per_phone * max(1.0, share)))
        if least > max(groups, default=0) + 1:
            groups = [place * least // len(ordered) for place in range(len(ordered))]
    for left, right, one, other in zip(groups, groups[1:], ordered, ordered[1:], strict=False):
        if left == right:
            sets.join(one.number, other.number)


def _minor(bursts: Sequence[Burst], sets: _Sets) -> None:
    """Gives pieces of a few frames to a phone heard beside them at the same strength."""
    sizes: Counter[int] = Counter()
    for number, burst in enumerate(bursts):
        sizes[sets.root(number)] += len(burst.frames)
    big = [number for number in range(len(bursts)) if sizes[sets.root(number)] > FEW_FRAMES]
    begins = [bursts[number].begin_ms for number in big]
    for number, burst in enumerate(bursts):
        if sizes[sets.root(number)] > FEW_FRAMES or not burst.randomized:
            continue
        left = bisect_left(begins, burst.begin_ms - AT_ONCE_MS)
        right = bisect_left(begins, burst.begin_ms + AT_ONCE_MS)
        beside = [
            (
                abs(bursts[other].begin_ms - burst.begin_ms) / 1_000
                + abs(bursts[other].rssi_dbm - burst.rssi_dbm),
                other,
            )
            for other in big[left:right]
            if alike(bursts[other], burst, AT_ONCE_DB)
        ]
        if beside:
            sets.join(min(beside)[1], number)
