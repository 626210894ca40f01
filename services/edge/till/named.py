"""The receipt with a name and what it is for (宛名, 但し書き), as customers in Japan ask for.

Both are written on the paper and nowhere else: not stored, not in an address, not in a log. Whether
one was handed over before is therefore what the clerk says, and the paper says 再発行.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.roles import SALES_READERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub
from services.edge.login import requires
from services.edge.till import linked, slip, slip_help

MAX_LENGTH = 40
PURPOSE = "お品代として"  # on the paper; the words of a Japanese receipt
NO_NAME = "上"
WIDTHS = ("80", "58")  # of a roll of paper, in millimeters

blueprint = Blueprint("named", __name__)


@dataclass(frozen=True)
class Named:
    """What is written on the paper. honorific: 様 for whoever is named."""

    name: str
    purpose: str
    reissued: bool
    width: str
    honorific: str = "様"


@blueprint.post("/till/payments/<payment_id>/receipt")
@requires(*SALES_READERS)
def named_receipt(payment_id: str) -> Response | str | tuple[str, int]:
    """Shows the receipt with what was typed, ready to print, or hands it out as a PDF."""
    form, error = request.form, ""
    named = read(
        form.get("name", ""), form.get("purpose", ""), reissued="reissued" in form,
        width=form.get("width", ""),
    )  # fmt: skip
    if named is None:
        error = _("A name and a purpose have at most 40 characters, on one line.")
    payments = stub(PaymentsServiceStub)
    found = payments.ReadReceipt(pb.ReadReceiptRequest(payment_id=payment_id)).receipt
    made = slip.of_receipt(found, named=named)
    if named is not None and form.get("as") == "pdf":
        return linked.pdf(made)
    slip_help.with_help(made)
    page = render_template(
        "till/receipt.html", receipt=found, shop=found.shop, cash=None, named=named, error=error,
        purpose=PURPOSE, slip=made,
    )  # fmt: skip
    return (page, 422) if error else page


def read(name: str, purpose: str, *, reissued: bool = False, width: str = "") -> Named | None:
    """Returns what to write, None for what does not fit on the paper."""
    name, purpose = name.strip(), purpose.strip()
    if max(len(name), len(purpose)) > MAX_LENGTH or not (name + purpose + " ").isprintable():
        return None
    return Named(
        name=name or NO_NAME, purpose=purpose or PURPOSE, reissued=reissued,
        width=width if width in WIDTHS else WIDTHS[0],
    )  # fmt: skip
