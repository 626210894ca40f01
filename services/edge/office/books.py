"""Settlement, the journal for the accounting software, the audit chain and the law's figures."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, render_template, request

from kit.roles import AUDITORS, OFFICE
from meguri.payments.v1 import office_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.office.desk import (
    FILE_DEADLINE_S,
    blueprint,
    chosen,
    office,
    shops,
)
from services.edge.office.forms import Unreadable, read_span
from services.edge.parts import area

ENCODINGS = {"utf-8": pb.ENCODING_UTF8, "shift_jis": pb.ENCODING_SHIFT_JIS}


@blueprint.get("/till/office/settlement")
@requires(*OFFICE)
def settlement() -> str:
    """Shows what each provider took, kept, paid and owes, for a month or a day."""
    found = shops()
    shop = chosen(found, request.args.get("shop", ""))
    first, last, month = _span()
    answer = office().ReadSettlement(
        pb.ReadSettlementRequest(
            shop_place_id=shop.shop_place_id if shop else "", first_date=first, last_date=last
        )
    )
    return render_template(
        "office/settlement.html", here="settlement", shop=shop, shops=found, month=month,
        first=first, last=last, day=first if first == last else "", answer=answer,
        live=[row for row in answer.rows if not row.practice],
        practice=[row for row in answer.rows if row.practice],
    )  # fmt: skip


@blueprint.get("/till/office/journal.csv")
@requires(*OFFICE)
def journal() -> Response:
    """Hands out the journal as CSV."""
    encoding = request.args.get("encoding", "utf-8")
    if encoding not in ENCODINGS:
        raise Problem(400, "invalid_fields", fields=[("encoding", "give utf-8 or shift_jis")])
    first, last, month = _span()
    shop = request.args.get("shop", "")
    answer = office(FILE_DEADLINE_S).ExportJournal(
        pb.ExportJournalRequest(
            shop_place_id=shop, first_date=first, last_date=last, encoding=ENCODINGS[encoding]
        )
    )
    name = f"journal-{first if first == last else month}.csv"
    return Response(
        answer.content, mimetype="text/csv", content_type=f"text/csv; charset={encoding}",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@blueprint.get("/till/office/audit")
@requires(*AUDITORS)
def audit() -> str:
    """Checks the audit chain, and shows the figures of the law."""
    report = office(FILE_DEADLINE_S).VerifyAudit(pb.VerifyAuditRequest())
    legal = office().ReadLegalFigures(pb.ReadLegalFiguresRequest())
    return render_template("office/audit.html", here="audit", report=report, legal=legal)


def _span() -> tuple[str, str, str]:
    today = datetime.now(ZoneInfo(area().time_zone or "Asia/Tokyo")).date()
    try:
        return read_span(request.args.get("month", ""), request.args.get("day", ""), today)
    except Unreadable as error:
        fields = [("month", "give a month as YYYY-MM")]
        raise Problem(400, "invalid_fields", fields=fields) from error
