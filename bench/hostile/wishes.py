"""Wishes that contradict themselves or the area, and some that are no wishes at all."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from bench.itinerary import areas
from kit.ids import new_id
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb

NAN, FAR = float("nan"), 1e308


def hostile_trip(random: Random, made: areas.MadeArea) -> pb.TripRequest:
    """Returns wishes of which half contradict themselves or the area, and a fifth are no wishes."""
    ids = [poi.poi_id for poi in made.pois]
    trip = pb.TripRequest(
        visit_date=random.choice(["2026-11-21", "2026-11-23", "2026-12-31", "2027-02-28"]),
        start=_end(random, made), end=_end(random, made),
        start_minute=random.randrange(1440), end_minute=random.randrange(1801),
        mode=random.choice([pb.TRAVEL_MODE_CAR, *pb.TravelMode.values()[1:]]),
        party=pb.Party(adult_count=random.randrange(1, 5), child_count=random.randrange(3)),
        interests=random.sample(pb.Interest.values()[1:], random.randrange(3)),
        must_poi_ids=random.sample(ids, random.choice([0, 0, 1, 2, 4, 8])),
        never_poi_ids=random.sample(ids, random.choice([0, 0, 1, 5])),
        pace=random.choice(pb.Pace.values()),
        seed=random.choice([0, 1, 2**63 - 1, -(2**63), random.randrange(100)]),
    )  # fmt: skip
    if random.random() < 0.4:
        trip.budget_amount_yen = random.choice([0, 1000, 5000])
    if random.random() < 0.3:
        trip.start_minute, trip.end_minute = 540, random.choice([540, 541, 545, 1020, 1800])
    if random.random() < 0.4:
        _narrow(random, trip)
    if random.random() < 0.2:
        random.choice(SPOILERS)(random, trip)
    return trip


def _narrow(random: Random, trip: pb.TripRequest) -> None:
    """Walks, lunches, paths and fixed times that somebody may well ask for, all at once."""
    ids = [*trip.must_poi_ids, "p0", "p1", "p2", "p3"]
    if random.random() < 0.7:
        trip.walking.day_minutes = random.choice([10, 30, 60, 120])
    if random.random() < 0.5:
        trip.walking.stretch_minutes = random.choice([10, 20, 45])
    if random.random() < 0.7:
        begin = random.choice([0, 600, 660, 720, 840, 1080])
        trip.lunch.CopyFrom(
            pb.LunchWish(from_minute=begin, until_minute=begin + random.choice([30, 45, 120, 600]))
        )
    trip.ease = random.choice(pb.Ease.values())
    for poi_id in random.sample(sorted({*ids}), 2):
        wish = trip.visit_wishes.add(poi_id=poi_id, stay_minutes=random.choice([0, 5, 25, 90]))
        if random.random() < 0.4:
            wish.start_minute = random.choice([570, 660, 720, 900])


def _end(random: Random, made: areas.MadeArea) -> pb.Location:
    kind = random.randrange(3)
    if kind == 0:
        return areas.point(random.uniform(-20, 20), random.uniform(-20, 20))
    return pb.Location(place_id=areas.STATION if kind == 1 else random.choice(made.places).place_id)


def _times(random: Random, trip: pb.TripRequest) -> None:
    wrong = [-1, -540, -(2**31), 2**31 - 1, 1801]
    trip.start_minute, trip.end_minute = random.choice(wrong), random.choice([*wrong, 1020])


def _dates(random: Random, trip: pb.TripRequest) -> None:
    wrong = [
        "",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "2026-W47-6",
        "２０２６-１１-２１",
        "\x00",
    ]
    trip.visit_date = random.choice([*wrong, "x" * 9999])


def _nowhere(random: Random, trip: pb.TripRequest) -> None:
    wrong = [NAN, FAR, -FAR, 91.0, float("inf"), 0.0, -90.0]
    point = pb.Point(latitude=random.choice(wrong), longitude=random.choice([*wrong, 180.0]))
    trip.start.CopyFrom(pb.Location(point=point))


def _no_ids(random: Random, trip: pb.TripRequest) -> None:
    odd = ["", "nobody", "p0\x00", "'; drop table pois; --", "x" * 99_999, "p0"]
    random.choice([trip.must_poi_ids, trip.never_poi_ids]).extend(random.sample(odd, 2))
    if random.random() < 0.3:
        trip.end.CopyFrom(pb.Location(place_id=random.choice(odd)))


def _many(random: Random, trip: pb.TripRequest) -> None:
    trip.must_poi_ids.extend(f"p{number}" for number in range(random.choice([9, 5_000])))
    trip.never_poi_ids.extend(["p1"] * random.choice([1, 20_000]))


def _parties(random: Random, trip: pb.TripRequest) -> None:
    wrong = [0, -1, 501, 2**31 - 1, -(2**31)]
    trip.party.CopyFrom(
        pb.Party(adult_count=random.choice(wrong), child_count=random.choice(wrong))
    )
    trip.budget_amount_yen = random.choice([-1, 2**63 - 1, -(2**63), 0])


def _words(random: Random, trip: pb.TripRequest) -> None:
    # Numbers that a later release may know.
    trip.mode = random.choice([0, 99, -1])  # type: ignore[assignment] # that is the attack
    trip.pace = random.choice([0, 77])  # type: ignore[assignment] # as above
    trip.interests.append(1234)  # type: ignore[arg-type] # as above


def _missing(random: Random, trip: pb.TripRequest) -> None:
    for field in random.sample(["start", "end", "party", "visit_date", "mode"], 2):
        trip.ClearField(field)  # type: ignore[arg-type] # one of these


def _both(random: Random, trip: pb.TripRequest) -> None:
    trip.never_poi_ids.extend(trip.must_poi_ids or ["p0"])
    trip.must_poi_ids.extend(list(trip.never_poi_ids)[: random.randrange(3)])


def _little(random: Random, trip: pb.TripRequest) -> None:
    """All that makes a day smaller at once, within its bounds and beside them."""
    ids = [*trip.must_poi_ids, "p0", "p1", "p2"]
    if random.random() < 0.5:
        trip.walking.stretch_minutes = random.choice([10, 90, 9, 0, -1, 2**31 - 1])
    if random.random() < 0.5:
        trip.walking.day_minutes = random.choice([10, 600, 601, 0, -(2**31)])
    trip.lunch.CopyFrom(
        random.choice([
            pb.LunchWish(from_minute=660, until_minute=690), pb.LunchWish(none=True),
            pb.LunchWish(from_minute=0, until_minute=30), pb.LunchWish(),
            pb.LunchWish(from_minute=1770, until_minute=1800),
            pb.LunchWish(none=True, from_minute=-1),
            pb.LunchWish(from_minute=-(2**31), until_minute=2**31 - 1),
        ])
    )  # fmt: skip
    trip.ease = random.choice([*pb.Ease.values(), 77])  # type: ignore[assignment] # as above
    trip.quieter = random.random() < 0.5
    trip.less_poi_ids.extend(random.sample(ids, random.randrange(3)))
    trip.budget_amount_yen = random.choice([0, 1, 500, 3000])
    for poi_id in random.sample(ids, random.randrange(3)):
        wish = trip.visit_wishes.add(poi_id=poi_id)
        if random.random() < 0.5:
            wish.stay_minutes = random.choice([5, 600, 4, 0])
        if random.random() < 0.5:
            wish.start_minute = random.choice([0, 600, 1439, 1800, -1])


SPOILERS = (
    _times,
    _dates,
    _nowhere,
    _no_ids,
    _many,
    _parties,
    _words,
    _missing,
    _both,
    _little,
    _little,
    _little,
)


def hostile_days(random: Random, made: areas.MadeArea) -> sojourn_pb.PlanSojournRequest:
    """Returns wishes for several days: of the first as for a day by itself, of the others odd times
    and places; a quarter are no days in order."""
    trip = hostile_trip(random, made)
    first = date(2026, 11, 21)
    if random.random() < 0.8:  # else all of them would be refused for the first one's sake
        trip.visit_date = random.choice([first, date(2026, 12, 30)]).isoformat()
        first = date.fromisoformat(trip.visit_date)
    asked = sojourn_pb.PlanSojournRequest(request_id=new_id(), trip=trip)
    for number in range(1, random.choice([2, 3, 3, 4])):
        begin = random.choice([0, 360, 540, 600, 1200])
        later = asked.later_days.add(
            visit_date=(first + timedelta(days=number * random.choice([1, 1, 1, 3]))).isoformat(),
            start=_end(random, made), start_minute=begin,
            end_minute=random.choice([begin, begin + 5, 1020, 1080, 1440, 1800]),
        )  # fmt: skip
        if random.random() < 0.5:
            later.end.CopyFrom(_end(random, made))
        if random.random() < 0.3:
            later.lunch.CopyFrom(pb.LunchWish(from_minute=720, until_minute=780))
    if random.random() < 0.25:
        random.choice(DAY_SPOILERS)(random, asked)
    return asked


def _no_day(random: Random, asked: sojourn_pb.PlanSojournRequest) -> None:
    wrong = ["", "2026-11-21", "2026-11-20", "2027-01-01", "9999-12-31", "2026-02-30", "x" * 9999]
    random.choice(asked.later_days).visit_date = random.choice(wrong)


def _no_number(random: Random, asked: sojourn_pb.PlanSojournRequest) -> None:
    if random.random() < 0.5:
        del asked.later_days[:]
    else:
        for _ in range(random.choice([3, 99])):
            asked.later_days.add().CopyFrom(asked.later_days[-1])


def _no_hours(random: Random, asked: sojourn_pb.PlanSojournRequest) -> None:
    later = random.choice(asked.later_days)
    later.start_minute = random.choice([-1, 1440, 2**31 - 1])
    later.end_minute = random.choice([-(2**31), 1801, 0])


def _no_bed(random: Random, asked: sojourn_pb.PlanSojournRequest) -> None:
    far = pb.Location(point=pb.Point(latitude=random.choice([NAN, FAR, -89.0]), longitude=0.0))
    random.choice(asked.later_days).start.CopyFrom(random.choice([pb.Location(), far]))


DAY_SPOILERS: tuple[Callable[[Random, sojourn_pb.PlanSojournRequest], None], ...] = (
    _no_day, _no_number, _no_hours, _no_bed,
)  # fmt: skip
