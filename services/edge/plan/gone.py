"""A link to a day that leads to none: what may have happened, and where to go on."""

import re

import grpc
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kit.client import problem_of
from services.edge import errors

KEEP_DAYS = 90  # as itinerary forgets days (services/itinerary/app/forget.py)
# An id as addresses of days have it. Mail programs take the full stop behind a link into it.
_DAYS = "days/"  # before the id of several days
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

blueprint = Blueprint("plan_gone", __name__)


@blueprint.get("/plan/<path:itinerary_id>")
def nowhere(itinerary_id: str) -> Response:
    """An address below that of a day where there is no page."""
    return _lead_on(itinerary_id)


def no_such_day(error: grpc.RpcError) -> Response:
    """Answers a failed call of the planner's pages: for a person who asked for a day that is not
    there, the way on; everything else as any page does."""
    named = request.view_args or {}
    together = _DAYS + named["sojourn_id"] if "sojourn_id" in named else ""
    asked = named.get("itinerary_id") or together or request.args.get("from", "")
    if problem_of(error).code is not grpc.StatusCode.NOT_FOUND or not asked or errors.wants_json():
        return errors.failed(error)
    return _lead_on(str(asked))


def _lead_on(asked: str) -> Response:
    """Returns the page with status 404, or leads to the day whose id stands in what was asked."""
    name = asked.removeprefix(_DAYS)
    found = ID.match(name)
    if found and found[0] != name and request.method == "GET":
        if name != asked:
            return redirect(url_for("plan.plan_sojourns.days", sojourn_id=found[0]))
        return redirect(url_for("plan.plan", itinerary_id=found[0]))
    answer = make_response(render_template("plan/gone.html", keep_days=KEEP_DAYS), 404)
    answer.headers["Cache-Control"] = "no-store"
    return answer
