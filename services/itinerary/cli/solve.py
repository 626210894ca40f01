"""`./meguri itinerary solve`: a public instance of team orienteering with time windows."""

import argparse
import json
import os
import subprocess
import sys
from gettext import gettext as _
from pathlib import Path

from services.itinerary.domain.orienteering.compiled import sources_digest


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `solve`."""
    solve = commands.add_parser("solve", help=_("solve an instance of team orienteering"))
    solve.add_argument("--instance", required=True, metavar="FILE", type=Path)
    solve.add_argument("--m", type=int, default=1, metavar="N", help=_("number of tours"))
    budget = _("milliseconds of computing (default: %(default)s)")
    solve.add_argument("--budget-ms", type=int, default=1000, metavar="B", help=budget)
    solve.add_argument("--seed", type=int, default=1, metavar="S")
    solve.add_argument("--out", required=True, metavar="FILE", type=Path, help=_("the tours"))
    solve.set_defaults(run=run_solve)


def run_solve(arguments: argparse.Namespace) -> int:
    """Solves a benchmark instance by the compiled search. Returns 1 when it is none."""
    asked = {
        "text": arguments.instance.read_text(),
        "name": arguments.instance.stem,
        "tours": arguments.m,
        "seconds": max(1, arguments.budget_ms) / 1000,
        "seed": arguments.seed,
    }
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(arguments.data, "cache", "machine_code"))
    folder = root.resolve() / sources_digest()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "services.itinerary.gateways.toptw"],
        input=json.dumps(asked) + "\n", stdout=subprocess.PIPE, text=True, check=True,
        env={**os.environ, "ORIENTEERING_COMPILED": "1", "NUMBA_CACHE_DIR": str(folder)},
    )  # fmt: skip
    answer = json.loads(done.stdout)
    if "error" in answer:
        sys.stderr.write(f"meguri itinerary solve: {answer['error']}\n")
        return 1
    arguments.out.write_text(json.dumps(answer["tours"]) + "\n")
    if arguments.json:
        sys.stdout.write(json.dumps(answer) + "\n")
    else:
        told = _("score %(score)s after %(iterations)s iterations in %(seconds).2f s of computing")
        sys.stdout.write(told % answer + "\n")
    return 0
