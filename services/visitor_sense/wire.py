"""Moments, what zones have learned and what days tell, as messages."""

import math
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.app.calibrations import ZoneLearned
from services.visitor_sense.app.days import Days


def moment_of(field: str, stamp: Timestamp) -> datetime:
    """Returns the moment of a field, in UTC. Errors: InvalidFields."""
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFields([(field, "is out of range")]) from error


def stamp_of(moment: datetime) -> Timestamp:
    """Returns a moment as a message."""
    found = Timestamp()
    found.FromDatetime(moment)
    return found


def calibration_message(one: ZoneLearned) -> wire.ZoneCalibration:
    """Returns a calibration with what was counted since."""
    learned = one.learned
    judged = not math.isnan(learned.wape)
    return wire.ZoneCalibration(
        zone_id=learned.zone_id,
        version=learned.version,
        learn_time=stamp_of(learned.learn_time),
        days=learned.calibration.days,
        hours=learned.calibration.windows,
        judged=judged,
        error_share=learned.wape if judged else 0.0,
        mean_error=learned.mae if judged else 0.0,
        coverage=learned.coverage if judged else 0.0,
        later_hours=one.since.hours,
        later_hours_outside=one.since.outside,
        drifted=one.since.drifted,
    )


def days_message(found: Days, privacy: wire.PrivacyParameters) -> wire.ReadDaysResponse:
    """Returns closed days."""
    return wire.ReadDaysResponse(
        closed_dates=[one.isoformat() for one in found.closed],
        dwell=[
            wire.ZoneDayDwell(
                zone_id=one.zone_id,
                date=one.key_date.isoformat(),
                stays=one.stays,
                first_quartile_s=one.quartiles_s[0],
                median_s=one.quartiles_s[1],
                third_quartile_s=one.quartiles_s[2],
            )
            for one in found.zones
        ],
        pairs=[
            wire.ZoneDayPair(
                date=one.key_date.isoformat(),
                zone_id=one.zone_id,
                other_zone_id=one.other_zone_id,
                devices=one.devices,
            )
            for one in found.pairs
        ],
        privacy=privacy,
    )
