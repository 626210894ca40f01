"""What the bench says of days by bus: beside all orders, long runs, and average travel times.

The values of long runs are kept in `bus_references.json`, made by

    PYTHONPATH=.:gen .venv/bin/python -m bench.itinerary.on_timetables --seconds 60 --seeds 101
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.itinerary import buses, programs

REFERENCES = Path(__file__).with_name("bus_references.json")
SMALL_COUNT, SMALL_QUICK = 200, 40  # of all feeds together
LARGE_COUNT = 10  # of each feed
SMALL_S, LARGE_S = 0.05, 0.2
LIMITS = {
    "bus_small_other_than_exhaustive_percent": 1.0,
    "bus_large_worst_gap_percent": 1.0,
}
SIDE = (
    "made-up places at the stops of two published feeds; 5 to 9 places, as the planner searches"
    " them, beside all orders of all sets, 40 to 60 beside 60 s of search; average: planned with"
    " one travel time for each pair, then followed by the timetable"
)
Program = programs.Program


def measure(
    tell: Callable[[str], None], faults: list[str], *, full: bool
) -> tuple[dict[str, float], dict[str, float], list[str]]:
    """Returns ratios with a limit, figures, and what was left out. faults: gets ours."""
    feeds = buses.feeds()
    if not feeds:
        return {}, {}, [f"days by bus: no feed in {buses.FOLDER.name}"]
    with programs.own("bench.itinerary.bus_program") as program:
        tell("days by bus: few places, all orders tried")
        small = _small(program, feeds, SMALL_COUNT if full else SMALL_QUICK, faults)
        tell("days by bus: many places, beside long runs")
        large = _large(program, feeds, faults)
    averages = [answer for answer in (*small, *(a for a, _ in large)) if answer["value"] > 0]
    equal = sum(answer["value"] == answer["exhaustive"] for answer in small)
    gaps = [100 * (best - a["value"]) / max(1, best) for a, best in large]
    ratios = {
        "bus_small_other_than_exhaustive_percent": round(100 - 100 * equal / len(small), 2),
        "bus_large_worst_gap_percent": round(max(gaps), 3),
    }
    return (
        ratios,
        {
            "bus_small_requests": len(small),
            "bus_large_requests": len(large),
            "bus_large_mean_gap_percent": round(statistics.mean(gaps), 3),
        }
        | _against_averages(averages),
        [],
    )


def _small(
    program: Program, feeds: Sequence[str], count: int, faults: list[str]
) -> list[dict[str, Any]]:
    return [
        _ask(program, feeds[number % len(feeds)], number, "small", SMALL_S, faults)
        for number in range(count)
    ]


def _large(
    program: Program, feeds: Sequence[str], faults: list[str]
) -> list[tuple[dict[str, Any], int]]:
    best: Mapping[str, list[int]] = json.loads(REFERENCES.read_text())["best"]
    return [
        (_ask(program, feed, number, "large", LARGE_S, faults), value)
        for feed in feeds
        for number, value in enumerate(best[feed])
    ]


def _ask(
    program: Program, feed: str, number: int, size: str, seconds: float, faults: list[str]
) -> dict[str, Any]:
    answer = program.ask({
        "feed": feed, "number": number, "size": size, "seconds": seconds, "seeds": [1],
        "average": True,
    })  # fmt: skip
    faults += [f"{feed} {size} {number}: {fault}" for fault in answer["faults"]]
    return answer


def _against_averages(answers: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What exact arrivals are worth: of plans made with average travel times instead."""
    home = [answer for answer in answers if answer["average"] is not None]
    lost = [100 * (a["value"] - a["average"]) / a["value"] for a in home]
    return {
        "bus_average_times_lose_the_way_home_percent": round(
            100 - 100 * len(home) / len(answers), 1
        ),
        "bus_average_times_mean_loss_percent": round(statistics.mean(lost), 2),
        "bus_average_times_worst_loss_percent": round(max(lost), 1),
    }


def main() -> int:
    """Searches the large requests for long and keeps the better values."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101])
    given = parser.parse_args()
    kept: dict[str, Any] = {"best": {}, "runs": []}
    if REFERENCES.is_file():
        kept = json.loads(REFERENCES.read_text())
    with programs.own("bench.itinerary.bus_program") as program:
        for feed in buses.feeds():
            values = kept["best"].setdefault(feed, [0] * LARGE_COUNT)
            for number in range(LARGE_COUNT):
                answer = program.ask({
                    "feed": feed, "number": number, "size": "large", "seconds": given.seconds,
                    "seeds": given.seeds,
                })  # fmt: skip
                values[number] = max(values[number], answer["value"])
                sys.stderr.write(f"{feed} {number}: {values[number]}\n")
    kept["runs"] = sorted({*kept["runs"], f"{given.seconds:g} s {given.seeds}"})
    REFERENCES.write_text(json.dumps(kept) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
