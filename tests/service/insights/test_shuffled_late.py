"""Months of two areas, said three times in any order over a real bus, a month late and partly after
their months were sealed: figures are those of hearing each event once and in time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import nats
import pytest

from kit import config
from kit.bus import Bus, Consumer, Delivery
from kit.clock import ManualClock
from kit.db import ALL_AREAS, Database
from kit.ids import new_id
from kit.publishing import subject_of
from kit.requests import RequestKey
from services.insights.app import keeping, reading
from services.insights.app.deps import Deps
from services.insights.domain.keeping import Group, KeepSettings
from services.insights.events import hearings
from services.insights.store import facts
from tests.service.insights import said
from tests.service.insights.conftest import NOON
from tests.service.insights.said import thrice_and_shuffled
from tests.service.insights.test_intake import TODAY, a_day, contents
from tests.service.insights.test_replay import a_new_nats

pytestmark = pytest.mark.long

TIMEOUT_S = 60.0
MONTH = timedelta(days=31)
# An area that hears everything once and in time, beside one that does not.
PAIRS = {"calm": "mine", "calm_neighbour": "other"}
SEALED_MONTH, SEALED_DAY = "facts_2026_02", "2026-02-02"


def some_months(area: str, more: int) -> list[Delivery]:
    """Events of four months; more: pages that this area has more than the other, in May."""
    months = [NOON - timedelta(days=30 * n) for n in (3, 2, 1)]
    found = [
        event
        for at in months
        for n in range(8)
        for event in (
            said.scan(at - timedelta(minutes=n), ("ja", "ko", "fr")[n % 3], "en", area=area),
            said.captured(at, 500 + n, at.date().isoformat(), area=area),
            said.refunded(at, 10 + n, at.date().isoformat(), area=area),
            said.admitted(at, 1 + n, at.date().isoformat(), "KR", area=area),
            said.planned(at, 1 + n % 4, area=area),
            said.zone_hour(at.replace(minute=0), 30 + n, n + 1, area=area),
        )
    ]
    extra = [said.scan(NOON - timedelta(hours=1), "th", "en", area=area) for _ in range(more)]
    return [*found, *extra, *a_day(area)]


@asynccontextmanager
async def listening(url: str, deps: Deps) -> AsyncIterator[Bus]:
    """Runs the service's own consumers as its process does."""
    bus = Bus(config.load("insights", {"MEGURI_NATS_URL": url}))
    await bus.open()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(bus.close)
        heard = hearings(deps)
        for source in sorted({each.service for each in heard}):
            own = [each for each in heard if each.service == source]
            task = asyncio.create_task(Consumer(bus, deps.db, "insights", source, own).run())
            stack.callback(task.cancel)
        yield bus


async def say(url: str, bus: Bus, deliveries: Sequence[Delivery]) -> None:
    """Puts events into the streams, repeated ones too, and waits until all are settled."""
    client = await nats.connect(url)
    try:
        for each in deliveries:
            await client.publish(
                subject_of(each.area, each.service, each.type), each.body, headers=_headers(each)
            )
        await client.flush(timeout=int(TIMEOUT_S))
    finally:
        await client.close()
    deadline = time.monotonic() + TIMEOUT_S
    for source in sorted({each.service for each in deliveries}):
        while True:
            found = await bus.stream.consumer_info(source.upper(), f"insights-hears-{source}")
            if not found.num_pending and not found.num_ack_pending:
                break
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)


def _headers(each: Delivery) -> dict[str, str]:
    return {
        "ce-specversion": "1.0", "ce-id": each.event_id, "ce-source": f"/meguri/{each.service}",
        "ce-type": f"meguri.{each.service}.v1.{each.type}", "ce-subject": each.aggregate_id,
        "ce-time": each.occur_time.isoformat(), "ce-aggregateversion": str(each.version),
    }  # fmt: skip


async def parts_of(database: Database, area: str) -> dict[str, int]:
    async with database.read(area) as tx:
        rows = await tx.fetch_all(
            "select tableoid::regclass::text as part, count(*) as n from facts group by 1"
        )
    return {row["part"]: row["n"] for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
async def test_thrice_shuffled_late_and_sealed_is_the_same_and_areas_stay_apart(
    database: Database, clock: ManualClock, servers_folder: Path, seed: int
) -> None:
    deps = Deps(database, clock)
    more = dict(zip(PAIRS, (0, 17), strict=True))
    mixed = {area: some_months(area, more[calm]) for calm, area in PAIRS.items()}
    async with a_new_nats(servers_folder) as url, listening(url, deps) as bus:
        for calm, count in more.items():
            await say(url, bus, some_months(calm, count))
        before = {calm: await contents(database, calm) for calm in PAIRS}
        # The zone decides which day an event is of: first, as in life. Half is heard in time.
        for events in mixed.values():
            await say(url, bus, [each for each in events if each.service == "directory"])
            await say(url, bus, events[::2])
        for area in (*PAIRS, *PAIRS.values()):
            key = RequestKey("tester", new_id(), b"0" * 32)
            await keeping.save(deps, key, area, 0, KeepSettings({Group.HAPPENINGS: 3}))
            assert SEALED_MONTH in await parts_of(database, area)
        clock.advance(MONTH)
        assert await keeping.tidy(deps) > 0, "February is over its term"
        both = [each for events in mixed.values() for each in events]
        await say(url, bus, thrice_and_shuffled(both, seed))
        async with database.read(ALL_AREAS) as tx:
            (heard,) = await tx.fetch_all("select count(*) as n from inbox where area = any(%s)",
                                          (list(mixed),))  # fmt: skip
        assert heard["n"] == len({each.event_id for each in both})

        for calm, area in PAIRS.items():
            await _expect_same(deps, before[calm], calm, area, mixed[area])
    async with database.read("mine") as tx:
        for table in ("facts", "day_rollups", "hour_rollups", "zone_hours", "inbox"):
            seen = await tx.fetch_all(f"select distinct area from {table}")  # noqa: S608 - ours
            assert [row["area"] for row in seen] == ["mine"], table
        thai = await tx.fetch_all("select from day_rollups where value = 'th'")
    assert thai == [], "what the neighbour alone had"


async def _expect_same(
    deps: Deps, before: dict[str, list[dict[str, object]]], calm: str, area: str,
    events: Sequence[Delivery],
) -> None:  # fmt: skip
    wanted = {table: [{**row, "area": area} for row in rows] for table, rows in before.items()}
    assert await contents(deps.db, calm) == before, "sealing changed no sum"
    assert await contents(deps.db, area) == wanted
    async with deps.db.transaction(area) as tx:
        await facts.rebuild_roll_ups(tx)
    assert await contents(deps.db, area) == wanted, "made anew from the facts that are left"
    parts = await parts_of(deps.db, area)
    assert parts == await parts_of(deps.db, calm)
    assert parts.keys() >= {"facts_2026_03", "facts_2026_04", "facts_2026_05"}
    old = await reading.read_day(deps, area, SEALED_DAY, books=True)
    assert (old.scans.count, old.live.captured.count) == (8, 8)
    day = await reading.read_day(deps, area, TODAY, books=True)
    assert day.late_count == sum(
        each.service not in {"directory", "visitor_sense"} and each.occur_time.month == NOON.month
        for each in events[1::2]
    ), "what came in June, and nothing that came in time"
