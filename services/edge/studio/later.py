"""Texts shown from a time on: read from the desk's form, planned, taken back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from meguri.multilingual.v1.review_service_pb2_grpc import ReviewServiceStub
from services.edge.clients import stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.parts import area

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
    moment = Timestamp()
    moment.FromDatetime(due)
    _stub().PlanPublication(
        pb.PlanPublicationRequest(
            request_id=f"{form_request_id()}-later", stop_code=found.stop_code,
            locale=found.locale, revision=revision, replaced_revision=replaced, due_time=moment,
            reason=request.form.get("reason", "").strip()[:500],
        )
    )  # fmt: skip


@blueprint.post("/studio/<code>/<locale>/later/cancel")
@requires(*EDITORS)
def cancel(code: str, locale: str) -> Response:
    """Takes a plan back."""
    asked = pb.CancelPlanRequest(request_id=form_request_id(), stop_code=code, locale=locale)
    try:
        _stub().CancelPlan(asked)
    except grpc.RpcError as error:
        if problem_of(error).reason != "PLAN_UNKNOWN":
            raise
        return _back(code, locale, "why=PLAN_UNKNOWN")
    return _back(code, locale, "done=unplanned")


def _back(code: str, locale: str, said: str) -> Response:
    return redirect(f"/studio/{quote(code, safe='')}/{quote(locale, safe='')}?{said}", 303)


def _stub() -> ReviewServiceStub:
    return stub(ReviewServiceStub)
