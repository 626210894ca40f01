"""Questions with real PostgreSQL: what events said is what answers add up, area by area."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from kit.auth import Role
from kit.bus import Delivery
from kit.client import problem_of
from kit.clock import ManualClock
from kit.db import Database
from kit.pure.errors import InvalidFields
from meguri.insights.v1 import query_service_pb2 as pb
from meguri.insights.v1 import query_service_pb2_grpc as pb_grpc
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as visitor_sense
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as words
from services.insights import events
from services.insights.app import query
from services.insights.app.deps import Deps
from services.insights.domain.query import answer
from services.insights.domain.query.asked import By, Compare, Measure, Question
from services.insights.domain.query.days import DayFilter, Rain
from services.insights.domain.query.related import Together
from services.insights.domain.query.table import Span
from services.insights.domain.span import DaySpan
from services.insights.domain.weather import Element
from services.insights.main import build
from services.insights.wire.query import answer_message
from tests import harness
from tests.service.insights.conftest import NOON
from tests.service.insights.rain_made import keep_rain
from tests.service.insights.said import Ear, admitted, captured, said, scan

TODAY = NOON.date()
FIRST = TODAY - timedelta(days=13)


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


def noon(days_ago: int) -> datetime:
    return NOON - timedelta(days=days_ago)


def asked(measure: Measure, by: By = By.NOTHING, **more: Any) -> Question:
    return Question(measure, DaySpan(FIRST, TODAY), by, **more)


def told(found: query.Answered) -> dict[str, Span]:
    return {row.value: row.cells[""].figure for row in found.answer.rows}


async def test_pages_by_language_hour_and_weekday(deps: Deps, ear: Ear) -> None:
    await ear.hear([
        scan(noon(1), "ko", "ko", 30), scan(noon(1), "ja", "ja", 50), scan(noon(8), "ja", "ja", 12),
        scan(noon(8), "fr", "en", 4), scan(noon(0), "ja", "ja", 11),
        scan(noon(20), "ja", "ja", 99),  # before the days asked about
    ])  # fmt: skip
    by_language = await query.ask(deps, "mine", asked(Measure.PAGES, By.LANGUAGE_ASKED))
    # Eight days ago there were so few of each that no language is named: 16 pages of any. And the
    # 11 of today are told when it is over.
    assert told(by_language) == {"ja": Span(50, 77), "ko": Span(30, 57)}
    assert by_language.answer.whole.figure == Span(107, 107)
    assert by_language.begins == noon(20).date()
    missed = await query.ask(deps, "mine", asked(Measure.PAGES, By.LANGUAGE_MISSED))
    assert missed.answer.whole.figure == Span(4, 4)
    assert told(missed) == {}
    by_hour = await query.ask(
        deps, "mine", asked(Measure.PAGES, By.HOUR, only=DayFilter(frozenset({6})))
    )
    assert told(by_hour) == {"12": Span(96, 96)}  # two Saturdays
    assert by_hour.answer.whole.days == 2


async def test_the_year_before_stands_beside(deps: Deps, ear: Ear) -> None:
    await ear.hear([
        admitted(noon(1), 30, noon(1).date().isoformat(), "JP"),
        admitted(noon(365), 20, noon(365).date().isoformat(), "JP"),
    ])  # fmt: skip
    found = await query.ask(
        deps, "mine", asked(Measure.ENTRIES, By.ORIGIN, compare=Compare.YEAR_BEFORE)
    )
    assert told(found) == {"JP": Span(30, 30)}
    assert found.answer.other
    assert found.answer.other.figure == Span(20, 20)
    # Only the days from the first event on are days that were counted.
    assert (found.answer.whole.days, found.answer.other.days) == (14, 2)


async def test_areas_and_practice_are_kept_apart(deps: Deps, ear: Ear) -> None:
    on = noon(1).date().isoformat()
    await ear.hear([
        scan(noon(1), "ja", "ja", 30), scan(noon(1), "ja", "ja", 55, area="other"),
        admitted(noon(1), 40, on, practice=True),
    ])  # fmt: skip
    for area, count in (("mine", 30), ("other", 55), ("third", 0)):
        found = await query.ask(deps, area, asked(Measure.PAGES))
        assert found.answer.whole.figure == Span(count, count)
    practised = await query.ask(deps, "mine", asked(Measure.ENTRIES))
    assert practised.begins is None
    assert practised.answer.whole.days == 0


async def test_takings_of_one_shop_are_told_to_nobody(deps: Deps, ear: Ear) -> None:
    await ear.hear([captured(noon(1), 9_000, noon(1).date().isoformat())])
    found = await query.ask(deps, "mine", asked(Measure.TAKINGS, By.DAY))
    assert found.answer.whole.figure == Span(0, 0)
    # One shop yesterday; and of the running day two looks would tell a sale.
    assert (found.answer.whole.days, found.answer.whole.told_days) == (2, 0)


async def test_how_fresh_sales_are_is_told_to_the_hour(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    """Whoever asks every second would know each sale by the time of the newest event."""
    clock.advance(timedelta(minutes=17, seconds=3))
    await ear.hear([captured(clock.now(), 900, TODAY.isoformat())])
    for measure in (Measure.SALES, Measure.TAKINGS, Measure.ENTRIES):
        found = await query.ask(deps, "mine", asked(measure))
        heard = answer_message(found).as_of_time.ToDatetime(UTC)
        assert heard == NOON
    span = DaySpan(FIRST, TODAY)
    together = await query.relate(deps, "mine", Measure.SALES, Measure.PAGES, span, DayFilter())
    assert all(not each.event_count for each in together.sources if each.service == "payments")


async def test_hours_at_gates_of_the_running_day_are_not_told(deps: Deps, ear: Ear) -> None:
    await ear.hear([
        admitted(noon(n) + timedelta(hours=hour), 30, noon(n).date().isoformat())
        for n in (0, 1) for hour in (-2, 0)
    ])  # fmt: skip
    found = await query.ask(deps, "mine", asked(Measure.ENTRIES, By.HOUR))
    # What is in today's sum may be of any hour.
    assert told(found) == {"10": Span(30, 90), "12": Span(30, 90)}
    assert found.answer.whole.figure == Span(120, 120)


async def test_two_measures_go_together_over_days_that_are_over(deps: Deps, ear: Ear) -> None:
    heard = []
    for n in range(40):
        people = 20 + (n * 7919) % 37
        heard.append(admitted(noon(n), people, noon(n).date().isoformat()))
        heard.append(scan(noon(n), "ja", "ja", 3 * people))
    await ear.hear(heard)
    span = DaySpan(TODAY - timedelta(days=60), TODAY)
    found = await query.relate(deps, "mine", Measure.ENTRIES, Measure.PAGES, span, DayFilter())
    assert len(found.found.points) == 39  # today is not over
    assert found.found.within_kinds
    assert found.found.within_kinds.together is Together.RISE
    assert found.left_out == 0


def zone_hour(at: datetime, low: int, high: int, zone: str = "gate", **more: Any) -> Delivery:
    """A counted hour; more: fields of the event."""
    start = Timestamp()
    start.FromDatetime(at)
    middle = (low + high) // 2
    given = {"estimate": middle, "released_estimate": middle, "kind": words.COUNT_KIND_VISITORS}
    body = visitor_sense.ZoneHourCounted(
        zone_id=zone, place_id="akiyoshido", hour_start_time=start, low=low, high=high,
        **(given | more),
    )  # fmt: skip
    return said("visitor_sense", "zone_hour_counted", body, at)


async def test_hours_of_sensors_are_added_up(deps: Deps, ear: Ear) -> None:
    await ear.hear([
        zone_hour(noon(1), 40, 60), zone_hour(noon(1) + timedelta(hours=1), 90, 120),
        zone_hour(noon(2), 20, 30, released_estimate=0),  # withheld by its owner
        zone_hour(noon(2), 7, 9, zone="hall"), zone_hour(noon(3), 50, 70, zone="hall"),
        zone_hour(noon(3), 500, 700, zone="yard", kind=words.COUNT_KIND_DEVICES),
    ])  # fmt: skip
    by_hour = await query.ask(deps, "mine", asked(Measure.VISITORS, By.HOUR))
    assert told(by_hour) == {"12": Span(90, 130), "13": Span(90, 120)}
    assert by_hour.begins == noon(3).date()
    assert (by_hour.answer.whole.days, by_hour.answer.whole.told_days) == (4, 2)
    by_zone = await query.ask(deps, "mine", asked(Measure.VISITORS, By.ZONE))
    assert told(by_zone) == {"gate": Span(130, 180), "hall": Span(50, 70)}
    devices = await query.ask(deps, "mine", asked(Measure.DEVICES))
    assert devices.answer.whole.figure == Span(500, 700)
    none = await query.ask(deps, "other", asked(Measure.VISITORS))
    assert none.begins is None


async def test_many_questions_are_answered_of_one_moment(deps: Deps, ear: Ear) -> None:
    await ear.hear([scan(noon(1), "ja", "ja", 30)])
    first, second = await query.ask_many(
        deps, "mine", [asked(Measure.PAGES), asked(Measure.PLANS, By.SPOT)]
    )
    assert first.answer.whole.figure == Span(30, 30)
    assert second.begins is None
    with pytest.raises(InvalidFields, match="questions"):
        await query.ask_many(deps, "mine", [asked(Measure.PAGES)] * 25)
    with pytest.raises(InvalidFields, match="by"):
        await query.ask_many(deps, "mine", [asked(Measure.PAGES), asked(Measure.SALES, By.HOUR)])


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


async def test_the_door_answers_and_names_what_is_wrong(service: harness.Running) -> None:
    area = f"a{uuid.uuid4().hex[:12]}"
    staff = pb_grpc.QueryServiceStub(service.channel(area, Role.ANALYST))
    today = datetime.now(UTC).date()
    days: dict[str, Any] = {
        "from_date": (today - timedelta(days=30)).isoformat(),
        "until_date": today.isoformat(),
    }
    found = await staff.Ask(
        pb.AskRequest(measure=pb.QUERY_MEASURE_PAGES, by=pb.QUERY_BY_HOUR, **days), timeout=30
    )
    assert (list(found.rows), found.begin_date, found.suppression_k) == ([], "", 10)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "measure"), ({"measure": 99}, "measure"), ({"measure": 1, "by": 99}, "by"),
        ({"measure": 6, "by": pb.QUERY_BY_HOUR}, "by"), ({"measure": 1, "compare": 9}, "compare"),
        ({"measure": 1, "only": pb.DayFilter(weekdays=[8])}, "only.weekdays"),
        ({"measure": 1, "only": pb.DayFilter(day_kinds=[0])}, "only.day_kinds"),  # type: ignore[list-item]
        ({"measure": 1, "until_date": "2020-01-01"}, "until_date"),
    ]  # fmt: skip
    for fields, name in wrong:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await staff.Ask(pb.AskRequest(**(days | fields)), timeout=30)
        problem = problem_of(caught.value)
        assert problem.reason == "INVALID_FIELDS"
        assert [each for each, _ in problem.fields] == [name]
    together = await staff.Relate(
        pb.RelateRequest(first=pb.QUERY_MEASURE_PAGES, second=pb.QUERY_MEASURE_PLANS, **days),
        timeout=30,
    )
    assert not together.HasField("all_days")
    for role in set(Role) - {Role.ANALYST, Role.ACCOUNTANT, Role.ADMIN}:
        stranger = pb_grpc.QueryServiceStub(service.channel(area, role))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stranger.Ask(pb.AskRequest(measure=pb.QUERY_MEASURE_PAGES, **days), timeout=30)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_weather_that_was_imported_is_asked_about(deps: Deps, ear: Ear) -> None:
    await keep_rain(
        deps, {noon(n).date(): 0 if n % 3 else 2 if n == 3 else 10 + n for n in range(1, 40)}
    )
    await ear.hear([
        admitted(noon(n), 90 - (0 if n % 3 else 40) + n % 5, noon(n).date().isoformat())
        for n in range(1, 40)
    ])  # fmt: skip
    found = await query.ask(deps, "mine", asked(Measure.ENTRIES, By.RAIN))
    days = {row.value: row.cells[""].days for row in found.answer.rows}
    assert days == {"dry": 9, "rain": 1, "heavy_rain": 3, "unknown": 1}  # today is not measured
    wet = DayFilter(rain=frozenset({Rain.HEAVY_RAIN}))
    only = await query.ask(deps, "mine", asked(Measure.ENTRIES, only=wet))
    assert only.answer.whole.days == 3
    span = DaySpan(TODAY - timedelta(days=60), TODAY)
    together = await query.relate(
        deps, "mine", Measure.ENTRIES, Element.PRECIPITATION, span, DayFilter()
    )
    assert len(together.found.points) == 39
    assert together.found.all_days
    assert together.found.all_days.together is Together.FALL
    elsewhere = await query.relate(
        deps, "other", Measure.ENTRIES, Element.PRECIPITATION, span, DayFilter()
    )
    assert elsewhere.found.points == ()


async def test_others_are_answered_while_figures_are_added_up(
    deps: Deps, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ear.hear([scan(noon(1), "en", "en", 12)])
    added_up = threading.Event()

    def slow(*args: Any) -> Any:
        assert added_up.wait(60), "nobody else was answered"
        return answer.answer(*args)

    monkeypatch.setattr(query, "answer", slow)
    waits = asyncio.create_task(query.ask(deps, "mine", asked(Measure.PAGES, By.STOP)))
    await query.relate(
        deps, "mine", Measure.PAGES, Measure.PLANS, DaySpan(FIRST, TODAY), DayFilter()
    )
    assert not waits.done()
    added_up.set()
    assert told(await waits)
