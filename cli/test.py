"""`./meguri test`: all tests, from a bare clone. How the phases differ: CONTRIBUTING.md."""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO

from cli import again
from cli.words import told
from infra.local import bytecode, home, spawn
from infra.local.home import ROOT

_COUNT = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|errors?)\b")
_ORDER = ("failed", "passed", "skipped", "xfailed", "xpassed", "errors", "again")


# Files of servers and platforms are gone with the run; a disk only makes every commit wait.
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system, not a file; the folder in it is our own
WHOLE = "--hypothesis-profile=whole"  # more examples than while you write; see tests/examples.py
MEMORY_FREE_BYTES = 4 * 1024**3


CLEAR_UP_S = 60.0
NO_TESTS = 5  # pytest's exit code where nothing was selected

FAULTS = "tests/system/supervisor/test_faults.py"
# Files are begun in the order of their names, those marked long before them (tests/conftest.py).
BY_FILE = ("--dist", "loadfile", "--no-loadscope-reorder")


@dataclass(frozen=True)
class Phase:
    """Tests that run together. Cheap ones come first: a mistake in a rule shows at once.

    at_once: workers. More than there are cores where tests mostly wait for servers.
    shares: each worker has its share of the files from the start. Thousands of tests of a
        millisecond cost more to hand out one by one than they take.
    beside_last: it runs at the same time as the phase before it.
    but: a folder or file within that is a phase of its own.
    again: what fails in it is asked once more, alone; see cli/again.py.
    options: for pytest, of this phase alone.
    """

    name: str
    folders: tuple[str, ...]
    at_once: int
    shares: bool = False
    beside_last: bool = False
    but: str = ""
    again: bool = False
    options: tuple[str, ...] = ()


PHASES = (
    # Nobody reads the log of a rule; to listen for one costs a tenth of this phase.
    Phase("unit", ("tests/unit",), 2, shares=True, options=("-p", "no:logging")),
    # Beside those: where one share ends before another, somebody else uses the core.
    Phase("pages", ("tests/pages",), 2, shares=True, beside_last=True),
    Phase("contract and service", ("tests/contract", "tests/service"), 4, again=True),
    # A worker has one platform for all its tests that break nothing: more would only crowd.
    Phase("system", ("tests/system",), 2, but=FAULTS, again=True),
    # It times how soon what was killed is back: nothing else may run beside it.
    Phase("faults", (FAULTS,), 0, again=True),
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
    if unknown := _unknown(options):
        text = f"there is no file or folder {unknown}; name tests such as tests/unit/infra"
        print(f"meguri test: {told(text)}", file=sys.stderr)
        return 2
    with _stopped_gently(), _folder_of_the_run() as folder:
        if any(_is_path(word) for word in options):
            failed = _pytest(_named(options), counts, folder, as_json=arguments.json)
        else:
            for phases in _stages():
                begun = time.monotonic()
                failed |= _stage(phases, options, counts, folder, as_json=arguments.json)
                names, took_s = ", ".join(each.name for each in phases), time.monotonic() - begun
                print(f"-- {names}: {took_s:.1f} s\n", file=sys.stderr, flush=True)
        print(_closing(counts, time.monotonic() - started), file=_out(as_json=arguments.json))
    bytecode.keep(ROOT)
    if arguments.json:
        print(json.dumps({"passed": not failed, "counts": counts}))
    return 1 if failed else 0


def _stage(
    phases: list[Phase], options: list[str], counts: "Counter[str]", folder: str, *, as_json: bool
) -> bool:
    """Runs phases at the same time, and once more what failed in one that is asked again."""
    asked_again, cache = phases[0].again, Path(folder) / f"cache of {phases[0].name}"
    options = [WHOLE, *(again.options(cache) if asked_again else ()), *options]
    runs = [words for phase in phases for words in _runs(phase, options)]
    if not asked_again:
        return _pytest(runs, counts, folder, as_json=as_json)
    first, second = Counter[str](), Counter[str]()
    failed = _pytest(runs, first, folder, as_json=as_json)
    # Of a run that was cut short nobody knows what else would have failed.
    names = again.failed_in(cache) if failed and not first["cut short"] else []
    if not names:
        counts.update(first)
        return failed
    words = [*names, *phases[0].options, WHOLE]
    failed = _pytest([words], second, folder, as_json=as_json)
    again.settle(counts, first, second, len(names))
    print(again.told(names, passed=not failed), file=sys.stderr, flush=True)
    return failed


def _is_path(word: str) -> bool:
    return not word.startswith("-") and (ROOT / word.partition("::")[0]).exists()


def _unknown(options: list[str]) -> str:
    """Returns the first word that can only be a path and is none; what follows an option may be
    its value."""
    for before, word in zip(["", *options], options, strict=False):
        if not word.startswith("-") and not before.startswith("-") and not _is_path(word):
            return word
    return ""


def _stages() -> list[list[Phase]]:
    """Returns the phases in their order, together what runs at the same time."""
    stages: list[list[Phase]] = []
    for phase in PHASES:
        if phase.beside_last:
            stages[-1].append(phase)
        else:
            stages.append([phase])
    return stages


def _named(words: list[str]) -> list[list[str]]:
    """Returns the runs for what a person named: side by side where whole folders of a phase are."""
    paths = {word.rstrip("/") for word in words if _is_path(word)}
    for phase in PHASES:
        if paths <= set(phase.folders):
            options = [word for word in words if not _is_path(word)]
            return _runs(replace(phase, folders=tuple(sorted(paths)), but=""), options)
    return [words]


def _runs(phase: Phase, options: list[str]) -> list[list[str]]:
    """Returns the words of each run of pytest that together make the phase."""
    if phase.shares:
        return [[*share, *phase.options, *options] for share in _shares(phase)]
    workers = ["-n", str(phase.at_once), *BY_FILE] if phase.at_once else []
    but = [f"--ignore={phase.but}"] if phase.but else []
    return [[*phase.folders, *workers, *but, *options]]


def _shares(phase: Phase) -> list[list[str]]:
    """Deals the files out, the largest first, each to whom has least: sizes stand for times."""
    found = [path for name in phase.folders for path in (ROOT / name).rglob("test_*.py")]
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in found}
    shares: list[list[str]] = [[] for _ in range(phase.at_once)]
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        min(shares, key=lambda share: sum(map(sizes.__getitem__, share))).append(name)
    return [sorted(share) for share in shares if share]


@contextmanager
def _folder_of_the_run() -> Iterator[str]:
    """A folder for what tests write: in memory where there is room, unless TMPDIR says where."""
    in_memory = not os.environ.get("TMPDIR") and _is_roomy(MEMORY)
    folder = tempfile.mkdtemp(prefix="meguri-run-", dir=MEMORY if in_memory else None)
    # A folder of nobody else's, which PostgreSQL (as another user) can pass through.
    Path(folder).chmod(0o711)
    try:
        yield folder
    finally:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C
        _end_platforms(Path(folder))
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGINT, before)


def _end_platforms(folder: Path) -> None:
    """Ends what tests left running: a run that is interrupted gives its workers little time, and a
    platform is a session of its own, which outlives whoever started it."""
    deadline = time.monotonic() + CLEAR_UP_S
    asked: set[int] = set()
    while found := {home.supervisor_of(home.Home(each)) for each in _data_folders(folder)} - {0}:
        late = time.monotonic() > deadline
        for process in found if late else found - asked:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL if late else signal.SIGTERM)
        asked |= found
        time.sleep(0.1)


def _data_folders(folder: Path) -> Iterator[Path]:
    for place, folders, _ in os.walk(folder):
        if "run" in folders and (Path(place) / "run" / "lock").exists():
            folders.clear()  # thousands of files of databases
            yield Path(place)


def _is_roomy(folder: Path) -> bool:
    """Tells whether a folder has room for the servers and lets programs in it be run."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= MEMORY_FREE_BYTES and not found.f_flag & os.ST_NOEXEC


def _pytest(runs: list[list[str]], counts: "Counter[str]", folder: str, *, as_json: bool) -> bool:
    """Runs pytest once for each list of words, all at once; shows what they say, one after another.

    Adds up their counts. Returns True when one failed or none found a test.
    """
    # Tests find their own platform, never the one that happens to run here.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    # Tests of other languages choose theirs; the rest expects English in any terminal.
    environment = kept | {"PYTHONUNBUFFERED": "1", "LANGUAGE": "en", "TMPDIR": folder}
    codes = set()
    with ExitStack() as stack:
        started = []
        for words in runs:
            said = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            process = subprocess.Popen(
                # Should we be killed, they still end what they started.
                spawn.bound([sys.executable, "-m", "pytest", *words], death_signal=signal.SIGINT),
                cwd=ROOT,
                env=environment,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            stack.callback(_end, process)
            started.append((process, said))
        for process, said in started:
            codes.add(_follow(process, said, counts, _out(as_json=as_json)))
    return bool(codes - {0, NO_TESTS}) or codes == {NO_TESTS}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Has a run that still goes on, because this one was interrupted, clear up what it started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(CLEAR_UP_S)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def _stopped_gently() -> Iterator[None]:
    """Takes being told to end as Ctrl-C: what tests have started is then ended as well.

    Ctrl-C too, by name: a shell starts what runs in its background deaf to it, and pytest would
    inherit that.
    """

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _follow(
    process: "subprocess.Popen[bytes]", said: BinaryIO, counts: "Counter[str]", out: TextIO
) -> int:
    """Shows what a run writes while it writes, until it has ended. Returns its exit code."""
    code, shown, last = None, 0, b""
    while code is None:
        code = process.poll()  # before reading: what it wrote last is read after its end
        while chunk := os.pread(said.fileno(), 65536, shown):
            shown += len(chunk)
            last = (last + chunk)[-4096:]
            out.buffer.write(chunk)
            out.flush()
        if code is None:
            time.sleep(0.05)
    closing = last.decode(errors="replace").strip().rpartition("\n")[2]
    found = _COUNT.findall(closing)
    for number, what in found:
        counts["errors" if what == "error" else what] += int(number)
    if code not in (0, NO_TESTS) and not any(what[:5] in ("faile", "error") for _, what in found):
        counts["errors"] += 1
    counts["cut short"] += code not in (0, 1, NO_TESTS)
    return code


def _closing(counts: "Counter[str]", took_s: float) -> str:
    """Returns one line over all phases, in the form of pytest's own."""
    told = ", ".join(f"{counts[name]} {name}" for name in _ORDER if counts[name])
    told = told.replace(" again", " only when asked again")
    return f"{told or 'no tests ran'} in {took_s:.2f}s"


def _out(*, as_json: bool) -> TextIO:
    return sys.stderr if as_json else sys.stdout
