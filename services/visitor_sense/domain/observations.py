"""Batches of observations: what is accepted, and what becomes of them per hour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.visitor_sense.domain import day
from services.visitor_sense.domain.bursts import PAUSE_MS
from services.visitor_sense.domain.errors import BatchMalformed
from services.visitor_sense.domain.nearby import NEAR_DBM
from services.visitor_sense.domain.sketch import Distinct, Values, distinct

MAX_OBSERVATIONS = 1_000
MOST_FREQUENCIES = 64
# A sensor's clock may run ahead a little; more would put people into hours that are still to come.
FUTURE_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Batch:
    """Observations of one sensor under one day key, as columns of equal length.

    times_ms: milliseconds since 1970. signatures: 0 never. randomized: address made up. rssi_dbm: 0
    when unknown; an empty column when nobody knows. resident: a device that lives here, likewise.
    frames_by_mhz: frames by frequency, as far as known.
    """

    sensor_id: str
    boot_id: str
    sequence: int
    key_date: date
    key_epoch: int
    times_ms: NDArray[np.int64]
    pseudonyms: Values
    signatures: Values
    randomized: NDArray[np.bool_]
    rssi_dbm: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    resident: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    frames_by_mhz: Mapping[int, int] = field(default_factory=dict)

    @property
    def batch_id(self) -> str:
        """The id under which a repetition is known."""
        return f"{self.sensor_id}:{self.boot_id}:{self.sequence}"

    @property
    def devices(self) -> Values:
        """What stands for a device: a fixed address itself, else its signature.

        The top bit keeps the two kinds apart.
        """
        top = np.uint64(1 << 63)
        return np.where(self.randomized, self.signatures | top, self.pseudonyms & ~top)

    @property
    def visiting(self) -> NDArray[np.bool_]:
        """Tells per observation whether its device may be a visitor's."""
        if not self.resident.size:
            return np.ones(self.times_ms.size, np.bool_)
        return ~self.resident

    @property
    def near(self) -> NDArray[np.bool_]:
        """Tells per observation whether its device is near by; an unknown signal is not."""
        if not self.rssi_dbm.size:
            return np.zeros(self.times_ms.size, np.bool_)
        near = (self.rssi_dbm >= NEAR_DBM) & (self.rssi_dbm < 0) & self.visiting
        return np.asarray(near, np.bool_)


def check_batch(batch: Batch) -> None:
    """Errors: BatchMalformed."""
    size = batch.times_ms.size
    columns = (batch.pseudonyms, batch.signatures, batch.randomized)
    if not 0 < size <= MAX_OBSERVATIONS or any(column.size != size for column in columns):
        raise BatchMalformed("columns must have equal length, 1 to 1,000")
    if batch.rssi_dbm.size not in {0, size}:
        raise BatchMalformed("signals must be given for all observations or for none")
    if batch.resident.size not in {0, size}:
        raise BatchMalformed("residents must be told of all observations or of none")
    frames = batch.frames_by_mhz.values()
    if len(frames) > MOST_FREQUENCIES or any(count > MAX_OBSERVATIONS for count in frames):
        raise BatchMalformed("frames by frequency must be at most 64, of 1,000 each")
    if not 0 < len(batch.boot_id) <= 32 or batch.sequence < 1 or batch.key_epoch < 1:
        raise BatchMalformed("boot id, sequence or key epoch is missing")


@dataclass(frozen=True)
class Pause:
    """A time in which a zone is not observed; end is None while nobody knows."""

    begin: datetime
    end: datetime | None


def acceptable(batch: Batch, now: datetime, pauses: Iterable[Pause]) -> NDArray[np.bool_]:
    """Tells per observation whether it counts.

    Left out: older than the retention, from the future, of another day than the key's, or made
    while the zone was paused.
    """
    times = batch.times_ms
    keep = times >= day.to_ms(now - day.RETENTION)
    keep &= times <= day.to_ms(now + FUTURE_TOLERANCE)
    keep &= day.day_number(times) == (batch.key_date - date(1970, 1, 1)).days  # type: ignore[arg-type] # works on columns too
    for pause in pauses:
        inside = times >= day.to_ms(pause.begin)
        if pause.end is not None:
            inside &= times < day.to_ms(pause.end)
        keep &= ~inside
    return np.asarray(keep, np.bool_)


@dataclass
class ZoneHour:
    """The running count of one zone and hour.

    hour: its first moment, UTC. frames: probe requests. key_epochs: of the day key in this hour.
    bursts: of frames, by address, without a pause; one that goes on in another batch counts twice.
    version: counts the times it was said. released: figure that may leave the installation.
    """

    zone_id: str
    hour: datetime
    frames: int = 0
    bursts: int = 0
    addresses: Distinct = field(default_factory=Distinct)
    devices: Distinct = field(default_factory=Distinct)
    key_epochs: frozenset[int] = frozenset()
    version: int = 0
    released: int | None = None

    @property
    def key_date(self) -> date:
        """Local day of the hour's keys."""
        return day.key_date(self.hour)


def add_batches(hour: ZoneHour, batches: Iterable[tuple[Batch, NDArray[np.bool_]]]) -> None:
    """Adds the accepted observations of batches that lie in this hour: all at once to the sets,
    because those cost per call; bursts batch by batch, whatever arrived together.
    """
    begin_ms = day.to_ms(hour.hour)
    pseudonyms, devices = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for batch, keep in batches:
        times = batch.times_ms
        mask = keep & (times >= begin_ms) & (times < begin_ms + day.HOUR_MS)
        frames = int(np.count_nonzero(mask))
        if not frames:
            continue
        hour.frames += frames
        pseudonyms.append(batch.pseudonyms[mask])
        devices.append(batch.devices[mask & batch.visiting])
        hour.bursts += _bursts(times[mask], pseudonyms[-1])
        hour.key_epochs |= {batch.key_epoch}
    hour.addresses.add(np.concatenate(pseudonyms))
    hour.devices.add(np.concatenate(devices))


def joined(batches: Sequence[Batch]) -> Batch:
    """Returns the observations of batches of one sensor and day key as one."""
    columns = ("times_ms", "pseudonyms", "signatures", "randomized", "rssi_dbm")
    found: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in batches]) for name in columns
    }
    if found["rssi_dbm"].size != found["times_ms"].size:  # one of them knows no signals
        sizes = [(one, one.times_ms.size) for one in batches]
        found["rssi_dbm"] = np.concatenate(
            [one.rssi_dbm if one.rssi_dbm.size else np.zeros(size, np.int64) for one, size in sizes]
        )
    found["resident"] = ~np.concatenate([one.visiting for one in batches])
    return replace(batches[0], **found)


def _bursts(times_ms: NDArray[np.int64], pseudonyms: Values) -> int:
    if not times_ms.size:
        return 0
    order = np.lexsort((times_ms, pseudonyms))
    times, names = times_ms[order], pseudonyms[order]
    begins = (names[1:] != names[:-1]) | (np.diff(times) > PAUSE_MS)
    return 1 + int(begins.sum())


def near_minutes(batch: Batch, keep: NDArray[np.bool_]) -> dict[datetime, Values]:
    """Returns the devices near by of the accepted observations, per minute."""
    mask = keep & batch.near
    minutes, devices = batch.times_ms // day.MINUTE_MS, batch.devices
    return {
        day.from_ms(int(minute) * day.MINUTE_MS): distinct(devices[mask & (minutes == minute)])
        for minute in distinct(minutes[mask])
    }


def hours_of(batch: Batch, keep: NDArray[np.bool_]) -> list[datetime]:
    """Returns the hours that accepted observations of a batch lie in, in order."""
    numbers = distinct(batch.times_ms[keep] // day.HOUR_MS)
    return [day.from_ms(int(number) * day.HOUR_MS) for number in numbers]
