"""Pages between a tender's button and the sale: an unusual amount once more, and cash handed over.

They send the form they came with again, to the same address, with what was answered.
"""

from dataclasses import dataclass

import grpc
from flask import render_template, request
from flask_babel import gettext as _

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import is_away
from services.edge.till import again, sale, waiting
from services.edge.till.amounts import AmountInvalid, read_amount

Page = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """What is about to be paid. action: where the form goes. back: where no sale leads to.

    may_wait: whether it may wait on this device, should there be no signal.
    """

    shop: pb.Shop
    tender: int
    gateway: str
    amount_yen: int
    action: str
    back: str
    may_wait: bool = True


def question(asked: Asked, *, is_usual: bool = False) -> Page | None:
    """Returns the page that asks once more before the sale is taken, None where all is said.

    is_usual: large amounts are no slip of the finger here.
    """
    if sale.asks_for_cash(request.form, asked.gateway):
        return _cash(asked, is_usual=is_usual), 200
    unusual = sale.is_unusual(asked.amount_yen) and not is_usual
    if unusual and request.form.get("confirmed") != "yes":
        page = render_template(
            "till/sure.html", shop=asked.shop, wanted=asked, again=again.fields()
        )
        return page, 200
    try:
        sale.read_tendered(request.form.get("tendered_yen", ""), asked.amount_yen)
    except AmountInvalid as error:
        waiting.mark_sale("refused")
        return _cash(asked, again.amount_sentence(error.reason), is_usual=is_usual), 422
    return None


def _cash(asked: Asked, error: str = "", *, is_usual: bool = False) -> str:
    """Asks what the customer hands over; an unusual amount is confirmed by the same tap."""
    sent = [pair for pair in again.fields() if pair[0] not in ("tendered_yen", "confirmed")]
    return render_template(
        "till/cash.html", shop=asked.shop, wanted=asked, again=[*sent, ("confirmed", "yes")],
        notes=sale.likely_notes(asked.amount_yen), error=error,
        unusual=sale.is_unusual(asked.amount_yen) and not is_usual,
    )  # fmt: skip


def no_answer(error: grpc.RpcError, asked: Asked, wanted: pb.TakePaymentRequest) -> Page | None:
    """Returns the page that asks again where no answer came; None where the sale was refused.

    A refused sale waits on the device no longer.
    """
    if is_away(error):
        advice = _("Ask again with this button: it can never charge twice.")
        return again.ask(advice, shop=asked.shop, wanted=wanted)
    if error.code() in waiting.REFUSALS:
        waiting.mark_sale("refused")
    return None


def told(answered: dict[str, str] | None = None) -> dict[str, str]:
    """Returns what the address of the outcome tells: the cash that was handed over."""
    found = dict(answered or {})
    if request.form.get("tendered_yen", "").strip():
        found["tendered"] = str(read_amount(request.form["tendered_yen"]))
    return found
