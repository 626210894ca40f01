"""Open days hear what happens to them: closures, buses, and changes made on another phone.

Each stream holds a thread of the server, so there are few; whoever gets none asks again and again
for the mark of the day, which is a line.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import grpc
from flask import Blueprint, Response

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from meguri.itinerary.v1.sojourn_service_pb2_grpc import SojournServiceStub
from services.edge import leaving
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.parts import area, parts
from services.edge.streams import stream

CLOSURES = frozenset({"place_closed", "place_reopened"})
EVENTS = CLOSURES | {
    "itinerary_changed", "itinerary_repaired", "timetable_changed", "ways_changed", "runs_delayed",
}  # fmt: skip
STREAMS = threading.BoundedSemaphore(32)
STREAM_S = 300.0
BEAT_S = 15.0
# The planner hears a closure a moment after this server does: asked again until it knows.
LOOKS_S = (0.0, 0.1, 0.2, 0.4, 0.8, 1.5)

blueprint = Blueprint("plan_live", __name__)


def mark_of(itinerary: pb.Itinerary) -> str:
    """Returns a text that is another one whenever the page of a day would be."""
    closures = sorted({effect.closure_id for effect in itinerary.effects})
    rides = "".join(
        f";{each.leg}.{each.ride}.{each.trouble}.{each.depart_time.seconds}"
        f".{each.arrive_time.seconds}.{each.holds:d}"
        for each in itinerary.ride_effects
    )
    said = "".join(each.SerializeToString(deterministic=True).hex() for each in itinerary.messages)
    stale = "".join(f";{each.timetable_id}" for each in itinerary.live_states if each.stale)
    told = hashlib.sha256(f"{said}{stale}".encode()).hexdigest()[:8] if said or stale else ""
    return ":".join((str(itinerary.version), ",".join(closures), *filter(None, [rides, told])))


def mark_of_all(found: Sequence[pb.Itinerary]) -> str:
    """Returns the marks of several days in one text."""
    return "|".join(map(mark_of, found))


@blueprint.get("/plan/<itinerary_id>/now")
def now(itinerary_id: str) -> Response:
    """The mark of a day, for a page that has no stream."""
    return _told(_mark(itinerary_id))


@blueprint.get("/plan/days/<sojourn_id>/now")
def days_now(sojourn_id: str) -> Response:
    """The marks of days planned together, for a page that has no stream."""
    return _told(_marks(sojourn_id))


def _told(mark: str) -> Response:
    answer = Response(mark, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/plan/<itinerary_id>/live")
def live(itinerary_id: str) -> Response:
    """The mark of a day whenever it becomes another one. Ends after five minutes: the browser asks
    again."""
    return _live(lambda: _mark(itinerary_id))


@blueprint.get("/plan/days/<sojourn_id>/live")
def days_live(sojourn_id: str) -> Response:
    """As live, of days planned together."""
    return _live(lambda: _marks(sojourn_id))


def _live(read: Callable[[], str]) -> Response:
    # Counted before the days are read: what is heard in between is not missed.
    seen = _heard()
    mark = read()
    return stream(_events(read, mark, seen), STREAMS)


def _events(read: Callable[[], str], mark: str, seen: Mapping[str, int]) -> Iterator[str]:
    here, wakes = area().area, parts().wakes
    yield f"event: mark\ndata: {mark}\n\n"
    ends, beat = time.monotonic() + STREAM_S, time.monotonic() + BEAT_S
    while time.monotonic() < ends and not leaving.told():
        heard = wakes.wait(here, seen, leaving.LOOK_EVERY_S)
        if not heard:
            if time.monotonic() > beat:
                beat = time.monotonic() + BEAT_S
                yield ": still here\n\n"
            continue
        # What the planner itself has said it knows: one look is enough.
        for pause_s in LOOKS_S if heard & CLOSURES else LOOKS_S[:1]:
            seen = _heard()
            leaving.pause(pause_s)
            try:
                found = read()
            except grpc.RpcError as error:
                if is_away(error):
                    continue
                yield "event: ended\ndata: -\n\n"
                return
            if found != mark:
                mark = found
                yield f"event: mark\ndata: {mark}\n\n"
                break


def _heard() -> dict[str, int]:
    return {event: parts().wakes.count(area().area, event) for event in EVENTS}


def _mark(itinerary_id: str) -> str:
    answer = stub(ItineraryServiceStub).GetItinerary(
        pb.GetItineraryRequest(itinerary_id=itinerary_id)
    )
    return mark_of(answer.itinerary)


def _marks(sojourn_id: str) -> str:
    answer = stub(SojournServiceStub).GetSojourn(
        sojourn_pb.GetSojournRequest(sojourn_id=sojourn_id)
    )
    return mark_of_all(answer.sojourn.days)
