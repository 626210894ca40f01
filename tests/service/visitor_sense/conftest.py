"""A running visitor_sense with one zone and one enrolled sensor."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import nats
import pytest
from nats.js.errors import NotFoundError

from kit.auth import Role
from kit.clock import SystemClock
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense import main
from services.visitor_sense.domain import day
from services.visitor_sense.events.said import ENCODERS
from services.visitor_sense.sensor.batches import Batcher
from services.visitor_sense.sensor.credential import Credential, make_credential
from services.visitor_sense.sensor.link import Bus, Link
from services.visitor_sense.sensor.replay import Player, Replay
from services.visitor_sense.sensor.spool import Spool
from tests import harness

if TYPE_CHECKING:
    from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceAsyncStub

GATE = wire.Zone(
    zone_id="gate", place_id="akiyoshido-main", names={"ja": "正面口", "en": "Main gate"},
    normal_from=20, busy_from=60, crowded_from=120,
)  # fmt: skip


@dataclass
class Sense:
    """A running service seen from outside. area: one of this test's own."""

    it: harness.Running
    area: str
    credential: Credential
    folder: Path
    nats_url: str
    database_url: str

    @property
    def admin(self) -> "VisitorSenseServiceAsyncStub":
        """A stub with the roles of an administrator."""
        return self.stub(Role.ADMIN)

    def stub(self, *roles: Role) -> "VisitorSenseServiceAsyncStub":
        """A stub with some roles."""
        return VisitorSenseServiceStub(self.it.channel(self.area, *roles))

    async def link(self, credential: Credential | None = None) -> Link:
        """Opens a link as a sensor does; the caller closes it."""
        link = Link(Bus(self.nats_url, "", ""), credential or self.credential, SystemClock())
        await link.open()
        return link

    async def replay(self, path: Path, credential: Credential | None = None) -> Replay:
        """Plays a capture as the sensor would."""
        credential = credential or self.credential
        link = await self.link(credential)
        try:
            spool = Spool(self.folder / "spool")
            player = Player(
                link, spool, SystemClock(), credential.sensor_id, partial(Batcher, credential)
            )
            return await player.play(path)
        finally:
            await link.close()

    async def count(self, done: Replay) -> list[wire.ZoneHourCount]:
        """Reads the internal counts of the hours of a replay."""
        request = wire.CountDevicesRequest()
        request.from_time.FromDatetime(done.first_time)
        request.to_time.FromDatetime(done.last_time)
        request.to_time.seconds += 1
        answer = await self.stub(Role.ANALYST).CountDevices(request, timeout=30)
        return list(answer.hours)

    async def counted(self, done: Replay) -> list[wire.ZoneHourCount]:
        """Reads the internal counts once all frames of a replay are in."""
        hours: list[wire.ZoneHourCount] = []

        async def all_in() -> bool:
            hours[:] = await self.count(done)
            return sum(hour.frames for hour in hours) >= done.probe_frames

        await until(all_in)
        return hours


Start = Callable[[], AbstractAsyncContextManager[Sense]]


async def until(holds: Callable[[], Awaitable[object]], timeout_s: float = 30.0) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in servers
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks that take their time in an installation are frequent here."""
    monkeypatch.setattr(main, "CLOSE_S", 0.1)
    monkeypatch.setattr(main, "LEVELS_S", 0.1)


@pytest.fixture
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon, wherever these tests run: soon after a midnight the hours they play would be those of
    yesterday, whose keys are gone. What ends with the day: test_midnight.py."""
    hours = 12 - datetime.now(UTC).hour
    monkeypatch.setattr(day, "_ZONE", ZoneInfo(f"Etc/GMT{-hours:+}"))  # POSIX counts the other way
    monkeypatch.setattr(day, "_OFFSET_MS", hours * day.HOUR_MS)


@pytest.fixture
def start(
    _noon: None,
    service_database: Callable[[str], str],
    nats_url: str,
    valkey_server: str,
    tmp_path: Path,
) -> Start:
    """Starts the service (again) on the same database, area and credential."""
    database_url = service_database("visitor_sense")
    area = "t" + uuid.uuid4().hex[:12]
    credential = make_credential(area, "gate-1", "gate")

    @asynccontextmanager
    async def begin() -> AsyncIterator[Sense]:
        async with harness.running(
            "visitor_sense", ENCODERS, main.build, database_url, nats_url,
            MEGURI_VALKEY_URL=valkey_server,
        ) as it:  # fmt: skip
            await _observations_are_stored(nats_url)
            yield Sense(it, area, credential, tmp_path, nats_url, database_url)

    return begin


async def _observations_are_stored(nats_url: str) -> None:
    """Waits for the stream, which the service makes once it serves; a sensor tries until then."""
    connection = await nats.connect(nats_url)

    async def there() -> bool:
        try:
            await connection.jetstream().stream_info("OBSERVATIONS")
        except NotFoundError:
            return False
        return True

    await until(there)
    await connection.close()


@pytest.fixture
async def sense(start: Start) -> AsyncIterator[Sense]:
    """A running service with the zone `gate` and the sensor `gate-1`."""
    async with start() as running:
        await enroll(running)
        yield running


async def enroll(sense: Sense) -> None:
    """Configures the zone and enrolls the sensor."""
    await sense.admin.ConfigureZones(
        wire.ConfigureZonesRequest(request_id=str(uuid.uuid4()), zones=[GATE]), timeout=30
    )
    await sense.admin.EnrollSensor(
        wire.EnrollSensorRequest(
            request_id=str(uuid.uuid4()),
            sensor_id=sense.credential.sensor_id,
            zone_id="gate",
            signing_public_key=sense.credential.signing_public_key,
            sealing_public_key=sense.credential.sealing_public_key,
        ),
        timeout=30,
    )
