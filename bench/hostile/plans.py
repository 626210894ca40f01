"""`./meguri bench hostile --only plans`: a thousand careless or hostile wishes for a day.

Closed musts, windows shorter than any way, ends before starts, times below nothing, dates that are
none, points that are nowhere, a budget of nothing, must and never at once, and an area of 10,000
POIs; and several days with the same, out of order, over one another, too many. Each is asked of a
running service; the answer is a plan that a judge finds nothing wrong with, its conflicts named, or
a refusal with its reason. Anything else is a finding.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import grpc

from bench import rounds
from bench.hostile.wishes import hostile_days, hostile_trip
from bench.itinerary import areas, door, sojourn_judge
from bench.itinerary.plan_judge import Judge, essence
from kit.client import problem_of
from kit.ids import new_id
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb

SMALL_AREAS, POIS, REQUESTS = 12, 14, 80
LARGE_POIS, LARGE_PLACES, LARGE_REQUESTS = 10_000, 1_900, 40
SOJOURNS, LARGE_SOJOURNS = 25, 6  # of each area, besides
AGAIN = 5  # every so many, the same wishes once more
LONGEST_S = 10.0
LONGEST_SOJOURN_S = 20.0
LIMITS = {"findings": 0.0, "plans_that_differ": 0.0}
SIDES = {
    "findings": "answers without a type, later than ten seconds, or plans that break a rule of the"
    " area, the wishes or the calendar, by a judge that shares nothing with the planner",
    "plans_that_differ": "equal wishes with equal seeds that were planned in two ways",
}


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
            _ask(doors, made, REQUESTS, SOJOURNS, number, found)
        tell(f"round 1 of 1: {LARGE_REQUESTS} requests, {LARGE_POIS:,} places")
        made = areas.careless("large", 99, LARGE_POIS, LARGE_PLACES)
        _ask(doors, made, LARGE_REQUESTS, LARGE_SOJOURNS, 99, found)
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


def _ask(
    doors: door.Doors, made: areas.MadeArea, count: int, sojourns: int, seed: int, found: Findings
) -> None:
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
        with doors.sojourns(made) as together:
            for number in range(sojourns):
                asked = hostile_days(random, made)
                _days(together, asked, judge, f"{made.name} sojourn {number}", found)


def _answered(
    stub: Any, trip: pb.TripRequest, judge: Judge, name: str, found: Findings
) -> pb.Itinerary | None:
    """Asks and judges. Returns the plan, None for a refusal."""
    plan: pb.Itinerary | None = _asked(lambda: door.plan(stub, trip, LONGEST_S), name, trip, found)
    if plan is None:
        return None
    found.counts["conflicts" if plan.conflicts else "planned"] += 1
    found.counts["stopped_early"] += plan.search_stopped_early
    for fault in judge.faults(trip, plan):
        found.add("findings", f"{name}: {fault}: {trip}")
    return plan


def _days(
    stub: Any, asked: sojourn_pb.PlanSojournRequest, judge: Judge, name: str, found: Findings
) -> None:
    """Asks for several days, judges them and reads them again; some are asked for twice."""

    def planned() -> sojourn_pb.Sojourn:
        kept: sojourn_pb.Sojourn = stub.PlanSojourn(asked, timeout=LONGEST_SOJOURN_S).sojourn
        return kept

    kept: sojourn_pb.Sojourn | None = _asked(planned, name, asked, found)
    if kept is None:
        return
    found.counts["sojourns"] += 1
    for fault in sojourn_judge.faults(judge, asked, kept):
        found.add("findings", f"{name}: {fault}: {asked}")
    request = sojourn_pb.GetSojournRequest(sojourn_id=kept.sojourn_id)
    if stub.GetSojourn(request, timeout=LONGEST_S).sojourn != kept or planned() != kept:
        found.add("findings", f"{name}: read again, it is otherwise: {asked}")
    asked.request_id = new_id()
    again: sojourn_pb.Sojourn | None = _asked(planned, f"{name} again", asked, found)
    if again is None:
        return
    early = any(day.search_stopped_early for day in (*kept.days, *again.days))
    if not early and [_alone(day) for day in kept.days] != [_alone(day) for day in again.days]:
        found.add("plans_that_differ", f"{name}: {asked}")


def _alone(day: pb.Itinerary) -> Mapping[str, object]:
    """Returns what must be equal of a day, whatever the days beside it are called."""
    copy = pb.Itinerary()
    copy.CopyFrom(day)
    copy.ClearField("together")
    return essence(copy)


def _asked(ask: Callable[[], Any], name: str, wishes: object, found: Findings) -> Any:
    """Asks. Returns the answer, None for a refusal."""
    found.counts["asked"] += 1
    began = time.perf_counter()
    try:
        return ask()
    except grpc.RpcError as error:
        problem = problem_of(error)
        typed = problem.reason != problem.code.name
        if problem.code is grpc.StatusCode.INVALID_ARGUMENT and typed:
            found.counts["refused_with_a_reason"] += 1
        else:
            text = f"{name}: {problem.code} {problem.reason} {problem.text}: {wishes}"
            found.add("findings", text)
        return None
    finally:
        found.slowest_s = max(found.slowest_s, time.perf_counter() - began)


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
