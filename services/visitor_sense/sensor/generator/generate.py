"""`sense generate`: captures of every sensor of a simulated area, and the truth about it.

A sensor hops over three channels and hears what is sent on the one it listens to, if strong enough:
path loss over the distance in the room, with shadows of 4 dB; people in other zones are too far.
Same seed, same bytes.
"""

import csv
import json
import math
import random
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.visitor_sense.sensor.captures import RADIOTAP
from services.visitor_sense.sensor.generator.people import (
    OPEN_MS,
    PLACES,
    Kind,
    Person,
    make_people,
)
from services.visitor_sense.sensor.generator.phones import (
    CHANNELS,
    Phone,
    ReplayedPhone,
    Sent,
    model_phone,
    read_sessions,
)

OPENING_S = 1_777_766_400  # 2026-05-03 09:00 in Japan
MOST_VISITORS = 50_000
CARRY = {Kind.VISITOR: 0.75, Kind.STAFF: 1.0, Kind.FIXED: 1.0}  # share with Wi-Fi on
HOP_MS = 120
ROOM_M = 12.0
AT_A_METER_DBM, EXPONENT, SHADOW_DB, WEAKEST_DBM = -38.0, 2.2, 4.0, -92
COUNTED_MS = 300_000  # people present are counted so often


@dataclass(frozen=True)
class Heard:
    """A frame as one sensor hears it. device: number of the person, for the truth alone."""

    sent: Sent
    signal_dbm: int
    device: int


@dataclass(frozen=True)
class Area:
    """All of a simulated day. sensors: id -> what it hears in order. carriers: who has a device."""

    people: Sequence[Person]
    sensors: dict[str, list[Heard]]
    carriers: frozenset[int]


def simulate(seed: int, visitors: int, captures: Path | None = None) -> Area:
    """Simulates a day. captures: folder of labelled captures to replay. Errors: ValueError."""
    if not 0 < visitors <= MOST_VISITORS:
        raise ValueError(f"give 1 to {MOST_VISITORS} visitors")
    people = make_people(visitors, random.Random(f"{seed} people"))
    sessions = read_sessions(captures) if captures else []
    sensors: dict[str, list[Heard]] = {
        f"{place.zone_id}-{number + 1}": [] for place in PLACES for number in range(place.sensors)
    }
    carriers = set()
    for number, person in enumerate(people):
        chance = random.Random(f"{seed} device {number}")
        if chance.random() < CARRY[person.kind]:
            carriers.add(number)
            phone = _phone(chance, sessions)
            for sensor_id, heard in _hear(number, person, phone, chance):
                sensors[sensor_id].append(heard)
    for heard_by in sensors.values():
        heard_by.sort(key=lambda one: (one.sent.time_ms, one.device))
    return Area(people, sensors, frozenset(carriers))


def _phone(chance: random.Random, sessions: Sequence[Sequence[Sent]]) -> Phone:
    if sessions:
        return ReplayedPhone(chance, chance.choice(sessions))
    return model_phone(chance)


def _hear(
    number: int, person: Person, phone: Phone, chance: random.Random
) -> Iterator[tuple[str, Heard]]:
    places = {place.zone_id: place for place in PLACES}
    for stay in person.stays:
        place = places[stay.zone_id]
        distances = [ROOM_M * math.sqrt(chance.random()) + 0.5 for _ in range(place.sensors)]
        for sent in phone.send(stay.begin_ms, stay.end_ms):
            for sensor, distance in enumerate(distances):
                # Two sensors of a zone do not hop in step.
                now = CHANNELS[(sent.time_ms + 70 * sensor) // HOP_MS % len(CHANNELS)]
                loss = 10 * EXPONENT * math.log10(distance) + chance.gauss(0, SHADOW_DB)
                signal = round(AT_A_METER_DBM - loss)
                if now == sent.channel and signal >= WEAKEST_DBM:
                    yield f"{stay.zone_id}-{sensor + 1}", Heard(sent, min(-1, signal), number)


def write_area(area: Area, out: Path) -> dict[str, object]:
    """Writes SENSOR.pcap, ZONE.occupancy.csv and truth.json; returns what was written.

    out: a folder that is made; files of the same name are replaced.
    """
    out.mkdir(parents=True, exist_ok=True)
    for sensor_id, heard in area.sensors.items():
        write_frames(out / f"{sensor_id}.pcap", heard, OPENING_S * 1_000)
    for place in PLACES:
        _write_counts(area, place.zone_id, out / f"{place.zone_id}.occupancy.csv")
    truth = {
        "opening_s": OPENING_S,
        "people": [
            {
                "kind": person.kind,
                "device": number in area.carriers,
                "stays": [[stay.zone_id, stay.begin_ms, stay.end_ms] for stay in person.stays],
            }
            for number, person in enumerate(area.people)
        ],
    }
    (out / "truth.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n")
    return {
        "visitors": sum(person.kind is Kind.VISITOR for person in area.people),
        "devices": len(area.carriers),
        "frames": {sensor_id: len(heard) for sensor_id, heard in area.sensors.items()},
        "folder": str(out),
    }


def write_frames(path: Path, heard: Iterable[Heard], begin_ms: int) -> int:
    """Writes a capture and returns how many frames. begin_ms: Unix time of moment 0."""
    frames = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, RADIOTAP))
        for one in heard:
            frame = frame_of(one)
            seconds, rest_ms = divmod(begin_ms + one.sent.time_ms, 1_000)
            size = len(frame)
            file.write(struct.pack("<IIII", seconds, rest_ms * 1_000, size, size) + frame)
            frames += 1
    return frames


def frame_of(one: Heard) -> bytes:
    """Returns a probe request with its radiotap header: flags, rate, channel, signal."""
    hertz = 2_407 + 5 * one.sent.channel
    radiotap = struct.pack("<BBHIBBHHb", 0, 0, 15, 0x2E, 0, 2, hertz, 0xA0, one.signal_dbm)
    return (
        radiotap + b"\x40\x00\x00\x00" + b"\xff" * 6 + one.sent.address + b"\xff" * 6
        + struct.pack("<H", one.sent.sequence << 4) + b"\x00\x00" + one.sent.elements
    )  # fmt: skip


def _write_counts(area: Area, zone_id: str, path: Path) -> None:
    """Visitors and staff present, as somebody would count them every five minutes."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("start_epoch", "end_epoch", "occupancy"))
        for begin in range(0, OPEN_MS, COUNTED_MS):
            middle = begin + COUNTED_MS // 2
            present = sum(
                stay.zone_id == zone_id and stay.begin_ms <= middle < stay.end_ms
                for person in area.people if person.kind is not Kind.FIXED
                for stay in person.stays
            )  # fmt: skip
            start = OPENING_S + begin // 1_000
            writer.writerow((start, start + COUNTED_MS // 1_000, present))
