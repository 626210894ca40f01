"""A live sensor against the real service: restarts, pauses and its own program file."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kit.clock import SystemClock
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.sensor import program as programs
from services.visitor_sense.sensor.captures import RADIOTAP
from services.visitor_sense.sensor.credential import write_credential
from services.visitor_sense.sensor.program import NoMonitorMode, Program, listen
from services.visitor_sense.sensor.spool import Spool
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until
from tests.unit.visitor_sense import made


@pytest.fixture
def _noon() -> None:
    """None here: the sensor is a process of its own and goes by midnight in Japan."""


@asynccontextmanager
async def working(sense: Sense, folder: Path) -> Any:
    """Runs a live sensor for as long as the block."""
    link = await sense.link()
    program = Program(link, Spool(folder), SystemClock(), sense.credential)
    task = asyncio.create_task(program.run())
    try:
        yield program
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await link.close()


async def shown(sense: Sense) -> wire.Sensor:
    """Returns the only sensor as it is listed."""
    (found,) = (await sense.admin.ListSensors(wire.ListSensorsRequest(), timeout=30)).sensors
    return found


def observed(sense: Sense, count: int) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return (await shown(sense)).observations == count

    return holds


async def hold(condition: Callable[[], object]) -> None:
    async def holds() -> object:
        return condition()

    await until(holds)


async def test_a_sensor_outlives_the_service_and_keeps_its_key(
    start: Start, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        async with start() as sense:
            await enroll(sense)
            program = await stack.enter_async_context(working(sense, tmp_path / "spool"))
            await hold(lambda: program.link.keys)
            program.take(RADIOTAP, made.probe(made.phone(1)))
            await until(observed(sense, 1))
            assert (await shown(sense)).state == wire.SENSOR_STATE_OK
            (key,) = program.link.keys.values()
        program.take(RADIOTAP, made.probe(made.phone(2)))  # nobody is there to count it yet
        async with start() as sense:
            await until(observed(sense, 2))
            link = await sense.link()
            recovered = await link.fetch_key(key.key_date)
            await link.close()
            assert (recovered.epoch, recovered.reveal()) == (key.epoch, key.reveal())
    assert key.reveal() == bytes(32)  # overwritten when the sensor ended


async def test_a_pause_stops_the_sensor_at_once_and_resuming_starts_it(
    sense: Sense, tmp_path: Path
) -> None:
    place = "akiyoshido-main"
    async with working(sense, tmp_path / "spool") as program:
        await hold(lambda: program.link.keys)
        pause = wire.PauseSiteRequest(request_id="pause-it", place_id=place)
        await sense.admin.PauseSite(pause, timeout=30)
        await hold(lambda: not program.link.keys)
        program.take(RADIOTAP, made.probe())
        assert program.counters.frames_read == 0
        assert (await shown(sense)).state == wire.SENSOR_STATE_PAUSED
        resume = wire.ResumeSiteRequest(request_id="resume-it", place_id=place)
        await sense.admin.ResumeSite(resume, timeout=30)
        await hold(lambda: program.link.keys)
        program.take(RADIOTAP, made.probe())
        await until(observed(sense, 1))


async def test_the_program_file_plays_a_capture_of_today(sense: Sense, tmp_path: Path) -> None:
    write_credential(tmp_path / "gate-1.json", sense.credential)
    begin_s = SystemClock().now().timestamp() - 5
    capture = made.pcap(tmp_path / "a.pcap", made.crowd(12, 2, begin_s=begin_s, span_s=1))

    async def run(file: Path) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.visitor_sense.sensor.main",
            "--credential", str(tmp_path / "gate-1.json"), "--file", str(file),
            env={**os.environ, "PYTHONPATH": ".:gen", "MEGURI_NATS_URL": sense.nats_url},
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, err = await process.communicate()
        return process.returncode, err.decode()

    assert (await run(capture))[0] == 0
    await until(observed(sense, 24))
    capture.write_bytes(b"nothing of the kind")
    code, said = await run(capture)
    assert code == 1
    assert "CAPTURE_FORMAT_UNKNOWN" in said
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="interfaces are read the way of Linux")
async def test_an_interface_must_be_in_monitor_mode() -> None:
    with pytest.raises(NoMonitorMode, match="no network interface"):
        listen("no-such-interface", print)
    with pytest.raises(NoMonitorMode, match="not in monitor mode"):
        listen("lo", print)
    assert programs.HEALTH_S * 5 < 300  # a working sensor is never taken for a silent one
