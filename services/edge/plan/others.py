"""Other days beside the kept one: other places, another pace; one of them is taken by a tap."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.parts import locale
from services.edge.plan import changing, present
from services.edge.plan.deadline import PLAN_DEADLINE_S
from services.edge.plan.shown import DayPage

blueprint = Blueprint("plan_others", __name__)

TITLES: dict[int, Any] = {
    pb.DAY_KIND_OTHER_PLACES: _l("Other places"),
    pb.DAY_KIND_CALM: _l("A calmer day"),
    pb.DAY_KIND_FULL: _l("A fuller day"),
    pb.DAY_KIND_HOME_EARLIER: _l("Home earlier"),
    pb.DAY_KIND_LATER: _l("Later in the day"),
}
LEADS: dict[int, Any] = {
    pb.DAY_KIND_OTHER_PLACES: _l("What your day leaves out, where it is as good."),
    pb.DAY_KIND_CALM: _l("Fewer places, longer stays."),
    pb.DAY_KIND_FULL: _l("More places, shorter stays."),
    pb.DAY_KIND_HOME_EARLIER: _l("A shorter day, with time left in the evening."),
    pb.DAY_KIND_LATER: _l("Sleep in and start about two hours later."),
}


SAME_PLACES: dict[int, Any] = {
    pb.DAY_KIND_CALM: _l("The same places, longer stays."),
    pb.DAY_KIND_FULL: _l("The same places, shorter stays."),
}


@dataclass(frozen=True)
class Choice:
    """One of the days side by side. kind: 0 for the kept one. new: ids that the kept has not."""

    kind: int
    title: str
    lead: str
    page: DayPage
    new: frozenset[str]


@blueprint.get("/plan/<itinerary_id>/others")
def others(itinerary_id: str) -> str:
    """The kept day and up to two others, side by side."""
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    kept = itineraries.GetItinerary(pb.GetItineraryRequest(itinerary_id=itinerary_id)).itinerary
    found = itineraries.ProposeDays(pb.ProposeDaysRequest(itinerary_id=itinerary_id)).days
    had = {visit.poi_id for visit in kept.visits}
    page = present.build(kept, locale())
    choices = [Choice(0, _("Your day now"), "", page, frozenset())]
    choices += [
        Choice(
            day.kind, str(TITLES[day.kind]), _lead(day, had),
            present.build(day.itinerary, locale()),
            frozenset(visit.poi_id for visit in day.itinerary.visits) - had,
        )
        for day in found
    ]  # fmt: skip
    return render_template(
        "plan/others.html", choices=choices, kept=kept, page=page, request_id=new_request_id()
    )


def _lead(day: pb.ProposedDay, had: set[str]) -> str:
    same = {visit.poi_id for visit in day.itinerary.visits} == had
    return str(SAME_PLACES[day.kind] if same and day.kind in SAME_PLACES else LEADS[day.kind])


@blueprint.post("/plan/<itinerary_id>/take")
def take(itinerary_id: str) -> Response:
    """Makes one of the others the day; it can be taken back."""
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    kept = itineraries.GetItinerary(pb.GetItineraryRequest(itinerary_id=itinerary_id)).itinerary
    kind = request.form.get("kind", "")
    if kind not in map(str, TITLES):
        raise Problem(400, "bad_request")
    if changing.version() != kept.version:
        # What was proposed beside another day is proposed no longer. Asked for all the same: a
        # second tap on the button gets the answer of the first one.
        return changing.send(itinerary_id, kept.trip, anew=True, button=kind)
    found = itineraries.ProposeDays(pb.ProposeDaysRequest(itinerary_id=itinerary_id)).days
    chosen = [day for day in found if str(day.kind) == kind]
    if not chosen:
        raise Problem(400, "bad_request")
    return changing.send(itinerary_id, chosen[0].itinerary.trip, anew=True, button=kind)
