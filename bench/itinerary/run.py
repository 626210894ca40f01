"""`./meguri bench itinerary`: gaps to the best known values, beside PyVRP and OR-Tools.

One core, one search at a time. Budgets are seconds of computing of the searching thread, for all
programs alike: on a shared machine the clock says little. A quick run takes some of the instances
and one seed, and ends within ten minutes also where others keep the machine busy: rows that would
take longer are left out and told. `--full` takes all.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import rounds
from bench.itinerary import cases, on_timetables, programs, requests
from bench.itinerary.cases import Case
from bench.itinerary.crowd import run as measure_crowd
from bench.itinerary.live import run as measure_live
from bench.itinerary.service import run as measure_service
from bench.itinerary.several import run as measure_several

BUDGETS = (0.1, 1.0, 10.0)
PARTS = {"service": measure_service, "live": measure_live, "crowd": measure_crowd,
         "several": measure_several}  # fmt: skip
QUICK = 8  # every so many instances
PHONE_S = 0.05
QUICK_S = 400.0  # of the rows; three minutes are left for what comes after them
REFERENCES = Path(__file__).with_name("references.json")
# What the figures are held against: the issue.
LIMITS = {
    "mean_gap_percent_100ms": 2.0,
    "mean_gap_percent_1s": 0.7,
    "worst_gap_percent_1s": 4.0,
    "mean_gap_percent_10s": 0.3,
    "worst_gap_percent_10s": 2.0,
    "infeasible": 0,
    "phone_other_than_best_percent": 5.0,
    "phone_mean_gap_percent": 0.1,
    **on_timetables.LIMITS,
}
SIDES = {
    "ours": "ruin and recreate with annealing, compiled, seed 1",
    "pyvrp": "PyVRP, prizes times 1000, history 50, restart after 5000 iterations",
    "ortools": "OR-Tools' routing solver, guided local search, scores times 1000",
    "budget": "seconds of computing of the searching thread, in all programs",
    "phone": "200 made-up requests of 30 to 70 places, one or two days, 50 ms, beside the best of"
    " long runs",
    "bus": on_timetables.SIDE,
}
Found = dict[str, dict[float, list[float]]]


def run(
    count: int, seconds: int, tell: Callable[[str], None], *, full: bool = False
) -> dict[str, Any]:
    """Returns ratios, figures, what was left out and the machine. Errors: RuntimeError.

    Each measurement has its own amount of work: count and seconds are not looked at.
    """
    del count, seconds
    known = cases.read()
    chosen = known if full else known[::QUICK]
    skipped = [] if known else [f"instances: none in {cases.FOLDER.name}"]
    found: Found = {}
    faults: list[str] = []
    if chosen:
        missing = programs.install_peers()
        if missing:
            skipped.append(f"peers: {missing}")
        with ExitStack() as stack:
            sides = {"ours": stack.enter_context(programs.own("services.itinerary.gateways.toptw"))}
            if not missing:
                for name in ("pyvrp", "ortools"):
                    sides[name] = stack.enter_context(programs.peer(name))
            most_s = float("inf") if full else QUICK_S
            for name, budget, gap in _measure(sides, chosen, tell, faults, most_s):
                found.setdefault(name, {}).setdefault(budget, []).append(gap)
    taken = len(found.get("ours", {}).get(BUDGETS[0], ()))
    if taken < len(chosen):
        skipped.append(f"instances: {len(chosen) - taken} of {len(chosen)}, no time was left")
    tell("requests of phone size")
    phone = _phone(faults)
    by_bus, more, left_out = on_timetables.measure(tell, faults, full=full)
    figures = {"instances": taken, "instances_known": len(known), **more}
    return _answer(found, phone | by_bus, figures, faults, skipped + left_out)


def _measure(
    sides: Mapping[str, programs.Program],
    chosen: Sequence[Case],
    tell: Callable[[str], None],
    faults: list[str],
    most_s: float,
) -> Iterator[tuple[str, float, float]]:
    """Yields program, budget and gap of each search; infeasible answers of ours go to faults.

    No row is begun that would end later than most_s seconds from now, judged by those before it.
    """
    began = time.monotonic()
    for number, case in enumerate(chosen):
        spent = time.monotonic() - began
        if number and spent * (number + 1) / number > most_s:
            return
        tell(f"{number + 1}/{len(chosen)}: {case.name} m={case.tours}")
        for name, program in sides.items():
            asked = {"text": case.text, "name": case.name, "tours": case.tours, "seed": 1}
            if number == 0:  # loads or compiles what it needs
                program.ask({**asked, "seconds": 0.01})
            for budget in BUDGETS:
                answer = program.ask({**asked, "seconds": budget, "tuned": True})
                try:
                    score = cases.score(case, answer["tours"])
                except ValueError as error:
                    if name == "ours":
                        faults.append(f"{case.name} m={case.tours}: {error}")
                    score = 0.0
                yield name, budget, cases.gap_percent(case, score)


def _phone(faults: list[str]) -> dict[str, float]:
    """Returns how many requests were searched to the best known, and the mean and worst gap."""
    best = json.loads(REFERENCES.read_text())["best"]
    gaps, equal = [], 0
    with programs.own("bench.itinerary.own") as program:
        program.ask({"number": 0, "seconds": 0.01, "seeds": [1]})
        for number in range(requests.COUNT):
            answer = program.ask({"number": number, "seconds": PHONE_S, "seeds": [1]})
            faults += [f"request {number}: {fault}" for fault in answer["faults"]]
            missing, value = best[number]
            equal += (-answer["missing"], answer["value"]) >= (-missing, value)
            gaps.append(100 * (value - answer["value"]) / max(1, value))
    return {
        "phone_other_than_best_percent": round(100 - 100 * equal / requests.COUNT, 2),
        "phone_mean_gap_percent": round(statistics.mean(gaps), 3),
        "phone_worst_gap_percent": round(max(gaps), 2),
    }


def _answer(
    found: Found,
    more: Mapping[str, float],
    figures: dict[str, float],
    faults: Sequence[str],
    skipped: Sequence[str],
) -> dict[str, Any]:
    ratios: dict[str, float] = {}
    for name, budgets in found.items():
        for budget, gaps in budgets.items():
            told = f"{budget:g}s" if budget >= 1 else f"{budget * 1000:g}ms"
            into, start = (ratios, "") if name == "ours" else (figures, f"{name}_")
            into[f"{start}mean_gap_percent_{told}"] = round(statistics.mean(gaps), 3)
            into[f"{start}worst_gap_percent_{told}"] = round(max(gaps), 2)
            figures[f"{name}_at_best_percent_{told}"] = round(
                100 * sum(gap <= 0 for gap in gaps) / len(gaps), 1
            )
    ratios |= more
    ratios["infeasible"] = len(faults)
    return {
        "ratios": ratios,
        "limits": {
            name: f"<= {most}: {'holds' if ratios[name] <= most else 'does not hold'}"
            for name, most in LIMITS.items()
            if name in ratios
        },
        "figures": figures,
        "faults": list(faults),
        "sides": SIDES,
        "skipped": list(skipped),
        "runs": 1,
        "machine": rounds.machine(),
    }
