"""Today, for one person in a hurry: close a place, say a word to visitors, take either back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import Problem as Refused
from kit.client import problem_of
from kit.roles import ASSOCIATION, EDITORS
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.multilingual.v1 import day_note_service_pb2 as pb
from meguri.multilingual.v1.day_note_service_pb2_grpc import DayNoteServiceStub
from services.edge import closing
from services.edge.clients import new_request_id, stub
from services.edge.closing import closable
from services.edge.directory import with_all_below
from services.edge.errors import form_request_id, is_away, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, locale, may
from services.edge.studio import asked_list, touched
from services.edge.studio.timetables import ending
from services.edge.studio.timetables.words import name_of, told_ending

# Refusals that are said on the page, with what was typed still there.
REFUSED = frozenset({"INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED", "DAY_NOTES_FULL"})

blueprint = Blueprint("today", __name__)


@dataclass
class Draft:
    """A note as typed. others: texts by locale; machines: which of them a machine made."""

    place_id: str = ""
    own_locale: str = ""
    text: str = ""
    others: dict[str, str] = field(default_factory=dict)
    machines: set[str] = field(default_factory=set)
    wrong: dict[str, str] = field(default_factory=dict)

    def texts(self) -> list[pb.DayNoteText]:
        """Returns the words as they are sent, the writer's own first."""
        own = pb.DayNoteText(locale=self.own_locale, text=self.text)
        return [
            own,
            *(
                pb.DayNoteText(locale=each, text=text, machine_draft=each in self.machines)
                for each, text in self.others.items()
            ),
        ]


@blueprint.get("/studio/today")
@requires(*EDITORS)
def page() -> str:
    """Shows what visitors are told today, and the two forms."""
    return _page(just_closed=request.args.get("closed", ""), noted=request.args.get("noted", ""))


@blueprint.post("/studio/today/preview")
@requires(*ASSOCIATION)
def preview() -> str | tuple[str, int]:
    """Shows what a closure would touch. Nothing is closed yet."""
    wanted, wrong = closing.read(request.form)
    if wrong:
        return _page(wrong=wrong, form=request.form), 422
    return _page(wanted=wanted, form=request.form)


@blueprint.post("/studio/today/closures")
@requires(*ASSOCIATION)
def close() -> Response | tuple[str, int]:
    """Closes a place; plans, guide pages and tickets hear of it within a second."""
    wanted, wrong = closing.read(request.form)
    if wrong:
        return _page(wrong=wrong, form=request.form), 422
    return redirect(f"/studio/today?closed={closing.close(wanted)}", 303)


@blueprint.post("/studio/today/closures/<closure_id>/reopen")
@requires(*ASSOCIATION)
def reopen(closure_id: str) -> Response:
    """Ends a closure: the undo."""
    closing.reopen(closure_id)
    return redirect("/studio/today", 303)


@blueprint.post("/studio/today/notes")
@requires(*EDITORS)
def write() -> Response | tuple[str, int]:
    """Says something until midnight."""
    draft = read_draft(request.form, area().locales)
    below: set[str] = set()
    if draft.place_id:
        places = _places()
        below = set(with_all_below({draft.place_id}, places)) - {draft.place_id}
        if all(each.place_id != draft.place_id for each in places):
            draft.wrong["place_id"] = _("Choose a place.")
    if draft.wrong:
        return _page(draft=draft), 422
    wanted = pb.WriteDayNoteRequest(
        request_id=form_request_id(), place_id=draft.place_id, affected_place_ids=sorted(below),
        texts=draft.texts(),
    )  # fmt: skip
    try:
        note = _notes().WriteDayNote(wanted).note
    except grpc.RpcError as error:
        refused = problem_of(error)
        if refused.reason not in REFUSED:
            raise
        _explain(draft, refused)
        return _page(draft=draft), 422
    return redirect(f"/studio/today?noted={note.note_id}", 303)


@blueprint.post("/studio/today/notes/<note_id>/withdraw")
@requires(*EDITORS)
def withdraw(note_id: str) -> Response:
    """Takes a note back: the undo."""
    _notes().WithdrawDayNote(
        pb.WithdrawDayNoteRequest(request_id=form_request_id(), note_id=note_id)
    )
    return redirect("/studio/today", 303)


def read_draft(form: Mapping[str, str], locales: Sequence[str]) -> Draft:
    """Reads the form; the service decides, but what is missing is said here."""
    own = form.get("locale", "")
    draft = Draft(form.get("place_id", "")[:200], own, form.get("text", "").strip())
    for each in locales:
        text = form.get(f"text-{each}", "").strip()
        if text and each == own:
            draft.wrong[f"text-{each}"] = _("This is your own language: write it above only.")
        if text:
            draft.others[each] = text
            draft.machines |= {each} if form.get(f"machine-{each}") else set()
    if own not in locales:
        draft.wrong["locale"] = _("Choose the language you write in.")
    if not draft.text:
        draft.wrong["text"] = _("Write what visitors shall read.")
    return draft


def _explain(draft: Draft, refused: Refused) -> None:
    """Says beside each field what is wrong with it, else at the top."""
    names = ["text", *(f"text-{each}" for each in draft.others)]
    for name, _why in refused.fields:
        at = name.partition("[")[2].partition("]")[0]
        if at.isascii() and at.isdecimal() and int(at) < len(names):
            draft.wrong[names[int(at)]] = _(
                "At most 200 characters, and no invisible marks: type it anew."
            )
    if not draft.wrong:
        notify("bad", str(sentence(refused.reason.lower())))


def _page(
    just_closed: str = "", noted: str = "", *, wrong: dict[str, str] | None = None,
    form: Any = None, wanted: closing.Wanted | None = None, draft: Draft | None = None,
) -> str:  # fmt: skip
    places = _places()
    names = {place.place_id: closing.name_of(place) for place in places}
    listed = _listed()
    may_close = may(*ASSOCIATION)
    shown = closing.given(places, just_closed, wrong, form)
    done = closing.said_closed(shown)
    if done:
        notify("ok", done)
    notes = listed.notes if listed else ()
    if any(each.note_id == noted for each in notes):
        notify("ok", _("Visitors read it now, until midnight."))
    return render_template(
        "studio/today.html",
        shown=shown,
        may_close=may_close,
        wanted=wanted,
        touched=touched.ask(places, wanted.place_id, wanted.until) if wanted else None,
        place_names=names,
        notes=[each for each in notes if not each.HasField("withdraw_time")],
        withdrawn=[each for each in notes if each.HasField("withdraw_time")],
        noted=noted,
        until=listed.until_time if listed else None,
        draft=draft or Draft(own_locale=_own_locale()),
        area_locales=area().locales,
        note_places=_note_places(places),
        request_id=new_request_id(),
        asked_count=asked_list.count_words(),
        ending=ending.tasks() if may_close else [],
        told_ending=told_ending,
        line_name=name_of,
    )


def _listed() -> pb.ListDayNotesResponse | None:
    """Returns the notes of today, None while the guide is away: a place can be closed without."""
    try:
        return _notes().ListDayNotes(pb.ListDayNotesRequest())
    except grpc.RpcError as error:
        if not is_away(error):
            raise
        return None


def _own_locale() -> str:
    return locale() if locale() in area().locales else area().locales[0]


def _note_places(
    places: Sequence[directory_pb.Place],
) -> list[tuple[Any, list[tuple[str, str, str]]]]:
    """Returns the places a note can be about, by kind: id, name and reading of each."""
    return [
        (label, [(each.place_id, closing.name_of(each), each.kana) for each in found])
        for label, found in closable.noted(places)
    ]


def _places() -> Sequence[directory_pb.Place]:
    return stub(DirectoryServiceStub).ListPlaces(directory_pb.ListPlacesRequest()).places


def _notes() -> DayNoteServiceStub:
    return stub(DayNoteServiceStub)
