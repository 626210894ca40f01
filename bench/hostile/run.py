"""`./meguri bench hostile --rounds 1 --seconds 600`: so long for each reader, one after another."""

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from bench import rounds
from bench.hostile import plans
from bench.hostile.targets import TARGETS
from infra.local.home import ROOT

PARTS = {"plans": plans.run}
GRACE_S = 60
GROWTH = 1.1
LIMITS = {"findings": ("<=", 0.0), "memory_growth": ("<=", GROWTH)}
SIDES = {
    "findings": "inputs that made a reader raise what it does not promise, take more than five"
    " seconds or more than 3 GB",
    "memory_growth": "memory at the end over memory after the first tenth of the time, the worst"
    " reader, inputs damaged at random",
}


def run(count: int, seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns findings, growth of memory and how many inputs were read."""
    figures: dict[str, float] = {}
    findings, growth, shown = 0, 1.0, []
    guided = importlib.util.find_spec("atheris") is not None
    for number in range(count):
        for target in TARGETS:
            tell(f"round {number + 1} of {count}: {target}")
            with tempfile.TemporaryDirectory(prefix="meguri-fuzz-") as folder:
                ways = [("by-chance", max(10, seconds // 10) if guided else seconds)]
                if guided:
                    ways.insert(0, ("guided", seconds))
                for way, time_s in ways:
                    reports, failure = fuzz(way, target, time_s, number + 1, folder)
                    name = f"{target}_{way.replace('-', '_')}_inputs"
                    figures[name] = figures.get(name, 0) + _last(reports)
                    if failure:
                        findings += 1
                        shown.append(f"{target}: {failure}")
                        tell(failure)
            growth = max(growth, grown(reports))
    ratios = {"findings": float(findings), "memory_growth": round(growth, 3)}
    return {
        "ratios": ratios, "limits": rounds.held(ratios, LIMITS), "figures": figures,
        "findings": shown,
        "guided": guided,
        "sides": SIDES, "runs": count, "machine": rounds.machine(),
    }  # fmt: skip


def fuzz(
    way: str, target: str, seconds: int, seed: int, folder: str
) -> tuple[list[dict[str, float]], str]:
    """Returns what a process of its own reported, and the end of what it said at a finding."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.hostile.fuzz", way, target, str(seconds), str(seed),
             folder],
            cwd=ROOT, check=False, capture_output=True, text=True, timeout=seconds + GRACE_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [], "did not end"
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"inputs"')]
    failure = done.stderr[-3_000:] if done.returncode else ""
    return [json.loads(line) for line in lines], failure


def grown(reports: list[dict[str, float]]) -> float:
    """Returns memory at the end over memory after the first tenth of the reports."""
    if len(reports) < 10:
        return 1.0
    return reports[-1]["memory_mb"] / reports[len(reports) // 10]["memory_mb"]


def _last(reports: list[dict[str, float]]) -> float:
    return reports[-1]["inputs"] if reports else 0.0
