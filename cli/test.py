"""`./meguri test`: all tests, from a bare clone."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TextIO

from infra.local import bytecode
from infra.local.home import ROOT

_COUNT = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|errors?)\b")
_ORDER = ("failed", "passed", "skipped", "xfailed", "xpassed", "errors")


@dataclass(frozen=True)
class Phase:
    """Tests that run together. Cheap ones come first: a mistake in a rule shows at once."""

    name: str
    folders: tuple[str, ...]
    at_once: int


# System tests share one platform and measure times: one after the other.
PHASES = (
    Phase("unit", ("tests/unit",), 2),
    Phase("contract and service", ("tests/contract", "tests/service"), 2),
    Phase("system", ("tests/system",), 0),
)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `test`."""
    parser = subcommands.add_parser(
        "test", help="run all tests", epilog="Everything else is passed on to pytest."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs pytest in the tree; without further words in phases. Fails when a test does."""
    started, counts, failed = time.monotonic(), Counter[str](), False
    if arguments.rest:
        words = [*arguments.rest, *_workers(arguments.rest)]
        failed = _pytest(words, counts, as_json=arguments.json)
    else:
        for phase in PHASES:
            words = [*phase.folders, "-n", str(phase.at_once), "--dist", "loadfile"]
            begun = time.monotonic()
            failed |= _pytest(words, counts, as_json=arguments.json)
            took_s = time.monotonic() - begun
            print(f"-- {phase.name}: {took_s:.1f} s\n", file=sys.stderr, flush=True)
        print(_closing(counts, time.monotonic() - started), file=_out(as_json=arguments.json))
    bytecode.keep(ROOT)
    if arguments.json:
        print(json.dumps({"passed": not failed, "counts": counts}))
    return 1 if failed else 0


def _workers(words: list[str]) -> list[str]:
    """Returns how many tests run at once where whole folders of one phase were asked for."""
    for phase in PHASES:
        if phase.at_once and words and set(words) <= set(phase.folders):
            return ["-n", str(phase.at_once), "--dist", "loadfile"]
    return []


def _pytest(words: list[str], counts: "Counter[str]", *, as_json: bool) -> bool:
    """Runs pytest once, shows what it says, adds up its counts. Returns True when it failed."""
    # Tests find their own platform, never the one that happens to run here.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        # Tests of other languages choose theirs; the rest expects English in any terminal.
        env=kept | {"PYTHONUNBUFFERED": "1", "LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    last = b""
    if process.stdout is not None:
        while chunk := os.read(process.stdout.fileno(), 65536):
            stream = _out(as_json=as_json)
            stream.buffer.write(chunk)
            stream.flush()
            last = (last + chunk)[-4096:]
    code = process.wait()
    closing = last.decode(errors="replace").strip().rpartition("\n")[2]
    for number, what in _COUNT.findall(closing):
        counts["errors" if what == "error" else what] += int(number)
    if code == 1 and not counts["failed"] + counts["errors"]:
        counts["errors"] += 1
    return code != 0


def _closing(counts: "Counter[str]", took_s: float) -> str:
    """Returns one line over all phases, in the form of pytest's own."""
    told = ", ".join(f"{counts[name]} {name}" for name in _ORDER if counts[name])
    return f"{told or 'no tests ran'} in {took_s:.2f}s"


def _out(*, as_json: bool) -> TextIO:
    return sys.stderr if as_json else sys.stdout
