"""Runs of pytest side by side: what they say is shown and added up."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import test as command
from infra.local.home import ROOT

pytestmark = pytest.mark.long


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., list[list[str]]]:
    """Writes files of tests; returns the words of a run for each."""

    def write(*bodies: str) -> list[list[str]]:
        options = ["--rootdir", str(tmp_path), "-c", os.devnull, "-p", "no:cacheprovider"]
        paths = [tmp_path / f"test_{number}.py" for number in range(len(bodies))]
        for path, body in zip(paths, bodies, strict=True):
            path.write_text(body)
        return [[str(path), "-q", *options] for path in paths]

    return write


GOOD, BAD = "def test_good(): pass\n", "def test_bad(): assert 0\n"


@pytest.mark.parametrize(
    ("bodies", "failed", "counts"),
    [
        ((BAD, GOOD), True, {"passed": 1, "failed": 1}),
        ((GOOD, ""), False, {"passed": 1}),  # -k chose none of this share
        (("", ""), True, {}),
        ((GOOD, "import os\nos._exit(3)"), True, {"passed": 1, "errors": 1, "cut short": 1}),
    ],
)
def test_runs_at_once_are_added_up(
    written: Callable[..., list[list[str]]],
    tmp_path: Path,
    bodies: tuple[str, ...],
    *,
    failed: bool,
    counts: dict[str, int],
) -> None:
    added = Counter[str]()
    assert command._pytest(written(*bodies), added, str(tmp_path), as_json=False) is failed
    assert {name: number for name, number in added.items() if number} == counts


@pytest.fixture
def phase(tmp_path: Path) -> Callable[[str], list[command.Phase]]:
    """Writes a file of tests; returns the phase it is, which is asked again."""

    def write(body: str) -> list[command.Phase]:
        path = tmp_path / "test_it.py"
        path.write_text(body)
        rules = (
            "--rootdir",
            str(tmp_path),
            "-c",
            os.devnull,
            "-p",
            "no:xdist",
            "-p",
            "no:randomly",
        )
        return [command.Phase("it", (str(path),), 0, again=True, options=rules)]

    return write


ONCE = """
import pathlib
def test_good(): pass
def test_once(tmp_path):
    mark = pathlib.Path(__file__).with_name("mark")
    there = mark.exists()
    mark.touch()
    assert there
"""


@pytest.mark.parametrize(
    ("body", "failed", "counts"),
    [
        (ONCE, False, {"passed": 2, "again": 1}),
        (ONCE + BAD, True, {"passed": 2, "failed": 1, "again": 1}),
        (GOOD, False, {"passed": 1}),
        # Who ends the process itself leaves the rest unasked.
        (BAD + "def test_end():\n    import os\n    os._exit(3)", True, {"errors": 1}),
        # So does who ends the run: of the rest nobody knows, though what failed passes alone.
        (
            ONCE + "def test_end():\n    import pytest\n    pytest.exit('enough', 2)",
            True,
            {"passed": 1, "failed": 1},
        ),
        ("".join(BAD.replace("bad", f"bad_{n}") for n in range(41)), True, {"failed": 41}),
    ],
)
def test_what_fails_beside_others_is_asked_once_more(
    phase: Callable[[str], list[command.Phase]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    *,
    failed: bool,
    counts: dict[str, int],
) -> None:
    monkeypatch.setattr(command, "WHOLE", "-q")
    monkeypatch.setattr(command, "ROOT", tmp_path)  # ids of tests are paths from there
    phases, added = phase(body), Counter[str]()
    assert command._stage(phases, [], added, str(tmp_path), as_json=False) is failed
    assert {name: added[name] for name in command._ORDER if added[name]} == counts
    said = capfd.readouterr().err
    assert ("again: " in said) is ("again" in counts)
    assert ("test_once" in said) is ("again" in counts)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_clears_up_what_its_tests_have_started(
    tmp_path: Path, how: signal.Signals
) -> None:
    (tmp_path / "test_long.py").write_text(
        "import pathlib, time, pytest\n"
        "HERE = pathlib.Path(__file__).parent\n"
        "@pytest.fixture\n"
        "def server():\n"
        "    (HERE / 'started').touch()\n"
        "    yield\n"
        "    (HERE / 'ended').touch()\n"
        "def test_long(server): time.sleep(100)\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    process = subprocess.Popen(
        # Deaf to Ctrl-C at first, as a shell starts what runs in its background.
        ["sh", "-c", "trap '' INT; exec \"$@\"", "sh",
         sys.executable, "-m", "cli", "test", str(tmp_path / "test_long.py")],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(tmp_path / "started")
    process.send_signal(how)
    until(tmp_path / "ended")
    assert process.wait(60) != 0


def until(path: Path) -> None:
    """Waits for a file."""
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} is not there"
        time.sleep(0.05)


KEEPS_RUNNING = """
import fcntl, os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
file.write(str(os.getpid()))
file.flush()
print("runs", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("memory", [True, False])
def test_a_platform_that_outlives_its_test_is_ended_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, memory: bool
) -> None:
    """Workers of an interrupted run are ended before they have stopped their platform."""
    if not memory:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr(tempfile, "tempdir", None)
    stranger = tmp_path / "platform of another person" / "run" / "lock"
    with command._folder_of_the_run() as folder:
        processes = []
        for lock in (Path(folder) / "pytest-0" / "platform0" / "run" / "lock", stranger):
            lock.parent.mkdir(parents=True)
            words = [sys.executable, "-c", KEEPS_RUNNING, str(lock)]
            processes.append(subprocess.Popen(words, stdout=subprocess.PIPE))
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"runs\n"
    mine, other = processes
    try:
        assert mine.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        assert not Path(folder).exists()
        assert tmp_path.exists()
    finally:
        for process in processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
