"""`./meguri bench hostile --only plans`: a thousand careless or hostile wishes for a day.

Closed musts, windows shorter than any way, ends before starts, times below nothing, dates that are
none, points that are nowhere, a budget of nothing, must and never at once, and an area of 10,000
POIs. Each is asked of a running service; the answer is a plan that a judge finds nothing wrong
with, its conflicts named, or a refusal with its reason. Anything else is a finding.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import grpc

from bench import rounds
from bench.itinerary import areas, door
from bench.itinerary.plan_judge import Judge, essence
from kit.client import problem_of
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb

SMALL_AREAS, POIS, REQUESTS = 12, 14, 80
LARGE_POIS, LARGE_PLACES, LARGE_REQUESTS = 10_000, 1_900, 40
AGAIN = 5  # every so many, the same wishes once more
LONGEST_S = 10.0
LIMITS = {"findings": 0.0, "plans_that_differ": 0.0}
SIDES = {
    "findings": "answers without a type, later than ten seconds, or plans that break a rule of the"
    " area, the wishes or the calendar, by a judge that shares nothing with the planner",
    "plans_that_differ": "equal wishes with equal seeds that were planned in two ways",
}
NAN, FAR = float("nan"), 1e308


def run(count: int, seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns findings and what was answered. The amount of work is fixed."""
    del count, seconds
    found = Findings(tell)
    with door.running() as doors:
        for number in range(SMALL_AREAS):
            made = areas.careless(f"careless{number}", number, POIS, POIS)
            if number == 0:
                with doors.area(areas.pleasant("ready", 20)) as stub:
                    door.await_compiled(stub)
            tell(f"round {number + 1} of {SMALL_AREAS}: {REQUESTS} requests")
            _ask(doors, made, REQUESTS, number, found)
        tell(f"round 1 of 1: {LARGE_REQUESTS} requests, {LARGE_POIS:,} places")
        made = areas.careless("large", 99, LARGE_POIS, LARGE_PLACES)
        _ask(doors, made, LARGE_REQUESTS, 99, found)
    return found.answer()


class Findings:
    """What was asked and answered."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.counts: Counter[str] = Counter()
        self.shown: list[str] = []
        self.slowest_s = 0.0

    def add(self, kind: str, text: str) -> None:
        """Notes something wrong."""
        self.counts[kind] += 1
        self.shown.append(text)
        self._tell(text)

    def answer(self) -> dict[str, Any]:
        """Returns the answer of the bench."""
        ratios = {name: float(self.counts[name]) for name in LIMITS}
        return {
            "ratios": ratios,
            "limits": {
                name: f"<= {most}: {'holds' if ratios[name] <= most else 'does not hold'}"
                for name, most in LIMITS.items()
            },
            "figures": {
                **{name: number for name, number in sorted(self.counts.items())
                   if name not in LIMITS},
                "slowest_ms": round(1000 * self.slowest_s, 1),
            },
            "faults": self.shown, "sides": SIDES, "runs": 1, "machine": rounds.machine(),
        }  # fmt: skip


def _ask(doors: door.Doors, made: areas.MadeArea, count: int, seed: int, found: Findings) -> None:
    random = Random(seed)
    closures = tuple(_closure(random, made) for _ in range(3))
    judge = Judge(made, closures)
    with doors.area(made, closures) as stub:
        for number in range(count):
            trip = hostile_trip(random, made)
            plan = _answered(stub, trip, judge, f"{made.name} {number}", found)
            if plan is None or number % AGAIN:
                continue
            again = _answered(stub, trip, judge, f"{made.name} {number} again", found)
            early = plan.search_stopped_early or (again and again.search_stopped_early)
            if not early and (again is None or essence(again) != essence(plan)):
                found.add("plans_that_differ", f"{made.name} {number}: {trip}")


def _answered(
    stub: Any, trip: pb.TripRequest, judge: Judge, name: str, found: Findings
) -> pb.Itinerary | None:
    """Asks and judges. Returns the plan, None for a refusal."""
    found.counts["asked"] += 1
    began = time.perf_counter()
    try:
        plan = door.plan(stub, trip, LONGEST_S)
    except grpc.RpcError as error:
        problem = problem_of(error)
        typed = problem.reason != problem.code.name
        if problem.code is grpc.StatusCode.INVALID_ARGUMENT and typed:
            found.counts["refused_with_a_reason"] += 1
        else:
            text = f"{name}: {problem.code} {problem.reason} {problem.text}: {trip}"
            found.add("findings", text)
        return None
    finally:
        found.slowest_s = max(found.slowest_s, time.perf_counter() - began)
    found.counts["conflicts" if plan.conflicts else "planned"] += 1
    found.counts["stopped_early"] += plan.search_stopped_early
    for fault in judge.faults(trip, plan):
        found.add("findings", f"{name}: {fault}: {trip}")
    return plan


def _closure(random: Random, made: areas.MadeArea) -> directory.ClosePlaceRequest:
    """Returns a closure around the day that most wishes are for."""
    begin = datetime(2026, 11, 20, 15, tzinfo=UTC) + timedelta(
        minutes=random.randrange(-2000, 1400)
    )
    shut = random.choice(made.places[1:-1]).place_id  # the last one is recorded after it
    closure = directory.ClosePlaceRequest(place_id=shut, reason="flood")
    closure.from_time.FromDatetime(begin)
    if random.random() < 0.7:
        closure.until_time.FromDatetime(begin + timedelta(minutes=random.randrange(1, 900)))
    return closure


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
    if random.random() < 0.2:
        random.choice(SPOILERS)(random, trip)
    return trip


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
