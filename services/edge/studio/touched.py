"""What closing a place would touch, asked of the services that know, before anybody closes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import grpc

from kit.config import ConfigError
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from meguri.payments.v1.tickets_service_pb2_grpc import TicketsServiceStub
from services.edge import closing
from services.edge.clients import stub
from services.edge.directory import with_all_below
from services.edge.parts import locale

DEADLINE_S = 1.5  # somebody is in a hurry: what is not known by then is not known

A = TypeVar("A")


@dataclass(frozen=True)
class Touched:
    """What each service says; None of one that does not answer.

    sights: names of POIs. pages: of stops that are shut with the place; other_pages: of others.
    """

    tickets: tickets_pb.CountUnusedTicketsResponse | None
    plans: itinerary_pb.PreviewClosureResponse | None
    sights: Sequence[str]
    pages: Sequence[guide_pb.StopSummary] | None
    other_pages: int


def ask(places: Sequence[directory_pb.Place], place_id: str, until: datetime | None) -> Touched:
    """Asks what closing a place until a time (None: until further notice) would touch."""
    shut = sorted(with_all_below({place_id}, places))
    names = {place.place_id: closing.name_of(place) for place in places}
    asked = itinerary_pb.PreviewClosureRequest(place_ids=shut)
    if until is not None:
        asked.until_time.CopyFrom(closing.stamp(until))
    plans = _known(lambda: stub(ItineraryServiceStub, deadline_s=DEADLINE_S).PreviewClosure(asked))
    tickets = _known(
        lambda: stub(TicketsServiceStub, deadline_s=DEADLINE_S).CountUnusedTickets(
            tickets_pb.CountUnusedTicketsRequest(gate_place_ids=shut)
        )
    )
    stops = _known(
        lambda: stub(GuideServiceStub, deadline_s=DEADLINE_S).ListStops(
            guide_pb.ListStopsRequest(chosen_locale=locale())
        )
    )
    pages = [stop for stop in stops.stops if stop.place_id in shut] if stops else None
    return Touched(
        tickets,
        plans,
        [names.get(each, each) for each in plans.poi_place_ids] if plans else [],
        pages,
        len(stops.stops) - len(pages) if stops and pages is not None else 0,
    )


def _known(call: Callable[[], A]) -> A | None:
    """Returns an answer, None where there is none: a closure must be possible on a bad day."""
    try:
        return call()
    except (grpc.RpcError, ConfigError):
        return None
