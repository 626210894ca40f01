"""What the commands of the office call things, in the language of the terminal."""

import unicodedata
from gettext import gettext as _

from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb

WIDE = frozenset("FW")  # East Asian widths of characters that take two columns


def padded(text: str, width: int) -> str:
    """Returns a text with blanks behind it up to a width in columns of a terminal."""
    columns = sum(2 if unicodedata.east_asian_width(each) in WIDE else 1 for each in text)
    return text + " " * max(width - columns, 1)


def tender(number: "payments_pb.Tender.ValueType") -> str:
    """Returns the name of a way to pay."""
    names = {
        payments_pb.TENDER_CARD: _("card"),
        payments_pb.TENDER_TRANSIT_IC: _("transit IC"),
        payments_pb.TENDER_ID: "iD",
        payments_pb.TENDER_QUICPAY: "QUICPay",
        payments_pb.TENDER_CODE_PAYMENT: _("code payment"),
        payments_pb.TENDER_POINTS: _("points"),
        payments_pb.TENDER_CASH_RECORD: _("cash"),
    }
    return names.get(number, payments_pb.Tender.Name(number))


def finding(kind: "pb.FindingKind.ValueType") -> str:
    """Returns what does not agree."""
    names = {
        pb.FINDING_KIND_MISSING: _("not in the file"),
        pb.FINDING_KIND_EXTRA: _("not in our records"),
        pb.FINDING_KIND_WRONG_AMOUNT: _("another amount"),
        pb.FINDING_KIND_WRONG_DAY: _("another day"),
        pb.FINDING_KIND_WRONG_TIME: _("another time"),
        pb.FINDING_KIND_DUPLICATE: _("told twice"),
    }
    return names.get(kind, pb.FindingKind.Name(kind))


def fault(number: "pb.AuditFault.ValueType") -> str:
    """Returns what is wrong with the audit chain."""
    names = {
        pb.AUDIT_FAULT_TAMPERED: _("a row was changed"),
        pb.AUDIT_FAULT_REMOVED: _("a row or a link is gone"),
        pb.AUDIT_FAULT_REORDERED: _("rows were put in another order"),
        pb.AUDIT_FAULT_UNSEALED: _("a row was put in past the chain"),
        pb.AUDIT_FAULT_HEAD_DIFFERS: _("the chain differs from what was signed"),
        pb.AUDIT_FAULT_BAD_SIGNATURE: _("a signature is not ours"),
    }
    return names.get(number, pb.AuditFault.Name(number))


def rejected(row: pb.RejectedRow) -> str:
    """Returns why a row of a file could not be read, and in which of our columns."""
    reasons = {
        "malformed": _("this cannot be read"),
        "zero": _("the amount is 0"),
        "below_zero": _("a sale has 1 yen or more"),
        "unknown_status": _("the mapping does not say whether this is a sale or a refund"),
        "unknown_tender": _("the mapping does not say what this way to pay is"),
        "unknown_shop": _("say with --shop whose file it is, or map its shops"),
        "other_shop": _("the row is of another shop than the file"),
        "card_number": _("it holds the whole number of a card; it was not kept"),
    }
    text = _("row %(row)s, %(column)s: %(why)s")
    why = reasons.get(row.reason, row.text)
    return text % {"row": row.row, "column": row.field, "why": why}
