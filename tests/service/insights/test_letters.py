"""Letters with real PostgreSQL: written once, decided about, and followed by what came of it."""

import random
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.bus import Delivery
from kit.client import problem_of
from kit.clock import ManualClock
from kit.db import Database
from kit.pure.errors import InvalidFields, NotFound, VersionConflict
from kit.requests import RequestKey
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.insights.v1 import letter_service_pb2 as pb
from meguri.insights.v1 import letter_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from services.insights import events
from services.insights.app import letter_writing, letters, query
from services.insights.app.deps import Deps
from services.insights.app.letter_effects import Followed
from services.insights.domain.effect import DayFigure, Effect, Verdict
from services.insights.domain.letter import Decided, Decision, Few, LetterKind, Step
from services.insights.domain.proposal import Action, Proposal
from services.insights.domain.query.asked import Measure
from services.insights.domain.query.asked import Question as Ask
from services.insights.domain.span import DaySpan
from services.insights.gateways import estimator
from services.insights.gateways.estimator import EstimatorDown, Question
from services.insights.main import build
from services.insights.store.letters import LetterDamaged
from tests import harness
from tests.service.insights.conftest import NOON
from tests.service.insights.rain_made import keep_rain
from tests.service.insights.said import Ear, captured, said, scan

STOPS = ("AAAAA", "BBBBB", "CCCCC", "DDDDD", "EEEEE", "FFFFF")
QUIET = "FFFFF"
DAY = timedelta(days=1)


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


def key(principal: str = "mori") -> RequestKey:
    return RequestKey(principal, str(uuid.uuid4()), b"x" * 32)


def published(at: datetime) -> list[Delivery]:
    return [
        said(
            "multilingual", "stop_published",
            multilingual.StopPublished(stop_code=stop, place_id=f"place/{stop}"), at,
            aggregate_id=stop,
        )
        for stop in STOPS
    ]  # fmt: skip


def read(at: datetime, stop: str, pages: int) -> Delivery:
    body = multilingual.ScanRecorded(
        stop_code=stop, place_id=f"place/{stop}", requested_locale="ja", served_locale="ja",
        scan_count=pages,
    )  # fmt: skip
    return said("multilingual", "scan_recorded", body, at)


def days_of(first: datetime, last: datetime, quiet: int = 1) -> list[Delivery]:
    """Returns pages of each day at noon: one stop is hardly read."""
    chance, found, at = random.Random(quiet), published(first), first
    while at <= last:
        found += [read(at, stop, 30 + chance.randint(-5, 5)) for stop in STOPS if stop != QUIET]
        found.append(read(at, QUIET, quiet + chance.randint(0, 1)))
        at += DAY
    return found


class Asked:
    """Counts what is asked of the estimator and answers at once."""

    def __init__(self, verdict: Verdict = Verdict.TOO_EARLY) -> None:
        self.questions: list[Question] = []
        self.verdict = verdict

    async def __call__(self, questions: Sequence[Question]) -> list[Effect]:
        self.questions += questions
        return [Effect(self.verdict, per_day=2.0) for _ in questions]


async def down(_questions: Sequence[Question]) -> list[Effect]:
    raise EstimatorDown("ChildEnded")


async def decide(
    deps: Deps, number: int, step: Step, version: int = 0, on: date | None = None,
    proposal: str = f"sign_at_stop/{QUIET}", **more: Any,
) -> int:  # fmt: skip
    given = Decision(step, **{"owner": "Mori", "signed_as": "Sato", **more}, on_date=on)
    return await letters.decide(deps, key(), "mine", number, proposal, version, given)


async def test_the_letters_of_a_month_and_a_week_are_written_once(deps: Deps, ear: Ear) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    ask = Asked()
    assert await letter_writing.refresh(deps, ask) == 2
    assert await letter_writing.refresh(deps, ask) == 0
    shelf = await letters.read_shelf(deps, "mine")
    assert [(one.letter.number, one.letter.kind.value) for one in shelf.letters] == [
        (2, "month"), (1, "week"),
    ]  # fmt: skip
    month = await letters.read_letter(deps, "mine", 2)
    assert (month.letter.first_date, month.letter.last_date) == ("2026-04-01", "2026-04-30")
    (one,) = month.letter.proposals
    assert (one.action, one.subject) == (Action.SIGN_AT_STOP, QUIET)
    assert month.letter.few is Few.NOTHING_CLEAR
    assert (await letters.read_letter(deps, "mine", 0)).letter.number == 2
    assert shelf.next_dates == {
        LetterKind.WEEK: date(2026, 5, 4), LetterKind.MONTH: date(2026, 6, 1),
    }  # fmt: skip
    assert not ask.questions


async def test_a_letter_comes_after_midnight_has_settled(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    await letter_writing.refresh(deps, Asked())
    clock.advance(timedelta(hours=13))  # 1 in the morning of a Monday
    assert await letter_writing.refresh(deps, Asked()) == 0
    clock.advance(timedelta(hours=5))
    assert await letter_writing.refresh(deps, Asked()) == 1


async def test_before_two_weeks_there_is_no_letter_and_the_shelf_says_when(
    deps: Deps, ear: Ear
) -> None:
    assert (await letters.read_shelf(deps, "mine")).next_dates == dict.fromkeys(LetterKind)
    await ear.hear(days_of(NOON - DAY * 5, NOON - DAY))
    assert await letter_writing.refresh(deps, Asked()) == 0
    shelf = await letters.read_shelf(deps, "mine")
    assert shelf.next_dates[LetterKind.WEEK] == date(2026, 5, 18)
    assert shelf.next_dates[LetterKind.MONTH] == date(2026, 6, 1)
    with pytest.raises(letter_writing.NothingOver):
        await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.WEEK)
    with pytest.raises(NotFound):
        await letters.read_letter(deps, "mine", 0)


async def test_a_letter_never_changes_and_shows_when_it_was_changed(
    deps: Deps, ear: Ear, database: Database
) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    before = await letters.read_letter(deps, "mine", number)
    await ear.hear([read(NOON - DAY * 10, QUIET, 5_000)])  # heard late
    again = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    assert again == number
    assert await letters.read_letter(deps, "mine", number) == before
    async with database.transaction("mine") as tx:
        await tx.execute("update letters set letter = replace(letter, 'month', 'munth')")
    with pytest.raises(LetterDamaged):
        await letters.read_letter(deps, "mine", number)


async def test_a_letter_and_the_days_together_tell_no_day_of_one_shop(deps: Deps, ear: Ear) -> None:
    """A letter's sales less those that days tell were the sales of the one shop that was open."""
    heard, alone = [], NOON - DAY * 9
    for n in range(1, 50):
        at = NOON - DAY * n
        shops = ("a", "b", "c") if at != alone else ("a",)
        heard += [
            captured(at + timedelta(hours=hour), 500, at.date().isoformat(), shop=shop)
            for shop in shops for hour in (-3, -3, -3, -3, -2, -1, 0, 1)
        ]  # fmt: skip
    await ear.hear(heard)
    number = await letter_writing.write(deps, Asked(), "mine", LetterKind.WEEK, NOON.date())
    assert number
    letter = (await letters.read_letter(deps, "mine", number)).letter
    (till,) = (one for one in letter.proposals if one.action is Action.STAFF_TILL)
    first, last = letter.seen_first_date, letter.last_date
    span = DaySpan(date.fromisoformat(first), date.fromisoformat(last))
    days = await query.ask(deps, "mine", Ask(Measure.SALES, span))
    assert (days.answer.whole.days, days.answer.whole.told_days) == (28, 27)
    assert days.answer.whole.figure.low == till.total == 27 * 24


async def test_who_accepts_declines_does_and_takes_back(deps: Deps, ear: Ear) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    assert await decide(deps, number, Step.ACCEPTED, on=date(2026, 5, 20)) == 1
    assert await decide(deps, number, Step.ACCEPTED, on=date(2026, 5, 20)) == 1  # nothing new
    with pytest.raises(VersionConflict):
        await decide(deps, number, Step.DECLINED, reason="no money")
    assert await decide(deps, number, Step.DONE, 1, date(2026, 5, 2)) == 2
    (one,) = (await letters.read_letter(deps, "mine", number)).decided
    assert [each.step for each in one.decisions] == [Step.ACCEPTED, Step.DONE]
    assert one.standing is not None
    assert (one.standing.owner, one.standing.signed_as) == ("Mori", "Sato")
    assert await decide(deps, number, Step.TAKEN_BACK, 2, owner="") == 3
    with pytest.raises(InvalidFields):
        await decide(deps, number, Step.TAKEN_BACK, 3, owner="")
    with pytest.raises(InvalidFields):
        await decide(deps, number, Step.DONE, 3, date(2026, 5, 4))  # tomorrow
    for wrong in ((9, f"sign_at_stop/{QUIET}"), (number, "sign_at_stop/none")):
        with pytest.raises(NotFound):
            await decide(deps, wrong[0], Step.ACCEPTED, proposal=wrong[1])


async def test_the_same_request_decides_once(deps: Deps, ear: Ear) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    same, given = key(), Decision(Step.ACCEPTED, "Mori", None, "", "Sato")
    for _ in range(2):
        version = await letters.decide(
            deps, same, "mine", number, f"sign_at_stop/{QUIET}", 0, given
        )
        assert version == 1
        given = Decision(Step.ACCEPTED, "Mori", None, "", "Sato")


@pytest.mark.parametrize(
    ("step", "more"), [(Step.ACCEPTED, {}), (Step.DECLINED, {"owner": "", "reason": "no money"})]
)
async def test_what_was_decided_is_not_proposed_again(
    deps: Deps, ear: Ear, step: Step, more: dict[str, Any]
) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    await decide(deps, number, step, **more)
    week = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.WEEK)
    later = (await letters.read_letter(deps, "mine", week)).letter
    assert later.proposals == ()
    assert later.few is Few.NOTHING_CLEAR
    assert later.waiting == (step is Step.ACCEPTED)


async def test_the_effect_of_what_was_done_is_told_by_the_process_of_its_own(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    begin = NOON - DAY * 200
    await ear.hear(days_of(begin, NOON - DAY, quiet=4))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    await decide(deps, number, Step.DONE, on=NOON.date() - DAY)
    await letter_writing.refresh(deps, estimator.ask)
    (one,) = (await letters.read_shelf(deps, "mine")).followed
    assert one.effect is not None
    assert (one.effect.verdict, one.effect.ready_on) == (Verdict.TOO_EARLY, "2026-05-24")
    await ear.hear(days_of(NOON, NOON + DAY * 32, quiet=14)[len(STOPS) :])
    clock.advance(DAY * 33)
    assert await letter_writing.refresh(deps, estimator.ask) == 2
    (one,) = (await letters.read_shelf(deps, "mine")).followed
    assert one.effect is not None
    assert one.effect.verdict is Verdict.TOLD
    assert one.effect.low <= 10 <= one.effect.high
    assert one.effect.compared
    assert one.effect.days
    newest = (await letters.read_letter(deps, "mine", 0)).letter
    (earlier,) = newest.earlier
    assert (earlier.number, earlier.owner, earlier.done_date) == (number, "Mori", "2026-05-02")
    assert earlier.effect.verdict is Verdict.TOLD
    assert earlier.effect.days == ()


async def test_an_effect_is_asked_for_once_a_day_and_not_of_another_day(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    await decide(deps, number, Step.DONE, on=NOON.date() - DAY)
    ask = Asked()
    for _ in range(3):
        await letter_writing.refresh(deps, ask)
    assert len(ask.questions) == 1
    clock.advance(DAY)
    await letter_writing.refresh(deps, ask)
    assert len(ask.questions) == 2
    await decide(deps, number, Step.DONE, 1, NOON.date() - DAY * 2)
    (one,) = (await letters.read_shelf(deps, "mine")).followed
    assert one.effect is None  # what was reckoned was of another day
    await letter_writing.refresh(deps, ask)
    assert [str(each.done) for each in ask.questions[1:]] == ["2026-05-02", "2026-05-01"]


@pytest.mark.parametrize(("known", "asked_with"), [(51, True), (40, False)])
async def test_rain_that_was_imported_is_taken_out_of_effects(
    deps: Deps, ear: Ear, known: int, *, asked_with: bool
) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    days = [(NOON - DAY * n).date() for n in range(1, known)]
    await keep_rain(deps, {on: 4.5 if on.day % 5 == 0 else 0.9 for on in days})
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    await decide(deps, number, Step.DONE, on=NOON.date() - DAY)
    ask = Asked()
    await letter_writing.refresh(deps, ask)
    (question,) = ask.questions
    assert (question.rain is not None) is asked_with
    if question.rain:
        assert {on.day % 5 == 0 for on, wet in question.rain.items() if wet} == {True}


def test_only_the_newest_effects_are_told_by_day() -> None:
    told = Effect(Verdict.TOLD, days=(DayFigure("2026-05-03", 4.0),))
    done = Decided(1, Proposal(Action.MOVE_BUS))
    shown = letters._drawn([Followed(done, told)] * 20 + [Followed(done, None)])
    assert [bool(one.effect and one.effect.days) for one in shown] == [True] * 12 + [False] * 9
    assert all(one.effect.verdict is Verdict.TOLD for one in shown[:20] if one.effect)


async def test_an_estimator_that_is_away_holds_up_its_area_alone(deps: Deps, ear: Ear) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    number = await letter_writing.write_asked(deps, Asked(), key(), "mine", LetterKind.MONTH)
    await decide(deps, number, Step.DONE, on=NOON.date() - DAY)
    await ear.hear([scan(NOON - DAY * n, scan_count=20, area="other") for n in range(60)])
    assert await letter_writing.refresh(deps, down) == 2  # those of the other one
    assert len((await letters.read_shelf(deps, "mine")).letters) == 1


async def test_a_dropped_area_has_no_letters(deps: Deps, ear: Ear, clock: ManualClock) -> None:
    await ear.hear(days_of(NOON - DAY * 50, NOON - DAY))
    await letter_writing.refresh(deps, Asked())
    clock.advance(timedelta(minutes=1))
    await ear.hear([said("directory", "area_dropped", directory.AreaDropped(), clock.now())])
    assert (await letters.read_shelf(deps, "mine")).letters == []
    assert await letter_writing.refresh(deps, Asked()) == 0


async def refused(call: Any, request: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request, timeout=30)
    return problem_of(caught.value).reason


async def test_the_door_keeps_who_may_not_and_what_is_wrong(service: harness.Running) -> None:
    area = f"a{uuid.uuid4().hex[:12]}"
    staff = pb_grpc.LetterServiceStub(service.channel(area, Role.ANALYST))
    found = await staff.ListLetters(pb.ListLettersRequest(), timeout=30)
    assert (len(found.letters), found.next_week_date) == (0, "")
    assert await refused(staff.ReadLetter, pb.ReadLetterRequest(number=1)) == "NOT_FOUND"
    week = pb.WriteLetterRequest(request_id=str(uuid.uuid4()), kind=pb.LETTER_KIND_WEEK)
    assert await refused(staff.WriteLetter, week) == "NOTHING_OVER"
    none = pb.WriteLetterRequest(request_id=str(uuid.uuid4()))
    assert await refused(staff.WriteLetter, none) == "INVALID_FIELDS"
    wanted = pb.DecideProposalRequest(
        request_id=str(uuid.uuid4()), letter_number=1, proposal_key="move_bus",
        step=pb.PROPOSAL_STEP_ACCEPTED, owner="Mori", signed_as="Sato",
    )  # fmt: skip
    assert await refused(staff.DecideProposal, wanted) == "NOT_FOUND"
    wanted.on_date = "soon"
    assert await refused(staff.DecideProposal, wanted) == "INVALID_FIELDS"
    clerk = pb_grpc.LetterServiceStub(service.channel(area, Role.CLERK))
    for call, request in (
        (clerk.ListLetters, pb.ListLettersRequest()), (clerk.ReadLetter, pb.ReadLetterRequest()),
        (clerk.WriteLetter, week), (clerk.DecideProposal, wanted),
    ):  # fmt: skip
        assert await refused(call, request) == "NOT_ALLOWED"
