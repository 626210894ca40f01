"""The customer's own copy: the page and the PDF behind a receipt link, open to whoever has it.

It says what the paper says, in the reader's language. No machine is to keep it: no index, no copy
in a cache, and the secret stands in no log (those name the route).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import quote

import grpc
from flask import Blueprint, g, make_response, render_template
from flask_babel import force_locale, format_date
from google.protobuf.timestamp_pb2 import Timestamp
from werkzeug.wrappers import Response

from kit.client import problem_of
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import own_address
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.parts import locale
from services.edge.till import slip, slip_help, slip_pdf, slip_return

MOST_CHARACTERS = 80
STATUS = {"RECEIPT_LINK_UNKNOWN": 404, "RECEIPT_LINK_LAPSED": 410}
NO_SUCH_RETURN = ("INVALID_FIELDS", "UNKNOWN_PAYMENT", "WRONG_STATE")
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}

blueprint = Blueprint("linked", __name__)


@dataclass(frozen=True)
class Link:
    """What a till shows of a link: the address in its code, "" where no phone could open it, and
    the day it lapses."""

    address: str
    until: str


def of_receipt(secret: str) -> str:
    """Returns the address behind which a receipt lies; "" where no phone could open it."""
    base = own_address.for_phones()
    return f"{base}/receipt/{quote(secret)}" if base else ""


def link_of_return(answer: pb.ReadReturnInvoiceResponse) -> Link | None:
    """Returns the link of a return slip, None where it has lapsed."""
    if not answer.link_secret:
        return None
    refund_id = answer.return_invoice.refund_id
    receipt = of_receipt(answer.link_secret)
    address = f"{receipt}/returns/{quote(refund_id)}" if receipt else ""
    return Link(address, _day(answer.link_expire_time))


def link_of(answer: pb.ReadReceiptResponse) -> Link | None:
    """Returns the link of a receipt, None where it has lapsed or the sale was canceled."""
    if not answer.link_secret or answer.receipt.voided:
        return None
    return Link(of_receipt(answer.link_secret), _day(answer.link_expire_time))


@blueprint.get("/receipt/<secret>")
def show(secret: str) -> Response:
    """Shows the receipt behind a link."""
    answer = _read(secret)
    made = slip_help.with_help(slip.of_receipt(answer.receipt))
    page = render_template(
        "till/linked_receipt.html", slip=made, secret=secret,
        until=_day(answer.link_expire_time), returns=answer.returns,
    )  # fmt: skip
    return _private(make_response(page))


@blueprint.get("/receipt/<secret>/returns/<refund_id>")
def show_return(secret: str, refund_id: str) -> Response:
    """Shows the return slip of a refund of the sale behind a link."""
    answer = _read_return(secret, refund_id)
    made = slip_help.with_help(slip_return.of_return(answer.return_invoice))
    page = render_template(
        "till/linked_return.html", slip=made,
        secret=secret, refund_id=refund_id, until=_day(answer.link_expire_time),
    )  # fmt: skip
    return _private(make_response(page))


@blueprint.get("/receipt/<secret>/returns/<refund_id>/pdf")
def download_return(secret: str, refund_id: str) -> Response:
    """The return slip behind a link as a PDF."""
    found = _read_return(secret, refund_id).return_invoice
    g.locale = slip_pdf.spoken(locale())
    with force_locale(g.locale.replace("-", "_")):
        return return_pdf(found)


@blueprint.get("/receipt/<secret>/pdf")
def download(secret: str) -> Response:
    """The receipt behind a link as a PDF."""
    found = _read(secret).receipt
    g.locale = slip_pdf.spoken(locale())
    with force_locale(g.locale.replace("-", "_")):
        return pdf(slip.of_receipt(found))


def pdf(made: slip.Slip, kind: str = "receipt") -> Response:
    """Returns a slip as a PDF to keep, named after its kind and number."""
    slip_help.with_help(made)
    answer = Response(slip_pdf.make(made, locale()), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{made.number}.pdf"'
    return _private(answer)


def return_pdf(found: pb.ReturnInvoice) -> Response:
    """Returns a return slip as a PDF to keep."""
    return pdf(slip_return.of_return(found), "return")


def _private(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer


def _read(secret: str) -> pb.ReadLinkedReceiptResponse:
    wanted = pb.ReadLinkedReceiptRequest(link_secret=secret[:MOST_CHARACTERS])
    with _explained():
        return stub(PaymentsServiceStub).ReadLinkedReceipt(wanted)


def _read_return(secret: str, refund_id: str) -> pb.ReadLinkedReturnInvoiceResponse:
    wanted = pb.ReadLinkedReturnInvoiceRequest(
        link_secret=secret[:MOST_CHARACTERS], refund_id=refund_id[:MOST_CHARACTERS]
    )
    with _explained():
        return stub(PaymentsServiceStub).ReadLinkedReturnInvoice(wanted)


@contextmanager
def _explained() -> Iterator[None]:
    """Answers whoever has no receipt here as its page does, a wrong id like a wrong secret."""
    try:
        yield
    except grpc.RpcError as error:
        reason = problem_of(error).reason
        if reason in NO_SUCH_RETURN:
            reason = "RECEIPT_LINK_UNKNOWN"
        status = STATUS.get(reason)
        if status is None:
            raise
        raise Problem(status, reason) from error


def _day(at: Timestamp) -> str:
    return str(format_date(at.ToDatetime(tzinfo=UTC), "long"))
