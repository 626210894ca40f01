"""What runs found, for people and for programs: chaos.md and chaos.json in a folder.

A folder keeps the newest result of each scenario with each seed, so that runs of several seeds add
up and one that was played again replaces what it was. Nothing names the machine, a path or a
person: only how many cores it has and how busy it was.
"""

import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chaos.faults import FAULTS, is_timed, minutes_of, outcome
from chaos.platform import ROOT

Result = Mapping[str, Any]
COLUMNS = ("scenario", "seed", "outcome", "acknowledged", "faults", "lost", "doubled",
           "recovery s (limit)", "took s", "run", "command", "figures")  # fmt: skip
MEANS = (
    "Acknowledged are outcomes of payments, reported scans, plans, photos and batches of",
    "observations that a client was told of, and events that a database committed. A kill, a cut,",
    "a signal, a lost disk each count as one fault.",
)
LIMITS = (
    "Limits in seconds are those of a quiet machine, stretched by what other programs took of this",
    "one, up to seven times. Where that was more than twice, a limit says nothing, and a row says",
    "so. What was lost or doubled is never stretched. A run is told by its commit, when it began,",
    "and the load before it. What each scenario does: `docs/runbooks/chaos.md`.",
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


def write(folder: Path, answer: Result, where: Result, command: str) -> tuple[Path, Path]:
    """Adds a run to what the folder tells, and returns the paths of both files."""
    folder.mkdir(parents=True, exist_ok=True)
    data, text = folder / "chaos.json", folder / "chaos.md"
    now = [
        _told_to_all(each) | {"full": answer["full"], "run": {**where, "command": command}}
        for each in answer["scenarios"]
    ]
    scenarios = merged(_read(data), now)
    told = {
        "command": command, "surroundings": dict(where), "took_s": answer["took_s"],
        "passed": all(each["passed"] for each in scenarios),
        "acknowledged": sum(each["acknowledged"] for each in scenarios),
        "faults_made": sum(each["faults"] for each in scenarios),
        "faults": {
            each.name: dict(zip(("outcome", "why"), outcome(each, scenarios), strict=True))
            for each in FAULTS
        },
        "scenarios": scenarios,
    }  # fmt: skip
    data.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    text.write_text("\n".join(page(told)) + "\n", encoding="utf-8")
    return data, text


def merged(before: Sequence[Result], now: Sequence[Result]) -> list[dict[str, Any]]:
    """Returns all results, of the same scenario, seed, size and length only the newest, in order of
    their scenarios and seeds. A soak of two minutes does not replace one of thirty."""
    kept = {_key(each): dict(each) for each in [*before, *now]}
    order = {name: place for place, name in enumerate(dict.fromkeys(key[0] for key in kept))}
    return [kept[key] for key in sorted(kept, key=lambda key: (order[key[0]], *key[1:]))]


def page(told: Result) -> list[str]:
    """Returns the lines of the page."""
    where, scenarios = told["surroundings"], told["scenarios"]
    lost = sum(each["lost"] for each in scenarios)
    doubled = sum(each["doubled"] for each in scenarios)
    seeds = sorted({each["seed"] for each in scenarios})
    made = (
        f"Written by `{told['command']}`, the last run, at {where['time']}: commit"
        f" {where['commit']}, {where['cores']} cores, load {where['load_before'][0]} before,"
        f" {where['system']}, Python {where['python']}; it took {told['took_s']} s."
    )
    verdict = "Passed" if told["passed"] else "FAILED"
    commits = list(dict.fromkeys(str(each["run"]["commit"]) for each in scenarios))
    made_of = f"of {len(commits)} commits: {', '.join(commits)}" if commits[1:] else "of one commit"
    sum_up = (
        f"**{verdict}: {told['acknowledged']:,} acknowledged through {told['faults_made']:,}"
        f" faults, {lost} lost, {doubled} doubled** (seeds {', '.join(map(str, seeds))};"
        f" {made_of})."
    )
    lines = ["# Fault tests: what runs found", "", made, "", sum_up, *MEANS, ""]
    lines += ["| | what breaks | passes when | outcome | why |", "|---|---|---|---|---|"]
    for each in FAULTS:
        mark, why = outcome(each, scenarios)
        lines.append(f"| {each.name} | {each.says} | {each.passes} | {mark} | {_cell(why)} |")
    lines += ["", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines += [*map(_row, scenarios), "", *LIMITS]
    for each in scenarios:
        if not each["passed"]:
            lines += ["", f"## {each['name']}, seed {each['seed']}: what was found", ""]
            lines += [f"* {_cell(problem)}" for problem in each["problems"]]
    return lines


def _row(each: Result) -> str:
    mark = "left out" if "left_out" in each else "passed" if each["passed"] else "FAILED"
    mark += "" if mark != "passed" or is_timed(dict(each)) else ", not judged for time"
    figures = [f"{name} {_told(value)}" for name, value in each.get("figures", {}).items()
               if name != "recovery_s"]  # fmt: skip
    limit, run = (
        f" ({each['recovery_limit_s']})" if each.get("recovery_limit_s") else "",
        each["run"],
    )
    cells = (
        each["name"], each["seed"], mark, f"{each['acknowledged']:,}", each["faults"], each["lost"],
        each["doubled"], f"{each['recovery_s']}{limit}", each.get("took_s", ""),
        f"{run['commit']} {run['time'][:16]} load {run['load_before'][0]}",
        f"`{_cell(run['command'])}`" if "command" in run else "",
        _cell(each.get("left_out", "") or ", ".join(figures)),
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _told_to_all(each: Result) -> dict[str, Any]:
    """Returns a result without the places of this machine."""
    text = json.dumps({name: value for name, value in each.items() if name != "kept"})
    for place in (str(ROOT), tempfile.gettempdir()):
        text = text.replace(place, "…")
    told: dict[str, Any] = json.loads(text)
    return told


def _key(each: Result) -> tuple[str, bool, int, float]:
    return each["name"], bool(each.get("full")), int(each["seed"]), minutes_of(dict(each))


def _read(path: Path) -> list[Result]:
    """Returns the results that a folder has; none where it has no file that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return [{"run": found["surroundings"], **each} for each in found["scenarios"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


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
