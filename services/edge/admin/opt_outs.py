"""The opt-out list of visitor sensing: how long it is, adding and forgetting.

An address is written once into a form and goes to visitor_sense. No page ever shows one again, not
even to say that it was wrong: whoever looks over a shoulder, a browser's history and our own pages
learn nothing of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
from flask import Blueprint, Response, make_response, render_template, request

from kit.client import problem_of
from kit.roles import ADMINS
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as pb
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id, sentence
from services.edge.login import requires

blueprint = Blueprint("opt_outs", __name__)
# What the person at the form can mend; anything else is told as everywhere.
MENDABLE = {"ADDRESS_MALFORMED", "ADDRESS_MADE_UP", "ADDRESS_OF_NOBODY", "OPT_OUT_LIST_FULL"}
ADDRESS_LENGTH = 64


@dataclass(frozen=True)
class Entry:
    """An entry as it is listed. readable: False when it leaves nobody out until added again."""

    entry_id: str
    added: datetime
    readable: bool


@blueprint.get("/admin/sensing")
@requires(*ADMINS)
def show() -> Response:
    """The list."""
    return _page()


@blueprint.post("/admin/sensing")
@requires(*ADMINS)
def add() -> Response:
    """Leaves a device out from now on, and shows the name of its entry."""
    asked = pb.AddOptOutRequest(request_id=form_request_id(), address=_address())
    try:
        answer = stub(VisitorSenseServiceStub).AddOptOut(asked)
    except grpc.RpcError as error:
        return _refused(error, "add")
    return _page(added=answer.entry_id)


@blueprint.post("/admin/sensing/forget")
@requires(*ADMINS)
def forget() -> Response:
    """Forgets an entry, by its name or by the address of its device."""
    asked = pb.RemoveOptOutRequest(
        request_id=form_request_id(),
        address_or_entry_id=request.form.get("entry", "") or _address(),
    )
    try:
        answer = stub(VisitorSenseServiceStub).RemoveOptOut(asked)
    except grpc.RpcError as error:
        return _refused(error, "forget")
    return _page(forgotten="yes" if answer.removed else "unknown")


def _address() -> str:
    return request.form.get("address", "").strip()[:ADDRESS_LENGTH]


def _refused(error: grpc.RpcError, form: str) -> Response:
    reason = problem_of(error).reason
    if reason not in MENDABLE:
        raise error
    return _page(wrong=str(sentence(reason.lower())), form=form)


def _page(**given: str) -> Response:
    answer = stub(VisitorSenseServiceStub).ListOptOuts(pb.ListOptOutsRequest())
    entries = [
        Entry(one.entry_id, one.add_time.ToDatetime(tzinfo=UTC), one.readable)
        for one in answer.entries
    ]
    shown = {"added": "", "forgotten": "", "wrong": "", "form": ""} | given
    response = make_response(
        render_template(
            "admin/opt_outs.html", entries=entries, request_id=new_request_id(),
            lost=sum(not one.readable for one in entries), **shown,
        )
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
