"""Many seeds at once, and what they say: rate, faults, states, and what was never reached."""

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from services.payments.domain.payment import TRANSITIONS
from simulation import lines
from simulation.mistakes import MISTAKES
from simulation.run import Result, play

AT_ONCE = 10  # seeds of one piece of work
SHOWN = 5  # failures told in full
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What to play. minutes: 0 for count seeds, else seed after seed for so long."""

    first: int = 1
    count: int = 1000
    minutes: float = 0.0
    scenario: str = ""
    mistake: str = ""
    lines: bool = False


@dataclass
class _Sum:
    """Of several seeds."""

    seeds: int
    steps: int
    sales: int
    virtual_s: float
    cpu_s: float
    faults: Counter[str]
    reached: Counter[tuple[str, str]]
    scenarios: Counter[str]
    failed: list[Result]
    lines: dict[str, set[int]]

    def add(self, other: "_Sum") -> None:
        """Takes what other seeds found."""
        self.seeds += other.seeds
        self.steps += other.steps
        self.sales += other.sales
        self.virtual_s += other.virtual_s
        self.cpu_s += other.cpu_s
        self.faults += other.faults
        self.reached += other.reached
        self.scenarios += other.scenarios
        self.failed += other.failed
        for name, numbers in other.lines.items():
            self.lines.setdefault(name, set()).update(numbers)


def _nothing() -> _Sum:
    return _Sum(0, 0, 0, 0.0, 0.0, Counter(), Counter(), Counter(), [], {})


def _play_some(wanted: Wanted, seeds: Iterable[int]) -> _Sum:
    """Plays seeds in this process."""
    found, began = _nothing(), time.process_time()
    for seed in seeds:
        with lines.watching(found.lines, watch=wanted.lines):
            result = play(seed, wanted.scenario, mistake=wanted.mistake, proves=False)
        found.seeds += 1
        found.steps += result.steps
        found.sales += result.sales
        found.virtual_s += result.virtual_s
        found.faults += result.faults
        found.reached += result.reached
        found.scenarios[result.scenario] += 1
        if result.problems:
            found.failed.append(result)
    found.cpu_s = time.process_time() - began
    return found


def _pieces(wanted: Wanted, ends: float) -> Iterator[range]:
    for first in itertools.count(wanted.first, AT_ONCE):
        if time.monotonic() >= ends if wanted.minutes else first >= wanted.first + wanted.count:
            return
        last = first + AT_ONCE
        yield range(first, last if wanted.minutes else min(last, wanted.first + wanted.count))


def many(wanted: Wanted, processes: int = 0, tell: Tell = lambda _text: None) -> dict[str, Any]:
    """Plays many seeds and returns what they found."""
    found, began = _nothing(), time.monotonic()
    ends = began + wanted.minutes * 60
    workers = processes or len(os.sched_getaffinity(0))
    if workers == 1:
        for piece in _pieces(wanted, ends):
            found.add(_play_some(wanted, piece))
    else:
        _in_processes(wanted, ends, workers, found, tell)
    took_s = time.monotonic() - began
    return _answer(found, took_s, workers, wanted)


def _in_processes(wanted: Wanted, ends: float, workers: int, found: _Sum, tell: Tell) -> None:
    # Anew, not forked: what this process has open is none of theirs.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        pieces, waiting = _pieces(wanted, ends), []
        for piece in pieces:
            waiting.append(pool.submit(_play_some, wanted, piece))
            while len(waiting) >= 3 * workers:
                before = found.seeds // 1000
                found.add(waiting.pop(0).result())
                if found.seeds // 1000 > before:
                    tell(f"{found.seeds} seeds, {len(found.failed)} failed")
        for each in waiting:
            found.add(each.result())


def _answer(found: _Sum, took_s: float, workers: int, wanted: Wanted) -> dict[str, Any]:
    reached = {edge for table, edge in found.reached if table == "payments"}
    return {
        "seeds": found.seeds,
        "first": wanted.first,
        "took_s": round(took_s, 1),
        "seeds_per_minute": round(found.seeds / took_s * 60) if took_s else 0,
        "cpu_ms_a_seed": round(found.cpu_s / max(found.seeds, 1) * 1000, 1),
        "processes": workers,
        "steps": found.steps,
        "sales": found.sales,
        "virtual_hours": round(found.virtual_s / 3600, 1),
        "scenarios": dict(found.scenarios.most_common()),
        "faults": dict(found.faults.most_common()),
        "edges": {f"{table} {edge}": count for (table, edge), count in found.reached.most_common()},
        "never_reached": never_reached(reached),
        "lines_never_reached": lines.never_reached(found.lines) if wanted.lines else {},
        "failed": len(found.failed),
        "failures": [
            {"seed": each.seed, "scenario": each.scenario, "problems": each.problems[:3]}
            for each in sorted(found.failed, key=lambda each: each.seed)[:SHOWN]
        ],
    }


def never_reached(edges: set[str]) -> list[str]:
    """Returns the transitions of the payment's state machine that no seed took."""
    taken = set()
    for edge in edges:
        before, _, after = edge.partition(" -> ")
        taken.add((before.partition(" ")[0], after.partition(" ")[0]))
    # A sale that nobody outside is asked about is created and captured in one transaction.
    taken |= {("created", after) for before, after in taken if before == "-"}
    allowed = {
        (str(before), str(after)) for before, afters in TRANSITIONS.items() for after in afters
    }
    return sorted(f"{before} -> {after}" for before, after in allowed - taken)


def one(seed: int, scenario: str, mistake: str, *, traced: bool) -> dict[str, Any]:
    """Plays one seed."""
    result = play(seed, scenario, mistake=mistake, traced=traced)
    return {
        "seed": seed, "scenario": result.scenario, "problems": result.problems,
        "fingerprint": result.fingerprint, "steps": result.steps,
        "virtual_s": result.virtual_s, "faults": dict(result.faults.most_common()),
        "story": result.story,
    }  # fmt: skip


def mistakes(most: int, tell: Tell = lambda _text: None) -> list[dict[str, Any]]:
    """Plants every mistake and returns how many seeds were needed to find it; seed 0 for none."""
    rows = []
    for name, mistake in MISTAKES.items():
        row = {"mistake": name, "says": mistake.says, "seed": 0, "scenario": "", "found": ""}
        for seed in range(1, most + 1):
            result = play(seed, mistake=name)
            if result.problems:
                row |= {"seed": seed, "scenario": result.scenario, "found": result.problems[0]}
                break
        tell(f"{name}: {row['seed'] or 'not found'}")
        rows.append(row)
    return rows


def told_of_one(answer: dict[str, Any]) -> list[str]:
    """Returns lines for people."""
    end = (
        f"seed {answer['seed']}, scenario {answer['scenario']}: {answer['steps']} steps,"
        f" {answer['virtual_s']:.0f} s of its own time, ends as {answer['fingerprint']}"
    )
    failed = [f"FAILED  {each}" for each in answer["problems"]]
    return [*answer["story"], end, *(failed or ["every rule held"])]


def told_of_mistakes(rows: list[dict[str, Any]]) -> list[str]:
    """Returns a table for people."""
    head = f"{'mistake':<26}{'found by seed':>14}  {'scenario':<10}first sign"
    return [head, *(
        f"{row['mistake']:<26}{row['seed'] or 'NOT FOUND':>14}  {row['scenario']:<10}"
        f"{row['found'][:90]}" for row in rows
    )]  # fmt: skip


def told_of_many(answer: dict[str, Any]) -> list[str]:
    """Returns lines for people."""
    rate = (
        f"{answer['seeds']} seeds in {answer['took_s']} s with {answer['processes']} processes:"
        f" {answer['seeds_per_minute']} a minute, {answer['cpu_ms_a_seed']} ms of a core each"
    )
    size = (
        f"{answer['sales']} sales, {answer['virtual_hours']} hours of their own time,"
        f" {answer['steps']} steps"
    )
    told = [rate, size]
    told += [f"{name:<12}{_counted(answer[name])}" for name in ("scenarios", "faults", "edges")]
    never = ", ".join(answer["never_reached"]) or "every transition was taken"
    told.append(f"{'never':<12}{never}")
    told += [
        f"no seed ran {name}: {numbers}" for name, numbers in answer["lines_never_reached"].items()
    ]
    for each in answer["failures"]:
        problems = "; ".join(each["problems"])
        told.append(f"FAILED  seed {each['seed']}, {each['scenario']}: {problems}")
        told.append(f"        again: ./meguri simulate --seed {each['seed']} --trace")
    told.append(f"{answer['failed']} seeds failed" if answer["failed"] else "every rule held")
    return told


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in found.items())
