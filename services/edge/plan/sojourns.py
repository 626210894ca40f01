"""`/plan/days/{id}`: the days of a sojourn on one page, each of them a day of its own besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from kit.pure.public_address import why_unreached
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from meguri.itinerary.v1.sojourn_service_pb2_grpc import SojournServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.parts import locale
from services.edge.plan import changing, live, present, take_along, words
from services.edge.plan.deadline import SOJOURN_DEADLINE_S
from services.edge.plan.shown import DayPage
from services.edge.squares import squares

blueprint = Blueprint("plan_sojourns", __name__)


@dataclass(frozen=True)
class Sums:
    """What all days are together, in words. fares: "" for days without rides."""

    places: int
    travel: str
    fees: str
    fares: str


def plan(
    trip: pb.TripRequest, later: Sequence[sojourn_pb.LaterDay], request_id: str
) -> Response:  # fmt: skip
    """Plans days together and leads to their page."""
    answer = stub(SojournServiceStub, deadline_s=SOJOURN_DEADLINE_S).PlanSojourn(
        sojourn_pb.PlanSojournRequest(request_id=request_id, trip=trip, later_days=later)
    )
    to = url_for("plan.plan_sojourns.days", sojourn_id=answer.sojourn.sojourn_id)
    return redirect(to, 303)  # type: ignore[return-value] # werkzeug's is Flask's


def load(sojourn_id: str) -> Sequence[pb.Itinerary]:
    """Returns the days of a sojourn as they are now."""
    answer = stub(SojournServiceStub).GetSojourn(
        sojourn_pb.GetSojournRequest(sojourn_id=sojourn_id)
    )
    return answer.sojourn.days


@blueprint.get("/plan/days/<sojourn_id>")
def days(sojourn_id: str) -> str:
    """All days: whoever has the address may read them."""
    found = load(sojourn_id)
    pages = [present.build(day, locale()) for day in found]
    return render_template(
        "plan/days.html",
        sojourn_id=sojourn_id,
        pages=pages,
        request_id=new_request_id(),
        not_made=changing.why_not(request.args.get("not", "")),
        not_made_of=request.args.get("of", ""),
        mark=live.mark_of_all(found),
        sums=_sums(found),
        has_budget=any(day.trip.HasField("budget_amount_yen") for day in found),
        # On this machine or in a network of its own no other phone would get there.
        square=None if why_unreached(_host()) else squares(_address(sojourn_id)),
    )


@blueprint.get("/plan/days/<sojourn_id>/days.ics")
def to_calendar(sojourn_id: str) -> Response:
    """All days for a calendar: the same events as of each day by itself."""
    pages: list[tuple[DayPage, str]] = [
        (present.build(day, locale()), f"{request.url_root}plan/{day.itinerary_id}")
        for day in load(sojourn_id)
    ]
    response = make_response(take_along.calendar(pages, made=datetime.now(UTC)))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="meguri-days.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _sums(found: Sequence[pb.Itinerary]) -> Sums:
    unknown = any(visit.fee_unknown for day in found for visit in day.visits)
    riding = [day for day in found if any(leg.rides for leg in day.legs)]
    fares = sum(day.total_fare_amount_yen for day in riding)
    return Sums(
        places=sum(len(day.visits) for day in found),
        travel=words.duration(sum(day.total_travel_minutes for day in found)),
        fees=_yen(sum(day.total_fee_amount_yen for day in found), unknown=unknown),
        fares=_yen(fares, unknown=any(day.fare_unknown for day in riding)) if riding else "",
    )


def _yen(yen: int, *, unknown: bool) -> str:
    if unknown and not yen:
        return str(_("not known"))
    return str(_("%(yen)s and more", yen=f"¥{yen:,}")) if unknown else f"¥{yen:,}"


def _address(sojourn_id: str) -> str:
    return f"{request.url_root}plan/days/{sojourn_id}"


def _host() -> str:
    return urlsplit(request.url_root).hostname or ""
