"""Moments, sensors, what zones have learned and what days and gadgets tell, as messages."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.app.calibrations import ZoneLearned
from services.visitor_sense.app.days import Days
from services.visitor_sense.app.forecasts import LEAST_DAYS, ZoneForecast
from services.visitor_sense.app.sensors import Listed
from services.visitor_sense.domain import day
from services.visitor_sense.domain.noise import DELTA, TOLD_WITHIN, ZONE_HOURS, Budget, Noise
from services.visitor_sense.domain.release import released_interval
from services.visitor_sense.domain.silence import Flaw, Flawed
from services.visitor_sense.domain.zones import Sensor, SensorKind, SensorState
from services.visitor_sense.store.gadgets import GadgetHour

_STATES: Mapping[SensorState, "wire.SensorState.ValueType"] = {
    SensorState.OK: wire.SENSOR_STATE_OK,
    SensorState.SILENT: wire.SENSOR_STATE_SILENT,
    SensorState.NEVER_HEARD: wire.SENSOR_STATE_NEVER_HEARD,
    SensorState.PAUSED: wire.SENSOR_STATE_PAUSED,
    SensorState.REVOKED: wire.SENSOR_STATE_REVOKED,
    SensorState.SICK: wire.SENSOR_STATE_SICK,
}
_FLAWS: Mapping[Flaw, "wire.HearingFlaw.ValueType"] = {
    Flaw.SILENT_MINUTES: wire.HEARING_FLAW_SILENT_MINUTES,
    Flaw.FEW_FRAMES: wire.HEARING_FLAW_FEW_FRAMES,
    Flaw.SILENT_CHANNELS: wire.HEARING_FLAW_SILENT_CHANNELS,
}
_KINDS: Mapping[SensorKind, "wire.SensorKind.ValueType"] = {
    SensorKind.PROBES: wire.SENSOR_KIND_PROBES,
    SensorKind.MERAKI: wire.SENSOR_KIND_MERAKI,
    SensorKind.GADGET: wire.SENSOR_KIND_GADGET,
}


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


def privacy_message(budget: Budget | None = None) -> wire.PrivacyParameters:
    """Returns the parameters of privacy. budget: of noise, as today has it."""
    return wire.PrivacyParameters(
        k=K,
        retention_hours=int(day.RETENTION.total_seconds()) // 3600,
        key_time_zone=day.KEY_TIME_ZONE,
        noise_added=budget is not None,
        rounded_down_to=K,
        noise=noise_message(budget) if budget else None,
    )


def noise_message(budget: Budget) -> wire.NoiseParameters:
    """Returns what a budget means."""
    return wire.NoiseParameters(
        epsilon_per_day=float(budget.epsilon),
        epsilon_per_hour=float(budget.hour.epsilon),
        zone_hours=ZONE_HOURS,
        delta_per_figure=DELTA,
        shown_from=budget.hour.shown_from,
        within=budget.hour.reach(TOLD_WITHIN),
    )


def _scale(tenths: int, of: Callable[[Budget], Noise]) -> float:
    """Returns the scale of a figure's noise, 0 without."""
    return float(of(Budget(tenths)).scale) if tenths else 0.0


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
        closed_dates=[one.key_date.isoformat() for one in found.closed],
        directed_dates=[one.key_date.isoformat() for one in found.closed if one.directed],
        dwell=[
            wire.ZoneDayDwell(
                zone_id=one.zone_id,
                date=one.key_date.isoformat(),
                stays=one.stays,
                first_quartile_s=one.quartiles_s[0],
                median_s=one.quartiles_s[1],
                third_quartile_s=one.quartiles_s[2],
                noise_scale=_scale(one.noise_tenths, lambda budget: budget.stays),
                came_s=one.came_s,
                left_s=one.left_s,
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
        moves=[
            wire.ZoneDayMove(
                date=one.key_date.isoformat(),
                from_zone_id=one.from_zone_id,
                to_zone_id=one.to_zone_id,
                devices=one.devices,
                noise_scale=_scale(one.noise_tenths, lambda budget: budget.move),
            )
            for one in found.moves
        ],
        devices=[
            wire.ZoneDayDevices(
                zone_id=one.zone_id, date=one.key_date.isoformat(), figure=_of_day(one.devices)
            )
            for one in found.devices
        ],
        privacy=privacy,
    )


def _of_day(devices: int) -> wire.Estimate:
    """Returns a figure that was rounded down, with the interval of all that it may have been."""
    low, high = released_interval(devices).low, released_interval(devices + K - 1).high
    return wire.Estimate(estimate=devices, low=low, high=high)


def sensor_message(sensor: Sensor, state: SensorState) -> wire.Sensor:
    """Returns a sensor with its state."""
    return wire.Sensor(
        sensor_id=sensor.sensor_id,
        zone_id=sensor.zone_id,
        state=_STATES[state],
        enroll_time=stamp_of(sensor.enroll_time),
        heard_time=stamp_of(sensor.heard_time) if sensor.heard_time else None,
        batches=sensor.batches,
        observations=sensor.observations,
        observations_refused=sensor.observations_refused,
        batches_waiting=sensor.batches_waiting,
        clock_ahead_s=sensor.clock_ahead_s,
        observations_dropped=sensor.observations_dropped,
        posts_refused=sensor.posts_refused,
    )


def listed_message(one: Listed) -> wire.Sensor:
    """Returns a sensor with all that is shown of it."""
    found = sensor_message(one.sensor, one.state)
    found.kind = _KINDS[one.kind]
    found.refusals.extend(
        wire.Refusals(reason=each.reason, count=each.count, last_time=stamp_of(each.last_time))
        for each in one.refusals
    )
    return found


def gadget_hours_message(
    found: Iterable[GadgetHour], privacy: wire.PrivacyParameters
) -> wire.ReadGadgetHoursResponse:
    """Returns what may be shown of hours of gadgets."""
    return wire.ReadGadgetHoursResponse(
        hours=[
            wire.GadgetHour(
                sensor_id=one.sensor_id,
                zone_id=one.zone_id,
                hour_start_time=stamp_of(one.hour),
                devices=one.released or 0,
                withheld=one.released is None,
                minutes=one.minutes,
                noise_scale=_scale(one.noise_tenths, lambda budget: budget.hour),
            )
            for one in found
        ],
        privacy=privacy,
    )


def flawed_message(one: Flawed) -> wire.FlawedHour:
    """Returns an hour in which a sensor heard only in part."""
    return wire.FlawedHour(
        zone_id=one.zone_id,
        sensor_id=one.sensor_id,
        hour_start_time=stamp_of(one.hour),
        flaw=_FLAWS[one.flaw],
        amount=one.amount,
    )


def forecast_message(one: ZoneForecast) -> wire.ZoneForecast:
    """Returns what is foretold of a zone."""
    found = wire.ZoneForecast(
        zone_id=one.zone_id,
        make_time=stamp_of(one.make_time) if one.make_time else None,
        kind=wire.COUNT_KIND_VISITORS if one.people else wire.COUNT_KIND_DEVICES,
        not_yet_reason=one.reason,
        days=one.days,
        days_needed=LEAST_DAYS,
    )
    if one.judged:
        found.accuracy.hours = int(one.judged["hours"])
        found.accuracy.error_share = one.judged["error_share"]
        found.accuracy.plain_error_share = one.judged["plain_error_share"]
        found.accuracy.coverage = one.judged["coverage"]
    for each in one.hours:
        hour = found.hours.add(withheld=each.figure is None)
        hour.hour_start_time.FromDatetime(each.hour)
        if each.figure is not None:
            estimate, low, high = each.figure
            hour.figure.CopyFrom(wire.Estimate(estimate=estimate, low=low, high=high))
    return found
