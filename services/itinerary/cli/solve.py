"""`./meguri itinerary solve`: a public instance of team orienteering with time windows."""

import argparse
import json
import os
import subprocess
import sys
from gettext import gettext as _
from pathlib import Path
from typing import Any

from kit import area_files
from kit.pure.errors import Refusal
from kit.pure.marked import N_
from services.itinerary.domain.orienteering.compiled import sources_digest

FILE_BYTES = 1_000_000
MOST_TOURS, MOST_MS = 50, 3_600_000
REFUSED = {
    "NO_INSTANCE": N_("%(file)s is no instance of team orienteering with time windows: %(said)s"),
    "BAD_NUMBER": N_("%(file)s is a number from 1 to %(said)s"),
    "NO_PLACE": N_("name a file in a folder that is there, not %(file)s"),
    "SEARCH_FAILED": N_("the search of %(file)s failed: %(said)s"),
}


class SolveRefused(Refusal):
    """What cannot be searched or kept. reason: stable; the text says what to do."""

    def __init__(self, reason: str, file: str, said: str = "") -> None:
        self.reason = reason
        super().__init__(f"{_(REFUSED[reason]) % {'file': file, 'said': said}} [{reason}]")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `solve`."""
    solve = commands.add_parser("solve", help=_("solve an instance of team orienteering"))
    instance = _("a public instance, such as c101.txt; its name says how distances are rounded")
    solve.add_argument("--instance", required=True, metavar="FILE", type=Path, help=instance)
    tours = _("number of tours (default: %(default)s)")
    solve.add_argument("--m", type=int, default=1, metavar="N", help=tours)
    budget = _("milliseconds of computing (default: %(default)s)")
    solve.add_argument("--budget-ms", type=int, default=1000, metavar="B", help=budget)
    seed = _("equal seeds begin alike (default: %(default)s)")
    solve.add_argument("--seed", type=int, default=1, metavar="S", help=seed)
    solve.add_argument("--out", required=True, metavar="FILE", type=Path, help=_("the tours"))
    solve.set_defaults(run=run_solve)


def run_solve(arguments: argparse.Namespace) -> int:
    """Solves a benchmark instance by the compiled search. Errors: SolveRefused, OSError."""
    for option, number, most in (
        ("--m", arguments.m, MOST_TOURS), ("--budget-ms", arguments.budget_ms, MOST_MS),
    ):  # fmt: skip
        if not 1 <= number <= most:
            raise SolveRefused("BAD_NUMBER", option, str(most))
    asked = {
        "text": _text(arguments.instance),
        "name": arguments.instance.stem,
        "tours": arguments.m,
        "seconds": arguments.budget_ms / 1000,
        "seed": arguments.seed,
    }
    if arguments.out.is_dir() or not arguments.out.parent.is_dir():  # before anybody waits
        raise SolveRefused("NO_PLACE", str(arguments.out))
    answer = _solved(asked, Path(arguments.data), arguments.instance.name)
    arguments.out.write_text(json.dumps(answer["tours"]) + "\n")
    if arguments.json:
        sys.stdout.write(json.dumps(answer) + "\n")
    else:
        told = _("score %(score)s after %(iterations)s iterations in %(seconds).2f s of computing")
        sys.stdout.write(told % answer + "\n")
    return 0


def _text(path: Path) -> str:
    try:
        return area_files.content(path, FILE_BYTES).decode()
    except (area_files.BadFile, UnicodeDecodeError) as error:
        raise SolveRefused("NO_INSTANCE", path.name, str(error)) from error


def _solved(asked: dict[str, Any], data: Path, name: str) -> dict[str, Any]:
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or data / "cache" / "machine_code")
    folder = root.resolve() / sources_digest()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "services.itinerary.gateways.toptw"],
        input=json.dumps(asked) + "\n", stdout=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "ORIENTEERING_COMPILED": "1", "NUMBA_CACHE_DIR": str(folder)},
    )  # fmt: skip
    if done.returncode:
        raise SolveRefused("SEARCH_FAILED", name, str(done.returncode))
    answer: dict[str, Any] = json.loads(done.stdout)
    if "error" in answer:
        raise SolveRefused("NO_INSTANCE", name, answer["error"])
    return answer
