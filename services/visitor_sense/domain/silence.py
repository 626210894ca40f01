"""Sensors that hear only in part: silent minutes, far fewer frames than usual, silent channels.

A sensor is held against its own past: the same hour of the day, and the hours beside it, on at
least five of the fourteen days before. Few frames may mean few people; so the other sensors of the
area, held against their own past, say how much less there was to hear.

* silent minutes: minutes without a frame, at least fifteen more than usual;
* few frames: less than a quarter of what is usual, after what the others say; alone a sensor has
  to fall below a tenth;
* silent channels: half or more of the frequencies on which it usually hears are silent, each of
  which would have had ten frames or more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from statistics import median

from services.visitor_sense.domain import day

LOOK_BACK = timedelta(days=14)
LEAST_DAYS = 5
LEAST_USUAL = 60.0  # frames an hour; below it chance alone silences minutes and channels
QUARTER_MINUTES = 15
FEW, FEW_ALONE = 0.25, 0.1
CHANNEL_EXPECTED = 10.0  # frames; that none of them comes by chance happens once in 20,000
CHANNEL_SILENT = 0.05  # of what was to be expected
HOUR_MINUTES = 60


class Flaw(IntEnum):
    """What is wrong with what a sensor heard in an hour."""

    SILENT_MINUTES = 1
    FEW_FRAMES = 2
    SILENT_CHANNELS = 3


@dataclass(frozen=True)
class Heard:
    """What one sensor heard in one hour. minutes: those with a frame, bit 0 for the first.

    by_mhz: frames by frequency, as far as known.
    """

    sensor_id: str
    zone_id: str
    hour: datetime
    frames: int = 0
    minutes: int = 0
    by_mhz: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Flawed:
    """An hour in which a sensor heard only in part. amount: minutes, percent of what was to be
    expected, or channels."""

    sensor_id: str
    zone_id: str
    hour: datetime
    flaw: Flaw
    amount: int


@dataclass(frozen=True)
class _Usual:
    frames: float
    minutes: float
    shares: Mapping[int, float]


def flawed_hours(
    heard: Iterable[Heard], since: datetime, until: datetime,
    paused: Iterable[tuple[str, datetime]] = (),
) -> list[Flawed]:  # fmt: skip
    """Returns what was wrong in hours from `since` to before `until`, by hour and sensor.

    heard: also of LOOK_BACK before. An hour in which a sensor heard nothing is not among them and
    is judged all the same, up to the last hour that anybody heard. paused: zones and hours that are
    not judged.
    """
    by_sensor: dict[str, dict[datetime, Heard]] = {}
    for one in heard:
        by_sensor.setdefault(one.sensor_id, {})[one.hour] = one
    skipped, found = set(paused), list[Flawed]()
    last = max((max(hours) for hours in by_sensor.values()), default=since)
    hour = day.hour_of(since)
    while hour < until and hour <= last:
        now = {}
        for sensor_id, hours in by_sensor.items():
            usual = _usual(hours, hour)
            zone_id = hours[max(hours)].zone_id
            if usual is not None and (zone_id, hour) not in skipped:
                now[sensor_id] = hours.get(hour) or Heard(sensor_id, zone_id, hour), usual
        found += _judged(now)
        hour += timedelta(hours=1)
    return found


def _judged(now: Mapping[str, tuple[Heard, _Usual]]) -> list[Flawed]:
    ratios = {name: one.frames / usual.frames for name, (one, usual) in now.items()}
    found = []
    for name, (one, usual) in sorted(now.items()):
        others = [ratio for other, ratio in ratios.items() if other != name]
        # What the others lack there was not to hear; what they have more proves nothing.
        level = min(1.0, median(others)) if others else 1.0
        few = ratios[name] < (FEW * level if others else FEW_ALONE)
        silent = round(usual.minutes * level) - one.minutes.bit_count()
        if few:
            share = round(100 * ratios[name] / level) if level else 0
            found.append(Flawed(name, one.zone_id, one.hour, Flaw.FEW_FRAMES, share))
        elif silent >= QUARTER_MINUTES:
            minutes = HOUR_MINUTES - one.minutes.bit_count()
            found.append(Flawed(name, one.zone_id, one.hour, Flaw.SILENT_MINUTES, minutes))
        channels = _silent_channels(one, usual)
        if channels and not few:
            found.append(Flawed(name, one.zone_id, one.hour, Flaw.SILENT_CHANNELS, channels))
    return found


def _silent_channels(one: Heard, usual: _Usual) -> int:
    told = sum(one.by_mhz.values())
    # What is left on the channels that still hear says how much there was to hear on the others.
    due = {mhz: share for mhz, share in usual.shares.items() if share * told >= CHANNEL_EXPECTED}
    silent = sum(one.by_mhz.get(mhz, 0) < CHANNEL_SILENT * due[mhz] * told for mhz in due)
    return silent if len(due) > 1 and 2 * silent >= len(due) else 0


def _usual(hours: Mapping[datetime, Heard], hour: datetime) -> _Usual | None:
    before = [
        hours.get(hour - timedelta(days=back, hours=beside))
        for back in range(1, LOOK_BACK.days + 1)
        for beside in (-1, 0, 1)
    ]
    known = [one for one in before if one is not None]
    if len({day.key_date(one.hour) for one in known}) < LEAST_DAYS:
        return None
    frames = median(one.frames for one in known)
    if frames < LEAST_USUAL:
        return None
    return _Usual(frames, median(one.minutes.bit_count() for one in known), _shares(known))


def _shares(known: Sequence[Heard]) -> dict[int, float]:
    """Returns the usual share of each frequency: half of the hours have at least as much."""
    per_hour = []
    for one in known:
        total = sum(one.by_mhz.values())
        if total:
            per_hour.append({mhz: count / total for mhz, count in one.by_mhz.items()})
    if 2 * len(per_hour) < len(known):
        return {}
    names = Counter(mhz for shares in per_hour for mhz in shares)
    return {mhz: median(shares.get(mhz, 0.0) for shares in per_hour) for mhz in names}
