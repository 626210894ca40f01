"""A day while each part of the platform is killed once, on a platform of its own.

Visitors and tills try again as they do: at most twice, within five seconds. At the end everything
that was acknowledged is compared with the books.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chaos.scenarios.kills import BACK_WITHIN_S, strike
from chaos.stage import Stage
from chaos.stages import Stages
from cli.connection import running_machine
from infra.local.home import Home
from infra.local.table import COMMAND_LINE, COMPONENTS
from loadtests import books, caches, days, result
from loadtests.command import Tell, Wanted
from loadtests.day import Day, Gate
from loadtests.gates import Verdict
from loadtests.look_round import look_round
from loadtests.playing import LoadFailed, Options, play
from loadtests.report import writing

EVERY_S = 60.0
TRIES, SUCCEED = 3, 0.999


class Killer:
    """Kills one part after the other, spread over a run. hit: (seconds since the begin, part)."""

    def __init__(self, stage: Stage, names: Sequence[str], every_s: float, tell: Tell) -> None:
        self._stage, self._names, self.every_s, self._tell = stage, names, every_s, tell
        self._ended = threading.Event()
        self.hit: list[tuple[float, str]] = []
        self.healthy_s: dict[str, float] = {}
        self.problems: list[str] = []

    def start(self, began: float) -> None:
        """Begins to count. began: monotonic time of the first arrival."""
        self._began = began
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Kills no more."""
        self._ended.set()
        self._thread.join()

    def verdict(self) -> Verdict:
        """Whether each part was killed once and came back."""
        text = f"{len(self.hit)} of {len(self._names)} parts killed, {len(self.healthy_s)} healthy"
        text += " again" + "".join(f"; {each}" for each in self.problems)
        return Verdict("kills", len(self.healthy_s) == len(self._names), text)

    def _work(self) -> None:
        for number, name in enumerate(self._names, 1):
            due = self._began + number * self.every_s
            if self._ended.wait(max(0.0, due - time.monotonic())):
                return
            before = self._stage.platform.process(name)
            self._stage.fault(name)
            strike(self._stage, name)
            self.hit.append((round(time.monotonic() - self._began, 1), name))
            try:
                back_s = self._stage.platform.wait_healthy(
                    name, after=before, timeout_s=BACK_WITHIN_S
                )
            except AssertionError as error:
                self.problems.append(str(error)[:200])
                continue
            self.healthy_s[name] = round(back_s, 2)
            self._tell(f"{name} killed, healthy again after {back_s:.1f} s")


def run(wanted: Wanted, tell: Tell) -> dict[str, Any]:
    """Plays a day while parts are killed. Errors: LoadFailed, Unexpected, OSError."""
    day = days.find(wanted.day)
    if day.areas > 1 or day.story:
        raise LoadFailed(f"{day.name} needs areas or people of its own; kill parts on another day")
    about: dict[str, Any] = {
        "says": day.says, "date": writing.now(), "commit": result.commit(),
        "machine": result.machine(), "command": wanted.command, "areas": 1,
        "title_more": ", each part killed once", "suffix": "-kill-each",
    }  # fmt: skip
    with Stages(tell) as stages:
        stage = stages.for_scenario(disk_mb=0, fresh=True)
        stage.scenario = day.name
        names = [each.name for each in COMPONENTS if not each.is_job and _runs(stage, each.name)]
        seconds = wanted.seconds or round(EVERY_S * (len(names) + 1))
        killer = Killer(stage, names, seconds / (len(names) + 1), tell)
        gate = Gate(p95_ms=0, each_p95_ms=0, succeed=SUCCEED)
        document, series = _play(replace(day, gate=gate), stage, seconds, killer, tell)
    about["marks"], about["notes"] = killer.hit, [_told(killer)]
    about["cache"] = document["cache"]
    files = writing.write(wanted.report, document, series, about)
    return document | {"report": [str(each) for each in files], "demo_stays": False}


def _runs(stage: Stage, name: str) -> bool:
    return any(each["name"] == name and each["pid"] for each in stage.platform.components())


def _play(
    day: Day, stage: Stage, seconds: int, killer: Killer, tell: Tell
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the document of the run and what its charts show."""
    platform = stage.platform
    home, host = Home(platform.data), urlsplit(platform.url).netloc
    ground = look_round(platform.url, host, books.AREA, platform.state["first_logins"])
    tell("the planner compiles its search")
    warm = caches.warm(home, platform.url, [ground])
    machine = running_machine(home)
    if machine is None:
        raise LoadFailed("the platform of its own does not run")
    options = Options(
        home, platform.url, seconds, tries=TRIES, at_begin=killer.start,
        sensors=(Path(platform.state["sensor"]["credential_file"]),),
        settings=machine.variables(COMMAND_LINE),
    )  # fmt: skip
    tell(f"{day.name}: {seconds} s, a part every {killer.every_s:.0f} s")
    try:
        measured = play(day, [ground], options)
    finally:
        killer.stop()
    stage.wait_ready()
    tell("comparing what was acknowledged with the books")
    kept = books.compare(stage, ground, measured.left.get(books.AREA, {}), measured.sensors)
    document = result.document(day, measured, [killer.verdict(), *kept])
    return document | {"steps": [], "nation": {}, "cache": warm}, result.series(measured)


def _told(killer: Killer) -> str:
    back = ", ".join(f"{name} after {back_s} s" for name, back_s in killer.healthy_s.items())
    return (
        f"{len(killer.hit)} parts were killed with -9, one every {killer.every_s:.0f} s, on a"
        " platform made for it. Visitors try at most twice again, within five seconds; times"
        f" include their pauses. Healthy again: {back}."
    )
