"""What a run found, for people and for programs: chaos.md and chaos.json in a folder.

Neither names the machine, a path or a person: only how many cores it has and how busy it was.
"""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chaos.faults import Fault, outcome
from chaos.platform import ROOT

Result = Mapping[str, Any]
COLUMNS = ("scenario", "seed", "outcome", "acknowledged", "faults", "lost", "doubled",
           "recovery s (limit)", "took s", "figures")  # fmt: skip
MEANS = (
    "Acknowledged are outcomes of payments, reported scans, plans, photos and batches of",
    "observations that a client was told of, and events that a database committed. A kill, a cut,",
    "a signal, a lost disk each count as one fault.",
)
LIMITS = (
    "Limits in seconds are those of a quiet machine, stretched by the load of this one; what was",
    "lost or doubled is never stretched. What each scenario does: `docs/runbooks/chaos.md`.",
)


def surroundings() -> dict[str, Any]:
    """Returns where and on what a run was made, as far as that may be told."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": os.cpu_count() or 1,
        "load_before": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.system(),
    }


def write(
    folder: Path, answer: Result, where: Result, command: str, faults: Sequence[Fault]
) -> tuple[Path, Path]:
    """Writes both files and returns their paths. faults: those that were asked for, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    scenarios = [{name: value for name, value in each.items() if name != "kept"}
                 for each in answer["scenarios"]]  # fmt: skip
    told = {"command": command, "surroundings": dict(where), **dict(answer), "scenarios": scenarios}
    if faults:
        told["faults"] = {
            each.name: dict(zip(("outcome", "why"), outcome(each, scenarios), strict=True))
            for each in faults
        }
    data, text = folder / "chaos.json", folder / "chaos.md"
    data.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    text.write_text("\n".join(page(told, faults)) + "\n", encoding="utf-8")
    return data, text


def page(told: Result, faults: Sequence[Fault]) -> list[str]:
    """Returns the lines of the page."""
    where, scenarios = told["surroundings"], told["scenarios"]
    lost = sum(each["lost"] for each in scenarios)
    doubled = sum(each["doubled"] for each in scenarios)
    seeds = sorted({each["seed"] for each in scenarios})
    made = (
        f"Written by `{told['command']}` at {where['time']}, commit {where['commit']},"
        f" {where['cores']} cores, load {where['load_before'][0]} before,"
        f" {where['system']}, Python {where['python']}; it took {told['took_s']} s."
    )
    verdict = "Passed" if told["passed"] else "FAILED"
    sum_up = (
        f"**{verdict}: {told['acknowledged']:,} acknowledged through {told['faults_made']:,}"
        f" faults, {lost} lost, {doubled} doubled** (seeds {', '.join(map(str, seeds))})."
    )
    lines = ["# Fault tests: what a run found", "", made, "", sum_up, *MEANS, ""]
    if faults:
        lines += ["| | what breaks | passes when | outcome | why |", "|---|---|---|---|---|"]
        for each in faults:
            mark, why = outcome(each, scenarios)
            lines.append(f"| {each.name} | {each.says} | {each.passes} | {mark} | {_cell(why)} |")
        lines.append("")
    lines += [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *map(_row, scenarios)]
    lines += ["", *LIMITS]
    for each in scenarios:
        if not each["passed"]:
            lines += ["", f"## {each['name']}: what was found", ""]
            lines += [f"* {_cell(problem)}" for problem in each["problems"]]
    return lines


def _row(each: Result) -> str:
    mark = "left out" if "left_out" in each else "passed" if each["passed"] else "FAILED"
    figures = [f"{name} {_told(value)}" for name, value in each.get("figures", {}).items()
               if name != "recovery_s"]  # fmt: skip
    limit = f" ({each['recovery_limit_s']})" if each.get("recovery_limit_s") else ""
    cells = (
        each["name"], each["seed"], mark, f"{each['acknowledged']:,}", each["faults"], each["lost"],
        each["doubled"], f"{each['recovery_s']}{limit}", each.get("took_s", ""),
        _cell(each.get("left_out", "") or ", ".join(figures)),
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + "; ".join(f"{name} {_told(inner)}" for name, inner in value.items()) + ")"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "/")


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"], cwd=ROOT, capture_output=True,
        text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return (done.stdout.strip() or "unknown") + (" with changes" if changed else "")
