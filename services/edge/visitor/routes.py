"""Visitor pages: home, stops, search, help, privacy."""

from collections.abc import Sequence
from datetime import UTC, datetime

import grpc
from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request

from kit.client import problem_of
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge import cookies, guards, own_address
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.headers import is_prefetch
from services.edge.parts import area, locale, parts
from services.edge.visitor import (
    api,
    day_notes,
    drawings,
    facts,
    feedback,
    growth,
    help_page,
    hours,
    keeping,
    listing,
    live,
    map_page,
    media,
    pack,
    places,
    stop_page,
    stops,
    wifi,
)

QR_LIFE_S = 3600

blueprint = Blueprint("visitor", __name__, template_folder="templates")
blueprint.add_app_template_global(drawings.scene, "scene")
blueprint.add_app_template_global(growth.growth, "growth_of")
blueprint.add_app_template_global(facts.has_cave, "has_cave")
blueprint.add_app_template_global(stop_page.reading, "reading")
blueprint.add_app_template_global(stop_page.length, "length")

blueprint.register_blueprint(api.blueprint)
blueprint.register_blueprint(feedback.blueprint)
blueprint.register_blueprint(help_page.blueprint)
blueprint.register_blueprint(map_page.blueprint)
blueprint.register_blueprint(media.blueprint)
blueprint.register_blueprint(pack.blueprint)
blueprint.register_blueprint(wifi.blueprint)


@blueprint.get("/")
def home() -> Response:
    """Today at this destination: what is open, what to do."""
    turn = parts().ready.turn(area().area)
    found = _stops_or_none()
    body = render_template(
        "visitor/home.html",
        found=found,
        sections=listing.sections(_rows(found)),
        plan=listing.plan(_rows(found)),
        levels=live.levels(),
        sites=hours.sites_today(turn),
        today=datetime.now(UTC),
        day_notes=_day_notes(found, turn),
    )
    ends = keeping.until(stops.ends(found.value) if found else None, live=True)
    return keeping.answer(body, "/", turn, ends)


@blueprint.get("/g")
def stops_without_slash() -> Response:
    """Leads to the list."""
    return redirect("/g/", 301)  # type: ignore[return-value] # werkzeug's is Flask's


@blueprint.get("/g/")
@blueprint.get("/G/", endpoint="stops_upper")
def all_stops() -> Response:
    """All stops, or the one whose code was typed, or those a name was searched for."""
    typed = request.args.get("q", "").strip()[:60]
    turn = parts().ready.turn(area().area)
    found = stops.list_stops()
    if typed:
        code = stops.clean_code(typed)
        leading = {stop.stop_code for stop in found.value.stops}
        leading |= {old.stop_code for old in found.value.retired}
        if code in leading:
            return redirect(f"/g/{code}", 303)  # type: ignore[return-value] # werkzeug's is Flask's
    rows = found.value.stops
    sections = listing.sections(rows, typed)
    if stops.may_be_code(typed) and not sections:
        _count_stray(typed)
    body = render_template(
        "visitor/stops.html", found=found, typed=typed, plan=listing.plan(rows), sections=sections,
        near=stops.near_codes(typed, rows), moved=_moved_from(""),
        day_notes=_day_notes(found, turn),
    )  # fmt: skip
    ends = keeping.until(stops.ends(found.value), stale=found.as_of is not None)
    return keeping.answer(body, "/g/", turn, ends)


@blueprint.get("/g/<code>", strict_slashes=False)
@blueprint.get("/G/<code>", endpoint="stop_upper", strict_slashes=False)
def stop(code: str) -> Response:
    """One stop: what the visitor sees, in the own language."""
    turn = parts().ready.turn(area().area)
    try:
        found = stops.read_stop(code)
    except grpc.RpcError as error:
        old = stops.retired(code)
        if old is not None:
            return _lead_on(old)
        if is_away(error):
            raise
        return _unknown_stop(code, problem_of(error).reason)
    moved = _moved_from(found.value.stop_code)
    shown = stop_page.build(
        found.value, found.as_of, parts().closures.of(area().area), area().locales[0]
    )
    body = render_template(
        "visitor/stop.html", page=shown, stop=shown.stop,
        plan=listing.mini_plan(shown.stop, _rows(_stops_or_none())),
        page_locale=shown.stop.locale, page_path=request.path,
        published=shown.stop.publish_time.ToDatetime(tzinfo=UTC), moved=moved,
    )  # fmt: skip
    if not moved:  # the old sign's code was counted: one reading, one scan
        _count(shown.stop.stop_code, shown.stop.locale)
    ends = keeping.until(stops.ends(shown.stop), stale=found.as_of is not None)
    code, served = shown.stop.stop_code, shown.stop.locale
    return keeping.answer(body, code, turn, ends, of_query=False, served=served)


@blueprint.get("/g/<code>/qr.svg")
def stop_label(code: str) -> Response:
    """The QR code of a stop, to show it to somebody beside you."""
    guide = stub(GuideServiceStub)
    made = guide.RenderQrLabel(
        pb.RenderQrLabelRequest(
            stop_code=code, format=pb.LABEL_FORMAT_SVG,
            base_url=own_address.of_area(),
        )
    )  # fmt: skip
    response = make_response(made.image)
    response.content_type = made.media_type
    # Without an address of the area's own the code holds the host of this one request.
    reach = "public" if area().public_url else "private"
    response.headers["Cache-Control"] = f"{reach}, max-age={QR_LIFE_S}"
    return response


@blueprint.get("/privacy")
def privacy() -> str:
    """What is counted, and what is not."""
    return render_template(
        "visitor/privacy.html", all_cookies=cookies.ALL, over_tls=guards.is_public_over_tls()
    )


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Staff pages are nothing to search for."""
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {path}"
            for path in ("/till", "/gate", "/studio", "/insights", "/admin", "/login", "/api/")
        ),
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Older browsers ask for this name."""
    return redirect(parts().assets.url("img/favicon.svg"), 302)  # type: ignore[return-value] # werkzeug's is Flask's


@blueprint.get("/site.webmanifest")
def manifest() -> Response:
    """Lets a phone keep the guide on its home screen."""
    icon = {"src": parts().assets.url("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    response = jsonify(
        name=f"Meguri {area().name(locale())}", short_name="Meguri", start_url="/", scope="/",
        display="standalone", background_color="#0b0907", theme_color="#115a36", icons=[icon],
        lang=locale(),
    )  # fmt: skip
    response.content_type = "application/manifest+json"
    return response


def _stops_or_none() -> stops.Read[pb.ListStopsResponse] | None:
    try:
        return stops.list_stops()
    except grpc.RpcError:
        return None  # home still says what is open and where to go


def _day_notes(found: stops.Read[pb.ListStopsResponse] | None, turn: int) -> list[day_notes.Shown]:
    """Returns all notes of today, those about one place with its name."""
    return day_notes.shown(found.value.day_notes, places.names_at(turn)) if found else []


def _rows(found: stops.Read[pb.ListStopsResponse] | None) -> Sequence[pb.StopSummary]:
    return found.value.stops if found else ()


def _count(code: str, served: str) -> None:
    if request.method == "GET" and not is_prefetch(request.headers.get):
        parts().scans.count(area().area, code, g.wish, served)


def _lead_on(old: pb.RetiredStop) -> Response:
    """Leads from an old sign to what took its place. For now only: the stop may come back, and a
    browser keeps what was said for ever."""
    _count(old.stop_code, locale())
    response = redirect(f"/g/{old.target_stop_code}?moved={old.stop_code}", 302)
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value] # werkzeug's is Flask's


def _moved_from(code: str) -> pb.RetiredStop | None:
    """Returns the stop of the old sign that led here; code: of this page, "" for the list."""
    old = stops.retired(request.args["moved"]) if request.args.get("moved") else None
    return old if old is not None and old.target_stop_code == code else None


def _count_stray(code: str) -> None:
    if request.method == "GET" and not is_prefetch(request.headers.get):
        parts().strays.count_stray(area().area, stops.clean_code(code))


def _unknown_stop(code: str, reason: str) -> Response:
    _count_stray(code)
    found = _stops_or_none()
    near = stops.near_codes(code, found.value.stops) if found else []
    page = render_template(
        "visitor/unknown_stop.html", code=code[:20], near=near,
        mistyped=reason == "STOP_CODE_MISTYPED",
    )  # fmt: skip
    response = make_response(page, 404)
    response.headers["Cache-Control"] = "no-store"
    return response
