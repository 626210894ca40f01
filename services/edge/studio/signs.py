"""Signs at the studio: which sheets are too old, printing them, saying that they hang."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import EDITORS
from meguri.multilingual.v1 import sign_service_pb2 as pb
from meguri.multilingual.v1.sign_service_pb2_grpc import SignServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify

DEADLINE_S = 25.0  # hundreds of sheets
PAPERS = {"a4": pb.PAPER_A4, "a5": pb.PAPER_A5}
STATES: dict[int, tuple[str, Any]] = {
    pb.SIGN_STATE_NEVER: ("missing", _l("Never printed")),
    pb.SIGN_STATE_OUTDATED: ("outdated", _l("Too old: print it anew")),
    pb.SIGN_STATE_PRINTED: ("draft", _l("Printed, not hung up yet")),
    pb.SIGN_STATE_HANGS: ("reviewed", _l("Hangs")),
}
TRIAL: tuple[str, Any] = ("missing", _l("Trial print, not for hanging"))
CHANGES: dict[str, Any] = {"number": _l("its number"), "address": _l("the address")}
# What to do where an address is refused.
WAYS_OUT: dict[str, tuple[Any, Any]] = {
    "NO_PUBLIC_ADDRESS": (
        _l("The area has no public address yet, so the codes would lead nowhere."),
        _l("Whoever runs the server gives it a name on the internet, once, with the command"
           " “./meguri up --domain guide.example.jp” (your own name); then the signs can be"
           " printed."),
    ),
    "ADDRESS_NOT_PUBLIC": (
        _l("Visitors’ phones cannot reach this address: it is this machine, a local network, or no"
           " name of the internet."),
        _l("Whoever runs the server gives it a name on the internet, once, with the command"
           " “./meguri up --domain guide.example.jp” (your own name); then the signs can be"
           " printed."),
    ),
    "ADDRESS_NOT_SECURE": (
        _l("The address begins with http, not https: no phone would keep the guide for the places"
           " without signal."),
        _l("Whoever runs the server gets a certificate free of charge with the command “./meguri up"
           " --domain guide.example.jp” (your own name)."),
    ),
}  # fmt: skip
REFUSED = {*WAYS_OUT, "NOTHING_TO_PRINT", "SIGN_UNKNOWN", "SIGN_ON_TRIAL", "INVALID_FIELDS"}

blueprint = Blueprint("signs", __name__)


@blueprint.get("/studio/signs")
@requires(*EDITORS)
def page() -> str:
    """Shows how the sheet of each stop stands."""
    return _page()


@blueprint.post("/studio/signs")
@requires(*EDITORS)
def make() -> Response | tuple[str, int]:
    """Prints the chosen sheets and opens them."""
    paper = PAPERS.get(request.form.get("paper", ""), pb.PAPER_UNSPECIFIED)
    try:
        codes = _chosen(_stub().ListSigns(pb.ListSignsRequest()).signs)
        if codes is None:
            return _told(_("Choose at least one stop below."))
        made = _stub().PrintSigns(
            pb.PrintSignsRequest(
                request_id=form_request_id(), stop_codes=codes, paper=paper,
                force="force" in request.form, trial_url=request.host_url.rstrip("/"),
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return _refused(error)
    return redirect(f"/studio/signs/{made.print_id}.pdf", 303)


@blueprint.get("/studio/signs/<print_id>.pdf")
@requires(*EDITORS)
def sheets(print_id: str) -> Response:
    """Gives the PDF of a printing, again and again the same."""
    content, total = b"", 1
    while len(content) < total:
        piece = _stub().ReadSignSheets(
            pb.ReadSignSheetsRequest(print_id=print_id, offset=len(content))
        )
        content, total = content + piece.content, piece.total_bytes
    name = f"inline; filename=signs-{print_id[:8]}.pdf"
    return Response(
        content, mimetype="application/pdf",
        headers={"Content-Disposition": name, "Cache-Control": "private, no-store"},
    )  # fmt: skip


@blueprint.post("/studio/signs/hung")
@requires(*EDITORS)
def hung() -> Response | tuple[str, int]:
    """Notes that the chosen sheets hang, or takes that back."""
    single = request.form.get("undo", "")
    codes = [single] if single else request.form.getlist("stop")
    if not codes:
        return _told(_("Choose at least one stop below."))
    try:
        _stub().MarkSigns(
            pb.MarkSignsRequest(
                request_id=f"{form_request_id()}-{single or 'hung'}", stop_codes=codes,
                hung=not single,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return _refused(error)
    return redirect(f"/studio/signs?done={'taken-back' if single else 'hung'}", 303)


def outdated() -> list[pb.Sign]:
    """Returns the signs whose sheet no longer holds; none where the guide does not say."""
    try:
        listed = _stub().ListSigns(pb.ListSignsRequest())
    except grpc.RpcError:
        return []
    return [each for each in listed.signs if is_old(each)]


def is_old(sign: pb.Sign) -> bool:
    """Tells whether a sheet that is meant to hang, or hangs, says what no longer holds."""
    return (sign.state == pb.SIGN_STATE_OUTDATED and not is_trial(sign)) or sign.old_hangs


def is_trial(sign: pb.Sign) -> bool:
    """Tells whether the newest sheet was to be looked at alone."""
    return "trial" in sign.changes


def needs_sheet(sign: pb.Sign) -> bool:
    """Tells whether a new sheet has to be printed."""
    return sign.state in (pb.SIGN_STATE_NEVER, pb.SIGN_STATE_OUTDATED)


def _chosen(signs: Sequence[pb.Sign]) -> list[str] | None:
    """Returns the codes asked for, empty for all; None where nothing was chosen."""
    which = request.form.get("which", "all")
    if which == "all":
        return []
    codes = (
        [each.stop_code for each in signs if needs_sheet(each)] if which == "needed"
        else request.form.getlist("stop")
    )  # fmt: skip
    return codes or None


def _page() -> str:
    listed = _stub().ListSigns(pb.ListSignsRequest())
    looks = Counter(map(_look, listed.signs))
    return render_template(
        "studio/signs.html",
        listed=listed,
        counts=[(look, looks[look]) for look in (*STATES.values(), TRIAL) if looks[look]],
        old=[each for each in listed.signs if is_old(each)],
        needed=sum(map(needs_sheet, listed.signs)),
        way_out=WAYS_OUT.get(listed.address_problem),
        state_of=_look,
        is_trial=is_trial,
        changed=CHANGES,
        chosen=request.form.getlist("stop"),
        given=request.form,
        request_id=new_request_id(),
        done=request.args.get("done", ""),
    )


def _look(sign: pb.Sign) -> tuple[str, Any]:
    return TRIAL if is_trial(sign) else STATES[sign.state]


def _refused(error: grpc.RpcError) -> tuple[str, int]:
    refused = problem_of(error)
    if refused.reason not in REFUSED:
        raise error
    return _told(str(sentence(refused.reason.lower())))


def _told(words: str) -> tuple[str, int]:
    notify("bad", words)
    return _page(), 422


def _stub() -> SignServiceStub:
    return stub(SignServiceStub, deadline_s=DEADLINE_S)
