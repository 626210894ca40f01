"""The answers of visitor sensing as JSON, and as what the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire

LEVELS: Mapping[int, tuple[str, Any]] = {
    wire.OCCUPANCY_LEVEL_UNKNOWN: ("unknown", _l("Not known")),
    wire.OCCUPANCY_LEVEL_QUIET: ("quiet", _l("Quiet")),
    wire.OCCUPANCY_LEVEL_NORMAL: ("normal", _l("As usual")),
    wire.OCCUPANCY_LEVEL_BUSY: ("busy", _l("Busy")),
    wire.OCCUPANCY_LEVEL_CROWDED: ("crowded", _l("Crowded")),
}
KINDS = {wire.COUNT_KIND_DEVICES: "devices", wire.COUNT_KIND_VISITORS: "visitors"}
METHODS = {
    wire.COUNT_METHOD_SIGNATURE: "signature",
    wire.COUNT_METHOD_RATE: "rate",
    wire.COUNT_METHOD_CALIBRATED: "calibrated",
}
SAID = {
    "devices": "Devices with Wi-Fi switched on, not people: the zone was not calibrated when the"
    " hour ended. Method signature: different devices in the hour. Method rate, for crowds: devices"
    " present on average.",
    "visitors": "People, estimated from devices near by; the calibration says when people were"
    " counted and how far it is off. The interval holds nine in ten hours like those counted.",
}
DAYS_SAID = (
    "A sample: devices near by that keep their address for the day, which most phones do not. What"
    " is missing was below k. Stays, pairs and moves are rounded down to tens, or carry noise. A"
    " move is from one zone to the next with none between, each device once; pairs are told only"
    " with both directions."
)


FLAWS = {
    wire.HEARING_FLAW_SILENT_MINUTES: "silent_minutes",
    wire.HEARING_FLAW_FEW_FRAMES: "few_frames",
    wire.HEARING_FLAW_SILENT_CHANNELS: "silent_channels",
}


@dataclass(frozen=True)
class ZoneShown:
    """A zone as the page shows it. level: name as in LEVELS."""

    name: str
    level: str
    word: Any
    paused: bool
    closed: bool
    as_of: datetime | None


def occupancy(answer: wire.ReadOccupancyResponse, locale: str) -> dict[str, Any]:
    """Returns the body of GET /api/v1/occupancy."""
    return {
        "zones": [
            {
                "zone": zone.zone_id,
                "place": zone.place_id,
                "name": _name(zone, locale),
                "level": LEVELS[zone.level][0],
                "as_of": _text(zone.as_of_time) if zone.HasField("as_of_time") else None,
                "paused": zone.paused,
                "closed": zone.closed,
            }
            for zone in answer.zones
        ],
        "privacy": _privacy(answer.privacy),
    }


def visitors(answer: wire.ReadVisitorsResponse) -> dict[str, Any]:
    """Returns the body of GET /api/v1/visitors."""
    kinds = sorted({KINDS[hour.kind] for hour in answer.hours})
    return {
        "hours": [_hour(hour) for hour in answer.hours],
        "totals": [
            {
                "start": _text(total.hour_start_time),
                "estimate": None if total.withheld else total.estimate,
                "withheld": total.withheld,
                "kind": KINDS.get(total.kind, "devices"),
            }
            for total in answer.totals
        ],
        "calibrations": [_calibration(one) for one in answer.calibrations],
        "flawed": [
            {
                "zone": one.zone_id,
                "sensor": one.sensor_id,
                "start": _text(one.hour_start_time),
                "flaw": FLAWS.get(one.flaw, "unknown"),
                "amount": one.amount,
            }
            for one in answer.flawed_hours
        ],
        "meaning": {kind: SAID[kind] for kind in kinds},
        "privacy": _privacy(answer.privacy),
    }


def days(answer: wire.ReadDaysResponse) -> dict[str, Any]:
    """Returns the body of GET /api/v1/visitors/days."""
    return {
        "closed": list(answer.closed_dates),
        "dwell": [
            {
                "zone": one.zone_id,
                "date": one.date,
                "stays": one.stays,
                "first_quartile_s": one.first_quartile_s,
                "median_s": one.median_s,
                "third_quartile_s": one.third_quartile_s,
                "noise_scale": one.noise_scale or None,
                "came_s": list(one.came_s),
                "left_s": list(one.left_s),
            }
            for one in answer.dwell
        ],
        "pairs": [
            {
                "date": one.date,
                "zones": [one.zone_id, one.other_zone_id],
                "devices": one.devices,
            }
            for one in answer.pairs
        ],
        "directed": list(answer.directed_dates),
        "devices": [
            {
                "zone": one.zone_id,
                "date": one.date,
                "estimate": one.figure.estimate,
                "low": one.figure.low,
                "high": one.figure.high,
            }
            for one in answer.devices
        ],
        "moves": [
            {
                "date": one.date,
                "from": one.from_zone_id,
                "to": one.to_zone_id,
                "devices": one.devices,
                "noise_scale": one.noise_scale or None,
            }
            for one in answer.moves
        ],
        "meaning": DAYS_SAID,
        "privacy": _privacy(answer.privacy),
    }


def zones_shown(answer: wire.ReadOccupancyResponse, locale: str) -> list[ZoneShown]:
    """Returns the zones that have a sensor for the page, those at work first."""
    shown = [
        ZoneShown(
            _name(zone, locale),
            *LEVELS[zone.level],
            zone.paused,
            zone.closed,
            zone.as_of_time.ToDatetime(tzinfo=UTC) if zone.HasField("as_of_time") else None,
        )
        for zone in answer.zones
        if zone.watched
    ]
    return sorted(shown, key=lambda zone: (zone.level == "unknown", zone.paused))


def _hour(hour: wire.ZoneHourVisitors) -> dict[str, Any]:
    figure = None if hour.withheld else hour.figure
    return {
        "zone": hour.zone_id,
        "start": _text(hour.hour_start_time),
        "kind": KINDS[hour.kind],
        "estimate": figure.estimate if figure else None,
        "low": figure.low if figure else None,
        "high": figure.high if figure else None,
        "withheld": hour.withheld,
        "method": METHODS[hour.method],
        "calibration": hour.calibration_version or None,
        "key_date": hour.key_date,
        "key_epochs": list(hour.key_epochs),
        "noise_scale": hour.noise_scale or None,
    }


def _calibration(one: wire.ZoneCalibration) -> dict[str, Any]:
    return {
        "zone": one.zone_id,
        "version": one.version,
        "learned": _text(one.learn_time),
        "days": one.days,
        "hours": one.hours,
        "error_share": round(one.error_share, 3) if one.judged else None,
        "mean_error": round(one.mean_error, 1) if one.judged else None,
        "coverage": round(one.coverage, 3) if one.judged else None,
        "later_hours": one.later_hours,
        "later_hours_outside": one.later_hours_outside,
        "drifted": one.drifted,
    }


def _privacy(parameters: wire.PrivacyParameters) -> dict[str, Any]:
    return {
        "k": parameters.k,
        "retention_hours": parameters.retention_hours,
        "key_time_zone": parameters.key_time_zone,
        "noise_added": parameters.noise_added,
        "rounded_down_to": parameters.rounded_down_to,
        "noise": _noise(parameters.noise) if parameters.noise_added else None,
    }


def _noise(noise: wire.NoiseParameters) -> dict[str, Any]:
    return {
        "epsilon_per_day": noise.epsilon_per_day,
        "epsilon_per_hour": noise.epsilon_per_hour,
        "zone_hours": noise.zone_hours,
        "delta_per_figure": noise.delta_per_figure,
        "shown_from": noise.shown_from,
        "within": noise.within,
    }


def _name(zone: wire.ZoneOccupancy, locale: str) -> str:
    return zone.names.get(locale) or zone.names.get("ja") or zone.zone_id


def _text(time: Timestamp) -> str:
    return time.ToDatetime(tzinfo=UTC).isoformat()
