"""Gadgets that count devices themselves (ESP32-Paxcounter): what a report says, and of when.

A gadget tells numbers, no observations. So the figure of an hour is the mean of the numbers it
told, at most one a minute, and is set beside what sensors hear, never added to it. Of two reports
of one minute the larger number holds: whatever is repeated or comes in another order, the minutes
are the same.

Formats: the JSON of Paxcounter's decoders, {"wifi": 12, "ble": 3, "pax": 15}, alone or in an uplink
of The Things Stack, version 3.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.visitor_sense.domain.errors import ReportMalformed
from services.visitor_sense.domain.zones import SLUG

REPORT_BYTES = 4_096
MOST_DEVICES = 100_000
AHEAD_MOST = timedelta(minutes=5)
# A gadget, or a gateway before it, may have waited for its link this long; a time further back
# speaks of a clock that is wrong.
LATE_MOST, LATE_A_LITTLE = timedelta(hours=6), timedelta(minutes=15)
# Six hours of two reports a minute may come at once; after that one a second.
BURST, REFILL_S = 1_000, 1.0
CUT_OFF_S = 60.0
_KEYS = ("pax", "wifi", "ble")
_AREA = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Report:
    """What a gadget told. time: by its own clock, None where it does not say."""

    devices: int
    time: datetime | None = None


@dataclass(frozen=True)
class Placed:
    """Where a report counts. minute: its first moment. ahead_s: of the gadget's clock; 0 where it
    came a little late, as reports do.

    skewed: its clock cannot be right, so that the time of arrival holds.
    """

    minute: datetime
    ahead_s: float
    skewed: bool


def read_report(data: bytes) -> Report:
    """Reads a report. Errors: ReportMalformed, which shows nothing of it."""
    if len(data) > REPORT_BYTES:
        raise ReportMalformed("The report is longer than 4,096 bytes.")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise ReportMalformed("The report is no JSON.") from None
    if not isinstance(found, dict):
        raise ReportMalformed("The report is no JSON object.")
    uplink = found.get("uplink_message")
    told: Any = found
    if isinstance(uplink, dict):
        told = uplink.get("decoded_payload")
        found = uplink if "received_at" in uplink else found
    if not isinstance(told, dict):
        raise ReportMalformed("The report has no decoded payload.")
    return Report(_devices(told), _time(found))


def _devices(told: Mapping[str, Any]) -> int:
    numbers = {key: told[key] for key in _KEYS if key in told}
    if not numbers:
        raise ReportMalformed("The report names none of wifi, ble and pax.")
    for number in numbers.values():
        if not isinstance(number, int) or isinstance(number, bool):
            raise ReportMalformed("A number of the report is none.")
        if not 0 <= number <= MOST_DEVICES:
            raise ReportMalformed("A number of the report is out of range.")
    # The firmware's own sum, where it tells one.
    return int(numbers.get("pax", numbers.get("wifi", 0) + numbers.get("ble", 0)))


def _time(found: Mapping[str, Any]) -> datetime | None:
    told = next((found[key] for key in ("time", "timestamp", "received_at") if key in found), None)
    if told is None:
        return None
    try:
        if isinstance(told, str):
            at = datetime.fromisoformat(told)
            if at.tzinfo is None:
                raise ValueError
            return at.astimezone(UTC)
        if isinstance(told, bool):
            raise ValueError
        return datetime.fromtimestamp(float(told), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise ReportMalformed("The time of the report cannot be read.") from None


def placed(report: Report, arrived: datetime) -> Placed:
    """Returns the minute that a report counts in. arrived: at our broker, UTC."""
    at, ahead = arrived, timedelta(0)
    if report.time is not None:
        ahead = report.time - arrived
        if -LATE_MOST <= ahead <= AHEAD_MOST:
            at = report.time
    skewed = report.time is not None and at is not report.time
    ahead_s = 0.0 if -LATE_A_LITTLE <= ahead <= timedelta(0) else ahead.total_seconds()
    return Placed(at.replace(second=0, microsecond=0), ahead_s, skewed)


def user_name(area: str, sensor_id: str) -> str:
    """Returns the name that a gadget logs in with."""
    return f"{area}.{sensor_id}"


def topic(area: str, sensor_id: str) -> str:
    """Returns the one topic of MQTT that a gadget may publish to."""
    return f"pax/{area}/{sensor_id}"


def subject(area: str, sensor_id: str) -> str:
    """Returns the same as a subject of NATS."""
    return f"pax.{area}.{sensor_id}"


def read_user_name(text: str) -> tuple[str, str] | None:
    """Returns area and gadget of a login, None where it is no name of a gadget."""
    area, _, sensor_id = text.partition(".")
    if _AREA.fullmatch(area) and SLUG.fullmatch(sensor_id):
        return area, sensor_id
    return None


class Floods:
    """Tells who sends more than a gadget can have to say. Forgets who is quiet."""

    def __init__(self, most: int = 10_000) -> None:
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        self._cut: dict[tuple[str, str], float] = {}
        self._most = most

    def take(self, area: str, sensor_id: str, now_s: float) -> bool:
        """Counts a report; returns False when it is one too many. now_s: of any steady clock."""
        name = (area, sensor_id)
        left, since_s = self._left.pop(name, (float(BURST), now_s))
        left = min(float(BURST), left + max(0.0, now_s - since_s) / REFILL_S)
        allowed = left >= 1
        self._left[name] = (left - 1 if allowed else left, now_s)
        if not allowed:
            self._cut[name] = now_s + CUT_OFF_S
        if len(self._left) > self._most:
            del self._left[next(iter(self._left))]
        return allowed

    def is_cut_off(self, area: str, sensor_id: str, now_s: float) -> bool:
        """Tells whether a gadget flooded within the last minute and may not log in."""
        until_s = self._cut.get((area, sensor_id), 0.0)
        if until_s <= now_s:
            self._cut.pop((area, sensor_id), None)
        return until_s > now_s
