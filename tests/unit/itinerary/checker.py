"""An independent judge of plans: it uses only the wishes, the area and the calendar.

It recomputes distances, opening times, fees and closures in its own way and says every rule that a
plan breaks. No function of the planner is called.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bench.itinerary.ground import CAR, CYCLE, FOOT, last_entry, way_minutes
from services.itinerary.domain.calendar import OpeningHours
from services.itinerary.domain.paths import Ease, Slope, Steps, Wheelchair
from services.itinerary.domain.place import KnownPoint, PointQuality
from services.itinerary.domain.plan import DayPlan, InReason, PlannedVisit, PlanStatus
from services.itinerary.domain.poi import Category, Interest, Poi, PoiStatus
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.trip import TravelMode, TripRequest
from services.itinerary.domain.why import ConflictKind, WhyIn
from tests.unit.itinerary.bus_checker import ride_faults


def faults(plan: DayPlan, trip: TripRequest, known: Catalog) -> list[str]:
    """Returns every rule the plan breaks, in words."""
    found = _bookkeeping(plan, trip, known)
    if not plan.legs:
        return found + (["visits without legs"] if plan.visits else [])
    if plan.legs[0].depart_minute < trip.start_minute:
        found.append("leaves before the start")
    if plan.legs[-1].arrive_minute > trip.end_minute:
        found.append("comes back after the end")
    found += _lunch(plan, trip, known) + _walks(plan, trip) + _rental(plan, trip, known)
    if len(plan.legs) != len(plan.visits) + 1:
        return [*found, "legs and visits do not match"]
    for number, visit in enumerate(plan.visits):
        found += _visit(visit, known, trip)
        before, after = plan.legs[number], plan.legs[number + 1]
        if before.arrive_minute != visit.arrive_minute or after.depart_minute < (
            visit.end_minute + visit.pause_minutes
        ):
            found.append(f"{visit.poi_id}: legs and visit do not meet")
        if visit.slack_minutes < 0:
            found.append(f"{visit.poi_id}: negative slack")
    if trip.mode is TravelMode.BUS:
        return found + ride_faults(plan, known)
    return found + _ways(plan, trip)


def _bookkeeping(plan: DayPlan, trip: TripRequest, known: Catalog) -> list[str]:
    found = []
    chosen = [visit.poi_id for visit in plan.visits]
    left = [out.poi_id for out in plan.left_out]
    if sorted(chosen + left) != sorted(known.pois):
        found.append("a POI is neither in nor out, or both")
    found += [f"{poi_id} was never asked for" for poi_id in chosen if poi_id in trip.never_poi_ids]
    missing = [poi_id for poi_id in trip.must_poi_ids if poi_id not in chosen]
    if missing and plan.status is not PlanStatus.CONFLICT:
        found.append(f"must-visits are missing without a conflict: {missing}")
    named = {poi_id for conflict in plan.conflicts for poi_id in conflict.poi_ids}
    general = any(not conflict.poi_ids for conflict in plan.conflicts)
    found += [f"{poi_id}: no conflict names it" for poi_id in missing
              if poi_id not in named and not general]  # fmt: skip
    fees = [_fee(known.pois[poi_id], trip) for poi_id in chosen]
    if trip.budget_yen is not None and sum(fees) > trip.budget_yen:
        found.append("over the budget")
    if fees != [visit.fee_yen for visit in plan.visits]:
        found.append("fees are wrong")
    groups = [known.pois[p].group for p in chosen if p not in trip.must_poi_ids]
    all_groups = [known.pois[p].group for p in chosen]
    found += [f"{group} twice" for group in groups if group and all_groups.count(group) > 1]
    return found


def _visit(visit: PlannedVisit, known: Catalog, trip: TripRequest) -> list[str]:
    found, poi = [], known.pois[visit.poi_id]
    stay = visit.end_minute - visit.start_minute
    if not poi.stay_min_minutes <= stay <= poi.stay_max_minutes:
        found.append(f"{poi.poi_id}: a stay of {stay} minutes")
    if visit.arrive_minute > visit.start_minute:
        found.append(f"{poi.poi_id}: begins before it arrives")
    spans = OpeningHours.parse(poi.opening).on(trip.day).spans if poi.opening else ()
    if not any(
        span.open_minute <= visit.start_minute <= last_entry(poi.last_entry, span.close_minute)
        and visit.end_minute <= span.close_minute
        for span in spans
    ):
        found.append(f"{poi.poi_id}: closed from {visit.start_minute} to {visit.end_minute}")
    begin, end = (_instant(trip.day, m) for m in (visit.start_minute, visit.end_minute))
    found += [
        f"{poi.poi_id}: shut by {closure.reason}"
        for closure in known.closures
        if poi.place_id in closure.place_ids
        and closure.from_time < end
        and (closure.until_time is None or begin < closure.until_time)
    ]
    if poi.poi_id not in trip.must_poi_ids:
        if poi.status is PoiStatus.RESERVATION_ONLY:
            found.append(f"{poi.poi_id}: needs a reservation")
        paths = poi.paths
        hard = paths.steps is Steps.MANY or paths.slope is Slope.STEEP
        rolls = paths.wheelchair in (Wheelchair.YES, Wheelchair.PARTLY)
        if trip.ease is Ease.WHEELCHAIR and not rolls:
            found.append(f"{poi.poi_id}: no wheelchair is known to get through")
        if trip.ease is Ease.GENTLE and hard:
            found.append(f"{poi.poi_id}: steps or slopes")
        if poi.category in (Category.LODGING, Category.TRANSPORT, Category.PARKING):
            found.append(f"{poi.poi_id}: not a visit")
    return found


def _walks(plan: DayPlan, trip: TripRequest) -> list[str]:
    """Minutes on foot, at a stretch and in all."""
    if trip.mode in (TravelMode.CAR, TravelMode.CYCLE):
        return []
    stretches = [
        minutes for leg in plan.legs
        for minutes in (
            [*(ride.walk_minutes for ride in leg.rides), leg.last_walk_minutes]
            if leg.rides else [leg.arrive_minute - leg.depart_minute]
        )
    ]  # fmt: skip
    most, in_all = trip.walking.stretch_minutes, trip.walking.day_minutes
    found = []
    if most is not None and max(stretches, default=0) > most:
        found.append(f"a walk of {max(stretches)} minutes")
    told = any(conflict.kind is ConflictKind.TOO_MUCH_WALKING for conflict in plan.conflicts)
    if in_all is not None and sum(stretches) > in_all and not told:
        found.append(f"{sum(stretches)} minutes on foot")
    return found


def _lunch(plan: DayPlan, trip: TripRequest, known: Catalog) -> list[str]:
    """One lunch in its time: at a place that serves food, or a break where a visit ends."""
    eaten = [v for v in plan.visits if v.pause_minutes or InReason(WhyIn.LUNCH) in v.reasons]
    if trip.lunch is None:
        return ["a lunch that nobody asked for"] if eaten else []
    if len(eaten) > 1:
        return ["more than one lunch"]
    if not eaten:
        told = any(conflict.kind is ConflictKind.NO_LUNCH for conflict in plan.conflicts)
        return [] if told or not plan.visits else ["no lunch, and nothing said of it"]
    (visit,), found = eaten, []
    poi = known.pois[visit.poi_id]
    serves = poi.category in (Category.FOOD, Category.ROADSIDE_STATION)
    if visit.pause_minutes:
        begin, end = visit.end_minute, visit.end_minute + visit.pause_minutes
        if not 30 <= visit.pause_minutes <= 45:
            found.append(f"a break of {visit.pause_minutes} minutes")
    else:
        begin, end = visit.start_minute, visit.end_minute
        if not (serves or Interest.FOOD in poi.interests):
            found.append(f"lunch at {poi.poi_id}, which serves none")
    if begin < trip.lunch.from_minute:
        found.append(f"lunch at {begin}, which is too early")
    if min(end, begin + 30) > trip.lunch.until_minute:
        found.append(f"lunch from {begin} to {end}, which is too late")
    return found


def _ways(plan: DayPlan, trip: TripRequest) -> list[str]:
    found = []
    assert plan.start.location
    assert plan.end.location
    points = [plan.start.location, *(visit.location for visit in plan.visits), plan.end.location]
    for leg, one, other in zip(plan.legs, points, points[1:], strict=False):
        # Wherever a place is, who is there has no way to it.
        there = leg.to_place_id and leg.from_place_id == leg.to_place_id
        needed = 0 if there else _minutes(one, other, trip.mode)
        if leg.arrive_minute - leg.depart_minute < needed:
            found.append(f"{leg.to_place_id}: a way of {needed} minutes is too short")
        estimated = {one.quality, other.quality} != {PointQuality.SOURCE}
        if trip.mode is TravelMode.FOOT and estimated:
            found.append(f"{leg.to_place_id}: a walk from or to an estimated point")
        if leg.from_estimated_point != estimated:
            found.append(f"{leg.to_place_id}: says nothing of its estimated point")
    return found


def _minutes(one: KnownPoint, other: KnownPoint, mode: TravelMode) -> int:
    pace = {TravelMode.CAR: CAR, TravelMode.CYCLE: CYCLE}.get(mode, FOOT)
    climb = 0
    if one.height_m is not None and other.height_m is not None:
        climb = max(0, other.height_m - one.height_m)
    return way_minutes(one.point, other.point, one.error_m + other.error_m, pace, climb)


def _rental(plan: DayPlan, trip: TripRequest, known: Catalog) -> list[str]:
    """Rented cycles: from where they are rented back to there, while that is open."""
    rents = {p.poi_id: p for p in known.pois.values() if p.cycle_rental}
    told = any(conflict.kind is ConflictKind.CYCLE_RENTAL_CLOSED for conflict in plan.conflicts)
    if trip.mode is not TravelMode.CYCLE or trip.own_cycle:
        return ["cycles are rented that nobody asked for"] if plan.rental else []
    if plan.rental is None:
        points = [known.places[p.place_id].location for p in rents.values()
                  if p.place_id in known.places]  # fmt: skip
        refused = trip.end_minute <= trip.start_minute
        return ["no word of the rental places"] if any(points) and not (told or refused) else []
    poi = rents[plan.rental.poi_id]
    found = []
    if (plan.start.place_id, plan.end.place_id) != (poi.place_id, poi.place_id):
        found.append("does not begin and end where the cycles are from")
    times = (plan.depart_minute, plan.finish_minute)
    spans = OpeningHours.parse(poi.opening).on(trip.day).spans if poi.opening else ()
    if plan.legs and poi.opening and not all(
        any(span.open_minute <= minute <= span.close_minute for span in spans) for minute in times
    ):  # fmt: skip
        found.append(f"the rental place is closed at one of {times}")
    shut = [c for c in known.closures if poi.place_id in c.place_ids]
    moments = (_instant(trip.day, times[0]), _instant(trip.day, times[1] - 1))
    if plan.legs and poi.opening and any(
        c.from_time <= at and (c.until_time is None or at < c.until_time)
        for c in shut for at in moments[: 1 + (times[0] < times[1])]
    ):  # fmt: skip
        found.append("the rental place is shut")
    return found


def _fee(poi: Poi, trip: TripRequest) -> int:
    party = trip.party
    return (
        (poi.fees.adult_yen or 0) * party.adults
        + (poi.fees.junior_high_yen or 0) * party.junior_high
        + (poi.fees.child_yen or 0) * party.children
    )


def _instant(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), ZoneInfo("Asia/Tokyo")) + timedelta(minutes=minute)
