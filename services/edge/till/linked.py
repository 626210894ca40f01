"""The customer's own copy: the page and the PDF behind a receipt link, open to whoever has it.

It says what the paper says, in the reader's language. No machine is to keep it: no index, no copy
in a cache, and the secret stands in no log (those name the route).
"""

from dataclasses import dataclass
from datetime import UTC
from urllib.parse import quote

import grpc
from flask import Blueprint, g, make_response, render_template, request
from flask_babel import force_locale, format_date
from google.protobuf.timestamp_pb2 import Timestamp
from werkzeug.wrappers import Response

from kit.client import problem_of
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.parts import locale
from services.edge.till import slip, slip_pdf

MOST_CHARACTERS = 80
STATUS = {"RECEIPT_LINK_UNKNOWN": 404, "RECEIPT_LINK_LAPSED": 410}
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}

blueprint = Blueprint("linked", __name__)


@dataclass(frozen=True)
class Link:
    """What a till shows of a link: the address in its code, and the day it lapses."""

    address: str
    until: str


def link_of(answer: pb.ReadReceiptResponse) -> Link | None:
    """Returns the link of a receipt, None where it has lapsed or the sale was canceled."""
    if not answer.link_secret or answer.receipt.voided:
        return None
    address = f"{request.url_root}receipt/{quote(answer.link_secret)}"
    return Link(address, _day(answer.link_expire_time))


@blueprint.get("/receipt/<secret>")
def show(secret: str) -> Response:
    """Shows the receipt behind a link."""
    answer = _read(secret)
    page = render_template(
        "till/linked_receipt.html", slip=slip.of_receipt(answer.receipt), secret=secret,
        until=_day(answer.link_expire_time),
    )  # fmt: skip
    return _private(make_response(page))


@blueprint.get("/receipt/<secret>/pdf")
def download(secret: str) -> Response:
    """The receipt behind a link as a PDF."""
    found = _read(secret).receipt
    g.locale = slip_pdf.spoken(locale())
    with force_locale(g.locale.replace("-", "_")):
        return pdf(slip.of_receipt(found))


def pdf(made: slip.Slip) -> Response:
    """Returns a receipt as a PDF to keep, named after its number."""
    answer = Response(slip_pdf.make(made, locale()), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{made.number}.pdf"'
    return _private(answer)


def _private(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer


def _read(secret: str) -> pb.ReadLinkedReceiptResponse:
    wanted = pb.ReadLinkedReceiptRequest(link_secret=secret[:MOST_CHARACTERS])
    try:
        return stub(PaymentsServiceStub).ReadLinkedReceipt(wanted)
    except grpc.RpcError as error:
        status = STATUS.get(problem_of(error).reason)
        if status is None:
            raise
        raise Problem(status, problem_of(error).reason) from error


def _day(at: Timestamp) -> str:
    return str(format_date(at.ToDatetime(tzinfo=UTC), "long"))
