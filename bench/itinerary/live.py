"""`./meguri bench itinerary --only live`: how soon kept days follow buses that run otherwise.

A service with its own database, 60 POIs on lines kept by hand, fifty days that ride one of them.
The line is suspended: each day is read (it says what no longer holds) and repaired, one after the
other, through gRPC. Then the line leaves ten minutes later, and the same again. What a delay of an
operator costs a day is the same work: its minutes are laid over the timetable of the date.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bench import cpu, rounds
from bench.itinerary import areas, door
from kit.ids import new_id
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2 as tt

POIS, DAYS, WARM = 60, 50, 10
LINES, STOPS, RUNS = 8, 8, 26
AHEAD = timedelta(days=30)
LIMIT_MS = 100.0
SIDES = {
    "a day": "read after the change and repaired, one after the other, through mTLS and token; what"
    " is searched has not been searched before",
    "computing": "of the service and its workers; the database and the client have their own",
    "first": "the first day read after a change, which makes the network of the area anew",
    "lines": f"{LINES} lines of {STOPS} stops both ways, {RUNS} runs a day each",
}


def run(
    count: int, seconds: int, tell: Callable[[str], None], *, full: bool = False
) -> dict[str, Any]:
    """Returns ratios to the limit, figures and the machine. Errors: RuntimeError, TimeoutError.

    The amount of work is fixed: count, seconds and full are not looked at.
    """
    del count, seconds, full
    made = areas.pleasant("live", POIS)
    with door.running() as doors, doors.area(made) as stub, doors.timetables(made) as timetables:
        tell("waiting for the compiled search")
        door.await_compiled(stub)
        lines = {line.timetable_id: line for line in _lines([p.poi_id for p in made.pois])}
        for line in lines.values():
            _save(timetables, line, 0)
        tell("days by bus")
        plans = _plans(stub)
        ridden = Counter(each for plan in plans for each in _ridden(plan))
        (busiest, _number), *_others = ridden.most_common(1)
        hit = [plan for plan in plans if busiest in _ridden(plan)][: DAYS + WARM]
        tell(f"{len(hit)} of {len(plans)} days ride {busiest}")
        line = lines[busiest]
        line.suspended = True
        saved_ms = _save(timetables, line, 1)
        group = door.processes(doors.bench.process("itinerary"))
        suspended, spent_ms = _followed(stub, hit, group)
        line.suspended = False
        for ride in line.runs:
            ride.minutes[:] = [minute + 10 for minute in ride.minutes]
        _save(timetables, line, 2)
        undone = [_undone(stub, plan) for plan in hit]
        moved, more_ms = _followed(stub, undone, group)
    answer = _answer({"suspended": suspended, "moved": moved}, saved_ms, len(hit))
    for name, value in (("suspended", spent_ms), ("moved", more_ms)):
        answer["figures"][f"{name}_computing_ms_a_day"] = round(value, 1)
        _hold(answer, f"{name}_computing_over_100_ms", value / LIMIT_MS)
    return answer


def _hold(answer: dict[str, Any], name: str, ratio: float) -> None:
    answer["ratios"][name] = round(ratio, 3)
    answer["limits"] |= rounds.held({name: ratio}, {name: ("<=", 1.0)})


def _followed(
    stub: Any, plans: Sequence[pb.Itinerary], group: Sequence[int]
) -> tuple[list[tuple[float, float]], float]:
    """Returns the times of each day, and the milliseconds of computing of the service and its
    workers for one; the first ones warm up."""
    times = [_follow(stub, plan) for plan in plans[:WARM]]
    before = sum(map(cpu.spent_s, group))
    times += [_follow(stub, plan) for plan in plans[WARM:]]
    spent_s = sum(map(cpu.spent_s, group)) - before
    return times, 1000 * spent_s / (len(plans) - WARM)


def _lines(poi_ids: Sequence[str]) -> Iterator[tt.Line]:
    random = Random(POIS)
    for number in range(LINES):
        places = [areas.STATION, *random.sample(list(poi_ids), STOPS - 1)]
        for way, stops in (("out", places), ("back", places[::-1])):
            gaps = [random.randrange(4, 9) for _ in stops]
            yield tt.Line(
                timetable_id=f"l{number}-{way}", names={"ja": f"{number}番"}, operator="秋吉バス",
                source="made up",
                stops=[tt.LineStop(stop_id=f"s-{place}", names={"ja": place}, place_id=place)
                       for place in stops],
                runs=[
                    tt.LineRun(
                        run_id=f"r{run}", days=tt.RunDays(weekdays=range(1, 8)),
                        minutes=[420 + 30 * run + 3 * number + sum(gaps[:n])
                                 for n in range(len(stops))],
                    )
                    for run in range(RUNS)
                ],
            )  # fmt: skip


def _save(stub: Any, line: tt.Line, version: int) -> float:
    """Keeps a line; returns the milliseconds it took."""
    request = tt.SaveLineRequest(request_id=new_id(), line=line, expected_version=version)
    began = time.perf_counter()
    stub.SaveLine(request, timeout=door.DEADLINE_S)
    return 1000 * (time.perf_counter() - began)


def _plans(stub: Any) -> list[pb.Itinerary]:
    """Returns kept days until enough of them ride one line. Errors: RuntimeError."""
    day = (datetime.now(UTC) + AHEAD).date().isoformat()
    found: list[pb.Itinerary] = []
    ridden: Counter[str] = Counter()
    for number in range(20 * DAYS):
        random = Random(number)
        start = random.randrange(450, 600)
        trip = pb.TripRequest(
            visit_date=day, start=pb.Location(place_id=areas.STATION), start_minute=start,
            end_minute=start + random.choice([420, 480, 540]), mode=pb.TRAVEL_MODE_BUS,
            interests=random.sample(pb.Interest.values()[1:], random.randrange(3)), seed=number,
        )  # fmt: skip
        found.append(door.plan(stub, trip))
        ridden.update(_ridden(found[-1]))
        if ridden and ridden.most_common(1)[0][1] >= DAYS + WARM:
            return found
    raise RuntimeError("too few days ride one line")


def _ridden(plan: pb.Itinerary) -> set[str]:
    return {ride.timetable_id for leg in plan.legs for ride in leg.rides}


def _follow(stub: Any, plan: pb.Itinerary) -> tuple[float, float]:
    """Returns the milliseconds until a day says what happened, and until it is repaired."""
    began = time.perf_counter()
    read = stub.GetItinerary(
        pb.GetItineraryRequest(itinerary_id=plan.itinerary_id), timeout=door.DEADLINE_S
    ).itinerary
    told = time.perf_counter()
    if not read.needs_repair:
        raise RuntimeError("a day that rides a changed line does not say so")
    fixed = stub.RepairItinerary(
        pb.RepairItineraryRequest(request_id=new_id(), itinerary_id=plan.itinerary_id),
        timeout=door.DEADLINE_S,
    ).itinerary
    done = time.perf_counter()
    if fixed.needs_repair or fixed.version != read.version + 1:
        raise RuntimeError("a repaired day is not whole")
    return 1000 * (told - began), 1000 * (done - began)


def _undone(stub: Any, plan: pb.Itinerary) -> pb.Itinerary:
    """Returns a day as it was before its repair."""
    now = stub.GetItinerary(
        pb.GetItineraryRequest(itinerary_id=plan.itinerary_id), timeout=door.DEADLINE_S
    ).itinerary
    undone: pb.Itinerary = stub.UndoItinerary(
        pb.UndoItineraryRequest(
            request_id=new_id(), itinerary_id=plan.itinerary_id, expected_version=now.version
        ),
        timeout=door.DEADLINE_S,
    ).itinerary
    return undone


def _answer(
    found: dict[str, list[tuple[float, float]]], saved_ms: float, days: int
) -> dict[str, Any]:
    figures: dict[str, float] = {"days": days, "saving_the_line_ms": round(saved_ms, 1)}
    for name, times in found.items():
        figures[f"{name}_first_ms"] = round(times[0][1], 1)
        for what, place in (("told", 0), ("corrected", 1)):
            ordered = sorted(each[place] for each in times[WARM:])
            middle, worst = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
            figures[f"{name}_{what}_p50_ms"] = round(middle, 1)
            figures[f"{name}_{what}_p99_ms"] = round(worst, 1)
    answer: dict[str, Any] = {
        "ratios": {}, "limits": {}, "figures": figures, "sides": SIDES, "runs": 1,
        "machine": rounds.machine(),
    }  # fmt: skip
    for name in found:
        for part in ("p50", "p99"):
            ratio = figures[f"{name}_corrected_{part}_ms"] / LIMIT_MS
            _hold(answer, f"{name}_{part}_over_100_ms", ratio)
    return answer
