"""The sensor program: `python -m services.visitor_sense.sensor.main --credential FILE …`."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from kit import log
from kit.clock import SystemClock
from services.visitor_sense.sensor.batches import Batcher
from services.visitor_sense.sensor.captures import CaptureError
from services.visitor_sense.sensor.credential import (
    Credential,
    CredentialError,
    read_credential,
)
from services.visitor_sense.sensor.importing import Imported, import_rows
from services.visitor_sense.sensor.link import Bus, KeyRefused, Link, LinkDown
from services.visitor_sense.sensor.program import NoMonitorMode, Program, listen
from services.visitor_sense.sensor.replay import Player, Replay
from services.visitor_sense.sensor.spool import Spool


def bus_of_environment() -> Bus:
    """Returns where NATS is, from MEGURI_NATS_URL, _USER and _PASSWORD (MEGURI_SENSOR_… first)."""

    def find(name: str) -> str:
        return os.environ.get(f"MEGURI_SENSOR_NATS_{name}") or os.environ.get(
            f"MEGURI_NATS_{name}", ""
        )

    return Bus(find("URL"), find("USER"), find("PASSWORD"))


def spool_of(credential_file: Path) -> Spool:
    """Returns the spool beside a credential."""
    return Spool(credential_file.with_suffix(".spool"))


@asynccontextmanager
async def _playing(credential: Credential, spool: Spool) -> AsyncIterator[Player]:
    clock = SystemClock()
    link = Link(bus_of_environment(), credential, clock)
    await link.open()
    try:
        yield Player(link, spool, clock, credential.sensor_id, partial(Batcher, credential))
    finally:
        await link.close()


async def play_file(
    credential: Credential, spool: Spool, path: Path, *, retime: bool, speed: float
) -> Replay:
    """Plays one capture file. Errors: CaptureError, LinkDown, KeyRefused."""
    async with _playing(credential, spool) as player:
        return await player.play(path, retime=retime, speed=speed)


async def import_file(credential: Credential, spool: Spool, path: Path) -> Imported:
    """Sends the rows of one CSV file. Errors: RowsUnreadable, LinkDown, KeyRefused."""
    async with _playing(credential, spool) as player:
        return await import_rows(player, path)


async def watch(credential: Credential, spool: Spool, interface: str) -> None:
    """Watches a live interface until midnight in Japan. Errors: NoMonitorMode."""
    clock = SystemClock()
    link = Link(bus_of_environment(), credential, clock)
    program = Program(link, spool, clock, credential)
    raw = listen(interface, program.take)
    try:
        while True:
            try:
                await link.open(wait_s=30)
                break
            except LinkDown:
                log.get("sensor").warning("waiting for NATS")
                await asyncio.sleep(1)
        await program.run()
        await link.forward(spool)
    finally:
        asyncio.get_running_loop().remove_reader(raw)
        raw.close()
        await link.close()


def main() -> int:
    """Runs the sensor. Exit 0 at the end of a file, 1 for a failure with one clear line."""
    parser = argparse.ArgumentParser(prog="sensor", description=__doc__)
    parser.add_argument("--credential", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--interface", help="Wi-Fi interface in monitor mode")
    source.add_argument("--file", type=Path, help="capture of the last 24 hours, times kept")
    arguments = parser.parse_args()
    log.configure("sensor", os.environ.get("MEGURI_LOG_LEVEL", "info"))
    try:
        credential = read_credential(arguments.credential)
        spool = spool_of(arguments.credential)
        if arguments.file:
            done = asyncio.run(
                play_file(credential, spool, arguments.file, retime=False, speed=0.0)
            )
            log.get("sensor").info("played", **done.to_json())
        else:
            asyncio.run(watch(credential, spool, arguments.interface))
            # Midnight: a new image of the process holds nothing of the day before.
            os.execv(sys.executable, [sys.executable, "-m", __spec__.name, *sys.argv[1:]])  # noqa: S606 - its own interpreter
    except (CaptureError, CredentialError, KeyRefused, LinkDown, NoMonitorMode) as error:
        reason = getattr(error, "reason", type(error).__name__)
        log.get("sensor").error("stopped", reason=reason, text=str(error))
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
