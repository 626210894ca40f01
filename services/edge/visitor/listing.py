"""The list of stops as pages show it: in sections, and as a plan of the way."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from markupsafe import Markup

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.closures import Shut
from services.edge.visitor import route_plan, stop_page


def sections(
    stops: Sequence[pb.StopSummary], typed: str = ""
) -> list[tuple[str, list[pb.StopSummary]]]:
    """Groups stops by group and section, in order; only those that match what was typed."""
    wanted = unicodedata.normalize("NFKC", typed).casefold()
    matching = [stop for stop in stops if not wanted or _matches(stop, wanted)]
    keys = groupby(matching, key=lambda stop: (stop.group, stop.section.name.text))
    return [(stop_page.group_name(group, section), list(each)) for (group, section), each in keys]


def _matches(stop: pb.StopSummary, wanted: str) -> bool:
    names = stop.names.values()
    return wanted in stop.name_reading or any(wanted in name.casefold() for name in names)


def closed_by(shut: Iterable[Shut], stops: Sequence[pb.StopSummary]) -> Sequence[pb.StopSummary]:
    """Returns stops with those marked that directory says are shut, whatever the guide has heard
    of it so far. shut: closures in force."""
    told = list(shut)
    rows = []
    for stop in stops:
        row = pb.StopSummary()
        row.CopyFrom(stop)
        row.closed = stop.closed or any(each.reaches(stop.place_id) for each in told)
        rows.append(row)
    return rows


def plan(stops: Sequence[pb.StopSummary]) -> Markup:
    """Returns the drawing of the way with all stops, empty where no distance is known."""
    marks = _marks(stops)
    return route_plan.draw(tuple(marks)) if marks else Markup()


def mini_plan(stop: pb.StopContent, stops: Sequence[pb.StopSummary]) -> Markup:
    """Returns the drawing with one stop large, empty for a stop that is not on the way."""
    if stop.group != pb.STOP_GROUP_ROUTE:
        return Markup()
    marks = _marks(stops)
    return route_plan.draw(tuple(marks), stop.position) if marks else Markup()


def _marks(stops: Sequence[pb.StopSummary]) -> list[route_plan.Mark]:
    on_route = [stop for stop in stops if stop.group == pb.STOP_GROUP_ROUTE]
    longest = max((stop.route_m for stop in on_route), default=0) or 1
    return [
        route_plan.Mark(
            stop.position,
            stop.route_m / longest,
            stop.section.section_id,
            stop.closed,
            wide=stop.kind == "hall",
        )
        for stop in on_route
        if stop.HasField("route_m")
    ]
