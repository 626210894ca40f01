"""An independent judge of plans as callers get them: it knows the area, the wishes and calendars.

Ways, fees, opening times and closures are computed anew; nothing of the planner is called. Lunch,
walks and wishes for single visits: day_judge.py; days that belong together: sojourn_judge.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from bench.itinerary import day_judge
from bench.itinerary.areas import MadeArea
from bench.itinerary.ground import CAR, CYCLE, FOOT, last_entry, way_minutes
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.domain.calendar import OpeningHours

ZONE = ZoneInfo("Asia/Tokyo")
PACES = {
    pb.TRAVEL_MODE_CAR: CAR, pb.TRAVEL_MODE_FOOT: FOOT, pb.TRAVEL_MODE_CYCLE: CYCLE,
}  # fmt: skip
NOT_VISITS = (pb.POI_CATEGORY_LODGING, pb.POI_CATEGORY_TRANSPORT, pb.POI_CATEGORY_PARKING)


class Judge:
    """Knows an area and what is closed in it."""

    def __init__(self, made: MadeArea, closures: Sequence[directory.ClosePlaceRequest]) -> None:
        self._pois = {poi.poi_id: poi for poi in made.pois}
        self._closures = closures

    def group_of(self, poi_id: str) -> str:
        """Returns of which cave a POI is a way in, "" for none."""
        return self._pois[poi_id].group

    def faults(self, trip: pb.TripRequest, plan: pb.Itinerary) -> list[str]:
        """Returns every rule that a plan breaks, in words."""
        found = list(self._bookkeeping(trip, plan))
        if not plan.legs:
            return found + (["visits without legs"] if plan.visits else [])
        if len(plan.legs) != len(plan.visits) + 1:
            return [*found, "legs and visits do not match"]
        day = date.fromisoformat(trip.visit_date)
        if _minute(day, plan.legs[0].depart_time) < trip.start_minute:
            found.append("it leaves before the start")
        if _minute(day, plan.legs[-1].arrive_time) > trip.end_minute:
            found.append("it comes back after the end")
        for number, visit in enumerate(plan.visits):
            before, after = plan.legs[number], plan.legs[number + 1]
            lunch = number == day_judge.eaten_at(plan)
            found += self._visit(trip, day, visit, at_lunch=lunch)
            if (
                visit.start_time.seconds < before.arrive_time.seconds
                or after.depart_time.seconds < visit.end_time.seconds
                or visit.slack_minutes < 0
            ):
                found.append(f"{visit.poi_id}: legs and visit do not meet")
        return found + list(_ways(plan)) + list(self._wished(trip, plan, day))

    def _wished(self, trip: pb.TripRequest, plan: pb.Itinerary, day: date) -> Iterator[str]:
        visits = [(_minute(day, v.start_time), _minute(day, v.end_time)) for v in plan.visits]
        legs = [(_minute(day, g.depart_time), _minute(day, g.arrive_time)) for g in plan.legs]
        number = day_judge.eaten_at(plan)
        record = None if number is None else self._pois[plan.visits[number].poi_id]
        yield from day_judge.lunch(trip, plan, visits, legs, record)
        yield from day_judge.walks(trip, plan, legs)

    def _bookkeeping(self, trip: pb.TripRequest, plan: pb.Itinerary) -> Iterator[str]:
        chosen = [visit.poi_id for visit in plan.visits]
        if sorted([*chosen, *(left.poi_id for left in plan.left_out)]) != sorted(self._pois):
            yield "a POI is neither in nor out, or both"
        if not all(left.why for left in plan.left_out):
            yield "a POI is left out without a reason"
        if (plan.status == pb.ITINERARY_STATUS_CONFLICT) != bool(plan.conflicts):
            yield "the status does not say whether there is a conflict"
        if any(not conflict.kind or conflict.missing_minutes < 0 for conflict in plan.conflicts):
            yield "a conflict says nothing"
        yield from (f"{each} was never asked for" for each in chosen if each in trip.never_poi_ids)
        named = {each for conflict in plan.conflicts for each in conflict.poi_ids}
        general = any(not conflict.poi_ids for conflict in plan.conflicts)
        yield from (
            f"{each} is missing, and no conflict names it" for each in day_judge.must_ids(trip)
            if each not in chosen and each not in named and not general
        )  # fmt: skip
        fees = [self._fee(trip, each) for each in chosen]
        if fees != [visit.fee_amount_yen for visit in plan.visits]:
            yield "fees are wrong"
        spent = sum(fees) + plan.total_fare_amount_yen
        if trip.HasField("budget_amount_yen") and spent > trip.budget_amount_yen:
            yield "over the budget"
        groups = [self._pois[each].group for each in chosen]
        yield from (
            f"{group} twice" for each, group in zip(chosen, groups, strict=True)
            if group and each not in day_judge.must_ids(trip) and groups.count(group) > 1
        )  # fmt: skip

    def _fee(self, trip: pb.TripRequest, poi_id: str) -> int:
        fees = self._pois[poi_id].fees
        party = trip.party if trip.HasField("party") else pb.Party(adult_count=1)
        return (
            fees.adult_amount_yen * party.adult_count
            + fees.junior_high_amount_yen * party.junior_high_count
            + fees.child_amount_yen * party.child_count
        )

    def _visit(
        self, trip: pb.TripRequest, day: date, visit: pb.PlannedVisit, *, at_lunch: bool
    ) -> Iterator[str]:
        poi = self._pois[visit.poi_id]
        begin, end = _minute(day, visit.start_time), _minute(day, visit.end_time)
        yield from day_judge.wish(trip, poi, begin, end, at_lunch=at_lunch)
        spans = OpeningHours.parse(poi.opening).on(day).spans if poi.opening else ()
        if not any(
            span.open_minute <= begin <= last_entry(poi.last_entry, span.close_minute)
            and end <= span.close_minute
            for span in spans
        ):
            yield f"{poi.poi_id}: closed from {begin} to {end}"
        if any(
            closure.place_id == poi.place_id
            and closure.from_time.seconds < visit.end_time.seconds
            and (
                not closure.HasField("until_time")
                or visit.start_time.seconds < closure.until_time.seconds
            )
            for closure in self._closures
        ):
            yield f"{poi.poi_id}: shut by a closure"
        if visit.poi_id not in day_judge.must_ids(trip):
            if poi.status == pb.POI_STATUS_RESERVATION_ONLY:
                yield f"{poi.poi_id}: needs a reservation"
            if poi.category in NOT_VISITS:
                yield f"{poi.poi_id}: not a visit"


def _ways(plan: pb.Itinerary) -> Iterator[str]:
    mode = plan.trip.mode
    if mode not in PACES:
        return  # what a bus takes is in its timetable, which is not known here
    points = [plan.start.location, *(visit.location for visit in plan.visits), plan.end.location]
    places = [plan.start.place_id, *(visit.place_id for visit in plan.visits), plan.end.place_id]
    ways = zip(plan.legs, pairwise(points), pairwise(places), strict=True)
    for leg, (one, other), (here, there) in ways:
        if here and here == there:
            continue  # wherever that lies, nobody has to get there
        errors_m = one.error_m + other.error_m
        needed = way_minutes(one.point, other.point, errors_m, PACES[mode])
        if leg.arrive_time.seconds - leg.depart_time.seconds < 60 * needed:
            yield f"{leg.to_place_id}: a way of {needed} minutes is too short"
        sure = one.quality == other.quality == pb.POINT_QUALITY_SOURCE
        if mode == pb.TRAVEL_MODE_FOOT and not sure:
            yield f"{leg.to_place_id}: a walk from or to an estimated point"


def _minute(day: date, moment: Timestamp) -> int:
    began = datetime.combine(day, time(), ZONE)
    return (moment.ToDatetime(tzinfo=UTC) - began) // timedelta(minutes=1)


def essence(plan: pb.Itinerary) -> Mapping[str, object]:
    """Returns what must be equal of two plans for equal wishes: all but their names and times of
    making."""
    copy = pb.Itinerary()
    copy.CopyFrom(plan)
    for field in ("itinerary_id", "version", "create_time"):
        copy.ClearField(field)
    return {"plan": copy.SerializeToString(deterministic=True)}
