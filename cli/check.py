"""`./meguri check`: everything that can be wrong with the tree without running it."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cli import build, locale, tree_rules
from infra.local import bytecode
from infra.local.home import ROOT

AT_ONCE = 2
BASELINE = "proto/baseline.binpb"
NO_HELPER = "Failed to establish connection with worker"


@dataclass(frozen=True)
class Outcome:
    """How one step went. complaints: what it found, empty when all is well."""

    name: str
    complaints: str
    duration_s: float


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `check`."""
    parser = subcommands.add_parser("check", help="format, lint, types, import rules, contracts")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"some of {', '.join(STEPS)}")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs the steps and tells how each went; fails when one found something."""
    unknown = [name for name in arguments.steps if name not in STEPS]
    if unknown:
        print(f"meguri check: there is no step {unknown[0]}", file=sys.stderr)
        return 2
    build.build()
    wanted = arguments.steps or list(STEPS)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = list(threads.map(partial(_timed, as_json=arguments.json), wanted))
    passed = not any(outcome.complaints for outcome in outcomes)
    bytecode.keep(ROOT)
    if arguments.json:
        steps = [vars(outcome) | {"passed": not outcome.complaints} for outcome in outcomes]
        print(json.dumps({"passed": passed, "steps": steps}, ensure_ascii=False))
    return 0 if passed else 1


def _timed(name: str, *, as_json: bool) -> Outcome:
    started = time.monotonic()
    outcome = Outcome(name, STEPS[name](), round(time.monotonic() - started, 1))
    mark = "✗" if outcome.complaints else "✓"
    text = f"{mark} {name} ({outcome.duration_s} s)\n{outcome.complaints}".rstrip()
    print(text, file=sys.stderr if as_json else sys.stdout, flush=True)
    return outcome


def _tool(name: str, *arguments: str) -> str:
    """Runs a tool of .venv in the tree and returns what it complained of."""
    program = Path(sys.executable).with_name(name)
    done = subprocess.run(
        [program, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout or f"{name} failed"


def _types() -> str:
    packages = (
        "kit",
        "bench",
        "chaos",
        "cli",
        "infra",
        "services",
        "simulation",
        "simulators",
        "demo",
        "loadtests",
        "tests",
    )
    there = [name for name in packages if (ROOT / name).exists()]
    # Without what an earlier run found, two processes take two thirds of the time of one.
    helpers = () if (ROOT / ".mypy_cache").exists() else ("--num-workers", "2")
    complaints = _tool("mypy", *helpers, *there)
    if helpers and NO_HELPER in complaints:
        # mypy gives a helper three seconds to start, which a busy machine does not have.
        return _tool("mypy", *there)
    return complaints


def _breaking() -> str:
    if not (ROOT / BASELINE).exists():
        return f"{BASELINE} is missing; make it with: buf build proto -o {BASELINE}"
    return _tool("buf", "breaking", "proto", "--against", BASELINE)


STEPS: dict[str, Callable[[], str]] = {
    "types": _types,
    "format": partial(_tool, "ruff", "format", "--check", "--exclude", "*.md", "."),
    "lint": partial(_tool, "ruff", "check", "."),
    "imports": partial(_tool, "lint-imports", "--no-logo", "--cache-dir", ".import_linter_cache"),
    "contracts": partial(_tool, "buf", "lint", "proto"),
    "compatibility": _breaking,
    "stubs": tree_rules.stubs,
    "pure": tree_rules.pure,
    "catalogs": tree_rules.catalogs,
    "texts": locale.check,
    "addresses": tree_rules.addresses,
    "reasons": tree_rules.reasons,
    "sizes": tree_rules.sizes,
}
