"""What a day tells of a simulated area, beside its truth: a second of computing."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import pytest

from services.visitor_sense.app.days import told_of
from services.visitor_sense.domain.sketch import Distinct
from services.visitor_sense.sensor.generator.generate import simulate
from services.visitor_sense.sensor.generator.people import Kind
from tests.unit.visitor_sense.test_days import MORNING, TODAY, Minutes


def test_on_a_simulated_day_the_median_is_near_the_truth() -> None:
    area = simulate(3, 400)
    near: dict[tuple[datetime, str], set[int]] = defaultdict(set)
    for sensor_id, heard in area.sensors.items():
        for one in heard:
            if not one.sent.address[0] & 2 and one.signal_dbm >= -75:
                minute = MORNING + timedelta(minutes=one.sent.time_ms // 60_000)
                near[minute, sensor_id.rpartition("-")[0]].add(int.from_bytes(one.sent.address))
    minutes: Minutes = []
    for (minute, zone_id), devices in sorted(near.items()):
        found = Distinct()
        found.add(np.array(sorted(devices), np.uint64))
        minutes.append((zone_id, minute, found))
    told = told_of(TODAY, minutes)
    zones = told.zones
    walked: Counter[tuple[str, str]] = Counter()
    for person in area.people:
        if person.kind is Kind.VISITOR:
            walked.update(set(pairwise(stay.zone_id for stay in person.stays)))
    ways = {way: count for way, count in told.moves.items() if walked[way]}
    assert len(ways) >= 3
    assert sum(ways.values()) >= 0.95 * sum(told.moves.values())  # hardly a way nobody went
    busiest = max(told.moves, key=lambda way: told.moves[way])
    assert busiest == max(walked, key=lambda way: walked[way])
    for zone_id in ("shotengai", "karst-observatory"):
        true = median(
            (stay.end_ms - stay.begin_ms) / 1_000
            for person in area.people if person.kind is Kind.VISITOR
            for stay in person.stays if stay.zone_id == zone_id
        )  # fmt: skip
        assert zones[zone_id].quartiles_s[1] == pytest.approx(true, rel=0.3)
