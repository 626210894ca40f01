"""The guide for where there is no signal: language packs, their page, the worker behind it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import grpc
from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge import cookies, in_app, packs
from services.edge.errors import Problem
from services.edge.headers import takes_gzip
from services.edge.language import own_path
from services.edge.parts import area, locale, parts
from services.edge.visitor import day_notes, feedback, listing, pack_pages, places, stops
from services.edge.visitor.media import AN_HOUR

# What a new visitor opens first: a sign, home, this page from a poster, or the Wi-Fi's.
FIRST_PAGES = ("/", "/pack", "/wifi")

blueprint = Blueprint("pack", __name__)


@blueprint.before_app_request
def offer_browser() -> Response | None:
    """Offers the phone's own browser to somebody new in the window of an app (LINE, WeChat …)."""
    path = request.path.lower()
    first = path in FIRST_PAGES or path.startswith("/g/")
    if request.method != "GET" or not first or path.endswith(".svg"):
        return None
    agent = request.headers.get("User-Agent", "")
    if not in_app.is_new_inside(agent, request.headers.get("Cookie", "")):
        return None
    app, host = in_app.app_of(agent), request.host
    page = render_template(
        "visitor/in_app.html", app=app, address=f"{host}{request.path}", back=request.path,
        way_out=in_app.way_out(app, agent, host, request.path, request.scheme),
    )  # fmt: skip
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("User-Agent")
    return response


@blueprint.post("/stay")
def stay() -> Response:
    """Goes on inside the app, and does not ask again."""
    response = redirect(own_path(request.form.get("back", "/")), 303)
    cookies.STAY.put(response, "1")
    return response  # type: ignore[return-value] # werkzeug's Response is Flask's here


@blueprint.get("/pack")
def show() -> str:
    """The page to load, look after and remove the pack of this language."""
    return render_template(
        "visitor/pack.html", signer=pack_pages.signer(), survey_offered=feedback.offered()
    )


@blueprint.get("/safety")
def safety() -> str:
    """Ways out and which of them are closed, help, what to do when the water rises."""
    shut = parts().closures.in_force(area().area)
    rows = listing.closed_by(shut, stops.list_stops().value.stops)
    return render_template(
        "visitor/safety.html", exits=pack_pages.ways_out(rows), plan=listing.plan(rows)
    )


@blueprint.get("/scan")
def scan() -> str:
    """The camera inside the page, and a code typed from the sign."""
    return render_template("visitor/scan.html")


@blueprint.get("/sw.js")
def worker() -> Response:
    """The worker that answers from the phone. Its address stays; what it imports carries the
    version."""
    response = make_response(f'import "{parts().assets.url("visitor/pack/worker.js")}";\n')
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/packs/keys.json")
def keys() -> Response:
    """The public key of this area's packs, for anybody who wants to check one."""
    signer = pack_pages.signer()
    key = {
        "key_id": signer.key_id, "public_key": signer.public_key.hex(), "algorithm": "Ed25519"
    }  # fmt: skip
    return jsonify(area=area().area, keys=[key])


@blueprint.get("/packs/<name>/<wanted>/manifest.json")
def manifest(name: str, wanted: str) -> Response:
    """What a pack consists of, signed."""
    pack = _pack(name, wanted)
    response = make_response(pack.manifest)
    response.content_type = "application/json"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(pack.version, weak=True)
    response.make_conditional(request)
    return response


@blueprint.get("/packs/<name>/<wanted>/files/<sha256>")
def file(name: str, wanted: str, sha256: str) -> Response:
    """One file by its content. It never changes; one that nobody needs any longer is gone."""
    _check(name, wanted)
    found = parts().packs.file(name, wanted, sha256)
    if found is None:
        _pack(name, wanted)  # this process may not have made it yet
        found = parts().packs.file(name, wanted, sha256)
    if found is None:
        raise Problem(404, "pack_file_gone", "Ask for the manifest again: there is a newer one.")
    # Sound is packed already.
    packed = takes_gzip(request.headers.get("Accept-Encoding", "")) and not found.ranges
    response = make_response(found.packed if packed else found.body)
    response.content_type = found.content_type
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    # It never changes, but somebody who is seen or heard in it may have it erased.
    response.headers["Cache-Control"] = AN_HOUR
    response.set_etag(sha256, weak=True)
    response.make_conditional(request)
    return response


@blueprint.get("/packs/<name>/<wanted>/notices.json")
def notices(name: str, wanted: str) -> Response:
    """What is closed or will be and what locals say today, ready to be shown on kept pages.

    codes: the stops that show it; without it every page does. closes: the stops a closure shuts,
    which lists and the page of the ways out mark.
    """
    _check(name, wanted)
    g.locale, g.label = wanted, ""
    known = parts().closures.of(name)
    rows, day_notes_of_today = _guide_says(wanted)
    response = jsonify(
        as_of_time=known.at.isoformat(),
        known=not known.stale,
        notices=[
            {
                "from_time": shut.since.isoformat(),
                "until_time": shut.until.isoformat() if shut.until else None,
                "html": render_template("visitor/kept_notice.html", one=_notice(shut, known)),
                "closes": [row.stop_code for row in rows if shut.reaches(row.place_id)],
            }
            for shut in known.shut
            if not shut.is_over(datetime.now(UTC))
        ]
        + _notes(day_notes_of_today),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _guide_says(wanted: str) -> tuple[Sequence[pb.StopSummary], Sequence[pb.ServedDayNote]]:
    """Returns stops and day notes; nothing while the guide is away: closures are told all the
    same."""
    try:
        found = stops.list_stops(wanted).value
    except grpc.RpcError:
        return (), ()
    return found.stops, found.day_notes


def _notes(notes: Sequence[pb.ServedDayNote]) -> list[dict[str, Any]]:
    name_of = places.names_at(parts().ready.turn(area().area))
    found: list[dict[str, Any]] = []
    for note in notes:
        for one in day_notes.shown([note], name_of):
            told = {
                "from_time": one.as_of.isoformat(), "until_time": one.until,
                "html": render_template("visitor/kept_day_note.html", one=one),
            }  # fmt: skip
            found.append(told | ({"codes": list(note.stop_codes)} if note.place_id else {}))
    return found


def _notice(shut: Any, known: Any) -> dict[str, Any]:
    return {
        "place": shut.name(locale()), "reason": shut.reason, "note": shut.note,
        "until": shut.until, "as_of": known.at, "here": True,
    }  # fmt: skip


def _check(name: str, wanted: str) -> None:
    """Errors: Problem for another area's pack or a language that is not published."""
    if name != area().area or wanted not in parts().shelf.published(area()):
        raise Problem(404, "unknown_pack", f"There is no pack {name}/{wanted} here.")


def _pack(name: str, wanted: str) -> packs.Pack:
    _check(name, wanted)
    turn = parts().ready.turn(name)

    def make(before: packs.Pack | None) -> packs.Pack:
        return pack_pages.make(wanted, before)

    try:
        return parts().packs.get(name, wanted, turn, make)
    except packs.PackTooLarge as error:
        raise Problem(409, "pack_too_large", f"This guide has {error}: too much for a phone.") \
            from error  # fmt: skip
