"""Codes of the services in the reader's language; a code without a word is shown as it is."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

TENDERS: Mapping[str, Any] = {
    "card": _l("Card"),
    "transit_ic": _l("Transit IC card"),
    "id": "iD",
    "quicpay": "QUICPay",
    "code_payment": _l("Code payment"),
    "points": _l("Points"),
    "cash_record": _l("Cash, recorded"),
}
LEVELS: Mapping[str, Any] = {
    "quiet": _l("Quiet"),
    "normal": _l("Normal"),
    "busy": _l("Busy"),
    "crowded": _l("Crowded"),
    "unknown": _l("Not known"),
}
STATES: Mapping[str, Any] = {
    "withheld": _l("fewer than 10"),
    "gap": _l("gap: nothing was heard"),
    "coming": _l("not over yet"),
    "hole": _l("hours are missing"),
    "mixed": _l("counted in different ways, not added up"),
}
WAYS: Mapping[str, Any] = {
    "signature": _l("devices, told apart by their Wi-Fi"),
    "rate": _l("devices there on average (large crowd)"),
    "calibrated": _l("visitors"),
    "gadget": _l("devices, as the gadget counted them"),
}
REASONS: Mapping[str, Any] = {
    "closed_that_day": _l("Closed on that day"),
    "closed_at_that_time": _l("Closed at the hour in question"),
    "closure": _l("Shut by the staff"),
    "not_enough_time": _l("Did not fit into the day"),
    "estimated_point_on_foot": _l("Position not sure enough to walk to"),
    "no_point": _l("Position not recorded"),
    "over_budget": _l("Over the budget"),
    "same_as_chosen": _l("Another way into the same place was taken"),
    "reservation_only": _l("Only on reservation"),
    "hours_unknown": _l("Opening hours not known"),
}
SERVICES: Mapping[str, Any] = {
    "directory": _l("Places and logins"),
    "itinerary": _l("Day plans"),
    "multilingual": _l("Guide"),
    "payments": _l("Payments"),
    "visitor_sense": _l("Visitor counting"),
}
MEASURES: Mapping[str, Any] = {
    "scan_count": _l("Scans"),
    "plan_count": _l("Day plans"),
    "captured_count": _l("Payments taken"),
    "captured_yen": _l("Amount taken (yen)"),
    "voided_count": _l("Payments canceled"),
    "voided_yen": _l("Amount canceled (yen)"),
    "refunded_count": _l("Refunds"),
    "refunded_yen": _l("Amount refunded (yen)"),
}


def tender_word(code: str) -> str:
    """Returns a way to pay."""
    return str(TENDERS.get(code, code))


def level_word(code: str) -> str:
    """Returns how full a zone is."""
    return str(LEVELS.get(code, code))


def state_word(code: str) -> str:
    """Returns why an hour or a day has no figure."""
    return str(STATES.get(code, code))


def way_word(code: str) -> str:
    """Returns what is counted, and how."""
    return str(WAYS.get(code, code))


def reason_word(code: str) -> str:
    """Returns why a spot was left out of a plan."""
    return str(REASONS.get(code, code))


def service_word(code: str) -> str:
    """Returns the name of a source as staff know it."""
    return str(SERVICES.get(code, code))


def measure_word(code: str) -> str:
    """Returns what a compared total counts, without its book."""
    return str(MEASURES.get(code.removeprefix("practice_"), code))
