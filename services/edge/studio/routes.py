"""Pages of the studio. Every one works as plain forms; studio.js only warns and counts."""

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import Problem as Refused
from kit.client import problem_of
from kit.roles import ASSOCIATION, EDITORS
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import may
from services.edge.studio import (
    aids,
    asked,
    asked_list,
    desk_page,
    drafts,
    exchange,
    help_inbox,
    help_words,
    languages,
    later,
    photos,
    place_names,
    recording_form,
    recordings,
    reviews,
    signs,
    spots,
    survey,
    table,
    today,
    tour,
    videos,
    voices,
    words,
)
from services.edge.studio import desk as desks
from services.edge.studio.pois import BLUEPRINTS as POI_PAGES
from services.edge.studio.timetables import BLUEPRINTS
from services.edge.whole import read_whole

HELD = {
    "READING_MISSING", "SECOND_READER_NEEDED", "ALREADY_HANDED_IN", "NOTHING_TO_REVIEW",
}  # fmt: skip

blueprint = Blueprint("studio", __name__, template_folder="templates")
blueprint.register_blueprint(asked.blueprint)
blueprint.register_blueprint(drafts.blueprint)
blueprint.register_blueprint(exchange.blueprint)
blueprint.register_blueprint(help_inbox.blueprint)
blueprint.register_blueprint(help_words.blueprint)
blueprint.register_blueprint(languages.blueprint)
blueprint.register_blueprint(later.blueprint)
blueprint.register_blueprint(photos.blueprint)
blueprint.register_blueprint(place_names.blueprint)
blueprint.register_blueprint(recording_form.blueprint)
blueprint.register_blueprint(recordings.blueprint)
blueprint.register_blueprint(reviews.blueprint)
blueprint.register_blueprint(signs.blueprint)
blueprint.register_blueprint(spots.blueprint)
blueprint.register_blueprint(survey.blueprint)
blueprint.register_blueprint(today.blueprint)
blueprint.register_blueprint(tour.blueprint)
blueprint.register_blueprint(videos.blueprint)
blueprint.register_blueprint(voices.blueprint)
for _each in (*BLUEPRINTS, *POI_PAGES):
    blueprint.register_blueprint(_each)


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"words": words, "pb": pb, "table": table}


@blueprint.get("/studio")
@requires(*EDITORS)
def texts() -> str:
    """Shows the state of every text in every language."""
    wanted = table.Filter(
        state=request.args.get("state", ""),
        locale=request.args.get("in", ""),
        text=request.args.get("q", "").strip()[:80],
    )
    states = _guide().ListTranslationStates(pb.ListTranslationStatesRequest())
    return render_template(
        "studio/texts.html",
        states=states,
        columns=table.columns(states),
        groups=table.grouped(states.stops, wanted),
        wanted=wanted,
        old_signs={each.stop_code for each in signs.outdated()},
        asked_count=asked_list.count_words(),
        waiting_photos=photos.waiting(),
        keeps_times=may(*ASSOCIATION),
    )


@blueprint.get("/studio/<code>/<locale>")
@requires(*EDITORS)
def desk(code: str, locale: str) -> str:
    """Shows one text beside its source."""
    return desk_page.show(_read(code, locale))


@blueprint.post("/studio/<code>/<locale>")
@requires(*EDITORS)
def save(code: str, locale: str) -> Response | tuple[str, int]:
    """Saves what was written, and shows it to visitors where that was asked for, now or later."""
    form = desks.read_form(request.form, request.form.getlist("paragraph"))
    found = _read(code, locale)
    try:
        return _back(found, _carry_out(found, form, request.form.get("action", "")))
    except later.WrongTime as wrong:
        notify("warn", str(wrong))
        return desk_page.show(found, form=form), 422
    except grpc.RpcError as error:
        refused = problem_of(error)
        if refused.reason == "REVISION_CONFLICT":
            return _conflict(_read(code, locale), form), 409
        if refused.reason in {"INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED"}:
            return desk_page.show(found, form=form, refused=refused), 422
        if refused.reason in HELD:
            return _held(_read(code, locale), refused), 409
        raise


def _carry_out(found: pb.ReadNarrationResponse, form: desks.Form, action: str) -> str:
    """Does what a button of the desk says; returns what was done. Errors: WrongTime, before
    anything is saved; grpc.RpcError."""
    due = later.due_time(request.form) if action == "later" else None
    needed = desks.needs_saving(form, found)
    revision = _save(found, form).revision if needed else found.latest.revision
    if action == "hand-in":
        reviews.hand_in(found.stop_code, found.locale, revision, form.note)
        return "handed-in"
    if action not in ("publish", "later"):
        return "saved"
    seen = frozenset(request.form.getlist("seen"))
    if aids.unseen(found.stop_code, found.locale, seen):
        return "doubted"
    if due:
        later.plan(found, revision, form.published_revision, due)
        return "planned"
    _publish(found, revision, form.published_revision, "-publish", reviewed=True)
    return "published"


@blueprint.post("/studio/<code>/<locale>/publish")
@requires(*EDITORS)
def publish(code: str, locale: str) -> Response | tuple[str, int]:
    """Shows a saved version to visitors, also an earlier one: that is the undo."""
    revision, found = _number("revision"), _read(code, locale)
    earlier = revision < found.latest.revision
    read = not earlier and "reviewed" in request.form
    try:
        _publish(found, revision, _number("published_revision"), "", reviewed=read)
    except grpc.RpcError as error:
        refused = problem_of(error)
        if refused.reason in HELD:
            return _held(_read(code, locale), refused), 409
        if refused.reason != "REVISION_CONFLICT":
            raise
        notify("warn", _("Somebody else published meanwhile. Look at what visitors see now."))
        return desk_page.show(_read(code, locale)), 409
    return _back(found, "restored" if earlier else "published")


@blueprint.get("/studio/<code>/<locale>/preview")
@requires(*EDITORS)
def preview(code: str, locale: str) -> str:
    """Shows the newest version as it will look on a phone."""
    found = _read(code, locale)
    if not found.HasField("latest"):
        raise Problem(404, "not_found")
    return render_template("studio/preview.html", desk=found, page_locale=locale)


@blueprint.get("/studio/<code>/label.<kind>")
@requires(*EDITORS)
def label(code: str, kind: str) -> Response:
    """Gives the QR label as a file."""
    formats = {"svg": pb.LABEL_FORMAT_SVG, "png": pb.LABEL_FORMAT_PNG}
    if kind not in formats:
        raise Problem(404, "not_found")
    wanted = pb.RenderQrLabelRequest(stop_code=code, format=formats[kind])
    try:
        drawn = _guide().RenderQrLabel(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "NO_PUBLIC_ADDRESS":
            raise
        # Until the area has an address of its own, the one the editor works at is the best known.
        wanted.base_url = request.host_url
        drawn = _guide().RenderQrLabel(wanted)
    name = f"attachment; filename={drawn.stop_code}.{kind}"
    return Response(drawn.image, mimetype=drawn.media_type, headers={"Content-Disposition": name})


def _conflict(found: pb.ReadNarrationResponse, form: desks.Form) -> str:
    notify(
        "warn",
        _("Somebody else changed this text while you were writing. Yours is kept below."),
    )
    return desk_page.show(found, form=form, newer=desks.between(found.latest.text, form.text))


def _held(found: pb.ReadNarrationResponse, refused: Refused) -> str:
    """Returns the desk of a text that was saved and goes no further yet, with what to do."""
    if refused.reason != "READING_MISSING":
        notify("warn", str(sentence(refused.reason.lower())))
        return desk_page.show(found)
    terms = "、".join(term for term, _ in refused.fields)
    notify(
        "warn",
        _("Saved, but not published: no reading is known for %(terms)s. Write the reading of the"
          " name, or add the term to the term base, and publish again.", terms=terms),
    )  # fmt: skip
    return desk_page.show(found)


def _save(found: pb.ReadNarrationResponse, form: desks.Form) -> pb.Revision:
    wanted = pb.SaveDraftRequest(
        request_id=form_request_id(),
        stop_code=found.stop_code,
        locale=found.locale,
        base_revision=form.base_revision,
        source_revision=form.source_revision,
        text=form.text,
        note=form.note,
    )
    return _guide().SaveDraft(wanted).revision


def _publish(
    found: pb.ReadNarrationResponse, revision: int, replaced: int, suffix: str, *, reviewed: bool
) -> None:
    _guide().PublishNarration(
        pb.PublishNarrationRequest(
            request_id=form_request_id() + suffix,
            stop_code=found.stop_code,
            locale=found.locale,
            revision=revision,
            replaced_revision=replaced,
            reviewed=reviewed,
            reason=request.form.get("reason", "").strip()[:500],
        )
    )


def _read(code: str, locale: str) -> pb.ReadNarrationResponse:
    return _guide().ReadNarration(pb.ReadNarrationRequest(stop_code=code, locale=locale))


def _back(found: pb.ReadNarrationResponse, done: str) -> Response:
    return redirect(f"/studio/{found.stop_code}/{found.locale}?done={done}", 303)


def _number(field: str) -> int:
    return read_whole(request.form.get(field, "")) or 0


def _guide() -> GuideServiceStub:
    return stub(GuideServiceStub)
