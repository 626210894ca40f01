"""Between protobuf and the domain's values; shared by the two doors."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.calendar import instant
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.app.itineraries import Read
from services.itinerary.app.pois import ImportReport, ListedPoi
from services.itinerary.domain.place import KnownPoint, Point
from services.itinerary.domain.plan import (
    Conflict,
    DayPlan,
    Effect,
    EndPoint,
    InReason,
    LeftOut,
    Leg,
    PlannedVisit,
)
from services.itinerary.domain.poi import (
    Category,
    Fees,
    Interest,
    Poi,
    PoiStatus,
    PoiTexts,
    Remark,
)
from services.itinerary.domain.trip import Location, Pace, Party, TravelMode, TripRequest
from services.itinerary.domain.windows import OpenSpan

Value = TypeVar("Value", bound=StrEnum)


class _Names(Protocol):
    def Name(self, number: Any, /) -> str: ...


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Encodes an aware moment; None stays unset."""
    if moment is None:
        return None
    encoded = Timestamp()
    encoded.FromDatetime(moment.astimezone(UTC))
    return encoded


def number(names: Any, prefix: str, value: StrEnum | None) -> Any:
    """Returns the number of a domain value in a generated enum; None is UNSPECIFIED."""
    return names.Value(f"{prefix}_{value.name if value else 'UNSPECIFIED'}")


def value_of(kind: type[Value], names: _Names, prefix: str, code: int) -> Value | None:
    """Returns the domain value of a number; None for UNSPECIFIED and for numbers we do not know."""
    try:
        return kind(names.Name(code).removeprefix(f"{prefix}_").lower())
    except ValueError:
        return None


def interests_of(codes: Iterable[int]) -> tuple[Interest, ...]:
    """Decodes interests, each once; unknown ones are left aside."""
    found = (value_of(Interest, pb.Interest, "INTEREST", code) for code in codes)
    return tuple(dict.fromkeys(interest for interest in found if interest is not None))


def _interests(interests: Iterable[Interest]) -> list[Any]:
    return [number(pb.Interest, "INTEREST", interest) for interest in interests]


def poi_of(row: int, record: pb.PoiRecord) -> Poi | list[Remark]:
    """Decodes a record, or says what cannot be read in row `row`."""
    category = value_of(Category, pb.PoiCategory, "POI_CATEGORY", record.category)
    status = value_of(PoiStatus, pb.PoiStatus, "POI_STATUS", record.status)
    if category is None:
        return [Remark(row, "category", "UNKNOWN_CATEGORY", "give one of the categories")]
    if status is None:
        return [Remark(row, "status", "UNKNOWN_STATUS", "give one of the states")]
    texts, fees = record.texts, record.fees

    def fee(name: str) -> int | None:
        return getattr(fees, name) if fees.HasField(name) else None  # type: ignore[arg-type]

    return Poi(
        poi_id=record.poi_id,
        place_id=record.place_id or record.poi_id,
        category=category,
        interests=interests_of(record.interests),
        status=status,
        opening=record.opening,
        last_entry=record.last_entry,
        stay_min_minutes=record.stay_min_minutes,
        stay_max_minutes=record.stay_max_minutes,
        score=record.score,
        hidden_spot=record.hidden_spot,
        group=record.group,
        fees=Fees(fee("adult_amount_yen"), fee("junior_high_amount_yen"), fee("child_amount_yen")),
        texts=PoiTexts(
            dict(texts.summary), dict(texts.fee_note), dict(texts.access_note),
            dict(texts.payment_note), dict(texts.closed_note),
        ),
        phone=record.phone,
        estimated_fields=tuple(record.estimated_fields),
        source=record.source,
    )  # fmt: skip


def _texts(texts: PoiTexts) -> pb.PoiTexts:
    return pb.PoiTexts(
        summary=dict(texts.summary),
        fee_note=dict(texts.fee_note),
        access_note=dict(texts.access_note),
        payment_note=dict(texts.payment_note),
        closed_note=dict(texts.closed_note),
    )


def _record(poi: Poi) -> pb.PoiRecord:
    return pb.PoiRecord(
        poi_id=poi.poi_id,
        place_id=poi.place_id,
        category=number(pb.PoiCategory, "POI_CATEGORY", poi.category),
        interests=_interests(poi.interests),
        status=number(pb.PoiStatus, "POI_STATUS", poi.status),
        opening=poi.opening,
        last_entry=poi.last_entry,
        stay_min_minutes=poi.stay_min_minutes,
        stay_max_minutes=poi.stay_max_minutes,
        score=poi.score,
        hidden_spot=poi.hidden_spot,
        group=poi.group,
        fees=pb.Fees(
            adult_amount_yen=poi.fees.adult_yen,
            junior_high_amount_yen=poi.fees.junior_high_yen,
            child_amount_yen=poi.fees.child_yen,
        ),
        texts=_texts(poi.texts),
        phone=poi.phone,
        estimated_fields=poi.estimated_fields,
        source=poi.source,
    )


def _spans(spans: Iterable[OpenSpan]) -> list[pb.MinuteSpan]:
    return [
        pb.MinuteSpan(
            open_minute=span.open_minute,
            close_minute=span.close_minute,
            last_entry_minute=span.last_entry_minute,
        )
        for span in spans
    ]


def _known_point(location: KnownPoint | None) -> pb.KnownPoint:
    if location is None:
        return pb.KnownPoint()
    return pb.KnownPoint(
        point=pb.Point(latitude=location.point.latitude, longitude=location.point.longitude),
        quality=number(pb.PointQuality, "POINT_QUALITY", location.quality),
        error_m=location.allowance_m,
    )


def poi_message(listed: ListedPoi) -> pb.Poi:
    """Encodes a POI with its place and opening."""
    access = listed.access
    return pb.Poi(
        record=_record(listed.poi),
        names=dict(listed.place.names) if listed.place else {},
        location=_known_point(listed.place.location if listed.place else None),
        open_spans=_spans(access.spans) if access else [],
        closed_why=number(pb.WhyOut, "WHY_OUT", access.why if access else None),
        closure_reason=access.closure_reason if access else "",
        version=listed.version,
    )


def report_message(report: ImportReport) -> pb.ImportPoisResponse:
    """Encodes the report of a bulk load."""

    def notes(remarks: Iterable[Remark]) -> list[pb.RowNote]:
        return [
            pb.RowNote(row=each.row, field=each.field, reason=each.reason, text=each.text)
            for each in remarks
        ]

    return pb.ImportPoisResponse(
        read_count=report.read,
        loaded_count=report.loaded,
        changed_count=report.changed,
        warnings=notes(report.warnings),
        rejected=notes(report.rejected),
    )


def _location_of(location: pb.Location) -> Location:
    if location.WhichOneof("where") == "point":
        return Location(point=Point(location.point.latitude, location.point.longitude))
    return Location(place_id=location.place_id)


def trip_of(trip: pb.TripRequest) -> TripRequest:
    """Decodes a trip request; what cannot be used is found by check_trip."""
    start = _location_of(trip.start)
    mode = value_of(TravelMode, pb.TravelMode, "TRAVEL_MODE", trip.mode)
    party = trip.party
    return TripRequest(
        visit_date=trip.visit_date,
        start=start,
        end=_location_of(trip.end) if trip.HasField("end") else start,
        start_minute=trip.start_minute,
        end_minute=trip.end_minute,
        mode=mode or TravelMode.CAR,
        party=Party(
            party.adult_count, party.junior_high_count, party.child_count, party.infant_count
        )
        if trip.HasField("party")
        else Party(),
        interests=interests_of(trip.interests),
        must_poi_ids=tuple(dict.fromkeys(trip.must_poi_ids)),
        never_poi_ids=tuple(dict.fromkeys(trip.never_poi_ids)),
        budget_yen=trip.budget_amount_yen if trip.HasField("budget_amount_yen") else None,
        pace=value_of(Pace, pb.Pace, "PACE", trip.pace) or Pace.NORMAL,
        seed=trip.seed,
    )


def _location(location: Location) -> pb.Location:
    if location.point is not None:
        point = pb.Point(latitude=location.point.latitude, longitude=location.point.longitude)
        return pb.Location(point=point)
    return pb.Location(place_id=location.place_id)


def _trip(trip: TripRequest) -> pb.TripRequest:
    return pb.TripRequest(
        visit_date=trip.visit_date,
        start=_location(trip.start),
        end=_location(trip.end),
        start_minute=trip.start_minute,
        end_minute=trip.end_minute,
        mode=number(pb.TravelMode, "TRAVEL_MODE", trip.mode),
        party=pb.Party(
            adult_count=trip.party.adults,
            junior_high_count=trip.party.junior_high,
            child_count=trip.party.children,
            infant_count=trip.party.infants,
        ),
        interests=_interests(trip.interests),
        must_poi_ids=trip.must_poi_ids,
        never_poi_ids=trip.never_poi_ids,
        budget_amount_yen=trip.budget_yen,
        pace=number(pb.Pace, "PACE", trip.pace),
        seed=trip.seed,
    )


class _Day:
    """Turns minutes of one plan into timestamps."""

    def __init__(self, plan: DayPlan) -> None:
        self._day, self._zone = plan.trip.day, plan.time_zone

    def at(self, minute: int) -> Timestamp | None:
        return timestamp(instant(self._day, minute, self._zone))


def itinerary_message(read: Read) -> pb.Itinerary:
    """Encodes an itinerary with the closures that hit it."""
    itinerary, plan = read.itinerary, read.itinerary.plan
    day = _Day(plan)
    return pb.Itinerary(
        itinerary_id=itinerary.itinerary_id,
        version=itinerary.version,
        trip=_trip(plan.trip),
        status=number(pb.ItineraryStatus, "ITINERARY_STATUS", plan.status),
        visits=[_visit(visit, day) for visit in plan.visits],
        legs=[_leg(leg, day) for leg in plan.legs],
        left_out=[_left_out(left) for left in plan.left_out],
        conflicts=[_conflict(conflict) for conflict in plan.conflicts],
        effects=[_effect(effect) for effect in read.effects],
        depart_time=day.at(plan.depart_minute),
        finish_time=day.at(plan.finish_minute),
        total_score=plan.total_score,
        total_fee_amount_yen=plan.total_fee_yen,
        total_travel_minutes=plan.total_travel_minutes,
        search_stopped_early=plan.stopped_early,
        proven_best=plan.proven_best,
        create_time=timestamp(itinerary.create_time),
        time_zone=plan.time_zone,
        start=_end_point(plan.start),
        end=_end_point(plan.end),
    )


def _end_point(point: EndPoint) -> pb.EndPoint:
    return pb.EndPoint(
        place_id=point.place_id, names=dict(point.names), location=_known_point(point.location)
    )


def _reason(reason: InReason) -> pb.InReason:
    return pb.InReason(
        why=number(pb.WhyIn, "WHY_IN", reason.why),
        interest=number(pb.Interest, "INTEREST", reason.interest),
    )


def _visit(visit: PlannedVisit, day: _Day) -> pb.PlannedVisit:
    return pb.PlannedVisit(
        poi_id=visit.poi_id,
        place_id=visit.place_id,
        names=dict(visit.names),
        location=_known_point(visit.location),
        arrive_time=day.at(visit.arrive_minute),
        start_time=day.at(visit.start_minute),
        end_time=day.at(visit.end_minute),
        waiting_minutes=visit.start_minute - visit.arrive_minute,
        slack_minutes=visit.slack_minutes,
        fee_amount_yen=visit.fee_yen,
        fee_unknown=visit.fee_unknown,
        score=visit.score,
        reasons=[_reason(reason) for reason in visit.reasons],
        status=number(pb.PoiStatus, "POI_STATUS", visit.status),
        phone=visit.phone,
        texts=_texts(visit.texts),
        estimated_fields=visit.estimated_fields,
        category=number(pb.PoiCategory, "POI_CATEGORY", visit.category),
        open_spans=_spans(visit.spans),
    )


def _leg(leg: Leg, day: _Day) -> pb.Leg:
    return pb.Leg(
        from_place_id=leg.from_place_id,
        to_place_id=leg.to_place_id,
        depart_time=day.at(leg.depart_minute),
        arrive_time=day.at(leg.arrive_minute),
        travel_minutes=leg.arrive_minute - leg.depart_minute,
        distance_m=leg.distance_m,
        from_estimated_point=leg.from_estimated_point,
    )


def _left_out(left: LeftOut) -> pb.LeftOut:
    return pb.LeftOut(
        poi_id=left.poi_id,
        names=dict(left.names),
        why=number(pb.WhyOut, "WHY_OUT", left.why),
        missing_minutes=left.missing_minutes,
        same_as_poi_id=left.same_as_poi_id,
        closure_reason=left.closure_reason,
        score=left.score,
        closed_note=dict(left.closed_note or {}),
        must_visit=left.must_visit,
    )


def _conflict(conflict: Conflict) -> pb.Conflict:
    return pb.Conflict(
        kind=number(pb.ConflictKind, "CONFLICT_KIND", conflict.kind),
        poi_ids=conflict.poi_ids,
        why_out=number(pb.WhyOut, "WHY_OUT", conflict.why_out),
        missing_minutes=conflict.missing_minutes,
        missing_amount_yen=conflict.missing_yen,
        closure_reason=conflict.closure_reason,
    )


def _effect(effect: Effect) -> pb.Effect:
    return pb.Effect(
        poi_id=effect.poi_id,
        closure_id=effect.closure_id,
        reason=effect.reason,
        from_time=timestamp(effect.from_time),
        until_time=timestamp(effect.until_time),
    )
