"""From probes to signed batches."""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import compress

from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.domain import day, sealing
from services.visitor_sense.domain.residents import Residents
from services.visitor_sense.sensor.credential import Credential
from services.visitor_sense.sensor.frames import BrokenFrame, FrameReader, Kept

# 500 observations make a message of about 15 KB: past the point where size still pays.
BATCH_OBSERVATIONS = 500
# Offsets are 32 bits of milliseconds; a jump of the clock begins a new batch.
BATCH_SPAN_MS = 3_600_000


@dataclass(frozen=True)
class SignedBatch:
    """A batch ready to be sent. message_id: sensor:boot:sequence. size: observations in it."""

    message_id: str
    sequence: int
    size: int
    payload: bytes


class DayKey:
    """The key of one local day, in memory only. left_out: pseudonyms not to be counted."""

    def __init__(
        self, key_date: date, epoch: int, key: bytes, left_out: frozenset[int] = frozenset()
    ) -> None:
        self.key_date, self.epoch, self.left_out = key_date, epoch, left_out
        self._key = bytearray(key)

    def reveal(self) -> bytes:
        """Returns the key itself."""
        return bytes(self._key)

    def destroy(self) -> None:
        """Overwrites the key."""
        self._key[:] = bytes(len(self._key))


@dataclass
class Counters:
    """What a sensor has seen since its start."""

    frames_read: int = 0
    probes_read: int = 0
    frames_broken: int = 0
    observations_dropped: int = 0


class Batcher:
    """Turns frames of one day into batches under that day's key."""

    def __init__(
        self, credential: Credential, boot: "Boot", key: DayKey, counters: Counters
    ) -> None:
        self._credential, self._boot, self._key = credential, boot, key
        self._reader = FrameReader(key.reveal())
        self._left_out = key.left_out
        self._residents = Residents()
        self._counters = counters
        self._times: list[int] = []
        self._kept: list[Kept] = []
        self._resident: list[bool] = []
        self._low_ms = self._high_ms = 0

    def feed(self, time_ms: int, link_type: int, frame: bytes) -> SignedBatch | None:
        """Takes one frame; returns a batch when one became full."""
        self._counters.frames_read += 1
        try:
            kept = self._reader.read(link_type, frame)
        except BrokenFrame:
            self._counters.frames_broken += 1
            return None
        return None if kept is None else self.add(time_ms, kept)

    def add(self, time_ms: int, kept: Kept) -> SignedBatch | None:
        """Takes what is kept of one probe request; returns a batch when one became full."""
        if kept[0] in self._left_out:
            return None
        self._counters.probes_read += 1
        ready, times = None, self._times
        if not times:
            self._low_ms = self._high_ms = time_ms
        elif not self._low_ms <= time_ms <= self._high_ms:
            low_ms, high_ms = min(self._low_ms, time_ms), max(self._high_ms, time_ms)
            if high_ms - low_ms > BATCH_SPAN_MS:
                ready = self.flush()
                low_ms, high_ms, times = time_ms, time_ms, self._times
            self._low_ms, self._high_ms = low_ms, high_ms
        times.append(time_ms)
        self._kept.append(kept)
        # A made-up address is nobody who lives here: the next one is another.
        self._resident.append(not kept[4] and self._residents.hear(kept[0], time_ms))
        return self.flush() if len(times) >= BATCH_OBSERVATIONS else ready

    def leave_out(self, left_out: frozenset[int]) -> None:
        """Passes over these pseudonyms from now on, also in what was not sent yet."""
        self._left_out = left_out
        stays = [kept[0] not in left_out for kept in self._kept]
        if not all(stays):
            self._times = list(compress(self._times, stays))
            self._kept = list(compress(self._kept, stays))
            self._resident = list(compress(self._resident, stays))

    def flush(self) -> SignedBatch | None:
        """Returns what has been gathered as a batch, None when there is nothing."""
        if not self._times:
            return None
        base_ms, sequence = min(self._times), self._boot.next_sequence()
        columns = zip(*self._kept, strict=True)
        pseudonyms, signatures, rssi_dbm, frame_sequences, randomized, frequencies = columns
        batch = wire.ObservationBatch(
            boot_id=self._boot.boot_id,
            sequence=sequence,
            key_date=self._key.key_date.isoformat(),
            key_epoch=self._key.epoch,
            offsets_ms=[time_ms - base_ms for time_ms in self._times],
            pseudonyms=pseudonyms,
            signatures=signatures,
            rssi_dbm=rssi_dbm,
            frame_sequences=frame_sequences,
            randomized=randomized,
            resident=self._resident if any(self._resident) else (),
            frames_by_mhz={
                int.from_bytes(frequency, "little"): count
                for frequency, count in Counter(frequencies).items()
                if frequency
            },
        )
        batch.base_time.FromDatetime(day.from_ms(base_ms))
        size = len(self._times)
        self._times, self._kept, self._resident = [], [], []
        sensor_id = self._credential.sensor_id
        payload = signed(self._credential, sealing.OBSERVATIONS, batch.SerializeToString())
        message_id = f"{sensor_id}:{self._boot.boot_id}:{sequence}"
        return SignedBatch(message_id, sequence, size, payload)


class Boot:
    """One start of the program: names its batches."""

    def __init__(self) -> None:
        self.boot_id = secrets.token_hex(8)
        self._sequence = 0

    def next_sequence(self) -> int:
        """Returns the number of the next batch, from 1."""
        self._sequence += 1
        return self._sequence


def signed(credential: Credential, purpose: str, body: bytes) -> bytes:
    """Returns a body in the envelope that says who made it."""
    area, sensor_id = credential.area, credential.sensor_id
    return wire.SignedBySensor(
        area=area,
        sensor_id=sensor_id,
        body=body,
        signature=sealing.sign(credential.signing, purpose, area, sensor_id, body),
    ).SerializeToString()
