"""`./meguri bench itinerary --only service`: how soon a plan is there, through gRPC, all in all.

A service with its own database, 60 POIs, four callers at a time, every request another one. Beside
it, as yardsticks of the machine at that time: the same service answering its health, and reading
kept plans; the search alone in one program; and how many programs waited for a core.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from bench import cpu, rounds
from bench.itinerary import areas, buses, by_bus, door, programs
from meguri.itinerary.v1 import itinerary_service_pb2 as pb

POIS, IN_FLIGHT, PLANS, WARM = 60, 4, 400, 40
BUS_PLANS = 200
LIMITS = {
    "car_p50_over_40_ms": ("<=", 1.0),
    "car_p99_over_120_ms": ("<=", 1.0),
    "plans_a_core_second_over_20": (">=", 1.0),
    "stopped_early": ("<=", 0.0),
}
SIDES = {
    "plans": "60 places, a day by car, four at a time through mTLS and token, every request another"
    " one; searched, kept and published; the client shares the machine",
    "by bus": "60 places at the stops of a published feed, from the station and back, on three"
    " dates",
    "core second": "a second of computing of the service and its workers; the database has its own",
    "health": "the service answering that it is there, four at a time: gRPC and mTLS alone",
    "search": "2,000 iterations of the compiled search of a request of phone size, in one program",
    "reading": "the same plans read again, four at a time: what is left without the search",
}


def run(
    count: int, seconds: int, tell: Callable[[str], None], *, full: bool = False
) -> dict[str, Any]:
    """Returns ratios to the limits, figures and the machine. Errors: RuntimeError, TimeoutError.

    The amount of work is fixed: count, seconds and full are not looked at.
    """
    del count, seconds, full
    with door.running() as doors, doors.area(areas.pleasant("bench", POIS)) as stub:
        tell("waiting for the compiled search")
        door.await_compiled(stub)
        year = datetime.now(UTC).year + 1  # nobody plans days that are over
        _timed(lambda number: door.plan(stub, areas.wishes(number, year)), WARM)
        tell(f"{PLANS} plans")
        with doors.health() as ask:
            answered, _ = _timed(ask, PLANS)
        group = door.processes(doors.bench.process("itinerary"))
        before, began = sum(map(cpu.spent_s, group)), time.perf_counter()
        times, plans = _timed(
            lambda number: door.plan(stub, areas.wishes(WARM + number, year)), PLANS
        )
        wall_s = time.perf_counter() - began
        spent_s = sum(map(cpu.spent_s, group)) - before
        ids = [plan.itinerary_id for plan in plans]
        read, _ = _timed(
            lambda number: stub.GetItinerary(
                pb.GetItineraryRequest(itinerary_id=ids[number]), timeout=door.DEADLINE_S
            ), PLANS,
        )  # fmt: skip
        waiting = os.getloadavg()[0]
        found = {feed: _by_bus(doors, feed, tell) for feed in buses.feeds()}
    answer = _answer(times, read, plans, spent_s, wall_s)
    answer["figures"] |= {
        "health_p50_ms": round(answered[len(answered) // 2], 2),
        "search_alone_ms": _search_ms(),
        "programs_waiting": round(waiting, 1),
    }
    for feed, (times, first_s) in found.items():
        answer["figures"][f"bus_first_plan_s_{feed}"] = round(first_s, 2)
        middle, worst = times[len(times) // 2], times[int(len(times) * 0.99)]
        for name, value, limit in (("p50", middle, 80), ("p99", worst, 250)):
            answer["figures"][f"bus_{name}_ms_{feed}"] = round(value, 1)
            _hold(answer, f"bus_{name}_over_{limit}_ms_{feed}", round(value / limit, 3))
    if not found:
        answer["skipped"] = [f"days by bus: no feed in {buses.FOLDER.name}"]
    return answer


def _hold(answer: dict[str, Any], name: str, ratio: float) -> None:
    answer["ratios"][name] = ratio
    answer["limits"] |= rounds.held({name: ratio}, {name: ("<=", 1.0)})


def _search_ms() -> float:
    """Returns the milliseconds of a search of phone size, computing of the thread alone."""
    with programs.own("bench.itinerary.own") as program:
        program.ask({"number": 0, "seconds": 0.01, "seeds": [1]})
        asked = {"number": 1, "seconds": 0.0, "iterations": 2000, "seeds": list(range(40))}
        return round(1000 * float(program.ask(asked)["spent_s"]) / 40, 1)


def _by_bus(doors: door.Doors, feed: str, tell: Callable[[str], None]) -> tuple[list[float], float]:
    """Returns milliseconds of plans, sorted, and the seconds of the first one of all."""
    made = by_bus.area(feed, POIS)
    with doors.area(made) as stub, doors.timetables(made) as timetables:
        tell(f"{BUS_PLANS} plans by bus, {feed}")
        by_bus.load(timetables, feed)
        began = time.perf_counter()
        door.plan(stub, by_bus.wishes(feed, 0))
        first_s = time.perf_counter() - began
        _timed(lambda number: door.plan(stub, by_bus.wishes(feed, number)), WARM)
        times, plans = _timed(
            lambda number: door.plan(stub, by_bus.wishes(feed, WARM + number)), BUS_PLANS
        )
    if not any(leg.rides for plan in plans for leg in plan.legs):
        raise RuntimeError("no plan by bus has a ride")
    return times, first_s


def _timed(call: Callable[[int], Any], count: int) -> tuple[list[float], list[Any]]:
    """Makes calls, so many at a time. Returns their milliseconds, sorted, and answers in order."""
    times = [0.0] * count
    steps, lock = iter(range(count)), threading.Lock()
    answers: list[Any] = [None] * count

    def work() -> None:
        while True:
            with lock:
                number = next(steps, None)
            if number is None:
                return
            began = time.perf_counter()
            answers[number] = call(number)
            times[number] = 1000 * (time.perf_counter() - began)

    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        for done in [threads.submit(work) for _ in range(IN_FLIGHT)]:
            done.result()
    return sorted(times), answers


def _answer(
    times: list[float], read: list[float], plans: list[pb.Itinerary], spent_s: float, wall_s: float
) -> dict[str, Any]:
    middle, worst = times[len(times) // 2], times[int(len(times) * 0.99)]
    ratios = {
        "car_p50_over_40_ms": round(middle / 40, 3),
        "car_p99_over_120_ms": round(worst / 120, 3),
        "plans_a_core_second_over_20": round(len(times) / spent_s / 20, 3),
        "car_p50_over_reading_p50": round(middle / read[len(read) // 2], 2),
        "stopped_early": float(sum(plan.search_stopped_early for plan in plans)),
    }
    return {
        "ratios": ratios,
        "limits": rounds.held(ratios, LIMITS),
        "figures": {
            "car_p50_ms": round(middle, 1), "car_p99_ms": round(worst, 1),
            "car_plans_a_second": round(len(times) / wall_s, 1),
            "computing_ms_a_plan": round(1000 * spent_s / len(times), 1),
            "reading_p50_ms": round(read[len(read) // 2], 1),
            "reading_p99_ms": round(read[int(len(read) * 0.99)], 1),
            "visits_a_plan": round(statistics.mean(len(plan.visits) for plan in plans), 2),
        },
        "sides": SIDES,
        "runs": 1,
        "machine": rounds.machine(),
    }  # fmt: skip
