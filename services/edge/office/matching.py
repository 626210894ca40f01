"""Matching providers' files, and the work list they leave."""

import grpc
from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import Problem as RpcProblem
from kit.client import problem_of
from kit.roles import OFFICE, SHOP_OWNERS
from meguri.payments.v1 import office_service_pb2 as pb
from services.edge import uploads
from services.edge.clients import new_request_id
from services.edge.login import requires
from services.edge.office import said, words
from services.edge.office.desk import (
    FILE_DEADLINE_S,
    blueprint,
    chosen,
    form_request_id,
    office,
    shops,
)
from services.edge.pages import notify
from services.edge.parts import may

FORMS = ("paypay_daily", "generic", "own")
# What a mapping of one's own begins with: the plain columns, to be changed to the file's headings.
EXAMPLE = """name = "my-provider"
encoding = "utf-8"            # or "shift_jis"
gateway = "other_device"      # whose sales the file tells of
tender = "code_payment"       # or card, transit_ic, id, quicpay

[columns]                     # ours = the heading in the file
number = "number"
time = "time"
amount = "amount"
status = "status"             # take out what the file has not
fee = "fee"
payout_date = "payout_date"

[status]                      # the words of the status column
sale = ["sale"]
refund = ["refund"]
skip = []
"""
MAPPING_LIMIT = 20_000  # characters of a mapping of one's own


@blueprint.get("/till/office/reconcile")
@requires(*OFFICE)
def reconcile() -> str:
    """Shows the work list, and the form for the next file."""
    if request.args.get("settled") == "1":
        notify("ok", _("Taken off the work list."))
    return _page()


def _too_large(found: uploads.TooLarge) -> str:
    return _page({"file": uploads.told(found.size("file"), words.SPLIT_IT)})


@blueprint.post("/till/office/reconcile")
@requires(*OFFICE)
@uploads.comes_again(_too_large)
def send_file() -> Response | str | tuple[str, int]:
    """Matches a file."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if file is None or not content:
        return _page({"file": _("Choose the file you got from the provider.")}), 422
    kind = request.form.get("form", "")
    own = request.form.get("mapping", "")[:MAPPING_LIMIT]
    if kind != "own" and _changed(own):
        text = _("You wrote a mapping, but chose a form that needs none. Choose one of both.")
        return _page({"mapping": text}), 422
    mapping = own if kind == "own" else kind
    wanted = pb.ReconcileFileRequest(
        request_id=form_request_id(), file_name=(file.filename or "")[:200], content=content,
        mapping=mapping, shop_place_id=request.form.get("shop", ""),
    )  # fmt: skip
    try:
        answer = office(FILE_DEADLINE_S).ReconcileFile(wanted)
    except grpc.RpcError as error:
        errors = _refused(problem_of(error))
        if not errors:
            raise
        return _page(errors), 422
    done = answer.reconciliation
    if answer.sent_before:
        return _page(before=done)
    return redirect(f"/till/office/reconcile?file={done.reconciliation_id}", 303)


def _refused(problem: RpcProblem) -> dict[str, str]:
    """Returns what is wrong with the file or the mapping; nothing for what is about neither."""
    if problem.reason == "FILE_ENCODING_UNKNOWN":
        return {"file": said.sentence(problem.text)}
    if problem.reason == "FILE_UNREADABLE":
        text = _("The file is not in the form that was chosen. Nothing was changed.")
        return {"file": f"{text} {said.known(problem.text)}".rstrip()}
    if problem.reason in {"INVALID_FIELDS", "TEXT_TOO_LONG"}:
        return {"mapping": " ".join(said.sentence(text) for _name, text in problem.fields)}
    return {}


def _changed(mapping: str) -> bool:
    """Tells whether somebody wrote a mapping, or left the example as it was."""
    return bool(mapping.strip()) and mapping.split() != EXAMPLE.split()


@blueprint.post("/till/office/findings/<finding_id>")
@requires(*OFFICE)
def settle(finding_id: str) -> Response | tuple[str, int]:
    """Takes a finding off the list, with what was done."""
    note = request.form.get("note", "").strip()[:200]
    if not note:
        return _page({finding_id: _("Write what was done.")}), 422
    office().SettleFinding(
        pb.SettleFindingRequest(request_id=form_request_id(), finding_id=finding_id, note=note)
    )
    return redirect("/till/office/reconcile?settled=1#list", 303)


def _page(
    errors: dict[str, str] | None = None, before: pb.Reconciliation | None = None
) -> str:  # fmt: skip
    """before: the result of a file whose content was sent before."""
    found = shops()
    files = office().ListReconciliations(pb.ListReconciliationsRequest()).reconciliations
    only = before.reconciliation_id if before else request.args.get("file", "")
    listed = office().ListFindings(
        pb.ListFindingsRequest(
            reconciliation_id=only, page_size=100, page_token=request.args.get("page", "")
        )
    )
    waiting = office().ListUnconfirmedSales(pb.ListUnconfirmedSalesRequest())
    shown = before or next((each for each in files if each.reconciliation_id == only), None)
    return render_template(
        "office/reconcile.html", here="reconcile", shops=found, only_shop=chosen(found, ""),
        files=files, before=before,
        shown=shown,
        only=only, findings=listed.findings, next_page=listed.next_page_token,
        errors=errors or {}, form=request.form, new_request_id=new_request_id, said=said,
        example=EXAMPLE, matched_before=_matched_before(shown), waiting=waiting,
        may_set_up=may(*SHOP_OWNERS),
    )  # fmt: skip


def _matched_before(shown: pb.Reconciliation | None) -> tuple[int, str]:
    """Returns of a file how many of its rows earlier files matched, and the names of those."""
    if shown is None:
        return 0, ""
    settled = office().ListFindings(
        pb.ListFindingsRequest(
            reconciliation_id=shown.reconciliation_id, settled=True, page_size=200
        )
    )
    names = [
        each.earlier_file for each in settled.findings
        if each.ended == pb.FINDING_END_MATCHED_BEFORE
    ]  # fmt: skip
    count = len(names)
    if names and settled.next_page_token:
        count = sum(
            each.found_count - each.open_count for each in shown.counts
            if each.kind == pb.FINDING_KIND_DUPLICATE
        )  # fmt: skip
    return count, ", ".join(dict.fromkeys(names))
