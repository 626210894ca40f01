"""The page of one text: its desk, and what is heard, reviewed and kept of it."""

from collections.abc import Mapping, Sequence

from flask import render_template, request

from kit.client import Problem as Refused
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import sentence
from services.edge.studio import aids, place_names, recordings, reviews, table
from services.edge.studio import desk as desks
from services.edge.studio.changes import Piece

HISTORY_SHOWN = 20


def show(
    found: pb.ReadNarrationResponse,
    *,
    form: desks.Form | None = None,
    refused: Refused | None = None,
    newer: Sequence[tuple[str, list[Piece]]] = (),
    given: Mapping[str, str] | None = None,
) -> str:
    """Shows a text beside its source, with all that can be done with it.

    form: what was typed into it, refused: why that was not taken, newer: what somebody else changed
    meanwhile. given: what was typed into the form of the recording, which then stands open.
    """
    guide = stub(GuideServiceStub)
    states = guide.ListTranslationStates(pb.ListTranslationStatesRequest())
    why = request.args.get("why", "")
    history = guide.ListRevisions(
        pb.ListRevisionsRequest(stop_code=found.stop_code, locale=found.locale)
    )
    return render_template(
        "studio/desk.html",
        desk=found,
        is_source=found.locale == found.source_locale,
        rows=desks.rows(found, form.text if form else None),
        name=form.text.name if form else found.latest.text.name,
        reading=form.text.reading if form else found.latest.text.reading,
        note=form.note if form else "",
        refused=refused,
        told=sentence(refused.reason.lower()) if refused else None,
        newer=newer,
        history=[
            (each, desks.between(found.published.text, each.text))
            for each in history.revisions[:HISTORY_SHOWN]
        ],
        next_stop=table.next_to_do(states, found.stop_code, found.locale),
        states=[row for row in states.stops if row.stop_code == found.stop_code],
        request_id=new_request_id(),
        typed_time=request.form.get("from_time", "")[:40],
        given=given or {},
        spoken=recordings.of(found.stop_code, found.locale),
        review=reviews.of(found.stop_code, found.locale),
        aids=aids.of(found.stop_code, found.locale, request.args.get("find", ""))
        if found.locale != found.source_locale
        else None,
        helpers=aids,
        done=request.args.get("done", ""),
        place_name=_place_name(found),
        why=sentence(why.lower()) if why in reviews.TOLD else "",
    )


def _place_name(found: pb.ReadNarrationResponse) -> tuple[str, str] | None:
    """Returns what the map still calls a stop that was just published, and its name now."""
    if request.args.get("done") not in {"published", "restored"}:
        return None
    differs = place_names.of(found.stop_code)
    return differs.of(found.locale) if differs else None
