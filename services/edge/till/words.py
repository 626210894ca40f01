"""Words, icons and colors for what payments tells in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import payments_service_pb2 as pb

TENDERS: dict[int, tuple[str, LazyString]] = {
    pb.TENDER_CARD: ("card", _l("Card")),
    pb.TENDER_TRANSIT_IC: ("touch", _l("Transit IC")),
    pb.TENDER_ID: ("touch", _l("iD")),
    pb.TENDER_QUICPAY: ("touch", _l("QUICPay")),
    pb.TENDER_CODE_PAYMENT: ("qr", _l("Code payment")),
    pb.TENDER_POINTS: ("star", _l("Points")),
    pb.TENDER_CASH_RECORD: ("cash", _l("Cash")),
}


@dataclass(frozen=True)
class Look:
    """How a state is shown: kind is ok, warn, bad or plain; never by color alone."""

    kind: str
    icon: str
    word: LazyString
    advice: LazyString


STATES: dict[int, Look] = {
    pb.PAYMENT_STATE_CAPTURED: Look("ok", "check", _l("Paid"), _l("The payment is complete.")),
    pb.PAYMENT_STATE_AUTHORIZED: Look(
        "ok", "lock", _l("Reserved"), _l("The amount is reserved, not taken yet.")
    ),
    pb.PAYMENT_STATE_DECLINED: Look(
        "bad", "close", _l("Declined"),
        _l("Nothing was charged. Ask for another way to pay."),
    ),
    pb.PAYMENT_STATE_EXPIRED: Look(
        "bad", "close", _l("Not completed"),
        _l("Nothing was charged. The sale can be taken again."),
    ),
    pb.PAYMENT_STATE_VOIDED: Look(
        "plain", "undo", _l("Canceled"), _l("This sale counts for nothing any more.")
    ),
    pb.PAYMENT_STATE_UNKNOWN: Look(
        "warn", "warning", _l("Not known yet"),
        _l("The provider did not answer in time and is being asked. Do not charge again."),
    ),
    pb.PAYMENT_STATE_CREATED: Look(
        "warn", "clock", _l("In progress"),
        _l("The provider is being asked. Do not charge again."),
    ),
}  # fmt: skip

# Providers as people at a counter know them, where two of them take the same tender.
PROVIDERS: dict[str, str] = {"square": "Square", "adyen": "Adyen", "paypay": "PayPay"}
SIMULATED = _l("Simulator")

REFUNDED = Look(
    "plain", "undo", _l("Refunded"), _l("All of it went back. This sale counts for nothing.")
)
PARTLY_REFUNDED = Look(
    "ok", "undo", _l("Partly refunded"), _l("The rest stays paid; this sale still counts.")
)
UNCONFIRMED = Look(
    "ok", "check", _l("Recorded, not confirmed"),
    _l("Your other device took it. Comparing the provider's file will confirm it."),
)  # fmt: skip
BEING_VOIDED = Look(
    "warn",
    "undo",
    _l("Cancellation not known yet"),
    _l("Wait for the answer here: give nothing back and charge nothing again."),
)
AT_TERMINAL = Look(
    "warn", "touch", _l("The customer pays now"),
    _l("The terminal asks the customer. This page tells the outcome; do not charge again."),
)  # fmt: skip
SCANNING = Look(
    "warn", "qr", _l("Show this code"),
    _l("The customer scans it and pays. This page tells the outcome; do not charge again."),
)  # fmt: skip

DECLINE_REASONS: dict[str, LazyString] = {
    "insufficient_funds": _l("The customer's balance or limit is not enough."),
    "card_expired": _l("The card has expired."),
    "provider_unreachable": _l("The provider cannot be reached. Take cash or try again."),
    "never_received": _l("The request never reached the provider."),
    "refused": _l("The provider refused it."),
    "canceled_by_customer": _l("The customer canceled it."),
    "canceled_at_terminal": _l("It was canceled at the terminal."),
    "timed_out_at_terminal": _l("The customer took too long."),
    "terminal_busy": _l("The terminal is busy with another sale. Try again when it is free."),
    "terminal_unreachable": _l("The terminal cannot be reached. Is it on and online?"),
    "not_authorized": _l("The provider does not accept our keys. Tell the association."),
}


def tender_icon(tender: int) -> str:
    """Returns the icon of a tender."""
    return TENDERS[tender][0]


def tender_of(text: str) -> pb.Tender.ValueType | None:
    """Returns the tender of a button, None for what no button sends."""
    found = {str(tender): tender for tender in TENDERS}.get(text)
    return None if found is None else pb.Tender.ValueType(found)


def tender_word(tender: int) -> str:
    """Returns the name of a tender in the language of the page."""
    return str(TENDERS[tender][1])


def apart(setting: pb.TenderSetting, ways: Sequence[pb.TenderSetting]) -> str:
    """Returns what tells a way to pay from another one of the same tender, "" where it is alone:
    the provider and, as far as it is named, the terminal."""
    if sum(each.tender == setting.tender for each in ways) < 2:
        return ""
    known = PROVIDERS.get(setting.gateway)
    provider = known or (str(SIMULATED) if "simulator" in setting.gateway else setting.gateway)
    return f"{provider} {setting.terminal[-8:]}".strip()


def look_of(payment: pb.Payment) -> Look:
    """Returns how a payment is shown: what went back, in full or in part, is not shown as paid."""
    if payment.captured_yen and payment.refunded_yen >= payment.captured_yen:
        return REFUNDED
    if payment.being_voided:
        return BEING_VOIDED
    if payment.customer_acts and payment.state == pb.PAYMENT_STATE_CREATED:
        return SCANNING if payment.customer_code else AT_TERMINAL
    if payment.refunded_yen and payment.state == pb.PAYMENT_STATE_CAPTURED:
        return PARTLY_REFUNDED
    if payment.unconfirmed and payment.state == pb.PAYMENT_STATE_CAPTURED:
        return UNCONFIRMED
    return STATES[payment.state]


def advice_of(payment: pb.Payment) -> str:
    """Returns what to do about a payment's state."""
    return str(look_of(payment).advice)


def is_open(payment: pb.Payment) -> bool:
    """Tells whether the outcome is still to come."""
    open_states = (pb.PAYMENT_STATE_UNKNOWN, pb.PAYMENT_STATE_CREATED)
    return payment.being_voided or payment.state in open_states


# Where a tax-free sale stands, see tax_free.standing.
TAX_FREE: dict[str, LazyString] = {
    "customs": _l("Waits for customs"),
    "back": _l("Confirmed: give the tax back"),
    "done": _l("Tax given back"),
    "refused": _l("Customs refused: the tax stays"),
    "expired": _l("Customs never answered: the tax stays"),
}
