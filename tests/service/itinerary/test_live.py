"""What an operator tells of its runs as they go, from its address to the kept day, with a real
service, a real database and the operator as a process of its own."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kit.auth import Role
from kit.runtime import Parts, Runtime
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2 as tt
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.itinerary import events, main
from services.itinerary.app import live
from services.itinerary.domain import live as rules
from tests import harness
from tests.operators import Operator, archive
from tests.service.itinerary.conftest import TIMEOUT_S, Mine, area, new_id, until, visited
from tests.service.itinerary.test_bus_days import STATION
from tests.service.itinerary.test_changed_lines import departures, repair, troubles, undo
from tests.service.itinerary.timetables.conftest import refused

__all__ = ["area"]
pytestmark = pytest.mark.long

FEED = "yama-bus"
TOKYO = ZoneInfo("Asia/Tokyo")
OUT, BACK = range(540, 900, 60), range(720, 1000, 60)


class Shifted:
    """The clock of the machine, put to eight in the morning of Tokyo when it was made."""

    def __init__(self) -> None:
        now = datetime.now(TOKYO)
        self.shift = now.replace(hour=8, minute=0, second=0) - now

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def on(self, minutes: int) -> None:
        self.shift += timedelta(minutes=minutes)

    @property
    def age_s(self) -> int:
        """What a simulator is told, so that its messages are of this clock's present."""
        return -round(self.shift.total_seconds())


@pytest.fixture
def watch() -> Shifted:
    return Shifted()


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str, watch: Shifted,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[harness.Running]:  # fmt: skip
    monkeypatch.setenv("MEGURI_REALTIME_NETWORKS", "127.0.0.0/8")
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(rules, "ASK_EVERY_S", 0.4)

    def build(runtime: Runtime) -> Parts:
        system, runtime.clock = runtime.clock, watch
        parts = main.build(runtime)
        runtime.clock = system  # tokens are of the real time
        return parts

    async with harness.running(
        "itinerary", events.ENCODERS, build, service_database("itinerary"), nats_url
    ) as it:
        yield it


@pytest.fixture
async def mine(service: harness.Running, area: str) -> Mine:
    loaded = Mine(service, area)
    await loaded.load()
    return loaded


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return archive(tmp_path, OUT, BACK)


@pytest.fixture
def operator(feed: Path, watch: Shifted) -> Iterator[Operator]:
    running = Operator(feed)
    running.play(age_s=watch.age_s)
    yield running
    running.close()


class Town:
    """The area with the operator's feed, and who may say where it tells of delays."""

    def __init__(self, mine: Mine, operator: Operator, watch: Shifted) -> None:
        self.mine, self.operator, self.watch = mine, operator, watch
        self.staff: Any = TimetableServiceStub(mine.it.channel(mine.area, Role.EDITOR))
        self.visitor: Any = TimetableServiceStub(mine.it.channel(mine.area, Role.VISITOR))

    async def listen(self, **more: str) -> tt.SetLiveAddressesResponse:
        urls = {
            "runs_url": f"{self.operator.url}/trip_updates",
            "alerts_url": f"{self.operator.url}/alerts",
        } | more
        request = tt.SetLiveAddressesRequest(request_id=new_id(), timetable_id=FEED, **urls)
        answer: tt.SetLiveAddressesResponse = await self.staff.SetLiveAddresses(
            request, timeout=TIMEOUT_S
        )
        return answer

    async def states(self) -> dict[int, tt.LiveAddress]:
        request = tt.GetLiveAddressesRequest(timetable_id=FEED)
        answer = await self.staff.GetLiveAddresses(request, timeout=TIMEOUT_S)
        return {each.kind: each for each in answer.addresses}

    async def day(self, **more: Any) -> pb.Itinerary:
        today = self.watch.now().astimezone(TOKYO).date().isoformat()
        station = pb.Location(place_id=STATION)
        wishes = {
            "visit_date": today, "mode": pb.TRAVEL_MODE_BUS, "start": station,
            "must_poi_ids": ["akiyoshido-main"],
        }  # fmt: skip
        return await self.mine.plan(**wishes | more)

    async def told(
        self, plan: pb.Itinerary, check: Callable[[pb.Itinerary], object]
    ) -> pb.Itinerary:
        async def looked() -> pb.Itinerary | None:
            found = await self.mine.get(plan.itinerary_id)
            return found if check(found) else None

        found: pb.Itinerary = await until(looked, seconds=40)
        return found


@pytest.fixture
def packed(feed: Path) -> bytes:
    return feed.read_bytes()


@pytest.fixture
async def town(mine: Mine, operator: Operator, watch: Shifted, packed: bytes) -> Town:
    made = Town(mine, operator, watch)
    request = tt.ImportFeedRequest(request_id=new_id(), timetable_id=FEED, archive=packed)
    await made.staff.ImportFeed(request, timeout=40)
    await made.listen()
    return made


def by_minute(plan: pb.Itinerary) -> tuple[str, str]:
    first, *_, last = departures(plan)
    return f"out-{first}", f"back-{last}"


async def test_a_delay_with_which_all_works_is_told_and_moves_nothing(town: Town) -> None:
    plan = await town.day()
    out, _ = by_minute(plan)
    town.operator.play(trips={out: {"delay_s": 300}})
    told = await town.told(plan, lambda it: it.ride_effects)
    assert troubles(told) == [("LATER", True)]
    [effect] = told.ride_effects
    assert (effect.minutes, effect.live, told.needs_repair) == (5, True, False)
    assert effect.depart_time.seconds - effect.planned_depart_time.seconds == 300
    assert (await repair(town.mine, plan)).version == 1
    [state] = told.live_states
    assert (state.timetable_id, state.stale) == (FEED, False)
    town.operator.play(trips={})
    await town.told(plan, lambda it: not it.ride_effects)


async def test_a_delay_that_loses_the_bus_home_is_planned_around(town: Town) -> None:
    plan = await town.day(end_minute=1080)
    out, back = by_minute(plan)
    town.operator.play(trips={back: {"canceled": True}})
    told = await town.told(plan, lambda it: it.ride_effects)
    assert troubles(told) == [("CANCELED", False)]
    assert told.needs_repair
    fixed = await repair(town.mine, plan)
    assert fixed.latest_change.cause == pb.CHANGE_CAUSE_DELAY
    assert departures(fixed)[0] == departures(plan)[0]
    assert departures(fixed)[-1] != departures(plan)[-1]
    assert visited(fixed) == visited(plan)
    assert not fixed.ride_effects
    assert (await town.mine.get(plan.itinerary_id)).ride_effects == fixed.ride_effects
    again = await undo(town.mine, fixed)
    assert troubles(again) == [("CANCELED", False)]
    assert out


async def test_a_plan_made_now_reckons_with_what_is_told_now(town: Town) -> None:
    before = await town.day()
    out, _ = by_minute(before)
    town.operator.play(trips={out: {"delay_s": 1500}})
    await town.told(before, lambda it: it.ride_effects)
    after = await town.day(seed=1)
    first = departures(after)[0]
    assert first in (departures(before)[0] + 25, *(m for m in OUT if f"out-{m}" != out))
    tomorrow = (town.watch.now().astimezone(TOKYO).date() + timedelta(days=1)).isoformat()
    later = await town.day(visit_date=tomorrow)
    assert departures(later)[0] in OUT
    assert not later.ride_effects


async def test_the_operator_is_quoted_where_it_is_about_a_ride_of_the_day(town: Town) -> None:
    plan = await town.day()
    out, back = by_minute(plan)
    town.operator.play(alerts=[
        {"header": {"ja": "迂回運行", "en": "Detour"}, "routes": ["out"]},
        {"header": {"ja": "ほか"}, "routes": ["elsewhere"]},
        {"header": {"ja": "停留所"}, "stops": ["c"], "text": {"ja": "移設"}},
        {"header": {"ja": "便"}, "trips": [back]},
        {"header": {"ja": "全線"}},
        {"header": {"ja": "昔"}, "until_s": 5},
    ])  # fmt: skip
    told = await town.told(plan, lambda it: len(it.messages) == 4)
    assert [each.titles["ja"] for each in told.messages] == ["迂回運行", "停留所", "便", "全線"]
    assert told.messages[0].titles["en"] == "Detour"
    by_car = await town.mine.plan(visit_date=plan.trip.visit_date)
    assert not (await town.mine.get(by_car.itinerary_id)).messages
    assert out


HABITS = {
    "error": "HTTP_500", "gone": "HTTP_404", "redirect": "HTTP_302", "truncated": "NOT_GTFS_RT",
    "garbage": "NOT_GTFS_RT", "empty": "NOT_GTFS_RT", "text": "NOT_GTFS_RT", "huge": "TOO_LARGE",
    "packed": "PACKED", "differential": "DIFFERENTIAL",
}  # fmt: skip


async def test_whatever_comes_back_the_last_good_message_holds(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_PAUSE_S", 0.3)
    plan = await town.day()
    out, _ = by_minute(plan)
    town.operator.play(trips={out: {"delay_s": 300}})
    await town.told(plan, lambda it: it.ride_effects)
    for habit, fault in HABITS.items():
        town.operator.play(habit=habit)

        async def faulty(fault: str = fault) -> Any:
            found = (await town.states())[tt.LIVE_KIND_RUNS]
            return found if found.fault == fault else None

        state = await until(faulty, seconds=40)
        assert (state.run_count, state.fault_count > 0) == (1, True)
    assert troubles(await town.mine.get(plan.itinerary_id)) == [("LATER", True)]
    town.operator.play(habit="fine")
    await until(lambda: well(town), seconds=40)


async def well(town: Town) -> bool:
    return not (await town.states())[tt.LIVE_KIND_RUNS].fault


async def test_who_is_slow_holds_up_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.itinerary.gateways import live as gateway  # noqa: PLC0415 - only here

    monkeypatch.setattr(gateway, "DEADLINE_S", 3.0)
    plan = await town.day()
    for habit in ("slow", "silent"):
        town.operator.play(habit=habit)

        async def too_slow() -> Any:
            return (await town.states())[tt.LIVE_KIND_RUNS].fault == "TOO_SLOW"

        began = time.monotonic()
        await town.mine.get(plan.itinerary_id)
        assert time.monotonic() - began < 2.5
        await until(too_slow, seconds=40)
        town.operator.play(habit="fine")
        await until(lambda: well(town), seconds=40)


async def test_what_is_too_old_is_used_no_longer_and_said_to_be(town: Town) -> None:
    plan = await town.day()
    out, _ = by_minute(plan)
    town.operator.play(trips={out: {"delay_s": 300}})
    await town.told(plan, lambda it: it.ride_effects)
    town.operator.play(age_s=town.watch.age_s + 400)
    told = await town.told(plan, lambda it: not it.ride_effects)
    assert [state.stale for state in told.live_states] == [True]
    assert (await town.states())[tt.LIVE_KIND_RUNS].stale
    said = [own.RunsDelayed.FromString(each.data)
            for each in await town.mine.it.heard(town.mine.area, "runs_delayed", 2)]  # fmt: skip
    assert [(each.stale, each.riding_plan_count, each.run_count) for each in said] == [
        (False, 1, 1), (True, 1, 0),
    ]  # fmt: skip
    town.operator.play(age_s=town.watch.age_s)
    await town.told(plan, lambda it: it.ride_effects)


async def test_what_is_told_as_before_is_asked_with_its_tag_and_no_news(town: Town) -> None:
    plan = await town.day()
    out, _ = by_minute(plan)
    # A server that stands still on one message, and says so.
    town.operator.play(age_s=0, trips={out: {"delay_s": 300}})

    async def not_modified() -> Any:
        return town.operator.get("/asked").get("trip_updates 304", 0) > 3

    await until(not_modified, seconds=40)
    assert len(await town.mine.it.heard(town.mine.area, "runs_delayed", 1)) == 1


async def test_nothing_is_said_where_nobody_rides(town: Town) -> None:
    town.operator.play(trips={"out-540": {"delay_s": 300}})

    async def told() -> Any:
        return (await town.states())[tt.LIVE_KIND_RUNS].run_count == 1

    await until(told, seconds=40)
    assert await town.mine.it.heard(town.mine.area, "runs_delayed", 0) == []


async def test_addresses_are_the_staffs_and_of_feeds_alone(town: Town) -> None:
    first = await town.states()
    assert set(first) == {tt.LIVE_KIND_RUNS, tt.LIVE_KIND_ALERTS}
    for url, reason in (("http://10.0.0.1/rt", "NOT_HTTPS"), ("https://10.0.0.1/rt", "NOT_PUBLIC")):
        problem = await refused(town.listen(runs_url=url))
        assert problem.reason == "INVALID_FIELDS"
        assert f"[{reason}]" in problem.fields[0][1]
    assert set(await town.states()) == set(first)
    asked = town.visitor.GetLiveAddresses(
        tt.GetLiveAddressesRequest(timetable_id=FEED), timeout=TIMEOUT_S
    )
    assert (await refused(asked)).reason == "NOT_ALLOWED"
    await town.listen(alerts_url="", vehicles_url=f"{town.operator.url}/vehicles")
    town.operator.play(vehicles=4)

    async def counted() -> Any:
        found = await town.states()
        return found[tt.LIVE_KIND_VEHICLES].vehicle_count == 4 and found

    assert set(await until(counted, seconds=40)) == {tt.LIVE_KIND_RUNS, tt.LIVE_KIND_VEHICLES}
    await town.staff.DeleteTimetable(
        tt.DeleteTimetableRequest(
            request_id=new_id(), timetable_id=FEED, expected_version=1
        ), timeout=TIMEOUT_S,
    )  # fmt: skip
    assert await town.states() == {}
    assert (await refused(town.listen())).reason == "NOT_FOUND"


async def test_repeated_addresses_keep_what_was_told(town: Town) -> None:
    plan = await town.day()
    out, _ = by_minute(plan)
    town.operator.play(trips={out: {"delay_s": 300}})
    await town.told(plan, lambda it: it.ride_effects)
    again = await town.listen()
    assert {each.run_count for each in again.addresses if each.kind == tt.LIVE_KIND_RUNS} == {1}
    assert troubles(await town.mine.get(plan.itinerary_id)) == [("LATER", True)]
