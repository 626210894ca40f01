"""The answer of a run: what `./meguri load DAY --json` prints and what the report is drawn from."""

import os
import platform
import subprocess
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from infra.local.home import ROOT
from loadtests import gates, samples
from loadtests.cpu import OTHERS, STOLEN
from loadtests.day import Day
from loadtests.gates import PAID, PAID_LEAST, Verdict
from loadtests.playing import Measured

WINDOWS = 60  # a run is cut into so many stretches, of a second at least
ROWS = 120  # so many moments of CPU are drawn


def document(day: Day, measured: Measured, more: list[Verdict] | None = None) -> dict[str, Any]:
    """Returns what is told of a run. more: verdicts on what only the command could look at."""
    run = measured.run
    verdicts = gates.judge(day.gate, run) + _of_sensors(day, measured)
    verdicts += _of_sales(measured) if more is None else more
    lasted_s = measured.ended - measured.began
    spent = measured.cpu.between(measured.began, measured.ended)
    ours = {name: s for name, s in spent.items() if name not in (OTHERS, STOLEN)}
    total = sum(ours.values())
    return {
        "scenario": day.name,
        "passed": gates.passes(verdicts),
        **_totals(run),
        "limit_p95_ms": day.gate.p95_ms,
        "limit_p99_ms": day.gate.p99_ms,
        "arrivals": {"asked": sum(run.asked), "reached": sum(run.reached)},
        "verdicts": [asdict(each) for each in verdicts],
        "by_request": samples.by_name(run.samples),
        "errors": samples.errors(run.samples),
        "sensors": _sensors(measured.sensors),
        "cpu_s": {name: round(s, 2) for name, s in sorted(ours.items(), key=lambda p: -p[1])},
        "cpu_ms_per_request": round(1000 * total / max(1, len(run.samples)), 2),
        "platform_cores": round(total / lasted_s, 2),
        "other_cores": round(spent.get(OTHERS, 0.0) / lasted_s, 2),
    }


def _totals(run: samples.Run) -> dict[str, Any]:
    known = samples.figures(run.samples)
    return {
        **known,
        "requests_per_s": round(known["requests"] / run.seconds, 1),
        "expected_per_s": round(sum(run.asked) / run.seconds, 1),
        "duration_s": float(run.seconds),
    }


def _sensors(heard: dict[str, Any]) -> dict[str, Any]:
    if not heard:
        return {}
    return {
        "batches": heard["asked"], "acknowledged": heard["acknowledged"],
        "observations": heard["observations"],
        "p95_ms": round(samples.percentile(sorted(heard["ms"]), 0.95), 1),
    }  # fmt: skip


def _of_sensors(day: Day, measured: Measured) -> list[Verdict]:
    heard = measured.sensors
    if not heard:
        missed = [Verdict("sensors", False, "no sensor was enrolled: none sent anything")]  # noqa: FBT003 - did it pass?
        return missed if day.sensors_per_s else []
    asked, done = heard["asked"], heard["acknowledged"]
    text = f"{done} of {asked} batches of sensors were acknowledged"
    return [Verdict("sensors", asked == done, text)]


def _of_sales(measured: Measured) -> list[Verdict]:
    """Whether sales were paid: a page that says "declined" is answered as quickly."""
    paid = {
        each["request_id"]
        for done in measured.left.values() for each in done.get("acks", []) if each["said"] == PAID
    }  # fmt: skip
    sales = sum(len(done.get("intents", [])) for done in measured.left.values())
    if not sales:
        return []
    text = f"{len(paid)} of {sales} sales were paid (limit {PAID_LEAST:.0%})"
    return [Verdict("paid", len(paid) >= PAID_LEAST * sales, text)]


def series(measured: Measured) -> dict[str, Any]:
    """Returns what changes during a run, for charts: stretches, arrivals, CPU in cores by part."""
    run, cpu = measured.run, measured.cpu
    width_s = max(1, -(-run.seconds // WINDOWS))
    folded = [
        {"at": at, "asked": sum(run.asked[at : at + width_s]) / width_s,
         "reached": sum(run.reached[at : at + width_s]) / width_s}
        for at in range(0, run.seconds, width_s)
    ]  # fmt: skip
    every = max(1, len(cpu.at) // ROWS)
    places = list(range(0, len(cpu.at), every))
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in cpu.by_part}
    for first, last in pairwise(places):
        moment = cpu.at[last] - measured.began
        wide_s = cpu.at[last] - cpu.at[first]
        if wide_s <= 0 or moment < 0:
            continue
        for name, row in cpu.by_part.items():
            rows[name].append((round(moment, 1), round((row[last] - row[first]) / wide_s, 3)))
    return {
        "width_s": width_s,
        "windows": samples.windows(run.samples, run.seconds, width_s),
        "arrivals": folded,
        "cpu": rows,
    }


def machine() -> dict[str, Any]:
    """Returns what a reader must know of the machine; neither its name nor any path."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count() or 1,
        "memory_gb": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_at_start": [round(each, 2) for each in os.getloadavg()],
    }


def commit(root: Path = ROOT) -> str:
    """Returns the commit of this tree, with + where files differ from it; "" outside of git."""
    try:
        known = _git(root, "rev-parse", "--short=12", "HEAD")
        return known + ("+" if _git(root, "status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()
