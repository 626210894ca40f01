"""What a party wished of its day besides sights: its lunch, its walks, its paths, single visits.

Written without the planner, from the contract alone.
"""

from collections.abc import Iterator

from meguri.itinerary.v1 import itinerary_service_pb2 as pb

SERVES = (pb.POI_CATEGORY_FOOD, pb.POI_CATEGORY_ROADSIDE_STATION)
LEAST_MEAL, LEAST_BREAK, MOST_BREAK = 30, 30, 45
USUAL_FROM, USUAL_UNTIL = 11 * 60, 14 * 60
NOON_FROM, NOON_UNTIL = 11 * 60 + 30, 13 * 60 + 30
LONGEST_WALK = 90

Times = list[tuple[int, int]]  # begin and end of what a plan has, in minutes of its day


def lunch_window(trip: pb.TripRequest) -> tuple[int, int] | None:
    """Returns when the party wants to eat; None for not at all."""
    if trip.HasField("lunch"):
        return None if trip.lunch.none else (trip.lunch.from_minute, trip.lunch.until_minute)
    covers = trip.start_minute <= NOON_FROM and trip.end_minute >= NOON_UNTIL
    return (USUAL_FROM, USUAL_UNTIL) if covers else None


def lunch(
    trip: pb.TripRequest,
    plan: pb.Itinerary,
    visits: Times,
    legs: Times,
    record: pb.PoiRecord | None,
) -> Iterator[str]:
    """Gives what is wrong with the lunch of a day. record: of the POI where it is had."""
    window, number = lunch_window(trip), eaten_at(plan)
    if window is None or number is None:
        if number is not None:
            yield "a lunch that nobody asked for"
        if window and number is None and plan.visits:
            yield from _without(trip, plan, visits, legs, window)
        return
    if sum(map(_is_lunch, plan.visits)) > 1:
        yield "more than one lunch"
    visit, (begin, end) = plan.visits[number], visits[number]
    if visit.pause_minutes:
        begin, end = end, end + visit.pause_minutes
        if not LEAST_BREAK <= visit.pause_minutes <= MOST_BREAK:
            yield f"a break of {visit.pause_minutes} minutes"
        if legs[number + 1][0] < end:
            yield "it goes on before the break is over"
    elif record and record.category not in SERVES and pb.INTEREST_FOOD not in record.interests:
        yield f"lunch at {visit.poi_id}, which serves none"
    if begin < window[0] or min(end, begin + LEAST_MEAL) > window[1]:
        yield f"lunch from {begin} to {end}, wished for from {window[0]} to {window[1]}"


def eaten_at(plan: pb.Itinerary) -> int | None:
    """Returns at which visit lunch is, None for none."""
    return next((n for n, visit in enumerate(plan.visits) if _is_lunch(visit)), None)


def _is_lunch(visit: pb.PlannedVisit) -> bool:
    return bool(visit.pause_minutes) or any(r.why == pb.WHY_IN_LUNCH for r in visit.reasons)


def _without(
    trip: pb.TripRequest, plan: pb.Itinerary, visits: Times, legs: Times, window: tuple[int, int]
) -> Iterator[str]:
    """No lunch is told, and where the longest break would fit as the day is, it is no answer."""
    if not any(conflict.kind == pb.CONFLICT_KIND_NO_LUNCH for conflict in plan.conflicts):
        yield "no lunch, and nothing said of it"
    if trip.mode == pb.TRAVEL_MODE_BUS:
        return  # a bus leaves when it leaves
    nexts = [*(begin for begin, _ in visits[1:]), trip.end_minute]
    for number, (visit, following) in enumerate(zip(visits, nexts, strict=True)):
        way = legs[number + 1][1] - legs[number + 1][0]
        begin = max(visit[1], window[0])
        if begin == visit[1] and begin + MOST_BREAK <= min(following - way, window[1]):
            yield f"no lunch, though there is time for one at {begin}"


def walks(trip: pb.TripRequest, plan: pb.Itinerary, legs: Times) -> Iterator[str]:
    """Gives what is wrong with the ways on foot of a day."""
    if trip.mode not in (pb.TRAVEL_MODE_FOOT, pb.TRAVEL_MODE_BUS):
        if plan.total_walk_minutes:
            yield "a day by car counts walks"
        return
    stretches = [
        minutes for leg, (begin, end) in zip(plan.legs, legs, strict=True)
        for minutes in _stretches(trip, leg, end - begin)
    ]  # fmt: skip
    if sum(stretches) != plan.total_walk_minutes:
        yield f"{sum(stretches)} minutes on foot are told as {plan.total_walk_minutes}"
    most = trip.walking
    if most.HasField("stretch_minutes") and max(stretches, default=0) > most.stretch_minutes:
        yield f"a walk of {max(stretches)} minutes, {most.stretch_minutes} wished for"
    told = any(each.kind == pb.CONFLICT_KIND_TOO_MUCH_WALKING for each in plan.conflicts)
    if most.HasField("day_minutes") and sum(stretches) > most.day_minutes and not told:
        yield f"{sum(stretches)} minutes on foot, {most.day_minutes} wished for"
    if trip.mode == pb.TRAVEL_MODE_FOOT and plan.visits:
        musts = [visit.poi_id in must_ids(trip) for visit in plan.visits]
        sides = zip([False, *musts], [*musts, False], legs, strict=True)
        yield from (
            f"a walk of {end - begin} minutes for nothing that must be"
            for one, other, (begin, end) in sides
            if end - begin > LONGEST_WALK and not (one or other)
        )


def _stretches(trip: pb.TripRequest, leg: pb.Leg, minutes: int) -> list[int]:
    if trip.mode == pb.TRAVEL_MODE_FOOT:
        return [minutes]
    return [*(ride.walk_minutes for ride in leg.rides), leg.last_walk_minutes]


def must_ids(trip: pb.TripRequest) -> list[str]:
    """Returns the must-visits of a party, those at a fixed time among them."""
    fixed = (wish.poi_id for wish in trip.visit_wishes if wish.HasField("start_minute"))
    return list(dict.fromkeys((*trip.must_poi_ids, *fixed)))


def wish(
    trip: pb.TripRequest, poi: pb.PoiRecord, begin: int, end: int, *, at_lunch: bool
) -> Iterator[str]:
    """Gives what is wrong with the times of a visit and with the paths there."""
    asked = next((each for each in trip.visit_wishes if each.poi_id == poi.poi_id), None)
    stay = asked.stay_minutes if asked else 0
    right = end - begin == stay if stay else (
        poi.stay_min_minutes <= end - begin <= poi.stay_max_minutes
    )  # fmt: skip
    if not right and not (stay and at_lunch and stay < end - begin <= LEAST_MEAL):
        yield f"{poi.poi_id}: a stay of {end - begin} minutes"
    if asked and asked.HasField("start_minute") and begin != asked.start_minute:
        yield f"{poi.poi_id}: at {begin}, wished for at {asked.start_minute}"
    if poi.poi_id in must_ids(trip):
        return
    rolls = poi.paths.wheelchair in (pb.WHEELCHAIR_YES, pb.WHEELCHAIR_PARTLY)
    if trip.ease == pb.EASE_WHEELCHAIR and not rolls:
        yield f"{poi.poi_id}: no wheelchair is known to get through"
    hard = poi.paths.steps == pb.STEPS_MANY or poi.paths.slope == pb.SLOPE_STEEP
    if trip.ease == pb.EASE_GENTLE and hard:
        yield f"{poi.poi_id}: steps or slopes"
