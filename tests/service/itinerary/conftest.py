"""The itinerary service with real PostgreSQL and NATS, and an area that directory has told of."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kit.auth import Role
from meguri.directory.v1 import directory_events_pb2 as said
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import itinerary_service_pb2_grpc as pb_grpc
from services.directory.cli import read_places
from services.itinerary import cli, events, main
from services.itinerary.domain.told_plans import ToldPlans
from services.itinerary.main import build
from tests import harness

MINE = Path(__file__).resolve().parents[3] / "data" / "mine"
TIMEOUT_S = 30.0


def new_id() -> str:
    return str(uuid.uuid4())


async def until(check: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Awaits `check` again and again until it returns something true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await check()):
        assert asyncio.get_running_loop().time() < deadline, "it never happened"
        await asyncio.sleep(0.02)
    return found


class Mine:
    """The area of one test, loaded with the POIs of Mine City."""

    def __init__(self, it: harness.Running, area: str) -> None:
        self.it, self.area = it, area
        self.staff: Any = pb_grpc.ItineraryServiceStub(it.channel(area, Role.EDITOR))
        self.visitor: Any = pb_grpc.ItineraryServiceStub(it.channel(area, Role.VISITOR))

    async def load(self) -> pb.ImportPoisResponse:
        """Has directory tell of the area and its places, and imports the POIs."""
        area = directory.Area(area=self.area, time_zone="Asia/Tokyo", version=1)
        await self.say("area_configured", said.AreaConfigured(area=area), self.area)
        records = cli.read_pois(MINE / "pois.csv")
        wanted = {record.place_id for record in records} | {"st-shin-yamaguchi", "st-mine"}
        places = [place for place in read_places(MINE) if place.place_id in wanted]
        await asyncio.gather(
            *(
                self.say("place_recorded", said.PlaceRecorded(place=_first(place)), place.place_id)
                for place in places
            )
        )
        report: pb.ImportPoisResponse = await self.staff.ImportPois(
            pb.ImportPoisRequest(request_id=new_id(), records=records), timeout=TIMEOUT_S
        )

        async def located() -> bool:
            listed = await self.visitor.ListPois(pb.ListPoisRequest(), timeout=TIMEOUT_S)
            return all(poi.location.HasField("point") for poi in listed.pois)

        await until(located)
        return report

    async def say(
        self, event: str, body: Any, aggregate_id: str, version: int = 1, **more: Any
    ) -> None:
        await self.it.say(
            self.area, "directory", event, body, aggregate_id=aggregate_id, version=version, **more
        )

    async def plan(self, **wishes: Any) -> pb.Itinerary:
        """Plans a Saturday in November by car from the city's car park, unless told otherwise."""
        trip: dict[str, Any] = {
            "visit_date": "2026-11-21",
            "start": pb.Location(place_id="parking-city"),
            "start_minute": 9 * 60,
            "end_minute": 17 * 60,
            "mode": pb.TRAVEL_MODE_CAR,
        } | wishes
        answer = await self.visitor.PlanItinerary(
            pb.PlanItineraryRequest(request_id=new_id(), trip=pb.TripRequest(**trip)),
            timeout=TIMEOUT_S,
        )
        itinerary: pb.Itinerary = answer.itinerary
        return itinerary

    async def get(self, itinerary_id: str) -> pb.Itinerary:
        answer = await self.visitor.GetItinerary(
            pb.GetItineraryRequest(itinerary_id=itinerary_id), timeout=TIMEOUT_S
        )
        itinerary: pb.Itinerary = answer.itinerary
        return itinerary


def _first(place: directory.Place) -> directory.Place:
    place.version = 1
    return place


def visited(itinerary: pb.Itinerary) -> list[str]:
    return [visit.poi_id for visit in itinerary.visits]


def left_out(itinerary: pb.Itinerary) -> dict[str, str]:
    return {left.poi_id: pb.WhyOut.Name(left.why) for left in itinerary.left_out}


@pytest.fixture(autouse=True)
def _plain_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are searched in plain Python here: to load the compiled search takes longer than most of
    these tests last. It has tests of its own."""
    monkeypatch.setattr(main, "WARM_UP_AFTER_S", 3600.0)


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "itinerary", events.ENCODERS, build, service_database("itinerary"), nats_url
    ) as it:
        yield it


@pytest.fixture
def area() -> str:
    """An area of this test alone."""
    return f"i{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def mine(service: harness.Running, area: str) -> Mine:
    loaded = Mine(service, area)
    await loaded.load()
    return loaded


@pytest.fixture
def few_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff is told of few plans as well: a test cannot keep dozens of them."""
    for module in ("preview", "timetables", "kept_pois"):
        monkeypatch.setattr(f"services.itinerary.app.{module}.told_plans", ToldPlans)
