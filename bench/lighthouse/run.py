"""`./meguri bench lighthouse`: what Lighthouse says of visitors' pages, as of a phone on slow 4G.

Lighthouse (Apache-2.0) comes from npm as package-lock.json has it, into this folder; it starts the
browser by itself. Its performance is a guess from a fast line to a slow one and differs from run to
run, above all on a busy machine: the median of several runs is told.
"""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bench import platform, rounds
from bench.pages.run import BROWSERS

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = {"stop": "/g/{code}", "home": "/", "pack": "/pack", "plan": "/plan", "help": "/help"}
CATEGORIES = ("accessibility", "performance")
LIMITS = {"stop_accessibility": (">=", 100.0), "stop_performance": (">=", 95.0)}
RUN_S, INSTALL_S = 180, 600
TRIES = 3  # it may lose the trace of a page and ask to be run again, on a busy machine above all
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def run(count: int, _seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns the median marks of each kind of page, of 100. Errors: RuntimeError."""
    program = browser()
    install(tell)
    with platform.running() as bench:
        site = f"http://127.0.0.1:{bench.state['ports']['edge']}"
        code = _first_stop(site)
        measures: dict[str, rounds.Measure] = {
            name: partial(_marks, program, site + path.format(code=code), name)
            for name, path in PAGES.items()
        }
        found = rounds.medians(rounds.interleave(measures, count, tell))
    return answer(found, count)


def answer(found: Mapping[str, float], count: int) -> dict[str, Any]:
    """Returns what is told of the medians; every limit is held against the median itself."""
    return {
        "ratios": {name: round(found[name], 1) for name in LIMITS},
        "limits": rounds.held(found, LIMITS),
        "figures": {name: round(value, 1) for name, value in found.items() if name not in LIMITS},
        "sides": {"lighthouse": "marks of 100 by Lighthouse, as of a phone on slow 4G, no TLS"},
        "runs": count,
        "machine": rounds.machine(),
    }


def browser() -> str:
    """Returns the program of a whole browser. Errors: RuntimeError where none is installed."""
    whole = [name for name in BROWSERS if "shell" not in name]  # Lighthouse wants all of it
    program = next(filter(None, map(shutil.which, whole)), None)
    if program is None:
        raise RuntimeError("This bench needs a browser: apt-get install chromium fonts-noto-cjk")
    return program


def install(tell: Callable[[str], None]) -> None:
    """Puts Lighthouse into this folder, unless it is there. Errors: RuntimeError."""
    if PROGRAM.exists():
        return
    if shutil.which("npm") is None:
        raise RuntimeError("This bench needs Node.js 20 or later with npm")
    tell("installing Lighthouse")
    done = subprocess.run(
        ["npm", "ci", "--prefix", str(HERE), "--ignore-scripts", "--no-audit", "--no-fund",
         "--silent"], capture_output=True, text=True, check=False, timeout=INSTALL_S,
    )  # fmt: skip
    if done.returncode != 0 or not PROGRAM.exists():
        raise RuntimeError(f"Lighthouse could not be installed: {done.stderr[-300:]}")


def _marks(program: str, address: str, name: str) -> Mapping[str, float]:
    command = [
        "node", str(PROGRAM), address, "--output=json", "--quiet",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
    ]  # fmt: skip
    for _ in range(TRIES):
        done = subprocess.run(
            command, env={**os.environ, "CHROME_PATH": program}, capture_output=True, text=True,
            check=False, timeout=RUN_S,
        )  # fmt: skip
        if done.returncode == 0:
            return marks(json.loads(done.stdout), name)
    raise RuntimeError(f"Lighthouse ended with {done.returncode}: {done.stderr[-300:]}")


def marks(report: Mapping[str, Any], name: str) -> dict[str, float]:
    """Returns the marks of a page out of Lighthouse's report. Errors: RuntimeError for one without
    a mark, such as of a page that was not painted."""
    found = {each: report["categories"][each]["score"] for each in CATEGORIES}
    if None in found.values():
        raise RuntimeError(f"Lighthouse gave no mark: {report.get('runtimeError')}")
    return {f"{name}_{each}": 100 * float(score) for each, score in found.items()}


def _first_stop(site: str) -> str:
    with urllib.request.urlopen(f"{site}/api/v1/stops", timeout=30) as reply:  # noqa: S310 - ours
        code: str = json.load(reply)["stops"][0]["stop_code"]
    return code
