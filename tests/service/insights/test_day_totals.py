"""The ledger's day total beside what was counted here: to the yen, late events included."""

from datetime import UTC, datetime, timedelta

from kit.clock import ManualClock
from kit.db import Database
from services.insights.app import reading
from services.insights.app.deps import Deps
from services.insights.domain.agreement import OwnerTotal
from tests.service.insights import said
from tests.service.insights.said import Ear, thrice_and_shuffled

TODAY = "2026-05-03"
NOON = datetime(2026, 5, 3, 3, tzinfo=UTC)
MIDNIGHT = NOON + timedelta(hours=13)


async def totals(database: Database, clock: ManualClock) -> dict[str, OwnerTotal]:
    """What is compared of payments, by measure."""
    [day] = await reading.read_agreement(Deps(database, clock), "mine", TODAY, TODAY, books=True)
    return {each.measure: each for each in day.totals if each.service == "payments"}


async def test_all_tenders_and_both_books_agree_to_the_yen(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear([
        said.captured(NOON, 700, TODAY), said.captured(NOON, 50, TODAY),
        said.captured(NOON, 900, TODAY, practice=True),
    ])  # fmt: skip
    assert all(each.said is None for each in (await totals(database, clock)).values())
    await ear.hear([said.day_totaled(MIDNIGHT, TODAY, (700, 50), 900)])
    found = await totals(database, clock)
    assert all(each.agrees for each in found.values())
    assert (found["captured_yen"].said, found["practice_captured_yen"].said) == (750, 900)
    assert (found["captured_count"].said, found["refunded_yen"].said) == (2, 0)


async def test_a_yen_too_few_is_told_until_the_late_event_is_there(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear([said.captured(NOON, 700, TODAY), said.day_totaled(MIDNIGHT, TODAY, (700, 1))])
    found = (await totals(database, clock))["captured_yen"]
    assert (found.counted, found.said, found.agrees) == (700, 701, False)
    await ear.hear([said.captured(NOON, 1, TODAY)])
    assert (await totals(database, clock))["captured_yen"].agrees


async def test_the_total_said_last_counts_however_it_comes(
    database: Database, ear: Ear, clock: ManualClock
) -> None:
    first = said.day_totaled(MIDNIGHT, TODAY, (700,), aggregate_id=TODAY, version=1)
    again = said.day_totaled(
        MIDNIGHT + timedelta(days=1), TODAY, (700, 1), aggregate_id=TODAY, version=2
    )
    sales = [said.captured(NOON, 700, TODAY), said.captured(NOON, 1, TODAY)]
    await ear.hear(thrice_and_shuffled([again, first, *sales], 4))
    found = await totals(database, clock)
    assert (found["captured_yen"].said, found["captured_yen"].agrees) == (701, True)
