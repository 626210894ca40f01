"""An itinerary as programs read it: times RFC 3339 with offset, money integer yen."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import cycles, lunch, walking
from services.edge.plan.minutes import clock
from services.edge.plan.texts import told
from services.edge.plan.wishes import PARTY


def document(itinerary: pb.Itinerary, locale: str) -> dict[str, Any]:
    """Returns the JSON document of an itinerary; names in a locale, labelled."""
    return _Document(itinerary, locale).whole()


def named(names: Mapping[str, str], locale: str, default: str) -> dict[str, Any]:
    """Returns a name with the locale it is in."""
    name = told(names, locale, default)
    return {
        "name": name.text, "locale": name.locale, "requested_locale": locale,
        "fallback": name.fallback,
    }  # fmt: skip


def word(names: Any, prefix: str, number: int) -> str:
    """Returns an enum value in lower case without its prefix."""
    return str(names.Name(number)).removeprefix(f"{prefix}_").lower()


def point(location: pb.KnownPoint) -> dict[str, Any] | None:
    """Returns a coordinate with how well it is known; None where there is none."""
    if not location.HasField("point"):
        return None
    return {
        "latitude": location.point.latitude,
        "longitude": location.point.longitude,
        "quality": word(pb.PointQuality, "POINT_QUALITY", location.quality),
        "error_m": location.error_m,
    }


class _Document:
    def __init__(self, itinerary: pb.Itinerary, locale: str) -> None:
        self._it, self._locale = itinerary, locale
        self._zone = ZoneInfo(itinerary.time_zone)

    def whole(self) -> dict[str, Any]:
        it = self._it
        return {
            "itinerary_id": it.itinerary_id,
            "version": it.version,
            "url": f"/plan/{it.itinerary_id}",
            "status": word(pb.ItineraryStatus, "ITINERARY_STATUS", it.status),
            "trip": self._trip(),
            "start": self._end(it.start),
            "end": self._end(it.end),
            "depart_time": self._time(it.depart_time),
            "finish_time": self._time(it.finish_time),
            "total_score": it.total_score,
            "total_fee_yen": it.total_fee_amount_yen,
            "total_fare_yen": it.total_fare_amount_yen,
            "fare_unknown": it.fare_unknown,
            "total_travel_minutes": it.total_travel_minutes,
            "total_walk_minutes": it.total_walk_minutes,
            "visits": [self._visit(visit) for visit in it.visits],
            "legs": [self._leg(leg) for leg in it.legs],
            "left_out": [self._left_out(left) for left in it.left_out],
            "conflicts": [self._conflict(conflict) for conflict in it.conflicts],
            "effects": [self._effect(effect) for effect in it.effects],
            "ride_effects": [self._ride_effect(effect) for effect in it.ride_effects],
            "needs_repair": it.needs_repair,
            "operator_messages": [self._message(message) for message in it.messages],
            "live": [
                {
                    "timetable_id": state.timetable_id,
                    "told_time": self._maybe(state, "told_time"),
                    "stale": state.stale,
                }
                for state in it.live_states
            ],
            "plan_b": self._plan_b(),
            "rental": cycles.as_json(
                it, lambda names, default: named(names, self._locale, default), self._time
            ),
            "latest_change": self._latest_change(),
            "proven_best": it.proven_best,
            "search_stopped_early": it.search_stopped_early,
            "create_time": self._time(it.create_time),
            "time_zone": it.time_zone,
        }

    def _time(self, stamp: Timestamp) -> str:
        return stamp.ToDatetime(tzinfo=UTC).astimezone(self._zone).isoformat(timespec="seconds")

    def _trip(self) -> dict[str, Any]:
        trip = self._it.trip
        return {
            "visit_date": trip.visit_date,
            "start_time": clock(trip.start_minute),
            "end_time": clock(trip.end_minute),
            "mode": word(pb.TravelMode, "TRAVEL_MODE", trip.mode),
            "pace": word(pb.Pace, "PACE", trip.pace),
            "interests": _words(pb.Interest, "INTEREST", trip.interests),
            "must": list(trip.must_poi_ids),
            "never": list(trip.never_poi_ids),
            "party": {name: getattr(trip.party, field) for name, field in PARTY.items()},
            "budget_yen": trip.budget_amount_yen if trip.HasField("budget_amount_yen") else None,
            "lunch": lunch.as_json(trip),
            **walking.as_json(trip),
            "seed": trip.seed,
            "quieter": trip.quieter,
            "own_cycle": trip.own_cycle,
        }

    def _end(self, end: pb.EndPoint) -> dict[str, Any]:
        return {
            "place_id": end.place_id or None,
            **named(end.names, self._locale, end.place_id),
            "location": point(end.location),
            "closure_reason": end.closure_reason or None,
        }

    def _visit(self, visit: pb.PlannedVisit) -> dict[str, Any]:
        return {
            "poi_id": visit.poi_id,
            "place_id": visit.place_id,
            **named(visit.names, self._locale, visit.poi_id),
            "category": word(pb.PoiCategory, "POI_CATEGORY", visit.category),
            "location": point(visit.location),
            "arrive_time": self._time(visit.arrive_time),
            "start_time": self._time(visit.start_time),
            "end_time": self._time(visit.end_time),
            "pause_minutes": visit.pause_minutes,
            "paths": walking.paths_json(visit.paths),
            "waiting_minutes": visit.waiting_minutes,
            "slack_minutes": visit.slack_minutes,
            "fee_yen": visit.fee_amount_yen,
            "fee_unknown": visit.fee_unknown,
            "score": visit.score,
            "reasons": [
                {
                    "why": word(pb.WhyIn, "WHY_IN", reason.why),
                    "interest": word(pb.Interest, "INTEREST", reason.interest)
                    if reason.interest
                    else None,
                    "note": dict(reason.note) or None,
                }
                for reason in visit.reasons
            ],
            "crowd": self._crowd(visit.crowd) if visit.HasField("crowd") else None,
            "status": word(pb.PoiStatus, "POI_STATUS", visit.status),
            "phone": visit.phone or None,
            "estimated_fields": list(visit.estimated_fields),
        }

    def _crowd(self, crowd: pb.CrowdNote) -> dict[str, Any]:
        known = crowd.HasField("quieter_from_time")
        return {
            "level": word(pb.CrowdLevel, "CROWD_LEVEL", crowd.level),
            "quieter_from_time": self._time(crowd.quieter_from_time) if known else None,
        }

    def _leg(self, leg: pb.Leg) -> dict[str, Any]:
        return {
            "from_place_id": leg.from_place_id or None,
            "to_place_id": leg.to_place_id or None,
            "depart_time": self._time(leg.depart_time),
            "arrive_time": self._time(leg.arrive_time),
            "travel_minutes": leg.travel_minutes,
            "distance_m": leg.distance_m,
            "from_estimated_point": leg.from_estimated_point,
            "on_road_network": leg.on_road_network,
            "climb_m": leg.climb_m if leg.HasField("climb_m") else None,
            "rides": [self._ride(ride) for ride in leg.rides],
            "last_walk_minutes": leg.last_walk_minutes,
        }

    def _ride(self, ride: pb.Ride) -> dict[str, Any]:
        fare = ride.fare_amount_yen if ride.HasField("fare_amount_yen") else None
        return {
            "timetable_id": ride.timetable_id,
            "line": named(ride.line_names, self._locale, ride.timetable_id),
            "headsign": ride.headsign or None,
            "operator": ride.operator or None,
            "operator_names": dict(ride.operator_names),
            "phone": ride.phone or None,
            "from": named(ride.from_names, self._locale, ""),
            "to": named(ride.to_names, self._locale, ""),
            "depart_time": self._time(ride.depart_time),
            "arrive_time": self._time(ride.arrive_time),
            "walk_minutes": ride.walk_minutes,
            "basis": word(pb.TimeBasis, "TIME_BASIS", ride.basis),
            "as_of": ride.as_of or None,
            "fare_yen": fare,
            "child_fare_yen": ride.child_fare_amount_yen
            if ride.HasField("child_fare_amount_yen")
            else None,
            "call_ahead": ride.call_ahead,
            "ask_driver": ride.ask_driver,
            "next_depart_time": self._maybe(ride, "next_depart_time"),
        }

    def _message(self, message: pb.OperatorMessage) -> dict[str, Any]:
        return {
            "timetable_id": message.timetable_id,
            "title": named(message.titles, self._locale, ""),
            "text": named(message.texts, self._locale, ""),
        }

    def _ride_effect(self, effect: pb.RideEffect) -> dict[str, Any]:
        return {
            "trouble": word(pb.RideTrouble, "RIDE_TROUBLE", effect.trouble),
            "leg": effect.leg,
            "ride": effect.ride,
            "timetable_id": effect.timetable_id,
            "line": named(effect.line_names, self._locale, effect.timetable_id),
            "from": named(effect.from_names, self._locale, ""),
            "to": named(effect.to_names, self._locale, ""),
            "planned_depart_time": self._time(effect.planned_depart_time),
            "depart_time": self._maybe(effect, "depart_time"),
            "arrive_time": self._maybe(effect, "arrive_time"),
            "minutes": effect.minutes or None,
            "holds": effect.holds,
            "poi_id": effect.poi_id or None,
            "live": effect.live,
            "note": named(effect.notes, self._locale, ""),
        }

    def _plan_b(self) -> dict[str, Any] | None:
        if not self._it.HasField("plan_b"):
            return None
        plan = self._it.plan_b
        return {
            "slack_minutes": plan.slack_minutes,
            "next_depart_time": self._maybe(plan, "next_depart_time"),
            "next_arrive_time": self._maybe(plan, "next_arrive_time"),
            "taxi_distance_m": plan.taxi_distance_m or None,
            "taxis": [
                {
                    **named(taxi.names, self._locale, taxi.phone),
                    "phone": taxi.phone,
                    "estimated_yen": taxi.estimated_amount_yen or None,
                }
                for taxi in plan.taxis
            ],
        }

    def _latest_change(self) -> dict[str, Any] | None:
        if not self._it.HasField("latest_change"):
            return None
        change = self._it.latest_change
        return {
            "cause": word(pb.ChangeCause, "CHANGE_CAUSE", change.cause),
            "added_poi_ids": [poi.poi_id for poi in change.added],
            "dropped_poi_ids": [poi.poi_id for poi in change.dropped],
            "moved_poi_ids": [poi.poi_id for poi in change.moved],
            "closures": [self._effect(effect) for effect in change.closures],
            "rides": [self._ride_effect(effect) for effect in change.rides],
            "late_minutes": change.late_minutes or None,
            "undoable": change.undoable,
        }

    def _maybe(self, message: Any, name: str) -> str | None:
        return self._time(getattr(message, name)) if message.HasField(name) else None

    def _left_out(self, left: pb.LeftOut) -> dict[str, Any]:
        return {
            "poi_id": left.poi_id,
            **named(left.names, self._locale, left.poi_id),
            "why": word(pb.WhyOut, "WHY_OUT", left.why),
            "missing_minutes": left.missing_minutes or None,
            "same_as_poi_id": left.same_as_poi_id or None,
            "closure_reason": left.closure_reason or None,
            "score": left.score,
            "must_visit": left.must_visit,
            "other_date": left.other_date or None,
        }

    def _conflict(self, conflict: pb.Conflict) -> dict[str, Any]:
        return {
            "kind": word(pb.ConflictKind, "CONFLICT_KIND", conflict.kind),
            "poi_ids": list(conflict.poi_ids),
            "why_out": word(pb.WhyOut, "WHY_OUT", conflict.why_out) if conflict.why_out else None,
            "missing_minutes": conflict.missing_minutes or None,
            "missing_yen": conflict.missing_amount_yen or None,
            "closure_reason": conflict.closure_reason or None,
        }

    def _effect(self, effect: pb.Effect) -> dict[str, Any]:
        return {
            "poi_id": effect.poi_id,
            "closure_id": effect.closure_id,
            "reason": effect.reason,
            "from_time": self._time(effect.from_time),
            "until_time": self._time(effect.until_time) if effect.HasField("until_time") else None,
        }


def _words(names: Any, prefix: str, numbers: Iterable[int]) -> list[str]:
    return [word(names, prefix, number) for number in numbers]
