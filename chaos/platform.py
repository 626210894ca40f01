"""The whole platform, started through ./meguri as a person would, to be broken at will."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 240  # of a machine that others use as well; six seconds otherwise
HEALTHY = frozenset({"ok", "done"})


@dataclass
class Platform:
    """A platform on a data folder of its own.

    state: the JSON of `up`, with first_logins, terminal and sensor at a first start.
    settings: names of the environment and their values, beside which it has none of ours.
    """

    data: Path
    root: Path = ROOT
    prefix: Sequence[str] = ()
    state: dict[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(
        self, *arguments: str, check: bool = True, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs ./meguri with arguments on this data folder."""
        done = subprocess.run(
            [*self.prefix, str(self.root / "meguri"), *arguments, "--data", str(self.data)],
            cwd=self.root,
            env={**without_settings(), **self.settings},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def up(self, *arguments: str) -> dict[str, Any]:
        """Starts everything on free ports and returns the answer of `up`."""
        answer = self.run("up", "--detach", "--json", "--port", "0", *arguments).stdout
        state: dict[str, Any] = json.loads(answer)
        self.state = state
        return state

    def up_again(self, edge_port: int) -> None:
        """Starts everything on the same data with the pages at the same address; the secrets that
        only a first start tells are kept."""
        answer = self.run("up", "--detach", "--json", "--port", str(edge_port)).stdout
        self.state = self.state | json.loads(answer)

    def down(self) -> None:
        """Stops everything in order."""
        self.run("down")

    def status(self) -> dict[str, Any]:
        """Returns the answer of `status`, whatever its exit code."""
        answer: dict[str, Any] = json.loads(self.run("status", "--json", check=False).stdout)
        return answer

    def components(self) -> list[dict[str, Any]]:
        """Returns what `status` shows of the components, without a process that reads it."""
        found: list[dict[str, Any]] = self._read_state()["components"]
        return found

    def component(self, name: str) -> dict[str, Any]:
        """Returns what `status` shows of one component. Errors: KeyError."""
        return {found["name"]: found for found in self.components()}[name]

    def process(self, name: str) -> int:
        """Returns the process id of a component, 0 while it has none. Errors: KeyError."""
        return int(self.component(name)["pid"])

    def kill(self, name: str) -> int:
        """Kills a component with -9 and returns the process id it had. Errors: AssertionError where
        it has none: 0 would be all processes of our own group."""
        process = self.process(name)
        if not process:
            raise AssertionError(f"{name} has no process to be killed")
        os.kill(process, signal.SIGKILL)
        return process

    def port(self, name: str) -> int:
        """Returns the port of a component. Errors: KeyError."""
        return int(self._read_state()["ports"][name])

    def wait_healthy(self, name: str, *, after: int, timeout_s: float) -> float:
        """Waits until a component is healthy under another process id than `after`.

        Returns how many seconds that took. Errors: AssertionError after timeout_s.
        """
        started = time.monotonic()
        while time.monotonic() - started < timeout_s:
            known = self._read_state()
            found = {component["name"]: component for component in known.get("components", [])}
            if found[name]["health"] == "ok" and found[name]["pid"] not in {0, after}:
                return time.monotonic() - started
            time.sleep(0.02)
        raise AssertionError(f"{name} is not healthy after {timeout_s} s: {self.component(name)}")

    def unhealthy(self) -> list[str]:
        """Returns the names of components that are not healthy now."""
        return [each["name"] for each in self.components() if each["health"] not in HEALTHY]

    def get(self, path: str) -> bytes:
        """Opens a page and returns its body. Errors: urllib.error.HTTPError unless it is 200."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - ours
            body: bytes = answer.read()
        return body

    @property
    def url(self) -> str:
        """The address of the pages."""
        return str(self.state["url"])

    @property
    def supervisor(self) -> int:
        """The process id of the supervisor."""
        return int((self.data / "run" / "lock").read_text())

    def heads(self) -> list[int]:
        """Returns the process that started all others, none while there is none."""
        try:
            return [self.supervisor]
        except (OSError, ValueError):
            return []

    def _read_state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.data / "run" / "state.json").read_text())
        return state


@contextmanager
def running(data: Path, **options: Any) -> Iterator[Platform]:
    """Runs a whole platform for as long as the block."""
    platform = Platform(data, **options)
    try:
        platform.up()
        yield platform
    finally:
        platform.down()


def without_settings() -> dict[str, str]:
    """Returns the environment without what the test run itself was given."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MEGURI_", "PYTHONPATH", "PYTEST"))
    }


def descendants(process: int) -> set[int]:
    """Returns the process ids of a whole family without its head."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found: set[int] = set()
    waiting = [process]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def names(processes: set[int]) -> str:
    """Returns what those of the processes are called that still run."""
    found = []
    for process in sorted(processes):
        with suppress(FileNotFoundError, ProcessLookupError):
            words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
            words[0] = words[0].rpartition(b"/")[2]
            found.append(b" ".join(words[:4]).decode(errors="replace"))
    return "; ".join(found)[:300]


def alive(processes: set[int]) -> set[int]:
    """Returns those of the processes that still run."""
    running_now = set()
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            running_now.add(process)
    return running_now
