"""Events said, as protobuf."""

from kit.outbox import Encoders
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as wire
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as service
from services.visitor_sense.domain.events import OccupancyLevelChanged, ZoneHourCounted
from services.visitor_sense.domain.zones import Level

LEVELS = {
    Level.UNKNOWN: service.OCCUPANCY_LEVEL_UNKNOWN,
    Level.QUIET: service.OCCUPANCY_LEVEL_QUIET,
    Level.NORMAL: service.OCCUPANCY_LEVEL_NORMAL,
    Level.BUSY: service.OCCUPANCY_LEVEL_BUSY,
    Level.CROWDED: service.OCCUPANCY_LEVEL_CROWDED,
}


def _zone_hour_counted(event: ZoneHourCounted) -> wire.ZoneHourCounted:
    message = wire.ZoneHourCounted(
        zone_id=event.zone_id,
        place_id=event.place_id,
        kind=service.COUNT_KIND_DEVICES,
        estimate=event.devices.estimate,
        low=event.devices.low,
        high=event.devices.high,
        method=service.COUNT_METHOD_SIGNATURE,
        addresses=event.addresses,
        frames=event.frames,
        key_date=event.key_date.isoformat(),
        key_epochs=event.key_epochs,
        released_estimate=event.released or 0,
    )
    message.hour_start_time.FromDatetime(event.hour)
    return message


def _occupancy_level_changed(event: OccupancyLevelChanged) -> wire.OccupancyLevelChanged:
    message = wire.OccupancyLevelChanged(
        zone_id=event.zone_id,
        place_id=event.place_id,
        previous_level=LEVELS[event.previous_level],
        level=LEVELS[event.level],
    )
    message.as_of_time.FromDatetime(event.occur_time)
    return message


ENCODERS: Encoders = {
    ZoneHourCounted: _zone_hour_counted,
    OccupancyLevelChanged: _occupancy_level_changed,
}
