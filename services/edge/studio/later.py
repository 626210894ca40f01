"""Texts shown from a time on: read from the desk's form, planned, taken back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from meguri.multilingual.v1.review_service_pb2_grpc import ReviewServiceStub
from services.edge import closing
from services.edge.clients import stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.parts import area
from services.edge.studio import reviews

LONGEST_AHEAD = timedelta(days=400)  # as the guide takes it

blueprint = Blueprint("later", __name__)


class WrongTime(Exception):
    """What was typed is no time from now on; the words are for whoever typed it."""


def due_time(form: Mapping[str, str]) -> datetime:
    """Returns the moment that was typed, in the area's own time. Errors: WrongTime."""
    now = datetime.now(UTC)
    try:
        typed = datetime.fromisoformat(form.get("from_time", ""))
        due = typed.replace(tzinfo=ZoneInfo(area().time_zone))
    except ValueError:
        due = now
    if not now < due <= now + LONGEST_AHEAD:
        raise WrongTime(_("Give a day and a time from now on, at most 400 days ahead."))
    return due


def plan(
    found: guide_pb.ReadNarrationResponse, revision: int, replaced: int, due: datetime
) -> None:
    """Plans a revision. Errors: grpc.RpcError."""
    _stub().PlanPublication(
        pb.PlanPublicationRequest(
            request_id=f"{form_request_id()}-later", stop_code=found.stop_code,
            locale=found.locale, revision=revision, replaced_revision=replaced,
            due_time=closing.stamp(due), reason=request.form.get("reason", "").strip()[:500],
        )
    )  # fmt: skip


@blueprint.post("/studio/<code>/<locale>/later/cancel")
@requires(*EDITORS)
def cancel(code: str, locale: str) -> Response:
    """Takes a plan back."""
    asked = pb.CancelPlanRequest(request_id=form_request_id(), stop_code=code, locale=locale)
    return reviews.do(code, locale, "unplanned", lambda: _stub().CancelPlan(asked))


def _stub() -> ReviewServiceStub:
    return stub(ReviewServiceStub)
