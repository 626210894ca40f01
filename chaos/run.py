"""Runs scenarios, each on a platform of its own or on the one before, and judges them."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chaos.platform import Platform
from chaos.scenarios import SCENARIOS, Scenario
from chaos.stage import Size, Stage, percentile_s, recovery_s
from infra.local.ports import HOST
from infra.local.table import COMPONENTS

QUICK = Size(clients=8, payments=0, seed=1)
FULL = Size(clients=16, payments=20_000, seed=1, full=True)
FULL_SEEDS = 5
# Limits in seconds are those of a quiet machine; on a busy one they are stretched, and the answer
# says by how much. What was lost or doubled is never stretched.
SLACK_LEAST, SLACK_MOST = 2.0, 8.0
PROBLEMS_TOLD = 20

Tell = Callable[[str], None]
Result = dict[str, Any]


def run(
    names: Sequence[str], *, seed: int, full: bool, tell: Tell, payments: int = 0
) -> dict[str, Any]:
    """Plays scenarios and returns what `chaos` answers. payments: of each, 0 for the usual."""
    began = time.monotonic()
    seeds = [seed + number for number in range(FULL_SEEDS if full else 1)]
    results: list[Result] = []
    with _Stages(tell) as stages:
        for name in names:
            for chosen in seeds:
                size = replace(FULL if full else QUICK, seed=chosen)
                size = replace(size, payments=payments or size.payments or SCENARIOS[name].payments)
                results.append(_play(name, size, stages, tell))
    return {
        "passed": all(each["passed"] for each in results),
        "seed": seed,
        "full": full,
        "took_s": round(time.monotonic() - began, 1),
        "scenarios": results,
    }


def _play(name: str, size: Size, stages: "_Stages", tell: Tell) -> Result:
    scenario = SCENARIOS[name]
    result: Result = {"name": name, "seed": size.seed, "passed": False, "acknowledged": 0,
                      "lost": 0, "doubled": 0, "recovery_s": 0.0}  # fmt: skip
    tell(f"{name}: {scenario.says} (seed {size.seed})")
    began = time.monotonic()
    try:
        stage = stages.for_scenario(scenario)
    except NotHere as reason:
        tell(f"  left out: {reason}")
        return result | {"passed": True, "left_out": str(reason)}
    stage.scenario, stage.figures = name, {}
    problems: list[str] = []
    try:
        scenario.play(stage, size)
    except Exception as error:  # noqa: BLE001 - whatever ends a scenario, the others go on
        problems.append(f"{type(error).__name__}: {error}"[:600])
    result |= _judge(stage, scenario, problems)
    result["took_s"] = round(time.monotonic() - began, 1)
    told = ", ".join(f"{key} {value}" for key, value in result["figures"].items())
    tell(
        f"  {'passed' if result['passed'] else 'FAILED'}: {result['acknowledged']} acknowledged,"
        f" {result['lost']} lost, {result['doubled']} doubled, recovery"
        f" {result['recovery_s']} s, {result['took_s']} s; {told}"
    )
    for problem in result["problems"]:
        tell(f"  - {problem}")
    if not result["passed"]:
        result["kept"] = stages.keep_broken()
        tell(f"  kept in {result['kept']}")
    return result


def _judge(stage: Stage, scenario: Scenario, problems: list[str]) -> Result:
    """Checks the history, then limits: whoever lost money need not be quick."""
    verdict = stage.judge()
    acks = stage.lines("acks")
    recovered_s, slack = recovery_s(stage.lines("faults"), acks), slack_now()
    problems = [*problems, *verdict.lost, *verdict.doubled, *verdict.problems]
    if recovered_s > scenario.limit_s * slack:
        problems.append(f"sales went on only {recovered_s:.1f} s after a fault")
    mistakes = sum(each["mistakes"] for each in acks)
    if mistakes:
        problems.append(f"{mistakes} answers call themselves a mistake of the server (500)")
    if not acks:
        problems.append("nothing was acknowledged: nothing was tested")
    return {
        "passed": not problems,
        "acknowledged": sum(1 for each in acks if not each["refused"]),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "recovery_s": round(recovered_s, 2),
        "recovery_limit_s": round(scenario.limit_s * slack, 1),
        "p99_s": round(percentile_s(acks, 0.99), 2),
        "figures": stage.figures,
        "problems": problems[:PROBLEMS_TOLD],
    }


def slack_now() -> float:
    """Returns by how much limits in seconds are stretched: the load per core, within bounds."""
    per_core = os.getloadavg()[0] / (os.cpu_count() or 1)
    return round(min(SLACK_MOST, max(SLACK_LEAST, per_core)), 1)


class NotHere(Exception):
    """This machine does not allow what the scenario needs; the text says what."""


class _Stages:
    """Keeps one platform running for the scenarios that can share it.

    A check always reads the whole history of its platform. After a failure the platform is put
    aside as it is, so that it can be read and does not taint the next scenario.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._shared: Stage | None = None
        self._latest: Stage | None = None
        self._folders: list[Path] = []
        self._mounted: list[Path] = []

    def __enter__(self) -> "_Stages":
        return self

    def __exit__(self, *_: object) -> None:
        self._end(self._latest)
        if self._shared is not self._latest:
            self._end(self._shared)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def for_scenario(self, scenario: Scenario) -> Stage:
        """Returns a running platform. Errors: NotHere."""
        if scenario.disk_mb:
            self._end_latest_unless_shared()
            self._latest = self._start(disk_mb=scenario.disk_mb)
            return self._latest
        if self._shared is None:
            self._shared = self._start()
        self._latest = self._shared
        return self._shared

    def keep_broken(self) -> str:
        """Stops the platform of the last scenario and keeps its folder. Returns the path."""
        stage = self._latest
        if stage is None:
            return ""
        kept = stage.folder
        self._folders.remove(kept)
        if stage.platform.data in self._mounted:  # a file system of its own goes with its mount
            shutil.copytree(stage.platform.data / "log", kept / "log", dirs_exist_ok=True)
        self._end(stage)
        if stage is self._shared:
            self._shared = None
        self._latest = None
        return str(kept)

    def _start(self, disk_mb: int = 0) -> Stage:
        folder = Path(tempfile.mkdtemp(prefix="meguri-chaos-"))
        self._folders.append(folder)
        data = folder / "data"
        data.mkdir()
        if disk_mb:
            _mount(data, disk_mb)
            self._mounted.append(data)
        platform = Platform(data)
        began = time.monotonic()
        with _documented_ports_held():
            platform.up()
        self._tell(f"  a fresh platform ({time.monotonic() - began:.1f} s)")
        return Stage(platform, folder)

    def _end_latest_unless_shared(self) -> None:
        if self._latest is not self._shared:
            self._end(self._latest)

    def _end(self, stage: Stage | None) -> None:
        if stage is None:
            return
        stage.platform.run("down", check=False)
        if stage.platform.data in self._mounted:
            subprocess.run(["umount", str(stage.platform.data)], check=False)
            self._mounted.remove(stage.platform.data)


@contextmanager
def _documented_ports_held() -> Iterator[None]:
    """Makes a platform choose other ports. The documented ones any platform of this machine would
    take as soon as they are free, and here a killed server must find its own again."""
    with ExitStack() as held:
        for component in COMPONENTS:
            for port in {component.port, component.metrics_port} - {0}:
                holder = held.enter_context(socket.socket())
                with suppress(OSError):  # taken: it will not be chosen anyway
                    holder.bind((HOST, port))
                    holder.listen()
        yield


def _mount(folder: Path, size_mb: int) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise NotHere("only root may mount a small file system here")
