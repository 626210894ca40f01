"""The page of sensors: how each is, what was refused of it, and what has to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit.roles import INSIDERS
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.edge.clients import stub
from services.edge.insights.present import local
from services.edge.insights.visitors.reading import read_zones
from services.edge.login import requires
from services.edge.parts import area

blueprint = Blueprint("sensors", __name__)
CLOCK_OFF_S = 60.0  # as the service calls a sensor not well
STATES: Mapping[int, tuple[str, Any]] = {
    wire.SENSOR_STATE_OK: ("ok", _l("Works")),
    wire.SENSOR_STATE_SILENT: ("bad", _l("Silent")),
    wire.SENSOR_STATE_NEVER_HEARD: ("warn", _l("Never heard")),
    wire.SENSOR_STATE_PAUSED: ("plain", _l("Paused")),
    wire.SENSOR_STATE_REVOKED: ("plain", _l("Revoked")),
    wire.SENSOR_STATE_SICK: ("warn", _l("Not well")),
}
KINDS: Mapping[int, Any] = {
    wire.SENSOR_KIND_PROBES: _l("Wi-Fi sensor"),
    wire.SENSOR_KIND_MERAKI: _l("Meraki network"),
    wire.SENSOR_KIND_GADGET: _l("Gadget that counts itself"),
}
# What happened, and what to do about it.
REASONS: Mapping[str, Any] = {
    "PASSWORD_WRONG": _l("Somebody logged in with a wrong password. If it is the gadget itself,"
                         " enroll it again and enter the new password."),
    "SENSOR_REVOKED": _l("It was revoked and still sends. Switch it off."),
    "SITE_PAUSED": _l("It sent while counting was paused here. That was not counted."),
    "REPORT_MALFORMED": _l("It sent something that is no report of a Paxcounter. Check how it is"
                           " set up."),
    "CLOCK_SKEWED": _l("Its clock cannot be right. Its reports were counted at the time they"
                       " arrived, so nothing is lost."),
    "TOO_MANY_REPORTS": _l("It sent far more than one report a minute and was cut off for a minute."
                           " Check it: it may be broken, or somebody else knows its password."),
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """Something to know about a sensor. count: times, 0 where it is no count."""

    text: str
    count: int = 0
    last: datetime | None = None


@dataclass(frozen=True)
class Row:
    """A sensor as the page shows it."""

    sensor_id: str
    zone: str
    kind: str
    badge: str
    state: str
    heard: datetime | None
    told: int
    faults: Sequence[Fault]


@blueprint.get("/insights/visitors/sensors")
@requires(*INSIDERS)
def show_sensors() -> Response:
    """All sensors, those that need somebody first."""
    answer = stub(VisitorSenseServiceStub).ListSensors(wire.ListSensorsRequest())
    names = read_zones().names
    response = make_response(
        render_template(
            "insights/sensors.html",
            rows=[_row(one, names) for one in answer.sensors], demo_area=area().demo,
        )
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _row(one: wire.Sensor, names: Mapping[str, str]) -> Row:
    badge, state = STATES.get(one.state, ("plain", "–"))
    heard = local(one.heard_time, area().time_zone) if one.HasField("heard_time") else None
    return Row(
        one.sensor_id, names.get(one.zone_id, one.zone_id), str(KINDS.get(one.kind, "–")), badge,
        str(state), heard, one.observations, _faults(one),
    )  # fmt: skip


def _faults(one: wire.Sensor) -> list[Fault]:
    found = []
    if abs(one.clock_ahead_s) > CLOCK_OFF_S:
        text = (
            _("Its clock is ahead by %(time)s.", time=_duration(one.clock_ahead_s))
            if one.clock_ahead_s > 0
            else _("Its clock, or its link, is behind by %(time)s.",
                   time=_duration(-one.clock_ahead_s))
        )  # fmt: skip
        found.append(Fault(text))
    if one.batches_waiting:
        found.append(Fault(_("Batches wait at the sensor for the link."), one.batches_waiting))
    if one.observations_dropped:
        text = _("The sensor gave up observations that grew too old or did not fit on its disk.")
        found.append(Fault(text, one.observations_dropped))
    if one.posts_refused:
        text = _("Posts came with a wrong secret and were not counted.")
        found.append(Fault(text, one.posts_refused))
    found += [
        Fault(
            str(REASONS.get(each.reason, each.reason)), each.count,
            local(each.last_time, area().time_zone),
        )
        for each in one.refusals
    ]  # fmt: skip
    return found


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 120:
        return str(_("%(n)s min", n=minutes))
    return str(_("%(n)s h", n=round(minutes / 60)))
