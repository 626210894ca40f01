"""Platforms for scenarios: one at a time, shared as long as nothing went wrong on it."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from chaos.platform import Platform
from chaos.stage import Stage
from chaos.ways import Ways
from infra.local.ports import HOST
from infra.local.table import COMPONENTS


class NotHere(Exception):
    """This machine does not allow what the scenario needs; the text says what."""


class Stages:
    """Keeps a platform running for the scenarios that can share it. Use as a context.

    A check always reads the whole history of its platform. After a failure the platform is put
    aside as it is, so that it can be read and does not taint the next scenario.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._stage: Stage | None = None
        self._disk_mb = 0  # of the running platform's own file system
        self._providers = ""  # what its providers.env says
        self._spent = False  # it is no use to another scenario
        # Each platform is fresh, and would compile the planner's search, half a minute of a core.
        self._machine_code = tempfile.TemporaryDirectory(prefix="meguri-chaos-code-")

    def __enter__(self) -> "Stages":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._machine_code.cleanup()

    def for_scenario(
        self, *, disk_mb: int, fresh: bool, providers: str = "", detoured: bool = False
    ) -> Stage:
        """Returns a running platform. disk_mb: size of a file system of its own, 0 for none.
        fresh: nobody has played on it, and nobody will afterwards. providers: text of its
        providers.env. detoured: with the fault proxy between its parts.

        Errors: NotHere; AssertionError, OSError or SubprocessError when it does not start.
        """
        other = self._stage is not None and detoured != (self._stage.between is not None)
        if fresh or other or self._spent or disk_mb or providers != self._providers:
            self._end()
        self._spent = fresh or bool(disk_mb)
        if self._stage is None:
            self._providers = providers
            self._stage = self._start(disk_mb, detoured=detoured)
        return self._stage

    def put_away(self) -> None:
        """Ends the platform at hand, where there is one."""
        self._end()

    def keep_broken(self) -> str:
        """Stops the platform of the last scenario and keeps its folder. Returns the path."""
        stage = self._stage
        if stage is None:
            return ""
        if self._disk_mb:  # the file system goes with its mount; what it logged stays
            shutil.copytree(stage.platform.data / "log", stage.folder / "log", dirs_exist_ok=True)
        self._end(keep=True)
        return str(stage.folder)

    def _start(self, disk_mb: int, *, detoured: bool) -> Stage:
        folder = Path(tempfile.mkdtemp(prefix="meguri-chaos-"))
        code = {"NUMBA_CACHE_DIR": self._machine_code.name}
        stage = Stage(Platform(folder / "data", settings=code), folder)
        stage.platform.data.mkdir()
        if disk_mb:
            _mount(stage.platform.data, disk_mb)
        if self._providers:
            (stage.platform.data / "providers.env").write_text(self._providers, encoding="utf-8")
        self._stage, self._disk_mb = stage, disk_mb
        began = time.monotonic()
        try:
            if detoured:
                stage.between = Ways(stage.platform.data).__enter__()
            with documented_ports_held():
                stage.platform.up()
        except BaseException:
            self._end()
            raise
        self._tell(f"  a fresh platform ({time.monotonic() - began:.1f} s)")
        return stage

    def _end(self, *, keep: bool = False) -> None:
        stage, mounted = self._stage, self._disk_mb
        self._stage, self._disk_mb = None, 0
        if stage is None:
            return
        with suppress(subprocess.TimeoutExpired):
            stage.platform.run("down", check=False)
        stage.beside.close()
        if stage.between is not None:
            stage.between.__exit__(None, None, None)
        if mounted:
            subprocess.run(["umount", str(stage.platform.data)], check=False)
        if not keep:
            shutil.rmtree(stage.folder, ignore_errors=True)


def _mount(folder: Path, size_mb: int) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(folder.parent, ignore_errors=True)
        raise NotHere("only root may mount a small file system here")


@contextmanager
def documented_ports_held() -> Iterator[None]:
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
