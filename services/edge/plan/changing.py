"""One visit of a kept day changed by a tap: its stay, its time, in or out; and undo."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import grpc
from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.plan import lunch, walking
from services.edge.plan.clock import has_begun, is_over
from services.edge.plan.deadline import PLAN_DEADLINE_S
from services.edge.plan.gone import ID
from services.edge.plan.minutes import minute_of
from services.edge.plan.problems import PROBLEMS
from services.edge.plan.wishes import MAX_MUST
from services.edge.whole import read_whole

LEAST_STAY, MOST_STAY = 5, 600
LATE = (10, 20, 40)  # minutes a tap can say
# Why the page came back without a change, as its address says it.
ELSEWHERE, MUSTS, TIME, STAY = "elsewhere", "musts", "time", "stay"
BEGUN, OVER, OVERLAP = "begun", "over", "overlap"
# What the service refuses, as the address of the page says it.
_REFUSED = {"NOT_UNDER_WAY": OVER, "DAYS_OVERLAP": OVERLAP}

blueprint = Blueprint("plan_changing", __name__)


class NotSo(Exception):
    """A change that cannot be made; the reason is in its first argument."""


@blueprint.post("/plan/<itinerary_id>/change")
def change(itinerary_id: str) -> Response:
    """Changes one visit, or a wish for the whole day, and leads back to the day, which says what
    became of it."""
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    kept = itineraries.GetItinerary(pb.GetItineraryRequest(itinerary_id=itinerary_id)).itinerary
    trip = pb.TripRequest()
    trip.CopyFrom(kept.trip)
    do, poi_id = request.form.get("do", ""), request.form.get("poi_id", "")
    act, whole = _ACTS.get(do), _DAY_ACTS.get(do)
    if whole is None and (act is None or not poi_id):
        raise Problem(400, "bad_request")
    try:
        _still_to_come(kept, poi_id)
        if whole is not None:
            whole(kept, trip)
        elif act is not None:
            act(trip, poi_id)
    except NotSo as reason:
        return back(itinerary_id, str(reason))
    return send(itinerary_id, trip)


def send(
    itinerary_id: str, trip: pb.TripRequest, *, anew: bool = False, button: str = ""
) -> Response:
    """Asks for other wishes and leads back to the day.

    anew: nothing need be kept. button: which of a page was tapped, where the trip alone need not
    tell.
    """
    sent = pb.ChangeItineraryRequest(
        itinerary_id=itinerary_id, expected_version=version(), trip=trip, anew=anew
    )
    sent.request_id = _request_id(sent, button)
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    return _asked(lambda: itineraries.ChangeItinerary(sent), itinerary_id)


@blueprint.post("/plan/<itinerary_id>/quieter")
def quieter(itinerary_id: str) -> Response:
    """Searches the day anew with more weight on quiet places and times, or without it again."""
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    kept = itineraries.GetItinerary(pb.GetItineraryRequest(itinerary_id=itinerary_id)).itinerary
    asked = request.form.get("quieter", "")
    if asked not in ("0", "1"):
        raise Problem(400, "bad_request")
    if is_over(kept):
        return back(itinerary_id, OVER)
    trip = pb.TripRequest()
    trip.CopyFrom(kept.trip)
    trip.quieter = asked == "1"
    return send(itinerary_id, trip, anew=True)


@blueprint.post("/plan/<itinerary_id>/late")
def late(itinerary_id: str) -> Response:
    """Plans the rest of a day under way again for a party that is late."""
    said = request.form.get("late", "")
    if said not in ("now", *map(str, LATE)):
        raise Problem(400, "bad_request")
    sent = pb.ReportLatenessRequest(
        itinerary_id=itinerary_id, expected_version=version(),
        late_minutes=0 if said == "now" else int(said), leaving=said == "now",
    )  # fmt: skip
    sent.request_id = _request_id(sent)
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    return _asked(lambda: itineraries.ReportLateness(sent), itinerary_id)


@blueprint.post("/plan/<itinerary_id>/undo")
def undo(itinerary_id: str) -> Response:
    """Takes the latest change back."""
    sent = pb.UndoItineraryRequest(itinerary_id=itinerary_id, expected_version=version())
    sent.request_id = _request_id(sent)
    itineraries = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S)
    return _asked(lambda: itineraries.UndoItinerary(sent), itinerary_id)


def why_not(reason: str) -> str:
    """Returns what the page says of a change that was not made; "" for no such reason."""
    told: Mapping[str, Callable[[], str]] = {
        ELSEWHERE: lambda: _(
            "This day was changed on another phone meanwhile. Here it is as it is now; "
            "make your change again if you still want it."
        ),
        MUSTS: lambda: _(
            "At most %(count)s places can be a must. Let one of them go first.", count=MAX_MUST
        ),
        BEGUN: lambda: _("This visit has begun already."),
        OVER: lambda: _("This day is over. Plan another one with the same wishes."),
        OVERLAP: lambda: str(PROBLEMS["DAYS_OVERLAP"]),
        TIME: lambda: _("Enter a time such as 09:30."),
        STAY: lambda: _("A stay takes %(least)s to %(most)s minutes.", least=LEAST_STAY,
                        most=MOST_STAY),
    }  # fmt: skip
    return str(told[reason]()) if reason in told else ""


def _asked(ask: Callable[[], Any], itinerary_id: str) -> Response:
    try:
        ask()
    except grpc.RpcError as error:
        if problem_of(error).reason in _REFUSED:
            return back(itinerary_id, _REFUSED[problem_of(error).reason])
        # Nothing to take back, or the day is gone: its page tells.
        if problem_of(error).reason == "NOT_FOUND":
            return back(itinerary_id)
        if problem_of(error).reason != "VERSION_CONFLICT":
            raise
        return back(itinerary_id, ELSEWHERE)
    return back(itinerary_id)


def back(itinerary_id: str, reason: str = "") -> Response:
    """Leads to the day, or to its place on the page of all days where the button stood there."""
    sojourn_id = request.form.get("days", "")
    if not ID.fullmatch(sojourn_id):
        address = url_for("plan.plan", itinerary_id=itinerary_id)
        return redirect(f"{address}?not={reason}" if reason else address, 303)
    address = url_for("plan.plan_sojourns.days", sojourn_id=sojourn_id)
    asked = f"?not={reason}&of={itinerary_id}" if reason else ""
    return redirect(f"{address}{asked}#of-{itinerary_id}", 303)


def version() -> int:
    """Returns the version of the day that the page showed; 0 for none."""
    return read_whole(request.form.get("version", "")) or 0


def _request_id(sent: Any, button: str = "") -> str:
    """Two taps on one button are one change; another button of the same page is another."""
    opened = f"{request.form.get('request_id') or new_request_id()}{button}"
    return hashlib.sha256(opened.encode() + sent.SerializeToString(deterministic=True)).hexdigest()


def _still_to_come(kept: pb.Itinerary, poi_id: str) -> None:
    if is_over(kept):
        raise NotSo(OVER)
    if any(visit.poi_id == poi_id and has_begun(visit) for visit in kept.visits):
        raise NotSo(BEGUN)


def _wish(trip: pb.TripRequest, poi_id: str) -> pb.VisitWish:
    for wish in trip.visit_wishes:
        if wish.poi_id == poi_id:
            return wish
    return trip.visit_wishes.add(poi_id=poi_id)


def _tidy(trip: pb.TripRequest) -> None:
    """Drops wishes that wish for nothing."""
    kept = [w for w in trip.visit_wishes if w.stay_minutes or w.HasField("start_minute")]
    del trip.visit_wishes[:]
    trip.visit_wishes.extend(kept)


def _stay(trip: pb.TripRequest, poi_id: str) -> None:
    minutes = read_whole(request.form.get("stay", ""))
    if minutes is None or not LEAST_STAY <= minutes <= MOST_STAY:
        raise NotSo(STAY)
    _wish(trip, poi_id).stay_minutes = minutes


def _fix(trip: pb.TripRequest, poi_id: str) -> None:
    minute = minute_of(request.form.get("start", ""))
    if minute is None:
        raise NotSo(TIME)
    if minute < trip.start_minute and minute + 1440 <= trip.end_minute:
        minute += 1440  # the clock shows 0:30 of a day that goes on after midnight
    _wish(trip, poi_id).start_minute = minute
    _few_enough(trip)


def _free(trip: pb.TripRequest, poi_id: str) -> None:
    _wish(trip, poi_id).ClearField("start_minute")
    _tidy(trip)


def _must(trip: pb.TripRequest, poi_id: str) -> None:
    if poi_id not in trip.must_poi_ids:
        trip.must_poi_ids.append(poi_id)
    _take(trip.never_poi_ids, poi_id)
    _few_enough(trip)


def _maybe(trip: pb.TripRequest, poi_id: str) -> None:
    _take(trip.must_poi_ids, poi_id)


def _out(trip: pb.TripRequest, poi_id: str) -> None:
    _take(trip.must_poi_ids, poi_id)
    _free(trip, poi_id)
    if poi_id not in trip.never_poi_ids:
        trip.never_poi_ids.append(poi_id)


def _take(ids: Any, poi_id: str) -> None:
    if poi_id in ids:
        ids.remove(poi_id)


def _few_enough(trip: pb.TripRequest) -> None:
    fixed = {wish.poi_id for wish in trip.visit_wishes if wish.HasField("start_minute")}
    if len(fixed | {*trip.must_poi_ids}) > MAX_MUST:
        raise NotSo(MUSTS)


_ACTS: Mapping[str, Callable[[pb.TripRequest, str], None]] = {
    "stay": _stay, "fix": _fix, "free": _free, "must": _must, "maybe": _maybe, "out": _out,
    "in": _must,
}  # fmt: skip
_DAY_ACTS: Mapping[str, Callable[[pb.Itinerary, pb.TripRequest], None]] = {
    "lunch": lunch.switch_on, "no_lunch": lunch.switch_off,
    "less_walking": walking.less, "any_walking": walking.any_way,
}  # fmt: skip
