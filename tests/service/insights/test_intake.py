"""Events three times, shuffled, late, and in any batches: the same roll-ups; areas apart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty

from kit.bus import Delivery
from kit.clock import ManualClock
from kit.db import ALL_AREAS, Database
from services.insights.app import reading
from services.insights.app.deps import Deps
from services.insights.store import facts
from tests.service.insights import said
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear, thrice_and_shuffled

pytestmark = pytest.mark.long

TODAY = "2026-05-03"


def a_day(area: str = "mine") -> list[Delivery]:
    """A small day: scans in three languages, two books of payments, plans, counted hours."""
    scans = [
        said.scan(NOON - timedelta(minutes=7 * i), asked, served, area=area)
        for i, (asked, served) in enumerate(
            [("ja", "ja")] * 30 + [("zh-TW", "zh-Hant")] * 14 + [("fr", "en")] * 12
        )
    ]
    money = [
        said.captured(NOON - timedelta(minutes=i), 100 * (i + 1), TODAY, area=area)
        for i in range(20)
    ]
    money += [
        said.captured(NOON, 5_000, TODAY, practice=True, area=area),
        said.refunded(NOON, 300, TODAY, area=area),
        said.voided(NOON, 200, TODAY, area=area),
        said.voided(NOON, 0, TODAY, area=area),
    ]
    plans = [said.planned(NOON - timedelta(hours=i), i + 1, area=area) for i in range(4)]
    hour = datetime(2026, 5, 3, 1, tzinfo=UTC)
    counted = [said.zone_hour(hour, 40 + 5 * v, v, area=area) for v in (1, 2, 3)]
    settings = [
        said.configured(NOON - timedelta(days=2), "Asia/Tokyo", area=area),
        said.place(NOON - timedelta(days=2), "shop-a", {"ja": "売店", "en": "Shop"}, area=area),
    ]
    inside = [said.admitted(NOON, 3, TODAY, "JP", area=area) for _ in range(6)]
    inside += [said.admitted(NOON, 2, TODAY, "KR", area=area) for _ in range(4)]
    inside += [said.admitted(NOON, 4, TODAY, "TW", area=area) for _ in range(3)]
    inside += [
        said.admitted(NOON, 5, TODAY, area=area),
        said.admitted(NOON, 9, TODAY, "US", practice=True, area=area),
    ]
    return [*scans, *money, *plans, *counted, *inside, *settings]


async def contents(database: Database, area: str) -> dict[str, list[dict[str, Any]]]:
    """Returns every roll-up row of an area, and the counted zones."""
    async with database.read(area) as tx:
        return {
            table: await tx.fetch_all(f"select * from {table} order by 1, 2, 3, 4, 5, 6")  # noqa: S608
            for table in ("hour_rollups", "day_rollups", "zone_hours")
        }


async def test_figures_are_those_of_the_events(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear(a_day())
    running = await reading.read_today(Deps(database, ear.clock), "mine", books=True)
    assert running.scans.count == 56
    for split in (running.scans.by_locale_asked, running.visitors.by_origin):
        assert split.withheld, "two looks at a running day are one person's language"
    clock.advance(timedelta(days=1))
    day = await reading.read_day(Deps(database, ear.clock), "mine", TODAY, books=True)
    assert (day.scans.count, day.scans.other_language_count) == (56, 12)
    assert {c.value: c.count for c in day.scans.by_locale_asked.cells} == {
        "ja": 30, "zh-Hant": 14, "fr": 12,
    }  # fmt: skip
    assert day.live.captured.amount_yen == 100 * 20 * 21 // 2
    assert day.live.net_yen == 21_000 - 300 - 200
    assert day.live.voided.count == 1, "a released hold took nothing back"
    assert day.practice.captured.amount_yen == 5_000
    assert (day.plans.count, day.plans.person_count) == (4, 10)
    assert [c.value for c in day.plans.by_left_out_reason.cells] == ["closed_that_day"]
    assert day.visitors.busiest is not None
    assert day.visitors.busiest.estimate == 55, "the newest version of a counted hour"
    assert day.live.by_shop.cells[0].names["ja"] == "売店"
    assert sum(hour.scan_count for hour in day.hours) == 56
    assert day.visitors.admitted_count == 18 + 8 + 12 + 5, "practice lets nobody count"
    assert (day.visitors.by_origin.n, day.visitors.foreign) == (38, 20)
    assert {c.value for c in day.visitors.by_origin.cells if c.withheld} == {"KR", "TW"}
    assert [(c.value, c.count) for c in day.visitors.by_gate.cells] == [("gate-a", 43)]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_three_times_and_shuffled_is_the_same(
    database: Database, ear: Ear, seed: int
) -> None:
    await ear.hear(a_day("mine"))
    straight = await contents(database, "mine")
    mixed = [*a_day("other"), *a_day("third")]
    ear.batch = 7 * seed
    await ear.hear(thrice_and_shuffled(mixed, seed))
    for area in ("other", "third"):
        found = await contents(database, area)
        for table, rows in straight.items():
            assert found[table] == [{**row, "area": area} for row in rows]


async def test_kept_sums_equal_sums_of_the_facts(database: Database, ear: Ear) -> None:
    many = [said.scan(NOON, served="en", scan_count=40), said.scan(NOON, "th", "en", 2)]
    await ear.hear(thrice_and_shuffled([*a_day(), *many], 5))
    day = await reading.read_day(Deps(database, ear.clock), "mine", TODAY, books=True)
    assert day.scans.count == 56 + 42
    kept = await contents(database, "mine")
    async with database.transaction("mine") as tx:
        await facts.rebuild_roll_ups(tx)
    assert await contents(database, "mine") == kept


async def test_a_late_event_corrects_the_finished_day_and_is_counted(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    deps = Deps(database, clock)
    await ear.hear([said.scan(NOON)])
    clock.advance(timedelta(days=31))
    await ear.hear([said.scan(NOON), said.captured(NOON, 700, TODAY)])
    day = await reading.read_day(deps, "mine", TODAY, books=True)
    assert (day.over, day.scans.count, day.late_count) == (True, 2, 2)
    assert (await reading.read_today(deps, "mine", books=True)).scans.count == 0


async def test_another_time_zone_dates_facts_again_but_not_booked_dates(
    database: Database, ear: Ear
) -> None:
    evening = datetime(2026, 5, 3, 20, 0, tzinfo=UTC)  # 4 May in Tokyo, 3 May in Lisbon
    await ear.hear([said.scan(evening), said.captured(evening, 900, "2026-05-04")])
    await ear.hear([said.configured(NOON, "Europe/Lisbon")])
    await ear.hear([said.scan(evening)])
    found = await reading.read_range(
        Deps(database, ear.clock), "mine", TODAY, "2026-05-04", books=True
    )
    assert [day.scan_count for day in found.days] == [2, 0]
    assert [day.captured.amount_yen for day in found.days] == [0, 900]


async def test_settings_said_earlier_do_not_win(database: Database, ear: Ear) -> None:
    await ear.hear([said.configured(NOON, "Asia/Seoul", demo=True, version=2)])
    await ear.hear([said.configured(NOON - timedelta(hours=1), "Asia/Tokyo", version=1)])
    day = await reading.read_today(Deps(database, ear.clock), "mine", books=True)
    assert (day.time_zone, day.demo) == ("Asia/Seoul", True)


async def test_dropping_an_area_leaves_no_row_and_spares_the_others(
    database: Database, ear: Ear
) -> None:
    await ear.hear([*a_day("demo"), *a_day("mine")])
    before = await contents(database, "mine")
    await ear.hear([said.dropped(NOON + timedelta(hours=2), "demo")])
    async with database.read(ALL_AREAS) as tx:
        for table in ("facts", "hour_rollups", "day_rollups", "zone_hours", "zone_levels",
                      "labels", "sources", "owner_totals", "inbox", "requests"):  # fmt: skip
            left = await tx.fetch_all(f"select area from {table} where area = 'demo'")  # noqa: S608
            assert left == [], table
    assert await contents(database, "mine") == before


async def test_events_from_before_the_drop_do_not_bring_an_area_back(
    database: Database, ear: Ear
) -> None:
    """The drop travels on another stream than the rest: it may arrive first, or again."""
    gone = said.dropped(NOON, "demo")
    again = NOON + timedelta(hours=1)
    await ear.hear([gone, *a_day("demo")[:40]])
    await ear.hear([said.configured(again, "Asia/Tokyo", demo=True, area="demo")])
    await ear.hear([said.scan(again, area="demo"), gone])
    day = await reading.read_today(Deps(database, ear.clock), "demo", books=True)
    assert (day.scans.count, day.live.captured.count, day.demo) == (1, 0, True)


async def test_what_happened_before_but_is_said_after_the_drop_counts(
    database: Database, ear: Ear
) -> None:
    """A phone in the cave reports to the area made anew what it read before."""
    await ear.hear([said.dropped(NOON, "demo")])
    earlier = NOON - timedelta(minutes=30)
    await ear.hear([said.scan(earlier, area="demo", said_time=NOON + timedelta(minutes=5))])
    await ear.hear([said.scan(earlier, area="demo", said_time=NOON - timedelta(minutes=5))])
    day = await reading.read_today(Deps(database, ear.clock), "demo", books=True)
    assert day.scans.count == 1


async def test_row_level_security_hides_other_areas(database: Database, ear: Ear) -> None:
    await ear.hear([*a_day("mine"), *a_day("other")])
    async with database.read("other") as tx:
        rows = await tx.fetch_all("select distinct area from facts")
        hidden = await tx.fetch_all("select * from day_rollups where area = 'mine'")
    assert [row["area"] for row in rows] == ["other"]
    assert hidden == []


async def test_unknown_types_change_nothing(database: Database, ear: Ear) -> None:
    strange = said.said("payments", "payment_blessed", Empty(), NOON)
    await ear.hear([strange])
    async with database.read("mine") as tx:
        assert await tx.fetch_all("select * from facts") == []
        assert await tx.fetch_all("select * from inbox") == []


async def test_sources_tell_how_fresh_figures_are(database: Database, ear: Ear) -> None:
    await ear.hear([said.scan(NOON - timedelta(hours=1)), said.scan(NOON - timedelta(hours=3))])
    day = await reading.read_today(Deps(database, ear.clock), "mine", books=True)
    by_service = {source.service: source for source in day.sources}
    assert by_service["multilingual"].last_occur_time == NOON - timedelta(hours=1)
    assert by_service["multilingual"].event_count == 2
    assert by_service["payments"].last_heard_time is None


@pytest.mark.parametrize("what", ["zone", "drop"])
async def test_an_area_of_many_facts_outgrows_no_time_limit(
    database: Database, service_database: Callable[[str], str], clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch, what: str,
) -> None:  # fmt: skip
    """Writing so many rows takes longer than a statement may take here, readers as usual."""
    monkeypatch.setattr("kit.db.STATEMENT_TIMEOUT_MS", 250)
    hurried = Database(service_database("insights"), pool_max=2)
    await hurried.open()
    ear = Ear(hurried, clock)
    evening = datetime(2026, 5, 3, 20, 0, tzinfo=UTC)  # 4 May in Tokyo, 3 May in Lisbon
    await ear.hear([said.scan(evening)])
    async with hurried.transaction("mine") as tx:
        await tx.execute("set local statement_timeout = 0")
        await tx.execute(
            "insert into facts select area, gen_random_uuid(), service, kind, practice, occur_time,"
            " booked_date, occur_date, hour, late, heard_time, amount_yen, persons, slices,"
            " said_time from facts, generate_series(1, 59999)"
        )
    if what == "zone":
        await ear.hear([said.configured(NOON + timedelta(hours=9), "Europe/Lisbon")])
        found = await reading.read_range(
            Deps(hurried, clock), "mine", TODAY, "2026-05-04", books=True
        )
        assert [day.scan_count for day in found.days] == [60_000, 0]
    else:
        await ear.hear([said.dropped(evening + timedelta(hours=1), "mine")])
        async with hurried.read("mine") as tx:
            assert await tx.fetch_all("select * from facts limit 1") == []
    await hurried.close()
