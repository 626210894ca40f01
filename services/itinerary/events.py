"""The NATS door: what directory and visitor_sense tell, and this service's own events."""

from datetime import UTC
from typing import Any

from google.protobuf.message import Message

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from kit.outbox import Encoders
from meguri.directory.v1 import directory_events_pb2 as directory_events
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_events_pb2 as pb
from meguri.itinerary.v1 import itinerary_service_pb2 as words
from meguri.itinerary.v1 import poi_service_pb2 as poi_words
from meguri.itinerary.v1 import timetable_service_pb2 as timetable_words
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as sense_events
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as sense
from services.itinerary.app import heard
from services.itinerary.domain.crowd import Level
from services.itinerary.domain.events import (
    ItineraryChanged,
    ItineraryPlanned,
    ItineraryRepaired,
    PoiPublished,
    RunsDelayed,
    SpotSettingsChanged,
    TimetableChanged,
    WaysChanged,
)
from services.itinerary.domain.place import Closure, KnownPoint, Place, Point, PointQuality
from services.itinerary.domain.why import WhyOut
from services.itinerary.wire.spots import settings_message
from services.itinerary.wire.words import number, value_of


def _published(event: PoiPublished) -> Message:
    poi = event.poi
    return pb.PoiPublished(
        poi_id=poi.poi_id,
        place_id=poi.place_id,
        category=number(words.PoiCategory, "POI_CATEGORY", poi.category),
        score=poi.score,
        state=number(poi_words.PoiState, "POI_STATE", event.state),
    )


def _planned(event: ItineraryPlanned) -> Message:
    plan = event.plan
    return pb.ItineraryPlanned(
        itinerary_id=event.aggregate_id,
        visit_date=plan.trip.visit_date,
        mode=number(words.TravelMode, "TRAVEL_MODE", plan.trip.mode),
        party_size=plan.trip.party.size,
        status=number(words.ItineraryStatus, "ITINERARY_STATUS", plan.status),
        chosen_poi_ids=[visit.poi_id for visit in plan.visits],
        left_out=[
            pb.PoiLeftOut(
                poi_id=left.poi_id,
                why=number(words.WhyOut, "WHY_OUT", left.why),
                must_visit=left.must_visit,
            )
            for left in plan.left_out
            if left.why is not WhyOut.ANOTHER_DAY
        ],
        interests=[
            number(words.Interest, "INTEREST", interest) for interest in plan.trip.interests
        ],
        sojourn_id=event.sojourn_id,
    )


def _repaired(event: ItineraryRepaired) -> Message:
    return pb.ItineraryRepaired(
        itinerary_id=event.aggregate_id,
        closure_ids=event.closure_ids,
        added_poi_ids=event.added_poi_ids,
        dropped_poi_ids=event.dropped_poi_ids,
        chosen_poi_ids=[visit.poi_id for visit in event.plan.visits],
        timetable_ids=event.timetable_ids,
    )


def _changed(event: ItineraryChanged) -> Message:
    change = event.plan.latest_change
    return pb.ItineraryChanged(
        itinerary_id=event.aggregate_id,
        cause=number(words.ChangeCause, "CHANGE_CAUSE", change.cause if change else None),
        added_poi_ids=[poi.poi_id for poi in change.added] if change else [],
        dropped_poi_ids=[poi.poi_id for poi in change.dropped] if change else [],
        chosen_poi_ids=[visit.poi_id for visit in event.plan.visits],
    )


def _timetable(event: TimetableChanged) -> Message:
    facts = event.facts
    return pb.TimetableChanged(
        timetable_id=event.aggregate_id,
        kind=number(timetable_words.TimetableKind, "TIMETABLE_KIND", event.kind),
        run_count=facts.run_count if facts else 0,
        suspended=facts is not None and facts.suspended,
        deleted=facts is None,
        riding_plan_count=event.riding,
    )


def _delayed(event: RunsDelayed) -> Message:
    return pb.RunsDelayed(
        timetable_id=event.timetable_id,
        run_count=event.runs,
        canceled_count=event.canceled,
        alert_count=event.alerts,
        stale=event.stale,
        riding_plan_count=event.riding,
    )


def _ways(event: WaysChanged) -> Message:
    return pb.WaysChanged(walk_count=event.walk_count, taxi_count=event.taxi_count)


def _settings(event: SpotSettingsChanged) -> Message:
    return pb.SpotSettingsChanged(
        poi_id=event.aggregate_id, settings=settings_message(event.settings)
    )


ENCODERS: Encoders = {
    PoiPublished: _published,
    ItineraryPlanned: _planned,
    ItineraryRepaired: _repaired,
    ItineraryChanged: _changed,
    TimetableChanged: _timetable,
    RunsDelayed: _delayed,
    WaysChanged: _ways,
    SpotSettingsChanged: _settings,
}


async def _area_configured(tx: Transaction, delivery: Delivery, message: Any) -> None:
    area = message.area
    await heard.configure_area(tx, area.time_zone, area.version, delivery.occur_time)


async def _area_dropped(tx: Transaction, delivery: Delivery, _message: Any) -> None:
    await heard.drop_area(tx, delivery.occur_time)


async def _place_recorded(tx: Transaction, delivery: Delivery, message: Any) -> None:
    place = message.place
    quality = value_of(
        PointQuality, directory.CoordinateQuality, "COORDINATE_QUALITY", place.coordinate_quality
    )
    location = None
    if quality is not None:
        location = KnownPoint(Point(place.latitude, place.longitude), quality, place.error_m)
    known = Place(place.place_id, dict(place.names), location, place.version)
    await heard.record_place(tx, known, delivery.occur_time)


async def _place_closed(tx: Transaction, delivery: Delivery, message: Any) -> None:
    until = message.until_time.ToDatetime(tzinfo=UTC) if message.HasField("until_time") else None
    closure = Closure(
        closure_id=message.closure_id,
        place_ids=frozenset([message.place_id, *message.affected_place_ids]),
        reason=message.reason,
        from_time=message.from_time.ToDatetime(tzinfo=UTC),
        until_time=until,
    )
    await heard.close_place(tx, closure, delivery.version, delivery.occur_time)


async def _level_changed(tx: Transaction, delivery: Delivery, message: Any) -> None:
    level = value_of(Level, sense.OccupancyLevel, "OCCUPANCY_LEVEL", message.level)
    await heard.zone_level(
        tx, message.zone_id, message.place_id, level or Level.UNKNOWN,
        message.as_of_time.ToDatetime(tzinfo=UTC), delivery.occur_time,
    )  # fmt: skip


async def _place_reopened(tx: Transaction, delivery: Delivery, message: Any) -> None:
    await heard.reopen_place(tx, message.closure_id, delivery.version, delivery.occur_time)


def hearings() -> list[Hearing]:
    """Returns everything this service hears."""
    events, level = directory_events, sense_events.OccupancyLevelChanged
    return [
        Hearing("directory", "area_configured", events.AreaConfigured, _area_configured),
        Hearing("directory", "area_dropped", events.AreaDropped, _area_dropped),
        Hearing("directory", "place_recorded", events.PlaceRecorded, _place_recorded),
        Hearing("directory", "place_closed", events.PlaceClosed, _place_closed),
        Hearing("directory", "place_reopened", events.PlaceReopened, _place_reopened),
        Hearing("visitor_sense", "occupancy_level_changed", level, _level_changed),
    ]
