"""Files for translators at the studio: out in their formats, home again as drafts."""

from collections.abc import Sequence
from typing import Any

import grpc
from flask import Blueprint, Response, render_template, request
from flask_babel import lazy_gettext as _l

from kit.client import problem_of
from kit.roles import EDITORS
from meguri.multilingual.v1 import exchange_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1.exchange_service_pb2_grpc import ExchangeServiceStub
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge import uploads
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires

DEADLINE_S = 25.0  # hundreds of texts
FORMATS: dict[str, tuple[pb.FileFormat.ValueType, Any]] = {
    "csv": (pb.FILE_FORMAT_CSV, _l("Table for a spreadsheet (CSV)")),
    "xliff": (pb.FILE_FORMAT_XLIFF_1_2, _l("XLIFF 1.2, for translation offices")),
    "xliff2": (pb.FILE_FORMAT_XLIFF_2_0, _l("XLIFF 2.0, for newer programs")),
    "po": (pb.FILE_FORMAT_PO, _l("PO (gettext), for Poedit and the like")),
}
# What is wrong in a line, and what to do about it.
KINDS: dict[str, Any] = {
    "SYNTAX": _l("The file is broken here, or of another kind. Take the file you sent out and put"
                 " the translations into it."),
    "ENCODING": _l("This is not UTF-8. In Excel, save as “CSV UTF-8”."),
    "SOURCE_LANGUAGE": _l("This file was made from another language."),
    "TARGET_LANGUAGE": _l("This file is for another language than the one chosen."),
    "UNIT_UNKNOWN": _l("There is no such text. Leave the first two columns, or the ids, as they"
                       " were."),
    "UNIT_TWICE": _l("This text stands in the file twice. Leave one of them."),
    "PLURAL": _l("This entry has several forms; our texts have one."),
    "MARKUP": _l("There is markup in the text, such as bold type. Take it out."),
    "REVISION": _l("The version this was made from is missing or unknown. Take the file out anew."),
    "SOURCE_ALTERED": _l("The original text was changed in the file. Change only the translation."),
    "PLACEHOLDER": _l("A part in brackets, such as {name}, was lost or added. It must stay as it"
                      " is."),
    "FORBIDDEN_MARK": _l("There are invisible marks in the text. Type it anew."),
    "CARD_NUMBER": _l("A card's number stands in the text. Take it out."),
    "TOO_LONG": _l("The translation is more than three times as long as the original."),
    "TOO_MANY": _l("There are more texts from here on than a stop can have. Leave some out."),
    "TOO_HEAVY": _l("This file takes more memory or time than any of ours. Take the file you sent"
                    " out and put the translations into it."),
    "SCRIPT": _l("The translation is not written in this language's letters."),
    "NAME_MISSING": _l("The stop has no name in this language yet. Translate its name too."),
    "CHANGED_SINCE": _l("Somebody changed this stop since the file was made. Tick “leave out”"
                        " below, or take the file out anew."),
}  # fmt: skip
# What exactly, where the kind alone does not say what to do.
FAULTS: dict[str, Any] = {
    "FILE_TOO_LARGE": _l("The file has more than 3 MB. Take out a part of the texts at a time."),
    "LINE_TOO_LONG": _l("This line is longer than any of ours. Take the file you sent out and put"
                        " the translations into it."),
    "GUIDE_TOO_MANY": _l("From here on there are more texts than a guide can have. Was the file"
                         " put together from several?"),
    "TABLE_HEADINGS": _l("The headings are not those of our file. Put them back; they are:"),
    "TABLE_CELLS": _l("A row of our table has 8 cells. This one has another number of them:"),
    "TABLE_STATE": _l("The state can only be “read” or “machine draft”. Here it is:"),
    "TABLE_QUOTES": _l("A quotation mark that opens a cell here is not closed."),
    "XML_BROKEN": _l("The XML is broken here, or holds what no file of ours does. Save the file"
                     " once more in the translator’s program."),
    "NOT_XLIFF": _l("This is neither XLIFF 1.2 nor 2.0. Save it as one of these."),
    "NOT_PO": _l("This line is no PO. Save the file once more in the translator’s program."),
    "SEVERAL_LANGUAGES": _l("There are several languages in this file. Send one file for each."),
    "NO_LANGUAGE": _l("The file does not say which language it is in. Take it out anew."),
}  # fmt: skip

blueprint = Blueprint("exchange", __name__)


@blueprint.get("/studio/exchange")
@requires(*EDITORS)
def page() -> str:
    """Offers both ways."""
    return _page()


@blueprint.get("/studio/exchange/file")
@requires(*EDITORS)
def export() -> Response | tuple[str, int]:
    """Gives the texts of a language as a file."""
    form = FORMATS.get(request.args.get("format", ""))
    if form is None:
        raise Problem(404, "not_found")
    made = _stub().ExportTexts(
        pb.ExportTextsRequest(
            locale=request.args.get("in", ""), format=form[0],
            unfinished="unfinished" in request.args,
        )
    )  # fmt: skip
    if not made.text_count:
        return _page(nothing=True), 200
    disposition = f"attachment; filename={made.file_name}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(made.content, mimetype=made.media_type, headers=headers)


def _too_large(found: uploads.TooLarge) -> str:
    return _page(too_large=uploads.told(found.size("file"), FAULTS["FILE_TOO_LARGE"]))


@blueprint.post("/studio/exchange")
@requires(*EDITORS)
@uploads.comes_again(_too_large)
def bring() -> str | tuple[str, int]:
    """Takes a file; what is new in it becomes drafts, or is only told."""
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if not content:
        return _page(no_file=True), 422
    try:
        found = _stub().ImportTexts(
            pb.ImportTextsRequest(
                request_id=form_request_id(),
                locale=request.form.get("in", ""),
                content=content,
                file_name=((sent.filename if sent else "") or "")[:80],
                preview=request.form.get("action") == "preview",
                read="read" in request.form,
                leave_changed="leave_changed" in request.form,
                tell_problems=True,
            )
        )
    except grpc.RpcError as error:
        refused = problem_of(error)
        if refused.reason == "FILES_BUSY":
            return _page(busy=True), 503
        raise
    if found.problems:
        return _page(problems=[_problem(each) for each in found.problems]), 422
    return _page(found=found)


def _page(
    found: pb.ImportTextsResponse | None = None,
    problems: Sequence[tuple[int, str, str]] = (),
    *,
    nothing: bool = False,
    no_file: bool = False,
    busy: bool = False,
    too_large: str = "",
) -> str:
    states = stub(GuideServiceStub).ListTranslationStates(guide_pb.ListTranslationStatesRequest())
    return render_template(
        "studio/exchange.html",
        locales=list(states.locales)[1:],
        names={each.stop_code: each.source_name for each in states.stops},
        source_locale=next(iter(states.locales), ""),
        formats=FORMATS,
        chosen=request.values.get("in", ""),
        given=request.values,
        found=found,
        preview=request.form.get("action") == "preview",
        problems=problems,
        nothing=nothing,
        no_file=no_file,
        busy=busy,
        too_large=too_large,
        too_large_words=FAULTS["FILE_TOO_LARGE"],
        request_id=new_request_id(),
    )


def _problem(each: pb.FileProblem) -> tuple[int, str, str]:
    """Returns (line, sentence, what stands there) of a problem. One of a newer guide than this edge
    has a number without a word."""
    fault = _word(pb.FileFault, each.fault, "FILE_FAULT_")
    kind = _word(pb.FileProblemKind, each.kind, "FILE_PROBLEM_KIND_")
    words = FAULTS.get(fault) or KINDS.get(kind) or sentence("invalid_fields")
    return each.line, str(words), each.quoted


def _word(enum: Any, number: int, prefix: str) -> str:
    names: dict[int, str] = {value: name for name, value in enum.items()}
    return names.get(number, "").removeprefix(prefix)


def _stub() -> ExchangeServiceStub:
    return stub(ExchangeServiceStub, deadline_s=DEADLINE_S)
