"""Single facts go after their term; sums, what months told and late counts stay."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from kit.bus import Delivery
from kit.clock import ManualClock
from kit.db import ALL_AREAS, Database
from kit.ids import new_id
from kit.pure.errors import InvalidFields, VersionConflict
from kit.requests import RequestKey
from meguri.multilingual.v1 import feedback_service_pb2 as feedback_words
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from services.insights.app import feedback, keeping, reading
from services.insights.app.deps import Deps
from services.insights.domain.keeping import Group, KeepSettings
from services.insights.store import facts
from tests.service.insights import said
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear
from tests.service.insights.test_intake import TODAY, a_day, contents

pytestmark = pytest.mark.long

LONG = timedelta(days=27 * 31)  # beyond every term


def ratings(count: int, at: datetime = NOON) -> list[Delivery]:
    """Ratings of a stop, all good."""
    body = multilingual.RatingGiven(stop_code="K7Q2X", locale="ja", face=feedback_words.FACE_GOOD)
    return [said.said("multilingual", "rating_given", body, at) for _ in range(count)]


def replies(count: int, at: datetime = NOON) -> list[Delivery]:
    """Surveys, filled in alike."""
    answer = feedback_words.Answer(question_id="from", option_id="KR")
    body = multilingual.SurveyAnswered(locale="ja", answers=[answer])
    return [said.said("multilingual", "survey_answered", body, at) for _ in range(count)]


async def left(database: Database) -> int:
    async with database.read(ALL_AREAS) as tx:
        row = await tx.fetch_one("select count(*) as n from facts")
    return int(row["n"]) if row else -1


async def rebuild(database: Database) -> None:
    async with database.transaction("mine") as tx:
        await facts.rebuild_roll_ups(tx)


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(database, clock)


async def grow_old(deps: Deps, clock: ManualClock, ear: Ear, heard: Sequence[Delivery]) -> None:
    await ear.hear(heard)
    clock.advance(LONG)
    await keeping.tidy(deps)


async def test_sums_stay_when_facts_are_gone_and_outlive_a_rebuilding(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    await ear.hear(a_day())
    clock.advance(timedelta(days=1))  # a day that runs is told without its splits
    before, day = (
        await contents(database, "mine"),
        await reading.read_day(deps, "mine", TODAY, books=True),
    )
    clock.advance(LONG)
    await keeping.tidy(deps)
    assert await left(database) == 0
    await rebuild(database)
    assert await contents(database, "mine") == before
    after = await reading.read_day(deps, "mine", TODAY, books=True)
    assert (after.scans, after.live, after.plans, after.hours) == (
        day.scans, day.live, day.plans, day.hours,
    )  # fmt: skip


async def test_a_month_that_is_over_its_term_goes_as_a_whole(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    await grow_old(deps, clock, ear, [said.scan(NOON) for _ in range(30)])
    async with database.read(ALL_AREAS) as tx:
        rows = await tx.fetch_all("select relid::regclass::text as p from"
                                  " pg_partition_tree('facts') where isleaf")  # fmt: skip
    assert "facts_2026_05" not in {row["p"] for row in rows}


async def test_months_of_japan_go_with_their_parts_and_not_one_by_one(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    """The part of May holds what happens on 1 June before nine in the morning, UTC's midnight."""
    morning = datetime(2026, 5, 31, 20, tzinfo=UTC)  # 1 June, 5:00 in Tokyo
    late = said.scan(NOON, said_time=NOON + timedelta(days=70))
    july = said.scan(NOON + timedelta(days=70))
    await ear.hear([*(said.scan(NOON) for _ in range(20)), said.scan(morning), late, july])
    clock.advance(datetime(2028, 6, 10, tzinfo=UTC) - clock.now())
    assert (await keeping.tidy(deps), await left(database)) == (0, 23), "sealed, but there"
    await rebuild(database)
    assert (await reading.read_day(deps, "mine", TODAY, books=True)).scans.count == 21
    clock.advance(timedelta(days=30))
    assert await keeping.tidy(deps) == 1, "the late one alone, which lies in the part of July"
    assert await left(database) == 1
    await rebuild(database)
    assert (await reading.read_day(deps, "mine", TODAY, books=True)).scans.count == 21


async def test_a_part_stays_while_one_area_needs_it(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    """Another area chose less: its facts go one by one, the others stay with their part."""
    await ear.hear([said.scan(NOON, area="mine"), said.scan(NOON, area="brief")])
    await keeping.save(deps, key(), "brief", 0, KeepSettings({Group.HAPPENINGS: 3}))
    clock.advance(timedelta(days=130))
    assert await keeping.tidy(deps) == 1
    async with database.read(ALL_AREAS) as tx:
        assert [r["area"] for r in await tx.fetch_all("select area from facts")] == ["mine"]
    assert (await reading.read_day(deps, "brief", TODAY, books=True)).scans.count == 1


async def test_a_late_event_of_a_sealed_day_counts_once_and_in_its_sums_alone(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    await grow_old(deps, clock, ear, [said.scan(NOON)])
    late = said.scan(NOON, said_time=clock.now() - timedelta(days=1))
    await ear.hear([late, late])
    await ear.hear([late])
    await rebuild(database)
    day = await reading.read_day(deps, "mine", TODAY, books=True)
    assert (day.scans.count, day.late_count, await left(database)) == (2, 1, 0)


async def test_what_came_late_is_still_told_when_it_is_gone(
    deps: Deps, clock: ManualClock, ear: Ear
) -> None:
    clock.advance(timedelta(days=3))
    await ear.hear([said.scan(NOON), said.captured(NOON, 700, TODAY)])
    for step in (timedelta(days=100), LONG):
        clock.advance(step)
        await keeping.tidy(deps)
        await keeping.tidy(deps)
        assert (await reading.read_day(deps, "mine", TODAY, books=True)).late_count == 2


async def test_another_zone_loses_no_sum_beside_sealed_days(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    """The first kept fact would move to a sealed day: it stays on the first day that is not."""
    edge = datetime(2026, 7, 31, 16, 0, tzinfo=UTC)  # 1 August in Tokyo, 31 July in Lisbon
    await ear.hear([said.scan(NOON), said.scan(edge), said.captured(edge, 900, "2026-08-01")])
    await keeping.save(deps, key(), "mine", 0, KeepSettings({Group.HAPPENINGS: 3}))
    clock.advance(datetime(2026, 11, 15, tzinfo=UTC) - clock.now())
    await keeping.tidy(deps)
    for zone, hours in (("Europe/Lisbon", 17), ("Asia/Tokyo", 1)):
        await ear.hear([said.configured(clock.now(), zone)])
        clock.advance(timedelta(minutes=1))
        found = await reading.read_range(deps, "mine", "2026-05-01", "2026-08-02", books=True)
        counts = {str(d.on): d.scan_count for d in found.days if d.scan_count}
        assert counts == {TODAY: 1, "2026-08-01": 1}
        async with database.read("mine") as tx:
            rows = await tx.fetch_all("select hour from hour_rollups where occur_date >="
                                      " '2026-08-01' and kind = 'scan_recorded'")  # fmt: skip
        assert [row["hour"] for row in rows] == [hours]
        assert found.days[-2].captured.amount_yen == 900


async def test_what_answers_told_stays_when_they_are_gone(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    await ear.hear([*ratings(47), *replies(39)])
    await ear.hear([said.scan(NOON)])
    before = await feedback.read_feedback(deps, "mine", "2026-05")
    clock.advance(timedelta(days=240))
    await keeping.tidy(deps)
    assert await left(database) == 1, "answers go first"
    after = await feedback.read_feedback(deps, "mine", "2026-05")
    assert (before.rating_count, before.reply_count) == (40, 30)
    assert (after.rating_count, after.stops, after.reply_count, after.questions) == (
        before.rating_count, before.stops, before.reply_count, before.questions,
    )  # fmt: skip
    await ear.hear(ratings(20, NOON))
    assert (await feedback.read_feedback(deps, "mine", "2026-05")).rating_count == 40
    assert (await feedback.read_feedback(deps, "mine", "2026-04")).rating_count is None


async def test_closes_are_not_compared_where_payments_are_gone(
    deps: Deps, clock: ManualClock, ear: Ear
) -> None:
    heard = [said.captured(NOON, 500, TODAY), said.closed(NOON, 1, {TODAY: (500, 0, 0)})]
    await ear.hear(heard)
    (day,) = await reading.read_agreement(deps, "mine", TODAY, TODAY, books=True)
    assert [close.agrees for close in day.closes] == [True]
    clock.advance(LONG)
    await keeping.tidy(deps)
    (day,) = await reading.read_agreement(deps, "mine", TODAY, TODAY, books=True)
    assert (day.closes, day.live.captured.amount_yen) == ((), 500)


async def test_dropping_an_area_takes_sealed_sums_with_it(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database
) -> None:
    await ear.hear([*a_day("demo"), *a_day("mine")])
    await keeping.save(deps, key(), "demo", 0, KeepSettings({Group.MONEY: 14}))
    clock.advance(LONG)
    await keeping.tidy(deps)
    await ear.hear([said.dropped(clock.now(), "demo")])
    async with database.read(ALL_AREAS) as tx:
        for table in ("facts", "hour_rollups", "day_rollups", "keeping", "told_months",
                      "late_counts"):  # fmt: skip
            assert await tx.fetch_all(f"select from {table} where area = 'demo'") == [], table
    clock.advance(timedelta(hours=1))
    anew = said.scan(NOON, area="demo", said_time=clock.now())
    await ear.hear([anew])
    assert await left(database) == 1, "nothing is sealed in an area made anew"


async def test_a_tidying_that_was_stopped_goes_on(
    deps: Deps, clock: ManualClock, ear: Ear, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ear.hear([*a_day(), *ratings(12), said.scan(NOON + LONG)])
    before = await contents(database, "mine")
    clock.advance(timedelta(days=240))
    monkeypatch.setattr(keeping, "REMOVED_AT_ONCE", 5)
    real, calls = facts.remove, 0

    async def fails(*given: object) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError("stopped here")
        return await real(*given)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(facts, "remove", fails)
    with pytest.raises(ConnectionError):
        await keeping.tidy(deps)
    await rebuild(database)
    assert await contents(database, "mine") == before, "half removed, all of it sealed"
    assert await keeping.tidy(deps) == 12 - 5
    await rebuild(database)
    assert await contents(database, "mine") == before


def key() -> RequestKey:
    return RequestKey("tester", new_id(), b"0" * 32)


async def test_an_area_chooses_within_bounds_and_nothing_comes_back(
    deps: Deps, clock: ManualClock, ear: Ear
) -> None:
    for months in (1, 25):
        with pytest.raises(InvalidFields, match="happenings_months"):
            await keeping.save(deps, key(), "mine", 0, KeepSettings({Group.HAPPENINGS: months}))
    assert await keeping.save(deps, key(), "mine", 0, KeepSettings({Group.HAPPENINGS: 3})) == 1
    with pytest.raises(VersionConflict):
        await keeping.save(deps, key(), "mine", 0, KeepSettings({}))
    await ear.hear([said.scan(NOON)])
    clock.advance(timedelta(days=130))
    await keeping.tidy(deps)
    sealed = (await keeping.read_choice(deps, "mine")).sealed
    assert sealed[Group.HAPPENINGS] == date(2026, 6, 1)
    assert await keeping.save(deps, key(), "mine", 1, KeepSettings({})) == 2
    await keeping.tidy(deps)
    assert (await keeping.read_choice(deps, "mine")).sealed[Group.HAPPENINGS] == date(2026, 6, 1)
