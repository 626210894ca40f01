"""An independent judge of several days: each by itself, and what one has to do with another."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bench.itinerary.day_judge import must_ids
from bench.itinerary.plan_judge import Judge
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb


def faults(
    judge: Judge, asked: sojourn_pb.PlanSojournRequest, kept: sojourn_pb.Sojourn
) -> list[str]:
    """Returns every rule that days break, in words."""
    trips = trips_of(asked)
    if [day.trip.visit_date for day in kept.days] != [trip.visit_date for trip in trips]:
        return ["other days than asked for"]
    found = []
    for number, (trip, day) in enumerate(zip(trips, kept.days, strict=True)):
        own = _own(trip, day.trip)
        said = [*_asked(trip, day.trip), *judge.faults(own, day)]
        found += [f"day {number + 1}: {fault}" for fault in said]
    return [*found, *_musts(asked.trip, kept.days), *_twice(judge, asked.trip, kept.days),
            *_others(judge, kept)]  # fmt: skip


def trips_of(asked: sojourn_pb.PlanSojournRequest) -> list[pb.TripRequest]:
    """Returns what is asked of each day: the wishes of the first one at its own time and place."""
    trips = [pb.TripRequest()]
    trips[0].CopyFrom(asked.trip)
    for later in asked.later_days:
        trip = pb.TripRequest()
        trip.CopyFrom(asked.trip)
        trip.visit_date = later.visit_date
        trip.start.CopyFrom(later.start)
        trip.end.CopyFrom(later.end if later.HasField("end") else later.start)
        trip.start_minute, trip.end_minute = later.start_minute, later.end_minute
        trip.ClearField("lunch")
        if later.HasField("lunch"):
            trip.lunch.CopyFrom(later.lunch)
        trips.append(trip)
    return trips


def _own(trip: pb.TripRequest, told: pb.TripRequest) -> pb.TripRequest:
    """Returns what is asked of a day with those of the must-visits that it says are its own."""
    own = pb.TripRequest()
    own.CopyFrom(trip)
    mine = must_ids(told)
    del own.must_poi_ids[:], own.visit_wishes[:]
    own.must_poi_ids.extend(poi_id for poi_id in trip.must_poi_ids if poi_id in mine)
    own.visit_wishes.extend(
        wish for wish in trip.visit_wishes
        if not wish.HasField("start_minute") or wish.poi_id in mine
    )  # fmt: skip
    return own


def _asked(trip: pb.TripRequest, told: pb.TripRequest) -> Iterator[str]:
    """A day keeps the times and the ends that were asked for: it is planned again with them."""
    if (told.start_minute, told.end_minute) != (trip.start_minute, trip.end_minute):
        yield "it is at other times than asked for"
    if told.start != trip.start or told.end != (trip.end if trip.HasField("end") else trip.start):
        yield "it starts or ends elsewhere"
    if [*told.never_poi_ids] != [*dict.fromkeys(trip.never_poi_ids)]:
        yield "it has forgotten what nobody wants to see"


def _musts(trip: pb.TripRequest, days: Sequence[pb.Itinerary]) -> Iterator[str]:
    """Each must-visit is asked of one day."""
    counts = Counter(poi_id for day in days for poi_id in must_ids(day.trip))
    if counts != Counter(must_ids(trip)):
        yield f"must-visits are asked of days as {dict(counts)}"


def _twice(judge: Judge, trip: pb.TripRequest, days: Sequence[pb.Itinerary]) -> Iterator[str]:
    every = [visit.poi_id for day in days for visit in day.visits]
    yield from (f"{poi_id} on two days" for poi_id, count in Counter(every).items() if count > 1)
    groups = [judge.group_of(poi_id) for poi_id in every]
    yield from (
        f"{group} on two days" for poi_id, group in zip(every, groups, strict=True)
        if group and groups.count(group) > 1 and poi_id not in must_ids(trip)
    )  # fmt: skip


def _others(judge: Judge, kept: sojourn_pb.Sojourn) -> Iterator[str]:
    """Each day says rightly what the others have, and which they are."""
    links = [(day.itinerary_id, day.trip.visit_date) for day in kept.days]
    for day in kept.days:
        together = day.together
        if together.sojourn_id != kept.sojourn_id or links != [
            (each.itinerary_id, each.visit_date) for each in together.days
        ]:
            yield "a day does not know the others"
        yield from _left(judge, day, {
            visit.poi_id: other.trip.visit_date
            for other in kept.days if other.itinerary_id != day.itinerary_id
            for visit in other.visits
        })  # fmt: skip


def _left(judge: Judge, day: pb.Itinerary, has: Mapping[str, str]) -> Iterator[str]:
    groups = {(judge.group_of(poi_id), date) for poi_id, date in has.items()}
    for left in day.left_out:
        away = left.why == pb.WHY_OUT_ANOTHER_DAY
        if bool(left.other_date) > away:
            yield f"{left.poi_id} names a day without that reason"
        right = has.get(left.poi_id) == left.other_date or (
            (judge.group_of(left.poi_id), left.other_date) in groups
            and judge.group_of(left.poi_id) and left.poi_id not in has
        )  # fmt: skip
        if away and left.other_date and not right:
            yield f"{left.poi_id} is said to be on {left.other_date}"
        if left.poi_id in has and not (
            away or left.must_visit or left.why == pb.WHY_OUT_NEVER_ASKED_FOR
        ):
            yield f"{left.poi_id} is on another day, and nothing said of it"
