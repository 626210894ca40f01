"""Matching providers' files, and the work list they leave."""

import grpc
from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import OFFICE
from meguri.payments.v1 import office_service_pb2 as pb
from services.edge.clients import new_request_id
from services.edge.login import requires
from services.edge.office import said
from services.edge.office.desk import (
    FILE_DEADLINE_S,
    blueprint,
    chosen,
    form_request_id,
    office,
    shops,
)
from services.edge.pages import notify

FORMS = ("paypay_daily", "generic", "own")
MAPPING_LIMIT = 20_000  # characters of a mapping of one's own


@blueprint.get("/till/office/reconcile")
@requires(*OFFICE)
def reconcile() -> str:
    """Shows the work list, and the form for the next file."""
    if request.args.get("settled") == "1":
        notify("ok", _("Taken off the work list."))
    return _page()


@blueprint.post("/till/office/reconcile")
@requires(*OFFICE)
def send_file() -> Response | tuple[str, int]:
    """Matches a file."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if file is None or not content:
        return _page({"file": _("Choose the file you got from the provider.")}), 422
    kind = request.form.get("form", "")
    mapping = request.form.get("mapping", "")[:MAPPING_LIMIT] if kind == "own" else kind
    wanted = pb.ReconcileFileRequest(
        request_id=form_request_id(), file_name=(file.filename or "")[:200], content=content,
        mapping=mapping, shop_place_id=request.form.get("shop", ""),
    )  # fmt: skip
    try:
        done = office(FILE_DEADLINE_S).ReconcileFile(wanted).reconciliation
    except grpc.RpcError as error:
        problem = problem_of(error)
        if problem.reason == "FILE_UNREADABLE":
            text = _("The file is not in the form that was chosen. Nothing was changed.")
            why = said.known(problem.text)
            return _page({"file": f"{text} {why}".rstrip()}), 422
        if problem.reason in {"INVALID_FIELDS", "TEXT_TOO_LONG"}:
            return _page(
                {"mapping": " ".join(said.sentence(text) for _name, text in problem.fields)}
            ), 422
        raise
    return redirect(f"/till/office/reconcile?file={done.reconciliation_id}", 303)


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


def _page(errors: dict[str, str] | None = None) -> str:
    found = shops()
    files = office().ListReconciliations(pb.ListReconciliationsRequest()).reconciliations
    only = request.args.get("file", "")
    listed = office().ListFindings(
        pb.ListFindingsRequest(
            reconciliation_id=only, page_size=100, page_token=request.args.get("page", "")
        )
    )
    return render_template(
        "office/reconcile.html", here="reconcile", shops=found, only_shop=chosen(found, ""),
        files=files, shown=next((each for each in files if each.reconciliation_id == only), None),
        only=only, findings=listed.findings, next_page=listed.next_page_token,
        errors=errors or {}, form=request.form, new_request_id=new_request_id, said=said,
    )  # fmt: skip
