"""Words for what the office tells in numbers."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb

# What to do about a file that is too large: a form of the office is taken up to 1 MB.
SPLIT_IT = _l("At most 1 MB is taken. Split the file by day and send the parts one after another.")
ONLY_PRODUCTS = _l(
    "At most 1 MB is taken, and 500 products need far less. Save only these columns as CSV."
)
TENDERS: dict[int, LazyString] = {
    payments_pb.TENDER_CARD: _l("Card"),
    payments_pb.TENDER_TRANSIT_IC: _l("Transit IC"),
    payments_pb.TENDER_ID: _l("iD"),
    payments_pb.TENDER_QUICPAY: _l("QUICPay"),
    payments_pb.TENDER_CODE_PAYMENT: _l("Code payment"),
    payments_pb.TENDER_POINTS: _l("Points"),
    payments_pb.TENDER_CASH_RECORD: _l("Cash"),
}
FINDINGS: dict[int, tuple[LazyString, LazyString]] = {
    pb.FINDING_KIND_MISSING: (
        _l("Not in the file"), _l("Look for it in the next file; else ask the provider."),
    ),
    pb.FINDING_KIND_EXTRA: (
        _l("Not in our records"), _l("Was it sold on another device and not written down?"),
    ),
    pb.FINDING_KIND_WRONG_AMOUNT: (
        _l("Another amount"), _l("Compare the slip. Refund or record the difference."),
    ),
    pb.FINDING_KIND_WRONG_DAY: (
        _l("Another day"), _l("It was matched. Look whether the day matters for your books."),
    ),
    pb.FINDING_KIND_WRONG_TIME: (
        _l("Another time"),
        _l("It was matched by day and amount. Was it written down later? Else one sale has no line"
           " and one line no sale."),
    ),
    pb.FINDING_KIND_DUPLICATE: (
        _l("Told twice"), _l("Ask the provider whether it was charged twice."),
    ),
}  # fmt: skip
FAULTS: dict[int, LazyString] = {
    pb.AUDIT_FAULT_TAMPERED: _l("A row was changed"),
    pb.AUDIT_FAULT_REMOVED: _l("A row or a link is gone"),
    pb.AUDIT_FAULT_REORDERED: _l("Rows were put in another order"),
    pb.AUDIT_FAULT_UNSEALED: _l("A row was put in past the chain"),
    pb.AUDIT_FAULT_HEAD_DIFFERS: _l("The chain differs from what was signed"),
    pb.AUDIT_FAULT_BAD_SIGNATURE: _l("A signature is not ours"),
}
CONTRACTS: dict[int, LazyString] = {
    payments_pb.CONTRACT_STATE_ACTIVE: _l("In force"),
    payments_pb.CONTRACT_STATE_APPLIED: _l("Applied for"),
    payments_pb.CONTRACT_STATE_NONE: _l("None yet"),
}
GATEWAYS: dict[str, LazyString] = {
    "acquirer_simulator": _l("Practice provider"),
    "cash_record": _l("Cash drawer"),
    "other_device": _l("The shop's own device"),
}


def tender(number: int) -> str:
    """Returns the name of a tender in the language of the page."""
    return str(TENDERS.get(number, ""))


def gateway(name: str) -> str:
    """Returns the name of a gateway or acquirer."""
    return str(GATEWAYS.get(name, name))


def finding(kind: int) -> str:
    """Returns what is wrong."""
    return str(FINDINGS[kind][0])


def advice(finding: pb.Finding, today: str) -> str:
    """Returns what to do about it: nothing with money while nobody knows which sale it is, and
    nothing yet about a sale whose payout is not due. today: YYYY-MM-DD."""
    if finding.kind == pb.FINDING_KIND_MISSING and finding.expected_payout_date >= (today or "9"):
        return str(_l(
            "Its payout is expected on %(day)s: it may stand in a file of that day. Wait for it.",
            day=finding.expected_payout_date,
        ))  # fmt: skip
    if finding.kind == pb.FINDING_KIND_WRONG_AMOUNT and finding.alike_count:
        return str(_l("Compare the slips first to know which sale it is. Change nothing before."))
    return str(FINDINGS[finding.kind][1])


def fault(number: int) -> str:
    """Returns what the chain shows."""
    return str(FAULTS[number])


def contract(number: int) -> str:
    """Returns how far a contract is."""
    return str(CONTRACTS[number or payments_pb.CONTRACT_STATE_ACTIVE])
