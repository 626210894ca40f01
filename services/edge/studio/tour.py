"""The tour at the studio: its order, new stops, where they lie, stops that are retired."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import ASSOCIATION, EDITORS
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import tour_service_pb2 as pb
from meguri.multilingual.v1.tour_service_pb2_grpc import TourServiceStub
from services.edge import closing
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import may
from services.edge.studio import place_names, tour_plan
from services.edge.whole import read_whole

REASONS: dict[int, Any] = {
    pb.RETIRE_REASON_GONE: _l("What was to be seen is gone"),
    pb.RETIRE_REASON_NOT_REACHABLE: _l("Visitors come there no longer"),
    pb.RETIRE_REASON_MERGED: _l("Another stop tells it now"),
    pb.RETIRE_REASON_MISTAKE: _l("It was made by mistake"),
    pb.RETIRE_REASON_OTHER: _l("Something else"),
}
ACTS: dict[int, Any] = {
    pb.TOUR_ACT_ADDED: _l("added"),
    pb.TOUR_ACT_MOVED: _l("moved in the order"),
    pb.TOUR_ACT_PLACED: _l("placed on the plan"),
    pb.TOUR_ACT_RETIRED: _l("retired"),
    pb.TOUR_ACT_BROUGHT_BACK: _l("brought back"),
}
KINDS: dict[str, Any] = {
    "hall": _l("Hall"), "pool": _l("Pool"), "rimstone_pool": _l("Rimstone pools"),
    "river": _l("River"), "waterfall": _l("Waterfall"), "stalagmite": _l("Stalagmite"),
    "stalactite": _l("Stalactite"), "column": _l("Column"), "flowstone": _l("Flowstone"),
    "flowstone_mound": _l("Mound of flowstone"), "flowstone_column": _l("Column of flowstone"),
    "rock": _l("Rock"), "slope": _l("Slope"), "shaft": _l("Shaft"),
    "statue_or_stone": _l("Statue or stone"), "artificial_tunnel": _l("Artificial tunnel"),
    "entrance": _l("Entrance"), "exit": _l("Exit"), "animal": _l("Animal"),
    "history": _l("Piece of history"),
}  # fmt: skip
# Refusals that are said on the page, with what was typed still there.
REFUSED = frozenset({
    "INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED", "TOUR_FULL", "PLACE_TAKEN",
    "STOP_RETIRED", "STOP_NOT_RETIRED", "LAST_STOP", "STOP_CODE_UNKNOWN",
})  # fmt: skip
MOST_DIGITS = 6

blueprint = Blueprint("tour", __name__)


@dataclass(frozen=True)
class Row:
    """A stop in the order of its group. up, down: the stop it would follow one place earlier or
    later, None where it cannot go. backwards: the plan has it before the stop that it follows."""

    stop: pb.TourStop
    number: int
    up: str | None
    down: str | None
    backwards: bool


@blueprint.get("/studio/stops")
@requires(*EDITORS)
def page() -> str:
    """Shows the order of each group, what was retired and what was done."""
    return _page()


@blueprint.post("/studio/stops")
@requires(*ASSOCIATION)
def add() -> Response | tuple[str, int]:
    """Adds a place and the stop there, then opens its text. Both calls may be repeated."""
    form, request_id = request.form, form_request_id()
    name, reading = form.get("name", "").strip(), form.get("reading", "").strip()
    wanted = directory_pb.AddStopPlaceRequest(
        request_id=request_id, parent_place_id=form.get("site", ""),
        names={"ja": name}, kana=reading,
    )  # fmt: skip
    group = form.get("group", "")
    try:
        new = pb.AddStopRequest(
            request_id=request_id, kind=form.get("kind", ""), section_id=form.get("section", ""),
            after_stop_code=_last_of(group), route_m=_meters(), name=name, reading=reading,
            group=guide_pb.StopGroup.ValueType(int(group) if group in {"1", "2", "3", "4"} else 0),
        )  # fmt: skip
        _check(new)
        new.place_id = stub(DirectoryServiceStub).AddStopPlace(wanted).place.place_id
        made = _tour().AddStop(new).stop
    except grpc.RpcError as error:
        return _refused(error)
    except ValueError:
        notify("bad", str(sentence("invalid_fields")))
        return _page(), 422
    return redirect(f"/studio/{made.stop_code}/{_read().source_locale}?done=added", 303)


@blueprint.post("/studio/stops/<code>/move")
@requires(*ASSOCIATION)
def move(code: str) -> Response | tuple[str, int]:
    """Moves a stop behind another one."""
    after = request.form.get("after", "")
    wanted = pb.MoveStopRequest(
        request_id=f"{form_request_id()}-{code[:8]}-{after[:8]}", stop_code=code,
        after_stop_code=after,
    )  # fmt: skip
    try:
        done = _tour().MoveStop(wanted)
    except grpc.RpcError as error:
        return _refused(error)
    told = urlencode({"moved": code, "behind": done.before_after_stop_code})
    return redirect(f"/studio/stops?{told}#s-{code}", 303)


@blueprint.get("/studio/stops/<code>")
@requires(*EDITORS)
def one(code: str) -> str:
    """Shows one stop: its place in the order and on the plan, and what it is."""
    return _one(code)


@blueprint.post("/studio/stops/<code>")
@requires(*ASSOCIATION)
def place(code: str) -> Response | tuple[str, int]:
    """Keeps where a stop lies and what it is."""
    wanted = pb.PlaceStopRequest(
        request_id=form_request_id(), stop_code=code, kind=request.form.get("kind", ""),
        section_id=request.form.get("section", ""),
    )  # fmt: skip
    try:
        meters = _meters()
        if meters is not None:
            wanted.route_m = meters
        before = _tour().PlaceStop(wanted).before
    except ValueError:
        notify("bad", str(sentence("invalid_fields")))
        return _one(code), 422
    except grpc.RpcError as error:
        return _refused(error)
    was = {"placed": 1, "was_kind": before.kind, "was_section": before.section_id,
           "was_m": before.route_m if before.HasField("route_m") else ""}  # fmt: skip
    return redirect(f"/studio/stops/{code}?{urlencode(was)}", 303)


@blueprint.get("/studio/stops/<code>/retire")
@requires(*EDITORS)
def preview(code: str) -> str:
    """Shows what retiring a stop would touch. Nothing is retired yet."""
    return _preview(code)


@blueprint.post("/studio/stops/<code>/retire")
@requires(*ASSOCIATION)
def retire(code: str) -> Response | tuple[str, int]:
    """Takes a stop out of the guide; its old sign leads on."""
    reason = read_whole(request.form.get("reason", ""))
    wanted = pb.RetireStopRequest(
        request_id=form_request_id(), stop_code=code,
        target_stop_code=request.form.get("target", ""),
        reason=pb.RetireReason.ValueType(reason if reason in REASONS else 0),
    )  # fmt: skip
    try:
        _tour().RetireStop(wanted)
    except grpc.RpcError as error:
        return _refused(error)
    return redirect(f"/studio/stops?retired={code}", 303)


@blueprint.post("/studio/stops/<code>/bring-back")
@requires(*ASSOCIATION)
def bring_back(code: str) -> Response | tuple[str, int]:
    """Puts a retired stop back where it stood: the undo."""
    request_id = f"{form_request_id()}-{code[:8]}"
    try:
        _tour().BringBackStop(pb.BringBackStopRequest(request_id=request_id, stop_code=code))
    except grpc.RpcError as error:
        return _refused(error)
    return redirect(f"/studio/stops?back={code}#s-{code}", 303)


def rows(stops: Sequence[pb.TourStop]) -> dict[int, list[Row]]:
    """Returns the stops of the tour by group, each with the way up and down."""
    groups: defaultdict[int, list[pb.TourStop]] = defaultdict(list)
    for stop in stops:
        if not stop.HasField("retire_time"):
            groups[stop.group].append(stop)
    return {group: _rows(found) for group, found in groups.items()}


def _rows(found: Sequence[pb.TourStop]) -> list[Row]:
    made, farthest = [], 0
    for at, stop in enumerate(found):
        up = None if at == 0 else found[at - 2].stop_code if at > 1 else ""
        down = found[at + 1].stop_code if at + 1 < len(found) else None
        made.append(Row(stop, at + 1, up, down, stop.route_m < farthest and bool(stop.route_m)))
        farthest = max(farthest, stop.route_m)
    return made


def _page(given: Mapping[str, str] | None = None) -> str:
    tour = _read()
    by_code = {stop.stop_code: stop for stop in tour.stops}
    return render_template(
        "studio/stops.html",
        tour=tour,
        groups=rows(tour.stops),
        retired=[stop for stop in tour.stops if stop.HasField("retire_time")],
        by_code=by_code,
        may_arrange=_may_arrange(),
        sites=_sites(),
        given=given or request.form,
        request_id=new_request_id(),
        reasons=REASONS, acts=ACTS, kinds=KINDS, pb=guide_pb,
        just_moved=by_code.get(request.args.get("moved", "")),
        behind=request.args.get("behind", ""),
        just_retired=by_code.get(request.args.get("retired", "")),
        just_back=by_code.get(request.args.get("back", "")),
    )  # fmt: skip


def _one(code: str) -> str:
    tour = _read()
    stop = _live(tour, code)
    group = rows(tour.stops)[stop.group]
    at = next(each.number for each in group if each.stop.stop_code == code)
    tapped = read_whole(request.args.get("m", ""), MOST_DIGITS)
    shown = stop.route_m if tapped is None else tapped
    return render_template(
        "studio/stop.html",
        tour=tour, stop=stop, group=group, kinds=KINDS, may_arrange=_may_arrange(),
        follows=group[at - 2].stop.stop_code if at > 1 else "",
        shown_m=shown if shown or stop.HasField("route_m") or tapped is not None else "",
        plan=tour_plan.draw(code, group, shown) if stop.group == 1 else "",
        was=request.args if request.args.get("placed") else None,
        names=place_names.of(code) if stop.published else None,
        named=request.args.get("done") == "named",
        request_id=new_request_id(), undo_id=new_request_id(),
    )  # fmt: skip


def _preview(code: str) -> str:
    tour = _read()
    _live(tour, code)
    touched = _tour().PreviewRetirement(pb.PreviewRetirementRequest(stop_code=code))
    return render_template(
        "studio/retire.html",
        touched=touched, stop=touched.stop, reasons=REASONS, may_arrange=_may_arrange(),
        by_code={stop.stop_code: stop for stop in tour.stops},
        targets=[each for each in tour.stops if each.published and each.stop_code != code],
        request_id=new_request_id(),
    )  # fmt: skip


def _live(tour: pb.ReadTourResponse, code: str) -> pb.TourStop:
    """Returns a stop of the tour. Errors: Problem not_found."""
    for stop in tour.stops:
        if stop.stop_code == code and not stop.HasField("retire_time"):
            return stop
    raise Problem(404, "not_found")


def _check(new: pb.AddStopRequest) -> None:
    """Errors: ValueError for what would leave a place without a stop."""
    if not new.name or not new.group or new.kind not in KINDS:
        raise ValueError


def _meters() -> int | None:
    """Returns the meters of the form, None for none. Errors: ValueError."""
    typed = request.form.get("route_m", "").strip()
    meters = read_whole(typed, MOST_DIGITS)
    if typed and meters is None:
        raise ValueError
    return meters


def _last_of(group: str) -> str:
    """Returns the stop a new one follows: the one chosen, else the last of its group."""
    chosen = request.form.get("after", "end")
    if chosen != "end":
        return chosen
    found = [each for each in _read().stops if str(each.group) == group]
    return next((e.stop_code for e in reversed(found) if not e.HasField("retire_time")), "")


def _sites() -> list[tuple[str, str]]:
    """Returns the places a stop can be part of, the cave first."""
    asked = directory_pb.ListPlacesRequest(kind=directory_pb.PLACE_KIND_SITE)
    places = stub(DirectoryServiceStub).ListPlaces(asked).places
    return [(each.place_id, closing.name_of(each)) for each in places]


def _may_arrange() -> bool:
    return may(*ASSOCIATION)


def _refused(error: grpc.RpcError) -> tuple[str, int]:
    refused = problem_of(error)
    if refused.reason not in REFUSED:
        raise error
    notify("bad", str(sentence(refused.reason.lower())))
    return _page(), 422


def _read() -> pb.ReadTourResponse:
    return _tour().ReadTour(pb.ReadTourRequest())


def _tour() -> TourServiceStub:
    return stub(TourServiceStub)
