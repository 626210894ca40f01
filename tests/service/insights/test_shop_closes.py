"""What closes of shops hold beside what was counted here: to the yen, whatever comes when."""

from datetime import UTC, datetime, timedelta

from kit.clock import ManualClock
from kit.db import Database
from meguri.payments.v1 import payments_events_pb2 as payments
from services.insights.app import reading
from services.insights.app.deps import Deps
from services.insights.domain.shop_close import ShopClose
from tests.service.insights import said
from tests.service.insights.said import Ear, thrice_and_shuffled

BEFORE, TODAY = "2026-05-02", "2026-05-03"
NOON = datetime(2026, 5, 3, 3, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)


async def shops(database: Database, clock: ManualClock, on: str = TODAY) -> dict[str, ShopClose]:
    """What is compared of a date, by shop."""
    days = await reading.read_agreement(Deps(database, clock), "mine", on, on, books=True)
    return {each.shop_place_id: each for day in days for each in day.closes}


async def test_a_close_over_two_dates_agrees_on_both_and_practice_is_in_none(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear([
        said.captured(NOON, 700, BEFORE), said.captured(NOON, 300, TODAY),
        said.refunded(NOON, 20, TODAY), said.voided(NOON, 300, TODAY),
        said.captured(NOON, 9_000, TODAY, practice=True),
    ])  # fmt: skip
    [early] = (await shops(database, clock)).values()
    assert (early.close, early.agrees, early.waiting_yen) == (None, False, -20)
    await ear.hear([said.closed(EVENING, 1, {BEFORE: (700, 0, 0), TODAY: (300, 300, 20)})])
    for on in (BEFORE, TODAY):
        found = (await shops(database, clock, on))["shop-a"]
        assert found.close is not None
        assert (found.agrees, found.waiting_yen, found.close.number) == (True, 0, 1)
    assert sum(each.counted_yen for each in found.sums) == 620


async def test_a_yen_that_differs_is_told_until_the_late_event_is_there(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear([said.captured(NOON, 700, TODAY), said.closed(EVENING, 1, {TODAY: (701, 0, 0)})])
    found = (await shops(database, clock))["shop-a"]
    assert not found.agrees
    assert [(each.counted_yen, each.closed_yen) for each in found.sums] == [(700, 701)]
    await ear.hear([said.captured(NOON, 1, TODAY)])
    assert (await shops(database, clock))["shop-a"].agrees


async def test_a_yen_too_many_here_differs_though_the_close_knows_less(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear([
        said.captured(NOON, 700, TODAY), said.captured(NOON, 1, TODAY),
        said.closed(EVENING, 1, {TODAY: (700, 0, 0)}),
    ])  # fmt: skip
    assert not (await shops(database, clock))["shop-a"].agrees


async def test_what_comes_after_the_close_waits_for_the_next_one(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    later = EVENING + timedelta(minutes=5)
    await ear.hear([
        said.captured(NOON, 700, TODAY), said.closed(EVENING, 1, {TODAY: (700, 0, 0)}),
        said.captured(later, 50, TODAY), said.refunded(later, 30, TODAY),
    ])  # fmt: skip
    found = (await shops(database, clock))["shop-a"]
    assert (found.agrees, found.waiting_yen) == (True, 20)
    # The next close left the refund out: it was said long before it.
    await ear.hear([said.closed(later + timedelta(hours=1), 2, {TODAY: (750, 0, 0)})])
    assert not (await shops(database, clock))["shop-a"].agrees


async def test_a_sale_of_the_same_moment_is_in_the_close_or_waits(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    just_before = EVENING - timedelta(seconds=1)
    sales = [said.captured(NOON, 700, TODAY), said.captured(just_before, 50, TODAY)]
    await ear.hear([*sales, said.closed(EVENING, 1, {TODAY: (700, 0, 0)})])
    found = (await shops(database, clock))["shop-a"]
    assert (found.agrees, found.waiting_yen) == (True, 50)
    await ear.hear([said.closed(EVENING + timedelta(hours=1), 2, {TODAY: (700, 0, 0)})])
    assert not (await shops(database, clock))["shop-a"].agrees


async def test_the_newest_close_counts_however_often_and_whenever_it_comes(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    first = said.closed(EVENING, 1, {TODAY: (700, 0, 0)})
    other = said.closed(EVENING, 1, {TODAY: (80, 0, 0)}, "shop-b")
    again = said.closed(EVENING + timedelta(hours=1), 2, {TODAY: (701, 0, 0)})
    sales = [said.captured(NOON, 700, TODAY), said.captured(NOON, 1, TODAY)]
    await ear.hear([again])
    await ear.hear(thrice_and_shuffled([again, other, first, *sales], 5))
    found = await shops(database, clock)
    close = found["shop-a"].close
    assert close is not None
    assert (close.number, found["shop-a"].agrees) == (2, True)
    assert not found["shop-b"].agrees  # none of its sales was heard


async def test_a_close_of_an_older_release_says_nothing_and_a_drop_takes_all(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    old = said.said(
        "payments", "shop_day_closed",
        payments.ShopDayClosed(shop_place_id="shop-a", number=1, business_date=TODAY), EVENING,
    )  # fmt: skip
    await ear.hear([said.captured(NOON, 700, TODAY), old])
    assert (await shops(database, clock))["shop-a"].close is None
    await ear.hear([said.closed(EVENING, 2, {TODAY: (700, 0, 0)})])
    assert (await shops(database, clock))["shop-a"].agrees
    await ear.hear([said.dropped(EVENING + timedelta(days=1), "mine")])
    assert await shops(database, clock) == {}
