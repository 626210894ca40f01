"""The gRPC door of visitor sensing: decode, call, encode."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from kit.pure.errors import InvalidFields
from kit.roles import ADMINS, EVERYBODY, INSIDERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as observations
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.api.others import Others
from services.visitor_sense.app import calibrations, days, gates, hours, occupancy, sensors, zones
from services.visitor_sense.app.observations import signed_batch
from services.visitor_sense.domain import day, errors
from services.visitor_sense.domain.people import Method
from services.visitor_sense.domain.release import device_figure
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.domain.zones import Level, Zone
from services.visitor_sense.store.hours import Figures
from services.visitor_sense.wire import (
    calibration_message,
    days_message,
    flawed_message,
    listed_message,
    moment_of,
    privacy_message,
    sensor_message,
    stamp_of,
)

NAME = "meguri.visitor_sense.v1.VisitorSenseService"
ALLOWED: Allowed = {
    "ConfigureZones": ADMINS,
    "ListZones": EVERYBODY,
    "EnrollSensor": ADMINS,
    "RevokeSensor": ADMINS,
    "ListSensors": INSIDERS,
    "CountDevices": INSIDERS,
    "CountAdmitted": INSIDERS,
    "CalibrateZone": ADMINS,
    "ReadOccupancy": EVERYBODY,
    "ReadVisitors": EVERYBODY,
    "ReadDays": EVERYBODY,
    "PauseSite": ADMINS,
    "ResumeSite": ADMINS,
    **dict.fromkeys(("AddOptOut", "RemoveOptOut", "ListOptOuts"), ADMINS),
    "SetNoise": ADMINS,
    **dict.fromkeys(("EnrollMeraki", "EnrollGadget", "NoteCountedHours"), ADMINS),
    "ReadGadgetHours": EVERYBODY,
    **dict.fromkeys(("PrintSign", "ReadForecast"), EVERYBODY),
    "ReadMerakiValidator": EVERYBODY,  # Meraki asks for it before it knows any secret
    "ReceiveMeraki": EVERYBODY,  # the secret inside decides, not a role
    "RecordObservations": EVERYBODY,  # the sensor's signature decides, not a role
}
ERRORS: Errors = {
    errors.UnknownZone: (grpc.StatusCode.NOT_FOUND, "ZONE_UNKNOWN"),
    errors.UnknownSensor: (grpc.StatusCode.NOT_FOUND, "SENSOR_UNKNOWN"),
    errors.NothingToPause: (grpc.StatusCode.NOT_FOUND, "PLACE_WITHOUT_ZONE"),
    errors.SensorExists: (grpc.StatusCode.ALREADY_EXISTS, "SENSOR_EXISTS"),
    errors.SensorRevoked: (grpc.StatusCode.PERMISSION_DENIED, "SENSOR_REVOKED"),
    errors.SignatureInvalid: (grpc.StatusCode.PERMISSION_DENIED, "SIGNATURE_INVALID"),
    errors.CountsTooFew: (grpc.StatusCode.FAILED_PRECONDITION, "TOO_FEW_COUNTS"),
    errors.BatchMalformed: (grpc.StatusCode.INVALID_ARGUMENT, "BATCH_MALFORMED"),
    errors.AddressMalformed: (grpc.StatusCode.INVALID_ARGUMENT, "ADDRESS_MALFORMED"),
    errors.AddressMadeUp: (grpc.StatusCode.INVALID_ARGUMENT, "ADDRESS_MADE_UP"),
    errors.AddressOfNobody: (grpc.StatusCode.INVALID_ARGUMENT, "ADDRESS_OF_NOBODY"),
    errors.ListFull: (grpc.StatusCode.RESOURCE_EXHAUSTED, "OPT_OUT_LIST_FULL"),
    errors.SecretWrong: (grpc.StatusCode.PERMISSION_DENIED, "SECRET_WRONG"),
    errors.BodyMalformed: (grpc.StatusCode.INVALID_ARGUMENT, "BODY_MALFORMED"),
    errors.RelayBusy: (grpc.StatusCode.RESOURCE_EXHAUSTED, "RELAY_BUSY"),
    errors.SitePaused: (grpc.StatusCode.FAILED_PRECONDITION, "SITE_PAUSED"),
    errors.BusUnavailable: (grpc.StatusCode.UNAVAILABLE, "BUS_UNAVAILABLE"),
}
NOTICE = (
    "Internal: these figures are not suppressed. They must not leave the installation. Addresses "
    "are counted as sent; phones change theirs often, so they are neither devices nor people."
)
ADMITTED_NOTICE = (
    "Internal: these figures are not suppressed. They must not leave the installation. They are "
    "the persons of the tickets let in at a gate; who needs no ticket is not among them."
)
_LEVELS: Mapping[Level, "wire.OccupancyLevel.ValueType"] = {
    Level.UNKNOWN: wire.OCCUPANCY_LEVEL_UNKNOWN,
    Level.QUIET: wire.OCCUPANCY_LEVEL_QUIET,
    Level.NORMAL: wire.OCCUPANCY_LEVEL_NORMAL,
    Level.BUSY: wire.OCCUPANCY_LEVEL_BUSY,
    Level.CROWDED: wire.OCCUPANCY_LEVEL_CROWDED,
}
_METHODS: Mapping[Method, "wire.CountMethod.ValueType"] = {
    Method.SIGNATURE: wire.COUNT_METHOD_SIGNATURE,
    Method.RATE: wire.COUNT_METHOD_RATE,
    Method.CALIBRATED: wire.COUNT_METHOD_CALIBRATED,
}


class VisitorSense(Others):
    """VisitorSenseService."""

    async def ConfigureZones(
        self, request: wire.ConfigureZonesRequest, context: Any
    ) -> wire.ConfigureZonesResponse:
        """See the contract."""
        given = [_zone(zone) for zone in request.zones]
        changed = await zones.configure_zones(
            self._deps, caller().area, request_key(request), given
        )
        return wire.ConfigureZonesResponse(changed_count=changed)

    async def ListZones(
        self, request: wire.ListZonesRequest, context: Any
    ) -> wire.ListZonesResponse:
        """See the contract."""
        found = await zones.list_zones(self._deps, caller().area)
        return wire.ListZonesResponse(zones=[_zone_message(zone) for zone in found])

    async def EnrollSensor(
        self, request: wire.EnrollSensorRequest, context: Any
    ) -> wire.EnrollSensorResponse:
        """See the contract."""
        enrolment = sensors.Enrolment(
            sensor_id=request.sensor_id,
            zone_id=request.zone_id,
            signing_public_key=request.signing_public_key,
            sealing_public_key=request.sealing_public_key,
        )
        found = await sensors.enroll_sensor(
            self._deps, caller().area, request_key(request), enrolment
        )
        return wire.EnrollSensorResponse(sensor=sensor_message(*found))

    async def RevokeSensor(
        self, request: wire.RevokeSensorRequest, context: Any
    ) -> wire.RevokeSensorResponse:
        """See the contract."""
        found = await sensors.revoke_sensor(
            self._deps, caller().area, request_key(request), request.sensor_id
        )
        await self._deps.end_logins(caller().area, request.sensor_id)
        return wire.RevokeSensorResponse(sensor=sensor_message(*found))

    async def ListSensors(
        self, request: wire.ListSensorsRequest, context: Any
    ) -> wire.ListSensorsResponse:
        """See the contract."""
        found = await sensors.list_sensors(self._deps, caller().area)
        return wire.ListSensorsResponse(sensors=[listed_message(one) for one in found])

    async def CountDevices(
        self, request: wire.CountDevicesRequest, context: Any
    ) -> wire.CountDevicesResponse:
        """See the contract."""
        since, until = _range(request)
        found = await hours.count_devices(self._deps, caller().area, since, until, request.zone_id)
        return wire.CountDevicesResponse(
            notice=NOTICE, hours=[_count_message(one) for one in found], privacy=privacy_message()
        )

    async def CountAdmitted(
        self, request: wire.CountAdmittedRequest, context: Any
    ) -> wire.CountAdmittedResponse:
        """See the contract."""
        since, until = _range(request)
        found = await gates.count_admitted(self._deps, caller().area, since, until, request.zone_id)
        return wire.CountAdmittedResponse(
            notice=ADMITTED_NOTICE,
            hours=[
                wire.ZoneHourAdmitted(
                    zone_id=one.zone_id, hour_start_time=stamp_of(one.hour), persons=one.persons,
                    parties=one.parties,
                )
                for one in found
            ],
        )  # fmt: skip

    async def CalibrateZone(
        self, request: wire.CalibrateZoneRequest, context: Any
    ) -> wire.CalibrateZoneResponse:
        """See the contract."""
        counts = calibrations.hours_once(
            (moment_of("counts.hour_start_time", one.hour_start_time), one.persons)
            for one in request.counts
        )
        found = await calibrations.calibrate_zone(
            self._deps, caller().area, request_key(request), request.zone_id, counts
        )
        return wire.CalibrateZoneResponse(calibration=calibration_message(found))

    async def ReadOccupancy(
        self, request: wire.ReadOccupancyRequest, context: Any
    ) -> wire.ReadOccupancyResponse:
        """See the contract."""
        found = await occupancy.read_occupancy(self._deps, caller().area)
        return wire.ReadOccupancyResponse(
            zones=[_occupancy_message(one) for one in found], privacy=await self._privacy()
        )

    async def ReadVisitors(
        self, request: wire.ReadVisitorsRequest, context: Any
    ) -> wire.ReadVisitorsResponse:
        """See the contract."""
        since, until = _range(request)
        found = await hours.read_visitors(self._deps, caller().area, since, until, request.zone_id)
        totals = [
            wire.HourTotal(
                hour_start_time=stamp_of(one.hour),
                estimate=one.estimate or 0,
                withheld=one.estimate is None,
                kind=wire.COUNT_KIND_VISITORS if one.people else wire.COUNT_KIND_DEVICES,
            )
            for one in found.totals
        ]
        return wire.ReadVisitorsResponse(
            hours=[_released_message(one) for one in found.hours],
            totals=totals,
            privacy=await self._privacy(),
            calibrations=[calibration_message(one) for one in found.learned],
            flawed_hours=[flawed_message(one) for one in found.flawed],
        )

    async def ReadDays(self, request: wire.ReadDaysRequest, context: Any) -> wire.ReadDaysResponse:
        """See the contract."""
        first, last = _date("from_date", request.from_date), _date("to_date", request.to_date)
        found = await days.read_days(self._deps, caller().area, first, last)
        return days_message(found, await self._privacy())

    async def PauseSite(
        self, request: wire.PauseSiteRequest, context: Any
    ) -> wire.PauseSiteResponse:
        """See the contract."""
        until = (
            moment_of("until_time", request.until_time) if request.HasField("until_time") else None
        )
        zone_ids = await zones.pause_site(
            self._deps, caller().area, request_key(request), request.place_id, until
        )
        return wire.PauseSiteResponse(zone_ids=zone_ids)

    async def ResumeSite(
        self, request: wire.ResumeSiteRequest, context: Any
    ) -> wire.ResumeSiteResponse:
        """See the contract."""
        zone_ids = await zones.resume_site(
            self._deps, caller().area, request_key(request), request.place_id
        )
        return wire.ResumeSiteResponse(zone_ids=zone_ids)

    async def RecordObservations(
        self, request: wire.RecordObservationsRequest, context: Any
    ) -> wire.RecordObservationsResponse:
        """See the contract."""
        area = caller().area
        try:
            envelope = observations.SignedBySensor.FromString(request.signed_batch)
            batch = observations.ObservationBatch.FromString(envelope.body)
        except DecodeError:
            raise errors.BatchMalformed("The body is not a signed batch.") from None
        if envelope.area != area:
            raise errors.SignatureInvalid("The batch is of another area.")
        signed = signed_batch(area, envelope.sensor_id, envelope.body, envelope.signature)
        await sensors.authenticate(self._deps, signed)
        message_id = f"{envelope.sensor_id}:{batch.boot_id}:{batch.sequence}"
        duplicate = await self._deps.store_batch(
            area, envelope.sensor_id, message_id, request.signed_batch
        )
        return wire.RecordObservationsResponse(duplicate=duplicate)


def _range(
    request: wire.CountDevicesRequest | wire.CountAdmittedRequest | wire.ReadVisitorsRequest,
) -> tuple[datetime, datetime]:
    return moment_of("from_time", request.from_time), moment_of("to_time", request.to_time)


def _date(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidFields([(field, "is a day as 2026-11-21")]) from error


def _estimate(figure: Bounded) -> wire.Estimate:
    return wire.Estimate(estimate=figure.estimate, low=figure.low, high=figure.high)


def _zone(message: wire.Zone) -> Zone:
    return Zone(
        zone_id=message.zone_id,
        place_id=message.place_id,
        names=dict(message.names),
        normal_from=message.normal_from,
        busy_from=message.busy_from,
        crowded_from=message.crowded_from,
    )


def _zone_message(zone: Zone) -> wire.Zone:
    return wire.Zone(
        zone_id=zone.zone_id,
        place_id=zone.place_id,
        names=dict(zone.names),
        normal_from=zone.normal_from,
        busy_from=zone.busy_from,
        crowded_from=zone.crowded_from,
    )


def _count_message(one: Figures) -> wire.ZoneHourCount:
    return wire.ZoneHourCount(
        zone_id=one.zone_id,
        hour_start_time=stamp_of(one.hour),
        frames=one.frames,
        addresses=_estimate(one.addresses),
        addresses_exact=one.addresses_exact,
        devices=_estimate(device_figure(one.devices, one.addresses)),
        key_date=day.key_date(one.hour).isoformat(),
        key_epochs=one.key_epochs,
        closed=one.version > 0 and not one.dirty,
        near_devices=one.near or 0.0,
        bursts=one.bursts,
    )


def _occupancy_message(one: occupancy.ZoneOccupancy) -> wire.ZoneOccupancy:
    return wire.ZoneOccupancy(
        zone_id=one.zone.zone_id,
        place_id=one.zone.place_id,
        names=dict(one.zone.names),
        level=_LEVELS[one.level],
        as_of_time=stamp_of(one.as_of) if one.as_of else None,
        paused=one.paused,
        closed=one.closed,
        watched=one.watched,
    )


def _released_message(one: hours.ReleasedHour) -> wire.ZoneHourVisitors:
    return wire.ZoneHourVisitors(
        zone_id=one.zone_id,
        hour_start_time=stamp_of(one.hour),
        kind=(
            wire.COUNT_KIND_VISITORS if one.method is Method.CALIBRATED else wire.COUNT_KIND_DEVICES
        ),
        figure=_estimate(one.figure) if one.figure else None,
        withheld=one.figure is None,
        method=_METHODS[one.method],
        calibration_version=one.calibration_version,
        key_date=day.key_date(one.hour).isoformat(),
        key_epochs=one.key_epochs,
        noise_scale=one.noise_scale,
    )
