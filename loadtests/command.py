"""One load from beginning to end: areas, caches, runs, verdicts, the report."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.local.home import Home
from loadtests import caches, days, nation, result
from loadtests.day import Day
from loadtests.fields import Fields
from loadtests.playing import Measured, Options, play
from loadtests.report import writing

STEPS = (0.25, 0.5, 1.0, 2.0)
# With --steps each step lasts so long, unless --seconds says otherwise.
STEP_S, USUAL_S = 20, 60

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What was asked for. seconds: 0 for the usual. edge_url: "" for the platform's own. report:
    folder of its files. areas: at most, 0 for as many as there is time for. times: of its load."""

    day: str
    report: Path
    seconds: int = 0
    cold: bool = False
    steps: bool = False
    edge_url: str = ""
    areas: int = 0
    times: float = 1.0
    command: str = ""


def run(wanted: Wanted, tell: Tell) -> dict[str, Any]:
    """Plays a day on the running platform and returns its document, with `report`: where it lies.

    Errors: LoadFailed, Unexpected, grpc.RpcError, OSError.
    """
    home, day = Home(Path(os.environ["MEGURI_DATA"])), days.find(wanted.day)
    edge_url = wanted.edge_url or os.environ["MEGURI_EDGE_URL"]
    about: dict[str, Any] = {
        "says": day.says, "date": writing.now(), "commit": result.commit(),
        "machine": result.machine(), "command": wanted.command, "notes": [],
        "title_more": f" at {wanted.times:g} times its load" if wanted.times != 1 else "",
    }  # fmt: skip
    costs = nation.Costs()
    if day.areas > 1:
        tell("the platform with nobody there")
        costs.idle_none = nation.idle_cores(home)
    with Fields(home, edge_url) as fields:
        tell("making the area" if day.areas == 1 else "making areas")
        fields.make(day, wanted.areas)
        options = Options(
            home, edge_url, wanted.seconds or (STEP_S if wanted.steps else USUAL_S),
            factor=wanted.times, sensors=fields.sensors(),
        )  # fmt: skip
        about["cache"] = (
            caches.cool(home) if wanted.cold else caches.warm(home, edge_url, fields.grounds)
        )
        measured, more = _play(day, fields, options, wanted, costs, tell)
        about["areas"] = len(fields.grounds)
        stays = fields.stays
    document = result.document(day, measured) | {"cache": about["cache"].partition(":")[0]} | more
    document.setdefault("steps", [])
    document.setdefault("nation", {})
    about["marks"] = list(measured.run.marks)
    about["suffix"] = "-cold" if wanted.cold else "-steps" if wanted.steps else ""
    if wanted.edge_url:
        about["notes"].append("Requests went through a proxy before the edge.")
    files = writing.write(wanted.report, document, result.series(measured), about)
    return document | {"report": [str(each) for each in files], "demo_stays": stays}


def _play(
    day: Day, fields: Fields, options: Options, wanted: Wanted, costs: nation.Costs, tell: Tell
) -> tuple[Measured, dict[str, Any]]:
    """Returns the run whose gate counts, and what else was found."""
    if day.areas > 1:
        costs.idle_some = nation.idle_cores(options.home)
        nation.measure(day, fields.grounds, options, costs, tell)
    if not wanted.steps:
        tell(f"{day.name}: {options.seconds} s")
        measured = play(day, fields.grounds, options)
        if not costs.found:
            return measured, {}
        areas, share = len(fields.grounds), day.share * options.factor
        return measured, {"nation": nation.document(costs, measured, areas, share)}
    steps, kept = [], None
    for factor in STEPS:
        tell(f"{day.name}: {factor:g} times the load, {options.seconds} s")
        measured = play(day, fields.grounds, replace(options, factor=factor * wanted.times))
        steps.append({"factor": factor, **_step(day.at(factor), measured)})
        kept = measured if factor == 1 else kept
    if kept is None:
        raise AssertionError("the day itself is one of its steps")
    return kept, {"steps": steps}


def _step(day: Day, measured: Measured) -> dict[str, Any]:
    known = result.document(day, measured)
    names = ("requests_per_s", "failures", "p50_ms", "p95_ms", "p99_ms", "cpu_ms_per_request",
             "platform_cores", "other_cores")  # fmt: skip
    asked, reached = known["arrivals"]["asked"], known["arrivals"]["reached"]
    return {name: known[name] for name in names} | {"reached": reached / max(1, asked)}
