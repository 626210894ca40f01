"""Where an operator tells of its runs as they go (GTFS-Realtime), and what became of asking."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import grpc
from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge.clients import stub
from services.edge.errors import form_request_id
from services.edge.login import requires

DEADLINE_S = 3.0
KINDS: Mapping[int, tuple[str, Any]] = {
    pb.LIVE_KIND_RUNS: ("runs_url", _l("Delays and canceled runs (trip updates)")),
    pb.LIVE_KIND_ALERTS: ("alerts_url", _l("Messages to passengers (service alerts)")),
    pb.LIVE_KIND_VEHICLES: ("vehicles_url", _l("Where the buses are (vehicle positions)")),
}
WRONG: Mapping[str, Any] = {
    "NOT_HTTPS": _l("An address begins with https://"),
    "NOT_PUBLIC": _l("This address leads into a private network."),
    "BAD_ADDRESS": _l("This is no address that can be asked."),
}
FAULTS: Mapping[str, Any] = {
    "NOT_PUBLIC": _l("the name leads into a private network"),
    "CERTIFICATE": _l("its certificate is not valid"),
    "TOO_SLOW": _l("no answer in time"),
    "UNREACHABLE": _l("nobody answers there"),
    "BROKEN_OFF": _l("the answer broke off"),
    "TOO_LARGE": _l("the answer is too large"),
    "NOT_GTFS_RT": _l("the answer is no GTFS-Realtime"),
}
_REASON = re.compile(r"\[([A-Z_]+)\]$")

blueprint = Blueprint("live_addresses", __name__)


@dataclass(frozen=True)
class Row:
    """One address on the page. state: what became of asking; look: ok, warn or bad."""

    field: str
    label: str
    url: str
    state: str
    look: str


@blueprint.post("/studio/timetables/feed/live")
@requires(*ASSOCIATION)
def save() -> Answer:
    """Keeps the addresses of a feed and leads back to its page."""
    timetable_id = request.form.get("id", "")
    wanted = pb.SetLiveAddressesRequest(
        request_id=form_request_id(), timetable_id=timetable_id,
        **{field: request.form.get(field, "").strip() for field, _label in KINDS.values()},
    )  # fmt: skip
    back = f"/studio/timetables/feed?id={quote(timetable_id, safe='')}"
    try:
        stub(TimetableServiceStub, deadline_s=DEADLINE_S).SetLiveAddresses(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "INVALID_FIELDS":
            raise
        said = _REASON.search(problem_of(error).fields[0][1])
        return redirect(f"{back}&wrong={said[1] if said else 'BAD_ADDRESS'}#live", 303)
    return redirect(f"{back}&done=saved#live", 303)


def rows(timetable_id: str) -> Sequence[Row]:
    """Returns the addresses of a feed as its page shows them, one of each kind; none where nobody
    knows them now."""
    if not timetable_id:
        return ()
    asked = pb.GetLiveAddressesRequest(timetable_id=timetable_id)
    try:
        found = stub(TimetableServiceStub, deadline_s=DEADLINE_S).GetLiveAddresses(asked).addresses
    except grpc.RpcError:
        return ()
    known: dict[int, pb.LiveAddress] = {each.kind: each for each in found}
    return [
        Row(field, str(label), known[kind].url, *_state(known[kind]))
        if kind in known
        else Row(field, str(label), "", "", "")
        for kind, (field, label) in KINDS.items()
    ]


def _state(address: pb.LiveAddress) -> tuple[str, str]:
    if address.fault:
        why = FAULTS.get(address.fault) or address.fault
        return str(
            _("Asked %(num)s times in vain: %(why)s", num=address.fault_count, why=why)
        ), "bad"
    if not address.HasField("answer_time"):
        return str(_("Not asked yet")), ""
    parts = {
        "runs": address.run_count, "canceled": address.canceled_count,
        "alerts": address.alert_count,
        "vehicles": address.vehicle_count, "others": address.ignored_count + address.refused_count,
    }  # fmt: skip
    told = {
        pb.LIVE_KIND_RUNS: lambda: _(
            "%(runs)s runs told of, %(canceled)s canceled, %(others)s left aside", **parts
        ),
        pb.LIVE_KIND_ALERTS: lambda: _("%(alerts)s messages", **parts),
        pb.LIVE_KIND_VEHICLES: lambda: _("%(vehicles)s positions; none is kept", **parts),
    }[address.kind]()
    if address.stale:
        return f"{_('Too old to be used.')} {told}", "warn"
    return str(told), "ok"
