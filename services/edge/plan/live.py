"""An open day hears what happens to it: closures, and changes made on another phone.

Each stream holds a thread of the server, so there are few; whoever gets none asks again and again
for the mark of the day, which is a line.
"""

import threading
import time
from collections.abc import Iterator, Mapping

import grpc
from flask import Blueprint, Response, stream_with_context

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge import leaving
from services.edge.clients import stub
from services.edge.errors import Problem, is_away
from services.edge.parts import area, parts

EVENTS = ("place_closed", "place_reopened", "itinerary_changed", "itinerary_repaired")
STREAMS = threading.BoundedSemaphore(32)
STREAM_S = 300.0
BEAT_S = 15.0
# The planner hears a closure a moment after this server does: asked again until it knows.
LOOKS_S = (0.0, 0.1, 0.2, 0.4, 0.8, 1.5)

blueprint = Blueprint("plan_live", __name__)


def mark_of(itinerary: pb.Itinerary) -> str:
    """Returns a text that is another one whenever the page of a day would be."""
    closures = sorted({effect.closure_id for effect in itinerary.effects})
    return ":".join((str(itinerary.version), ",".join(closures)))


@blueprint.get("/plan/<itinerary_id>/now")
def now(itinerary_id: str) -> Response:
    """The mark of a day, for a page that has no stream."""
    answer = Response(_mark(itinerary_id), mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/plan/<itinerary_id>/live")
def live(itinerary_id: str) -> Response:
    """The mark of a day whenever it becomes another one. Ends after five minutes: the browser asks
    again."""
    # Counted before the day is read: what is heard in between is not missed.
    seen = _heard()
    mark = _mark(itinerary_id)
    if not STREAMS.acquire(blocking=False):
        raise Problem(503, "service_unavailable", retry_after_s=30)
    events = _Held(_events(itinerary_id, mark, seen))
    answer = Response(stream_with_context(events), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class _Held:
    """Events that give their place back however they end, also where nobody ever reads them."""

    def __init__(self, events: Iterator[str]) -> None:
        self._events, self._holds = events, True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self._events)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the place back, once."""
        if self._holds:
            self._holds = False
            STREAMS.release()

    def __del__(self) -> None:
        self.close()


def _events(itinerary_id: str, mark: str, seen: Mapping[str, int]) -> Iterator[str]:
    here, wakes = area().area, parts().wakes
    yield f"event: mark\ndata: {mark}\n\n"
    ends, beat = time.monotonic() + STREAM_S, time.monotonic() + BEAT_S
    while time.monotonic() < ends and not leaving.told():
        if not wakes.wait(here, seen, leaving.LOOK_EVERY_S):
            if time.monotonic() > beat:
                beat = time.monotonic() + BEAT_S
                yield ": still here\n\n"
            continue
        for pause_s in LOOKS_S:
            seen = _heard()
            leaving.pause(pause_s)
            try:
                found = _mark(itinerary_id)
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
