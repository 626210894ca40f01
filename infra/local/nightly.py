"""Has a backup made every night while the platform runs; nobody has to remember it.

The backup is a process of its own at low priority: what it loads and does must not slow a till.
"""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from infra.local import logs, spawn
from infra.local.home import ROOT, Home, Settings
from infra.local.machine import Machine
from kit import backups

QUIET_S = 600.0  # after a start; who starts again and again is at work on something
LOOK_S = 30.0
RETRY_S = 3600.0
AHEAD_MOST = timedelta(hours=25)  # a time further ahead was written by a clock that was wrong


class Nightly:
    """Makes a backup when one is due."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def run(self) -> None:
        """Looks until canceled."""
        begin(self._machine.home)
        await asyncio.sleep(QUIET_S)
        while True:
            if self._is_due():
                await self._make()
                if self._is_due():  # it could not even say why it failed
                    await asyncio.sleep(RETRY_S)
            await asyncio.sleep(LOOK_S)

    def _is_due(self) -> bool:
        return is_due(backups.load(self._machine.home.data), datetime.now(UTC))

    async def _make(self) -> None:
        command = [sys.executable, "-m", "cli", "backup", "--nightly", "--data",
                   str(self._machine.home.data)]  # fmt: skip
        log = logs.LogFile(self._machine.home.log, "backup")
        process = await asyncio.create_subprocess_exec(
            *spawn.bound(command),
            env=self._machine.python_environment(),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            if process.stdout is not None:
                async for line in process.stdout:
                    log.write(line.decode(errors="replace"))
        finally:
            # Where the platform stops meanwhile, what was begun is left for the next night.
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            log.close()


def begin(home: Home) -> None:
    """Notes from when on backups are looked after, and a medium that was chosen: the first copy on
    it is not left to the night. A full disk keeps nobody from starting."""
    now, folder = datetime.now(UTC), Settings.load(home).backup_to
    record = backups.load(home.data)
    noted = record or backups.Record(since=now, next_time=now)
    if folder != noted.folder:
        again = now if folder else noted.next_time
        noted = replace(noted, folder=folder, copied_time=None, copy_problem="", next_time=again)
    if noted != record:
        with contextlib.suppress(OSError):
            backups.save(home.data, noted)


def is_due(record: backups.Record | None, now: datetime) -> bool:
    """Tells whether a backup is to be made now; also where nothing is known of any."""
    if record is None:
        return True
    return now >= record.next_time or record.next_time - now > AHEAD_MOST
