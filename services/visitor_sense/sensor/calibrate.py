"""`sense calibrate`: captures and counted people of a place, to people per device and its accuracy.

Laboratory use, files only. The key of the hashes is made for each day and forgotten with it.
"""

import csv
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.visitor_sense.domain.accuracy import judge, judge_few, learn_constant, learn_straight
from services.visitor_sense.domain.calibration import LEAST_DAYS, CountedWindow, calibrate
from services.visitor_sense.domain.nearby import Nearby, Sighting
from services.visitor_sense.domain.pseudonym import KEY_BYTES
from services.visitor_sense.sensor.captures import read_frames
from services.visitor_sense.sensor.frames import BrokenFrame, FrameReader

WINDOW_S = 900.0
LEAST_COUNTED = 0.6  # of a window: what was counted for less of it says too little
COUNTS = ".occupancy.csv"
CAPTURES = (".pcap.gz", ".pcapng.gz", ".pcap", ".pcapng")


class CountsUnreadable(Exception):
    """A file of counts or the folder is not as it should be. str() names file and row."""


@dataclass(frozen=True)
class Count:
    """People counted over a time. Unix times in seconds."""

    begin_s: float
    end_s: float
    people: int


def calibrate_folder(folder: Path) -> dict[str, object]:
    """Returns what a folder teaches: NAME.pcap[.gz] beside NAME.occupancy.csv, a pair per day.

    Returns {days, windows, people_per_device, curve, spread, accuracy} and, judged in the same way,
    what is had with one number (one_number), with the first two days alone (first_two_days), by
    counting addresses (addresses_scaled) and without listening (always_the_mean).
    Errors: CountsUnreadable, CaptureError; TooFewCounts.
    """
    windows, naive = read_windows(folder)
    found = calibrate(windows)
    return {
        "days": found.days,
        "windows": found.windows,
        "people_per_device": round(found.line.factor, 3),
        "curve": [[round(near, 2), round(people, 2)] for near, people in found.line.corners],
        "spread": [round(found.low_spread, 3), round(found.high_spread, 3)],
        "accuracy": _rounded(asdict(judge(windows))),
        "one_number": _rounded(asdict(judge(windows, learn_straight))),
        "first_two_days": _rounded(asdict(judge_few(windows, LEAST_DAYS))),
        "addresses_scaled": _rounded(asdict(judge(naive, learn_straight))),
        "always_the_mean": _rounded(asdict(judge(windows, learn_constant))),
    }


def read_windows(folder: Path) -> tuple[list[CountedWindow], list[CountedWindow]]:
    """Returns the counted windows of a folder, with devices near by and with all addresses.

    Errors: CountsUnreadable, CaptureError.
    """
    windows: list[CountedWindow] = []
    naive: list[CountedWindow] = []
    for counts, capture in _pairs(folder):
        near, all_addresses = day_windows(
            counts.name.removesuffix(COUNTS), read_counts(counts), capture
        )
        windows += near
        naive += all_addresses
    return windows, naive


def day_windows(
    day: str, counts: Sequence[Count], capture: Path
) -> tuple[list[CountedWindow], list[CountedWindow]]:
    """Returns the windows of a day in which both somebody counted and the sensor listened.

    Once with the devices near by, once with all addresses received in the window in their place.
    """
    nearby, received = Nearby(), list[tuple[float, int]]()
    for sighting, pseudonym in _sightings(capture):
        received.append((sighting.time_s, pseudonym))
        nearby.add((sighting,))
    if not received or not counts:
        return [], []
    begin = max(min(received)[0], counts[0].begin_s)
    end = min(max(received)[0], counts[-1].end_s)
    addresses: dict[int, set[int]] = {}
    for time_s, pseudonym in received:
        addresses.setdefault(int((time_s - begin) // WINDOW_S), set()).add(pseudonym)
    near, naive = [], []
    for number in range(int(max(0.0, end - begin) // WINDOW_S)):
        left, right = begin + number * WINDOW_S, begin + (number + 1) * WINDOW_S
        people, counted_s = _people(counts, left, right)
        if counted_s >= LEAST_COUNTED * WINDOW_S:
            near.append(CountedWindow(day, nearby.between(left, right), people))
            naive.append(CountedWindow(day, len(addresses.get(number, ())), people))
    return near, naive


def read_counts(path: Path) -> list[Count]:
    """Reads start_epoch, end_epoch, occupancy. Errors: CountsUnreadable."""
    found: list[Count] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                begin, end = float(row["start_epoch"]), float(row["end_epoch"])
                count = Count(begin, end, int(row["occupancy"]))
            except (KeyError, TypeError, ValueError) as error:
                raise CountsUnreadable(
                    f"{path.name}, row {number}: start_epoch, end_epoch and occupancy are numbers"
                ) from error
            if count.people < 0 or not begin <= end or (found and begin < found[-1].end_s):
                raise CountsUnreadable(
                    f"{path.name}, row {number}: times go on, people are 0 or more"
                )
            found.append(count)
    return found


def read_hours(path: Path) -> list[tuple[datetime, int]]:
    """Reads hour_start (ISO 8601 with its offset) and persons. Errors: CountsUnreadable, also for
    a row that counts an hour again: which of the two is right nobody knows."""
    found = dict[datetime, int]()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                hour, persons = datetime.fromisoformat(row["hour_start"]), row["persons"].strip()
                readable = hour.tzinfo is not None and _is_number(persons) and None not in row
            except (KeyError, TypeError, ValueError, AttributeError):
                readable = False
            if not readable:
                raise CountsUnreadable(
                    f"{path.name}, row {number}: hour_start with its offset from UTC, and persons"
                )
            at = hour.astimezone(UTC)
            if at in found:
                raise CountsUnreadable(f"{path.name}, row {number}: this hour was counted above")
            found[at] = int(persons)
    return list(found.items())


def _is_number(text: str) -> bool:
    """True for 0 to 999999999 in plain digits; int() would take 1_0 and digits of other scripts."""
    return text.isascii() and text.isdigit() and len(text) < 10


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    for counts in sorted(folder.glob(f"*{COUNTS}")):
        name = counts.name.removesuffix(COUNTS)
        capture = next(
            (path for end in CAPTURES if (path := folder / f"{name}{end}").exists()), None
        )
        if capture is None:
            raise CountsUnreadable(f"{counts.name} has no capture {name}.pcap beside it")
        yield counts, capture


def _sightings(capture: Path) -> Iterator[tuple[Sighting, int]]:
    """Yields what was received, each with its pseudonym."""
    reader = FrameReader(secrets.token_bytes(KEY_BYTES))
    for time_ms, link_type, frame in read_frames(capture):
        try:
            probe = reader.read_probe(link_type, frame)
        except BrokenFrame:
            continue
        if probe is not None:
            name = probe.signature if probe.randomized else probe.pseudonym
            sighting = Sighting(time_ms / 1000, (probe.randomized, name), probe.rssi_dbm)
            yield sighting, probe.pseudonym


def _people(counts: Sequence[Count], begin_s: float, end_s: float) -> tuple[float, float]:
    """Returns the mean of people over a time, and for how many seconds of it they were counted."""
    weighted = counted_s = 0.0
    for count in counts:
        overlap = min(end_s, count.end_s) - max(begin_s, count.begin_s)
        if overlap > 0:
            weighted += overlap * count.people
            counted_s += overlap
    return (weighted / counted_s if counted_s else 0.0), counted_s


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in figures.items()}
