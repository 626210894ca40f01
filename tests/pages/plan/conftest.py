"""The planner's pages before a stand-in service that plans with the real domain."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from meguri.itinerary.v1 import timetable_service_pb2 as timetables
from services.edge import main
from services.edge.plan import clock, spots
from services.itinerary.app.itineraries import Read
from services.itinerary.app.pois import ListedPoi
from services.itinerary.app.riding import LiveNow, OperatorMessage
from services.itinerary.domain.away import OtherDay, Together
from services.itinerary.domain.changes import noted
from services.itinerary.domain.place import PointQuality
from services.itinerary.domain.plan import ChangeCause, Effect, Itinerary, RideEffect
from services.itinerary.domain.poi import Category, Fees, Interest, PoiStatus, PoiTexts
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.proposals import proposed
from services.itinerary.domain.sojourn import check_days
from services.itinerary.domain.transit.network import Network
from services.itinerary.domain.trip import TripRequest
from services.itinerary.domain.windows import day_access
from services.itinerary.wire.itineraries import itinerary_message
from services.itinerary.wire.pois import poi_message
from services.itinerary.wire.trips import days_of, trip_of
from tests.pages.edge.fakes import Failure, FakeServices, settings
from tests.unit.itinerary.bus_samples import with_bus
from tests.unit.itinerary.plans import plan_day, plan_days
from tests.unit.itinerary.samples import ZONE, catalog, place, poi

PLAN_ID = "01a1fcf5-5288-77e9-aa38-b7ad77d5290e"
SOJOURN_ID = "01a1fcf5-6000-77e9-aa38-b7ad77d5290e"
DAY_IDS = [f"01a1fcf5-600{number}-77e9-aa38-b7ad77d5290e" for number in range(1, 5)]
MADE = datetime(2026, 11, 20, tzinfo=UTC)


def area() -> Catalog:
    """A small area with one of each thing a page must be able to say."""
    pois = [
        poi("akiyoshido-main", score=100, fees=Fees(1300, 1050, 700),
            texts=PoiTexts(summary={"ja": "洞", "en": "A cave."}, access_note={"ja": "階段"})),
        poi("pond", category=Category.NATURE, interests=(Interest.NATURE,), score=80,
            hidden_spot=True, opening="24/7"),
        poi("bath", category=Category.HOT_SPRING, fees=Fees(), score=60, phone="08396-2-0332",
            status=PoiStatus.CHECK_BEFORE_USE, opening="13:00-17:00"),
        poi("museum", score=70, opening="Mo-Fr 09:00-17:00",
            texts=PoiTexts(closed_note={"ja": "土日", "en": "At weekends"})),
        poi("far", score=90),
    ]  # fmt: skip
    places = [
        place("akiyoshido-main"), place("pond", 3, -4), place("museum", 1, 1), place("far", 60),
        place("bath", -2, 2, PointQuality.ESTIMATE, 500), place("akiyoshido-kurotani", 0.8),
    ]  # fmt: skip
    known = catalog(pois, places)
    known.places["pond"].names["zh-Hant"] = "別府弁天池"  # type: ignore[index]
    known.places["pond"].names["en"] = "Benten Pond"  # type: ignore[index]
    return known


class Planner(FakeServices):
    """Answers as itinerary would."""

    def __init__(self) -> None:
        super().__init__()
        self.known = area()
        self.buses: Network | None = None
        self.effects: tuple[Effect, ...] = ()
        self.ride_effects: tuple[RideEffect, ...] = ()
        self.messages: tuple[OperatorMessage, ...] = ()
        self.live: tuple[LiveNow, ...] = ()
        self.busy: frozenset[str] = frozenset()
        self.closed_ends: dict[str, str] = {}
        self.kept: dict[str, Read] = {}
        self.done: dict[str, bytes] = {}
        self.asked: list[sojourn_pb.PlanSojournRequest] = []
        self.answers |= {
            "ListPois": self._list,
            "PlanItinerary": self._plan,
            "GetItinerary": self._get,
            "RepairItinerary": self._repair,
            "ListTimetables": self._timetables,
            "ChangeItinerary": self._change,
            "UndoItinerary": self._undo,
            "ProposeDays": self._propose,
            "PlanSojourn": self._plan_sojourn,
            "GetSojourn": self._get_sojourn,
        }

    def _list(self, request: pb.ListPoisRequest) -> pb.ListPoisResponse:
        listed = []
        for each in self.known.pois.values():
            day = datetime.fromisoformat(request.visit_date).date() if request.visit_date else None
            access = day_access(each, day, each.stay_min_minutes, (), ZONE) if day else None
            place, steered = self.known.places.get(each.place_id), self.known.crowd.of(each.poi_id)
            listed.append(ListedPoi(each, 1, place, access, steered))
        return pb.ListPoisResponse(pois=[poi_message(each) for each in listed])

    def _timetables(self, _request: Any) -> timetables.ListTimetablesResponse:
        kept = [timetables.TimetableSummary(timetable_id="red")] if self.buses else []
        return timetables.ListTimetablesResponse(timetables=kept)

    def _plan(self, request: pb.PlanItineraryRequest) -> pb.PlanItineraryResponse:
        trip = trip_of(request.trip)
        plan = plan_day(self._on(trip), trip)
        itinerary = Itinerary(PLAN_ID, 1, plan, MADE)
        self.kept[PLAN_ID] = Read(itinerary, ())
        return pb.PlanItineraryResponse(itinerary=itinerary_message(self.kept[PLAN_ID]))

    def _plan_sojourn(
        self, request: sojourn_pb.PlanSojournRequest
    ) -> sojourn_pb.PlanSojournResponse:
        self.asked.append(request)
        trips = days_of(request)
        check_days(trips)
        plans = plan_days([(self._on(trip), trip) for trip in trips])
        together = Together(SOJOURN_ID, tuple(
            OtherDay(plan.trip.visit_date, tuple(visit.poi_id for visit in plan.visits), day_id)
            for day_id, plan in zip(DAY_IDS, plans, strict=False)
        ))  # fmt: skip
        for day_id, plan in zip(DAY_IDS, plans, strict=False):
            self.kept[day_id] = Read(Itinerary(day_id, 1, plan, MADE), (), together=together)
        return sojourn_pb.PlanSojournResponse(sojourn=sojourn_pb.Sojourn(sojourn_id=SOJOURN_ID))

    def _get_sojourn(self, request: sojourn_pb.GetSojournRequest) -> sojourn_pb.GetSojournResponse:
        days = [self._read(day_id) for day_id in DAY_IDS if day_id in self.kept]
        if request.sojourn_id != SOJOURN_ID or not days:
            raise Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        return sojourn_pb.GetSojournResponse(
            sojourn=sojourn_pb.Sojourn(
                sojourn_id=SOJOURN_ID, days=[itinerary_message(day) for day in days]
            )
        )

    def _get(self, request: pb.GetItineraryRequest) -> pb.GetItineraryResponse:
        if request.itinerary_id not in self.kept:
            raise Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        return pb.GetItineraryResponse(
            itinerary=itinerary_message(self._read(request.itinerary_id))
        )

    def _read(self, itinerary_id: str) -> Read:
        kept = self.kept[itinerary_id]
        return Read(kept.itinerary, self.effects, self.closed_ends, self.ride_effects,
                    self.messages, self.live, self.busy, kept.together)  # fmt: skip

    def _change(self, request: pb.ChangeItineraryRequest) -> pb.ChangeItineraryResponse:
        kept = self.kept[request.itinerary_id].itinerary
        if request.request_id in self.done:
            assert self.done[request.request_id] == request.SerializeToString(deterministic=True)
            return pb.ChangeItineraryResponse()
        if request.expected_version != kept.version:
            raise Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
        self.done[request.request_id] = request.SerializeToString(deterministic=True)
        trip = trip_of(request.trip)
        known = self._on(trip)
        order = [] if request.anew else [visit.poi_id for visit in kept.plan.visits]
        plan = noted(kept.plan, plan_day(known, trip, keep=order), ChangeCause.WISH)
        self._keep(Itinerary(kept.itinerary_id, kept.version + 1, plan, MADE, kept.plan))
        return pb.ChangeItineraryResponse()

    def _propose(self, request: pb.ProposeDaysRequest) -> pb.ProposeDaysResponse:
        kept = self.kept[request.itinerary_id].itinerary.plan
        searches = proposed(kept)
        try:
            trip = next(searches)
            while True:
                trip = searches.send(plan_day(self._on(trip), trip))
        except StopIteration as found:
            days = [
                pb.ProposedDay(
                    kind=pb.DayKind.Value(f"DAY_KIND_{kind.name}"),
                    itinerary=itinerary_message(Read(Itinerary("", 0, plan, MADE), ())),
                )
                for kind, plan in found.value
            ]
        return pb.ProposeDaysResponse(days=days)

    def _on(self, trip: TripRequest) -> Catalog:
        if self.buses is None:
            return self.known
        return with_bus(
            self.known, self.buses, trip.visit_date, past_midnight=trip.ends_after_midnight
        )

    def _undo(self, request: pb.UndoItineraryRequest) -> pb.UndoItineraryResponse:
        kept = self.kept[request.itinerary_id].itinerary
        assert kept.earlier
        plan = noted(kept.plan, kept.earlier, ChangeCause.UNDO)
        self._keep(Itinerary(kept.itinerary_id, kept.version + 1, plan, MADE, kept.plan))
        return pb.UndoItineraryResponse()

    def _keep(self, itinerary: Itinerary) -> None:
        together = self.kept[itinerary.itinerary_id].together
        self.kept[itinerary.itinerary_id] = Read(itinerary, (), together=together)

    def _repair(self, _request: pb.RepairItineraryRequest) -> pb.RepairItineraryResponse:
        self.effects, self.ride_effects = (), ()
        return pb.RepairItineraryResponse()


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The present moment, to be put forward."""
    moments = [MADE]
    monkeypatch.setattr(clock, "now", lambda: moments[-1])
    return moments


@pytest.fixture
def planner() -> Planner:
    return Planner()


class _Current:
    """Leads to the planner of the running test: making an application costs a tenth of a second."""

    planner: Planner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.planner, name)


@pytest.fixture(scope="session")
def current() -> _Current:
    return _Current()


@pytest.fixture(scope="session")
def app(current: _Current) -> Flask:
    return main.create_app(settings(), clients=current)  # type: ignore[arg-type]


@pytest.fixture
def visitor(app: Flask, current: _Current, planner: Planner) -> Iterator[FlaskClient]:
    current.planner = planner
    spots.forget()
    with app.test_client() as client:
        yield client
