"""Taking a register's sales file: its columns chosen on the page, tried, taken, and taken back.

Every step is one form. What was chosen travels in hidden fields; only the last step changes
anything, under a request id made with the page before it.
"""

from dataclasses import dataclass

import grpc
from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import OFFICE, SHOP_OWNERS
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import register_service_pb2 as pb
from services.edge import uploads
from services.edge.clients import new_request_id
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.office import journal_words, sheets, words
from services.edge.office.desk import (
    FILE_DEADLINE_S,
    blueprint,
    chosen,
    form_request_id,
    shops,
)
from services.edge.office.forms import Unreadable
from services.edge.office.registers import registers
from services.edge.pages import notify

HOME = "/till/office/journals"
STEPS = ("columns", "words", "try", "take")
SHOWN = 500  # rows of the report that are written out; those that need somebody come first


@dataclass(frozen=True)
class _Given:
    """A file on its way. kept: the file, packed for the next form."""

    shop: payments_pb.Shop
    register: str
    sheet: sheets.Sheet
    kept: str
    file_name: str


@blueprint.get(HOME)
@requires(*OFFICE)
def journals() -> str:
    """Shows the files so far, and the form for the next one."""
    if request.args.get("undone", "").isdecimal():
        notify("ok", _("%(count)s sales were taken back.", count=request.args["undone"]))
    return _home()


def _too_large(found: uploads.TooLarge) -> str:
    return _home({"file": uploads.told(found.size("file"), words.SPLIT_IT)})


@blueprint.post(HOME)
@requires(*SHOP_OWNERS)
@uploads.comes_again(_too_large)
def send_journal() -> str | tuple[str, int]:
    """Walks a file from its columns to its sales."""
    step = request.form.get("step", "columns")
    if step not in STEPS:
        raise Problem(404, "not_found")
    file = request.files.get("file")
    fresh = file.read() if file else b""
    try:
        content = fresh or sheets.unpack(request.form.get("kept", ""))
        sheet, kept = sheets.read_sheet(content), sheets.pack(content)
    except Unreadable as error:
        return _home({"file": journal_words.unreadable(error)}), 422
    shop = chosen(shops(), request.form.get("shop", ""))
    register = request.form.get("register", "").strip()
    if shop is None:
        return _home({"shop": _("Choose the shop.")}), 422
    name = (file.filename if file and fresh else "") or request.form.get("file_name", "")
    given = _Given(shop, register, sheet, kept, (name or "")[:200])
    try:
        choice = _choice(sheet, step, shop.shop_place_id, register)
    except Unreadable as error:
        guessed = sheets.Choice(columns=_columns(sheet))
        return _step("columns", given, guessed, {"columns": journal_words.unreadable(error)}), 422
    missing = [each for each in sheets.NEEDED if not choice.columns.get(each)]
    if step == "columns" or missing:
        errors = dict.fromkeys(missing, _("Choose its column.")) if step != "columns" else {}
        return _step("columns", given, choice, errors), 422 if errors else 200
    if step == "words":
        return _step("words", given, choice, {})
    return _try_or_take(given, choice, content, dry_run=step == "try")


def _choice(sheet: sheets.Sheet, step: str, shop: str, register: str) -> sheets.Choice:
    """What is chosen so far: the form's, else that of the register's last file, else a guess."""
    if step == "columns":
        known = sheets.from_toml(request.form.get("mapping", "")) or _last(shop, register)
        fits = known is not None and set(known.columns.values()) <= set(sheet.headings)
        return sheets.with_words(sheet, known) if known and fits else sheets.guess(sheet)
    if step == "words":
        choice = sheets.Choice(columns=_columns(sheet))
        tender = request.form.get("tender", "")
        choice.tender = tender if tender in journal_words.TENDERS else "cash_record"
        known = sheets.from_toml(request.form.get("mapping", "")) or sheets.Choice()
        for name, words, before in (
            ("status", choice.status, known.status), ("tender", choice.tenders, known.tenders),
        ):  # fmt: skip
            if known.columns.get(name) == choice.columns.get(name):
                words.update(before)
        return sheets.with_words(sheet, choice)
    known = sheets.from_toml(request.form.get("mapping", "")) or sheets.Choice()
    if step == "try":
        _read_words(sheet, known)
    return known


def _columns(sheet: sheets.Sheet) -> dict[str, str]:
    given = {name: request.form.get(f"column_{name}", "") for name in sheets.FIELDS}
    return {name: each for name, each in given.items() if each in sheet.headings and each}


def _read_words(sheet: sheets.Sheet, choice: sheets.Choice) -> None:
    for name, known, allowed in (
        ("status", choice.status, journal_words.STATUSES),
        ("tender", choice.tenders, journal_words.TENDERS),
    ):
        words = sheet.words(choice.columns[name]) if choice.columns.get(name) else []
        for place, word in enumerate(words):
            meaning = request.form.get(f"{name}_{place}")
            if meaning is not None:
                known[word] = meaning if meaning in allowed else sheets.LEFT_OUT


def _last(shop: str, register: str) -> sheets.Choice | None:
    found = registers().ListRegisterImports(pb.ListRegisterImportsRequest(shop_place_id=shop))
    same = [each.mapping for each in found.imports if each.register == register]
    return sheets.from_toml(same[0]) if same else None


def _try_or_take(
    given: _Given, choice: sheets.Choice, content: bytes, *, dry_run: bool
) -> str | tuple[str, int]:
    mapping = sheets.to_toml(given.sheet, choice, given.register)
    wanted = pb.TakeRegisterJournalRequest(
        request_id=new_request_id() if dry_run else form_request_id(),
        shop_place_id=given.shop.shop_place_id, register=given.register, content=content,
        mapping=mapping, dry_run=dry_run, file_name=given.file_name,
    )  # fmt: skip
    try:
        report = registers(FILE_DEADLINE_S).TakeRegisterJournal(wanted)
    except grpc.RpcError as error:
        said = problem_of(error)
        if "register" in dict(said.fields):
            text = _(
                "Name the register with 1 to 40 letters, digits or . _ - , the same each time."
            )
            return _step("columns", given, choice, {"register": text}), 422
        if said.reason in {"FILE_UNREADABLE", "FILE_ENCODING_UNKNOWN"}:
            text = _("The file does not fit these columns. Nothing was changed.")
            return _step("columns", given, choice, {"columns": text}), 422
        raise
    return _report(given, choice, report, mapping)


def _home(errors: dict[str, str] | None = None) -> str:
    found = shops()
    listed = registers().ListRegisterImports(pb.ListRegisterImportsRequest()).imports
    return render_template(
        "office/journals.html", here="registers", shops=found, only_shop=chosen(found, ""),
        imports=listed, errors=errors or {}, form=request.form,
        names=sorted({each.register for each in listed}),
    )  # fmt: skip


def _step(step: str, given: _Given, choice: sheets.Choice, errors: dict[str, str]) -> str:
    sheet = given.sheet
    words = {
        name: sheet.words(choice.columns[name]) if choice.columns.get(name) else []
        for name in (("status", "tender") if step == "words" else ())
    }
    return render_template(
        "office/journal.html", here="registers", step=step, choice=choice, errors=errors,
        words_of=words, fields=journal_words.FIELDS, journal_words=journal_words,
        needed=sheets.NEEDED, preview=sheet.rows[: sheets.PREVIEW],
        mapping=sheets.to_toml(sheet, choice, given.register), **vars(given),
    )  # fmt: skip


def _report(
    given: _Given, choice: sheets.Choice, report: pb.TakeRegisterJournalResponse,
    mapping: str,
) -> str:  # fmt: skip
    rows = journal_words.rows(given.sheet, choice, report)
    return render_template(
        "office/journal_report.html", here="registers", report=report, mapping=mapping,
        rows=rows[:SHOWN], left_count=max(0, len(rows) - SHOWN), choice=choice,
        fields=journal_words.FIELDS, request_id=new_request_id(), **vars(given),
    )  # fmt: skip


@blueprint.get(f"{HOME}/<import_id>/undo")
@requires(*SHOP_OWNERS)
def look_at_undo(import_id: str) -> str:
    """Says what an undo would take back and what would stay."""
    listed = registers().ListRegisterImports(pb.ListRegisterImportsRequest()).imports
    made = next((each for each in listed if each.import_id == import_id), None)
    if made is None:
        raise Problem(404, "unknown_register_import")
    tried = registers(FILE_DEADLINE_S).UndoRegisterImport(
        pb.UndoRegisterImportRequest(
            request_id=new_request_id(), import_id=import_id, dry_run=True
        )
    )  # fmt: skip
    found = shops()
    return render_template(
        "office/journal_undo.html", here="registers", made=made, tried=tried,
        kept=[(each.journal_number, journal_words.kept(each.reason)) for each in tried.kept],
        shop=found.get(made.shop_place_id) or payments_pb.Shop(shop_place_id=made.shop_place_id),
        request_id=new_request_id(),
    )  # fmt: skip


@blueprint.post(f"{HOME}/<import_id>/undo")
@requires(*SHOP_OWNERS)
def undo(import_id: str) -> Response:
    """Takes back what may still go."""
    done = registers(FILE_DEADLINE_S).UndoRegisterImport(
        pb.UndoRegisterImportRequest(request_id=form_request_id(), import_id=import_id)
    )
    return redirect(f"{HOME}?undone={done.undone_count}", 303)
