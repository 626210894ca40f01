"""Sales in letters and their effects with real PostgreSQL: of many shops, counted as pages do."""

from datetime import date, timedelta

import pytest

from kit.clock import ManualClock
from kit.db import Database
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as payments_words
from services.insights.app import letter_writing, letters, query
from services.insights.app.deps import Deps
from services.insights.domain.effect import Verdict
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.letter import LetterKind, Step
from services.insights.domain.proposal import Action
from services.insights.domain.query.asked import Measure
from services.insights.domain.query.asked import Question as Ask
from services.insights.domain.span import DaySpan
from services.insights.store import areas
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear, captured, said, voided
from tests.service.insights.test_letters import Asked, decide

DAY = timedelta(days=1)
ALONE = NOON - DAY * 9


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


async def a_street(ear: Ear) -> None:
    """Three shops that sell most at nine, one sale of each hour canceled; one day of one shop."""
    heard = []
    for n in range(1, 50):
        at = NOON - DAY * n
        on = at.date().isoformat()
        for shop in ("a", "b", "c") if at != ALONE else ("a",):
            heard += [
                captured(at + timedelta(hours=hour), 500, on, shop=shop)
                for hour in (-3, -3, -3, -3, -3, -2, -2, -1, -1, 0, 0, 1, 1)
            ] + [
                voided(at + timedelta(hours=hour, minutes=5), 500, on, shop)
                for hour in (-3, -2, -1, 0, 1)
            ]  # fmt: skip
    await ear.hear(heard)


async def test_sales_of_a_letter_are_those_that_pages_count(deps: Deps, ear: Ear) -> None:
    await a_street(ear)
    number = await letter_writing.write(deps, Asked(), "mine", LetterKind.WEEK, NOON.date())
    assert number
    letter = (await letters.read_letter(deps, "mine", number)).letter
    (till,) = (one for one in letter.proposals if one.action is Action.STAFF_TILL)
    span = DaySpan(*map(date.fromisoformat, (letter.seen_first_date, letter.last_date)))
    days = await query.ask(deps, "mine", Ask(Measure.SALES, span))
    assert days.answer.whole.figure.low == till.total == 27 * 24
    assert (till.count, till.days) == (27 * 12, 27)


async def test_an_effect_on_sales_is_of_days_that_are_told(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    await a_street(ear)
    number = await letter_writing.write(deps, Asked(), "mine", LetterKind.WEEK, NOON.date())
    assert number
    (one,) = (await letters.read_letter(deps, "mine", number)).letter.proposals
    await decide(deps, number, Step.DONE, on=NOON.date() - DAY, proposal=one.key)
    ask = Asked()
    await letter_writing.refresh(deps, ask)
    (question,) = ask.questions
    assert set(question.series.values()) == {24.0}
    assert ALONE.date() not in question.series
    assert len(question.series) == 48


async def test_single_sales_that_are_gone_are_in_no_letter(
    deps: Deps, ear: Ear, database: Database
) -> None:
    await a_street(ear)
    async with database.transaction("mine") as tx:
        await areas.seal(tx, {Kind.CAPTURED: NOON.date() - DAY * 7})
    number = await letter_writing.write(deps, Asked(), "mine", LetterKind.WEEK, NOON.date())
    assert number
    assert (await letters.read_letter(deps, "mine", number)).letter.proposals == ()


@pytest.mark.parametrize(
    ("shops", "told"), [(("a", "b", "c"), True), (("a", "a", "a"), False)]
)  # fmt: skip
async def test_the_effect_on_declined_payments_is_of_many_shops_or_not_told(
    deps: Deps, ear: Ear, shops: tuple[str, ...], *, told: bool
) -> None:
    """The letter was of many shops; after it one shop's terminal alone was declined."""
    heard = []
    for n in range(1, 50):
        at = NOON - DAY * n
        for shop in ("a", "b", "c"):
            heard += [captured(at, 500, at.date().isoformat(), shop=shop) for _ in range(3)]
        for shop in ("a", "b", "c") if n > 1 else shops:
            body = payments.PaymentDeclined(
                shop_place_id=shop, amount_yen=500, tender=payments_words.TENDER_CARD,
                business_date=at.date().isoformat(), reason="no",
            )  # fmt: skip
            heard.append(said("payments", "payment_declined", body, at))
    await ear.hear(heard)
    number = await letter_writing.write(deps, Asked(), "mine", LetterKind.WEEK, NOON.date())
    assert number
    (one,) = (await letters.read_letter(deps, "mine", number)).letter.proposals
    assert (one.action, one.count, one.total) == (Action.OFFER_BRAND, 80, 28 * 12)
    assert one.series is not None
    assert one.series.dimension is Dimension.TENDER
    await decide(deps, number, Step.DONE, on=NOON.date() - DAY, proposal=one.key)
    ask = Asked()
    await letter_writing.refresh(deps, ask)
    assert len(ask.questions) == told
    (followed,) = (await letters.read_shelf(deps, "mine")).followed
    assert followed.effect is not None
    assert (followed.effect.verdict is Verdict.NO_SERIES) is not told
