"""Plays one run: visitors in locust's process, sensors in another, the watch over CPU in this."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.home import ROOT, Home
from kit.pure.errors import Refusal
from loadtests import ground, samples
from loadtests.cpu import Cpu, Watch
from loadtests.day import Day
from loadtests.ground import Ground

GRACE_S = 90  # beyond the run, for the last answers and a story's end
STARTS_WITHIN_S = 60.0
SETTLES_S = 3.0  # events are still on their way after the last answer, and cost too


class LoadFailed(Refusal):
    """The generator itself did not work; the text says what it said last."""


@dataclass(frozen=True)
class Options:
    """edge_url: where visitors ask; a proxy may stand there. only: acts, all for none. tries: how
    often a request is sent at most."""

    home: Home
    edge_url: str
    seconds: int
    factor: float = 1.0
    only: tuple[str, ...] = ()
    tries: int = 1
    seed: str = "1"
    sensors: tuple[Path, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    at_begin: Callable[[float], None] = lambda _: None


@dataclass
class Measured:
    """What one run gave. began, ended: on the clock of `cpu`. left: area -> what its visitors did.
    sensors: what loadtests.sensors answered, {} without any."""

    run: samples.Run
    cpu: Cpu
    began: float
    ended: float
    left: dict[str, Any] = field(default_factory=dict)
    sensors: dict[str, Any] = field(default_factory=dict)

    def platform_s(self) -> float:
        """Returns the CPU seconds of the platform from the first arrival until it was quiet."""
        return self.cpu.platform_s(self.began, self.ended)


def play(day: Day, grounds: Sequence[Ground], options: Options) -> Measured:
    """Plays a run to its end. Errors: LoadFailed."""
    with tempfile.TemporaryDirectory(prefix="meguri-load-") as name:
        folder = Path(name)
        ground.write(folder / "grounds.json", list(grounds))
        watch = Watch(_supervisor(options.home), options.home.run / "state.json")
        try:
            with _Sensors(day, options) as sensors:
                visitors = _visitors(day, options, folder)
                try:
                    began = _begun(folder / "began", visitors)
                    sensors.begin(began)
                    options.at_begin(began)
                    said, _ = visitors.communicate(timeout=options.seconds + GRACE_S)
                finally:
                    visitors.kill()
                    visitors.wait()
                heard = sensors.result()
            if not (folder / "out.json").exists():
                raise LoadFailed(f"the visitors left no samples: {said[-600:]}")
            time.sleep(SETTLES_S)
        finally:
            cpu = watch.stop()
        return Measured(
            samples.read(folder / "out.json"), cpu, began - watch.began, cpu.at[-1],
            json.loads((folder / "left.json").read_text()), heard,
        )  # fmt: skip


def _supervisor(home: Home) -> int:
    return int((home.run / "lock").read_text())


def _visitors(day: Day, options: Options, folder: Path) -> "subprocess.Popen[str]":
    command = [
        sys.executable, "-P", "-m", "locust", "--headless", "--skip-log-setup",
        "--locustfile", str(ROOT / "loadtests" / "generator.py"), "--host", options.edge_url,
        "--users", "100", "--spawn-rate", "100", "--stop-timeout", "2",
        "--run-time", f"{options.seconds + GRACE_S}s",
    ]  # fmt: skip
    settings = {
        "LOAD_DAY": day.name, "LOAD_SECONDS": str(options.seconds),
        "LOAD_FACTOR": str(options.factor), "LOAD_ONLY": ",".join(options.only),
        "LOAD_TRIES": str(options.tries), "LOAD_SEED": options.seed,
        "LOAD_GROUNDS": str(folder / "grounds.json"), "LOAD_BEGAN": str(folder / "began"),
        "LOAD_OUT": str(folder / "out.json"), "LOAD_LEFT": str(folder / "left.json"),
    }  # fmt: skip
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, **settings},
    )  # fmt: skip


def _begun(stamp: Path, visitors: "subprocess.Popen[str]") -> float:
    """Waits until the visitors say when their first moment is. Errors: LoadFailed."""
    ends = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < ends and visitors.poll() is None:
        text = stamp.read_text() if stamp.exists() else ""
        if text:
            return float(text)
        time.sleep(0.02)
    visitors.kill()
    said = visitors.communicate()[0]
    raise LoadFailed(f"the visitors did not set out: {said[-600:]}")


class _Sensors:
    """The program of the sensors, where a day has any. Use as a context."""

    def __init__(self, day: Day, options: Options) -> None:
        wanted = not options.only or "sensor_batch" in options.only
        self._per_s = day.sensors_per_s * options.factor if wanted and options.sensors else 0.0
        self._points = [(0.0, 1.0), (1.0, 1.0)] if options.only else list(day.shape.points)
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "_Sensors":
        if not self._per_s:
            return self
        order = {
            "credentials": [str(each) for each in self._options.sensors], "per_s": self._per_s,
            "seconds": self._options.seconds, "points": self._points, "seed": self._options.seed,
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "loadtests.sensors"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **self._options.settings},
        )  # fmt: skip
        self._say(json.dumps(order))
        if self._process.stdout is None or not self._process.stdout.readline():
            raise LoadFailed(f"the sensors did not get ready: {self._complaint()}")
        return self

    def begin(self, moment: float) -> None:
        """Tells them the monotonic time of the first moment."""
        if self._process:
            self._say(str(moment))

    def result(self) -> dict[str, Any]:
        """Waits for the last acknowledgement and returns what they answer. Errors: LoadFailed."""
        if self._process is None:
            return {}
        said, complaint = self._process.communicate(timeout=GRACE_S)
        if self._process.returncode:
            raise LoadFailed(f"the sensors failed: {complaint[-400:]}")
        found: dict[str, Any] = json.loads(said)
        return found

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _say(self, text: str) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.write(text + "\n")
            self._process.stdin.flush()

    def _complaint(self) -> str:
        return self._process.communicate()[1][-400:] if self._process else ""
