"""Zones, their crowding levels, and sensors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LIVE_WINDOW = timedelta(minutes=10)
SILENT_AFTER = timedelta(minutes=5)
SICK_CLOCK_S = 60.0
# A level falls only when the figure is this far below its threshold, so that it does not flicker.
FALL_SHARE = 0.8
MAX_THRESHOLD = 1_000_000
MAX_ZONES = 500


class Level(IntEnum):
    """How crowded a zone is."""

    UNKNOWN = 1
    QUIET = 2
    NORMAL = 3
    BUSY = 4
    CROWDED = 5


class SensorState(IntEnum):
    """How a sensor is."""

    OK = 1
    SILENT = 2
    NEVER_HEARD = 3
    PAUSED = 4
    REVOKED = 5
    SICK = 6


class SensorKind(IntEnum):
    """What a sensor is: it hears probe requests, posts what a network hears, or counts itself."""

    PROBES = 1
    MERAKI = 2
    GADGET = 3


@dataclass(frozen=True)
class Zone:
    """A part of the area that is counted as one.

    names: by locale. Thresholds: devices within LIVE_WINDOW from which the level holds.
    """

    zone_id: str
    place_id: str
    names: Mapping[str, str]
    normal_from: int
    busy_from: int
    crowded_from: int


@dataclass(frozen=True)
class Sensor:
    """An enrolled sensor, without anything secret. Times aware, UTC."""

    sensor_id: str
    zone_id: str
    signing_public_key: bytes
    sealing_public_key: bytes
    enroll_time: datetime
    revoke_time: datetime | None = None
    heard_time: datetime | None = None
    batches: int = 0
    observations: int = 0
    observations_refused: int = 0
    batches_waiting: int = 0
    clock_ahead_s: float = 0.0
    observations_dropped: int = 0
    posts_refused: int = 0


def check_zone(zone: Zone) -> None:
    """Errors: InvalidFields. A threshold below K would let a level tell of fewer than K people."""
    bad: list[tuple[str, str]] = []
    if not SLUG.fullmatch(zone.zone_id):
        bad.append(("zones.zone_id", "use 1 to 40 of a-z, 0-9 and -"))
    if not zone.place_id or len(zone.place_id) > 100:
        bad.append(("zones.place_id", "name the place the zone belongs to"))
    if not zone.names.get("ja") or not zone.names.get("en"):
        bad.append(("zones.names", "give the name in ja and en"))
    thresholds = (zone.normal_from, zone.busy_from, zone.crowded_from)
    if zone.normal_from < K:
        bad.append(("zones.normal_from", f"at least {K}"))
    if sorted(set(thresholds)) != list(thresholds) or zone.crowded_from > MAX_THRESHOLD:
        bad.append(("zones.crowded_from", "thresholds must rise: normal, busy, crowded"))
    if bad:
        raise InvalidFields(bad)


def level_of(zone: Zone, devices: int, previous: Level) -> Level:
    """Returns the level for a number of devices within LIVE_WINDOW, given the level before."""
    starts = {
        Level.NORMAL: zone.normal_from,
        Level.BUSY: zone.busy_from,
        Level.CROWDED: zone.crowded_from,
    }
    level = Level.QUIET
    for candidate, start in starts.items():
        holds = candidate <= previous and devices >= start * FALL_SHARE
        if devices >= start or holds:
            level = candidate
    return level


def state_of(sensor: Sensor, now: datetime, *, paused: bool) -> SensorState:
    """Returns how a sensor is at a moment."""
    if sensor.revoke_time is not None:
        return SensorState.REVOKED
    if paused:
        return SensorState.PAUSED
    if sensor.heard_time is None:
        return SensorState.NEVER_HEARD
    if now - sensor.heard_time > SILENT_AFTER:
        return SensorState.SILENT
    if abs(sensor.clock_ahead_s) > SICK_CLOCK_S or sensor.observations_dropped:
        return SensorState.SICK
    return SensorState.OK
