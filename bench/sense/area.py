"""Dwell, zones seen and two sensors of one zone, on simulated days whose truth is known.

What is learned (people per device that keeps its address) comes from another seed than what is
scored. Devices near a sensor are heard as the generator lets them be: figures here say whether the
estimators are right, not how well a real zone is heard.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from statistics import fmean, median

import numpy as np

from bench.sense.mixes import WINDOW_MS, v_measure
from services.visitor_sense.domain.association import associate
from services.visitor_sense.domain.bursts import Heard as Frame
from services.visitor_sense.domain.flows import ZonesSeen, dwell_quantiles, visitors_only
from services.visitor_sense.domain.moves import Moves, paths_of, ways_of
from services.visitor_sense.domain.pseudonym import pseudonym, signature
from services.visitor_sense.domain.sketch import Distinct
from services.visitor_sense.sensor.frames import lasting_elements, quantized
from services.visitor_sense.sensor.generator.generate import Area, Heard, simulate
from services.visitor_sense.sensor.generator.people import Kind

VISITORS, LEARN_SEED, SEED = 4_000, 11, 12
LEAST_CELL = 50
_KEY = b"simulated day, laboratory only.."
_LASTING = b"signatures of a simulated day..."
EVERY, LEAST_PHONES = 4, 10
Pair = tuple[str, str]


@dataclass(frozen=True)
class AreaFigures:
    """Errors as shares. dwell: of the median, mean over zones. flow_devices: WAPE of zones seen
    by devices that keep their address; flow_people: scaled to all visitors. way: of ways from zone
    to zone, scaled likewise; way_pairs: as if half of those in both zones had gone each way. twice:
    devices counted by two sensors of a zone against those that either heard; twice_summed: counts
    added up."""

    dwell: float
    dwell_worst: float
    flow_devices: float
    flow_people: float
    way: float
    way_pairs: float
    twice: float
    twice_summed: float


def measure_area(visitors: int = VISITORS) -> AreaFigures:
    """Simulates two days, learns on one and scores the other."""
    scale = _people_per_device(simulate(LEARN_SEED, visitors))
    area = simulate(SEED, visitors)
    fixed = visitors_only(_fixed(area))
    dwell = _dwell_errors(area, fixed)
    seen = _seen(fixed)
    exact = {
        pair: float(len(fixed[pair[0]].keys() & fixed[pair[1]].keys()))
        for pair in combinations(sorted(fixed), 2)
    }
    both = seen.both()
    people = {pair: scale * count for pair, count in both.items()}
    moves, walked = Moves(), _ways_walked(area)
    for device, path in paths_of(fixed).items():
        moves.add(device, ways_of(path))
    ways = {way: scale * count for way, count in moves.ways().items()}
    halves = {
        way: people.get((min(way), max(way)), 0.0) / 2 for way in walked
    }  # fmt: skip
    twice, summed = _twice(area)
    return AreaFigures(
        sum(dwell) / len(dwell), max(dwell), _wape(both, exact), _wape(people, _walked(area)),
        _wape(ways, walked), _wape(halves, walked), twice, summed,
    )  # fmt: skip


@dataclass(frozen=True)
class CrowdFigures:
    """Association in twenty minutes of one sensor, phones coming and going. Errors as shares of the
    phones that were heard; fingerprint: MAPE of counting classes."""

    windows: int
    mape: float
    bias: float
    coverage: float
    v_measure: float
    fingerprint: float


def measure_crowds(captures: Path | None = None, visitors: int = 1_000) -> CrowdFigures:
    """Associates every fourth window of a simulated day. captures: labelled ones to replay."""
    area = simulate(SEED, visitors, captures)
    rows = []
    for heard in area.sensors.values():
        windows: dict[int, list[Heard]] = defaultdict(list)
        for one in heard:
            windows[one.sent.time_ms // WINDOW_MS].append(one)
        for number, window in sorted(windows.items()):
            if number % EVERY == 0 and len({one.device for one in window}) >= LEAST_PHONES:
                rows.append(_crowd(window))
    means = [fmean(column) for column in zip(*rows, strict=True)]
    return CrowdFigures(len(rows), *means)


def _crowd(window: Sequence[Heard]) -> tuple[float, ...]:
    truth = [one.device for one in window]
    heard = [
        Frame(
            one.sent.time_ms, pseudonym(_KEY, one.sent.address),
            signature(_LASTING, lasting_elements(one.sent.elements)),
            quantized(one.signal_dbm), one.sent.sequence, bool(one.sent.address[0] & 2),
        )
        for one in window
    ]  # fmt: skip
    phones, found = len(set(truth)), associate(heard)
    low, high = found.interval
    classes = {one.signature if one.randomized else one.pseudonym for one in heard}
    error = found.devices / phones - 1
    return (
        abs(error), error, float(low <= phones <= high), v_measure(truth, found.labels),
        abs(len(classes) / phones - 1),
    )  # fmt: skip


def _fixed(area: Area) -> dict[str, dict[int, list[int]]]:
    """Zone -> pseudonym of fixed addresses -> times, all sensors of the zone together."""
    found: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for sensor_id, heard in area.sensors.items():
        for one in heard:
            if not one.sent.address[0] & 2:
                device = pseudonym(_KEY, one.sent.address)
                found[sensor_id.rpartition("-")[0]][device].append(one.sent.time_ms)
    for devices in found.values():
        for times in devices.values():
            times.sort()
    return found


def _seen(fixed: Mapping[str, Mapping[int, object]]) -> ZonesSeen:
    seen = ZonesSeen()
    for zone_id, devices in fixed.items():
        seen.add(zone_id, devices)
    return seen


def _dwell_errors(area: Area, fixed: Mapping[str, Mapping[int, Sequence[int]]]) -> list[float]:
    true: dict[str, list[int]] = defaultdict(list)
    for person in area.people:
        if person.kind is Kind.VISITOR:
            for stay in person.stays:
                true[stay.zone_id].append(stay.end_ms - stay.begin_ms)
    errors = []
    for zone_id, devices in fixed.items():
        found = dwell_quantiles(devices, [0.5])
        if found is not None:
            errors.append(abs(found[0] / median(true[zone_id]) - 1))
    return errors


def _walked(area: Area) -> dict[Pair, float]:
    """Visitors who were in both of two zones."""
    counts: dict[Pair, float] = defaultdict(float)
    for person in area.people:
        if person.kind is Kind.VISITOR:
            for pair in combinations(sorted({stay.zone_id for stay in person.stays}), 2):
                counts[pair] += 1
    return counts


def _ways_walked(area: Area) -> dict[Pair, float]:
    """Visitors who went from one zone to the next, each once per way."""
    counts: dict[Pair, float] = defaultdict(float)
    for person in area.people:
        if person.kind is Kind.VISITOR:
            for way in set(pairwise(stay.zone_id for stay in person.stays)):
                counts[way] += 1
    return counts


def _people_per_device(area: Area) -> float:
    """Visitors of all zones over devices that keep their address, on a day that is not scored."""
    fixed = visitors_only(_fixed(area))
    devices = sum(len(heard) for heard in fixed.values())
    people = sum(
        len({stay.zone_id for stay in person.stays})
        for person in area.people if person.kind is Kind.VISITOR
    )  # fmt: skip
    return people / devices


def _wape(found: Mapping[Pair, float], true: Mapping[Pair, float]) -> float:
    cells = [pair for pair, count in true.items() if count >= LEAST_CELL]
    people = sum(true[pair] for pair in cells)
    errors = sum(abs(found.get(pair, 0.0) - true[pair]) for pair in cells)
    return errors / people if people else math.nan


def _twice(area: Area) -> tuple[float, float]:
    """Returns errors of hours of the zone with two sensors: merged, and added up."""
    by_zone: dict[str, list[str]] = defaultdict(list)
    for sensor_id in area.sensors:
        by_zone[sensor_id.rpartition("-")[0]].append(sensor_id)
    (pair,) = (sensors for sensors in by_zone.values() if len(sensors) == 2)
    hours: dict[tuple[int, str], set[int]] = defaultdict(set)
    for sensor_id in pair:
        for one in area.sensors[sensor_id]:
            hour = one.sent.time_ms // 3_600_000
            hours[hour, sensor_id].add(pseudonym(_KEY, one.sent.address))
    merged = summed = true = 0
    for hour in {hour for hour, _ in hours}:
        parts = [hours[hour, sensor_id] for sensor_id in pair]
        both = _distinct(parts[0])
        both.merge(_distinct(parts[1]))
        merged += both.count().estimate
        summed += sum(_distinct(part).count().estimate for part in parts)
        true += len(parts[0] | parts[1])
    return merged / true - 1, summed / true - 1


def _distinct(values: Iterable[int]) -> Distinct:
    found = Distinct()
    found.add(np.fromiter(values, np.uint64))
    return found
