"""`./meguri test`: all tests, from a bare clone. How the phases differ: CONTRIBUTING.md."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from infra.local import bytecode
from infra.local.home import ROOT

_COUNT = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|errors?)\b")
_ORDER = ("failed", "passed", "skipped", "xfailed", "xpassed", "errors")


# Files of servers and platforms are gone with the run; a disk only makes every commit wait.
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system, not a file; the folder in it is our own
WHOLE = "--hypothesis-profile=whole"  # more examples than while you write; see tests/examples.py
MEMORY_FREE_BYTES = 4 * 1024**3


FAULTS = "tests/system/supervisor/test_faults.py"


@dataclass(frozen=True)
class Phase:
    """Tests that run together. Cheap ones come first: a mistake in a rule shows at once.

    at_once: workers. More than there are cores where tests mostly wait for servers.
    but: a folder or file within that is a phase of its own.
    """

    name: str
    folders: tuple[str, ...]
    at_once: int
    but: str = ""


PHASES = (
    Phase("unit", ("tests/unit",), 2),
    Phase("contract and service", ("tests/contract", "tests/service"), 3),
    # A worker has one platform for all its tests that break nothing: more would only crowd.
    Phase("system", ("tests/system",), 2, but=FAULTS),
    # It times how soon what was killed is back: nothing else may run beside it.
    Phase("faults", (FAULTS,), 0),
)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `test`."""
    parser = subcommands.add_parser(
        "test", help="run all tests", epilog="Everything else is passed on to pytest."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs pytest in the tree; in phases unless files were named. Fails when a test does."""
    started, counts, failed = time.monotonic(), Counter[str](), False
    options = list(arguments.rest)
    with _folder_of_the_run() as folder:
        if any(_is_path(word) for word in options):
            words = [*options, *_workers(options)]
            failed = _pytest(words, counts, folder, as_json=arguments.json)
        else:
            for phase in PHASES:
                words = [*phase.folders, *_spread(phase), WHOLE, *options]
                begun = time.monotonic()
                failed |= _pytest(words, counts, folder, as_json=arguments.json)
                took_s = time.monotonic() - begun
                print(f"-- {phase.name}: {took_s:.1f} s\n", file=sys.stderr, flush=True)
            print(_closing(counts, time.monotonic() - started), file=_out(as_json=arguments.json))
    bytecode.keep(ROOT)
    if arguments.json:
        print(json.dumps({"passed": not failed, "counts": counts}))
    return 1 if failed else 0


def _is_path(word: str) -> bool:
    return not word.startswith("-") and (ROOT / word.partition("::")[0]).exists()


def _spread(phase: Phase) -> list[str]:
    words = ["-n", str(phase.at_once), "--dist", "loadfile"] if phase.at_once else []
    return words + ([f"--ignore={phase.but}"] if phase.but else [])


def _workers(words: list[str]) -> list[str]:
    """Returns how many tests run at once where whole folders of one phase were asked for."""
    paths = {word.rstrip("/") for word in words if _is_path(word)}
    for phase in PHASES:
        if paths <= set(phase.folders):
            return _spread(replace(phase, but=""))
    return []


@contextmanager
def _folder_of_the_run() -> Iterator[str]:
    """A folder for what tests write: in memory where there is room, unless TMPDIR says where."""
    if os.environ.get("TMPDIR") or not _is_roomy(MEMORY):
        yield tempfile.gettempdir()
        return
    folder = tempfile.mkdtemp(prefix="meguri-run-", dir=MEMORY)
    # A folder of nobody else's, which PostgreSQL (as another user) can pass through.
    Path(folder).chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_roomy(folder: Path) -> bool:
    """Tells whether a folder has room for the servers and lets programs in it be run."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= MEMORY_FREE_BYTES and not found.f_flag & os.ST_NOEXEC


def _pytest(words: list[str], counts: "Counter[str]", folder: str, *, as_json: bool) -> bool:
    """Runs pytest once, shows what it says, adds up its counts. Returns True when it failed."""
    # Tests find their own platform, never the one that happens to run here.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        # Tests of other languages choose theirs; the rest expects English in any terminal.
        env=kept | {"PYTHONUNBUFFERED": "1", "LANGUAGE": "en", "TMPDIR": folder},
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
