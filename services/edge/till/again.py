"""The same form once more: where no answer came, and where an entry needs a correction."""

from flask import render_template, request
from flask_babel import gettext as _
from google.protobuf.message import Message

# What the forms of the till send, in the order of their pages.
FORM_FIELDS = (
    "form", "request_id", "shop", "split", "item", "amount_yen", "tax_rate_percent",
    "usual_rate_percent", "pay", "clerk", "voucher", "valid_date", "confirmed", "admitted",
    "tendered_yen", "reason", "channel",
)  # fmt: skip


def ask(advice: str, **known: Message) -> tuple[str, int]:
    """Shows that no answer came, with the same form to send again under its request id.

    known: the shop and what was wanted of payments, as far as the page can show them.
    """
    return render_template("till/no_answer.html", advice=advice, again=fields(), **known), 503


def fields() -> list[tuple[str, str]]:
    """Returns the fields of the form that was sent, to be sent once more as they are."""
    return [(name, value) for name in _names() for value in request.form.getlist(name)]


def _names() -> list[str]:
    party = [name for name in request.form if name.startswith("n:")]  # of a ticket
    return [*FORM_FIELDS, *party]


def amount_sentence(reason: str) -> str:
    """Returns what to do about an amount that cannot be taken; reasons as in amounts.py."""
    sentences: dict[str, str] = {
        "empty": _("Enter an amount."),
        "malformed": _("An amount has digits only."),
        "too_small": _("The amount is at least 1 yen."),
        "too_large": _("The amount is at most 9,999,999 yen."),
        "not_enough": _("That is less than the amount to pay."),
    }
    return sentences[reason]
