"""Words, colors and icons for what the gate decides. gate.js gets the same words from setup."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import tickets_service_pb2 as pb


@dataclass(frozen=True)
class Look:
    """How an outcome is shown: kind is ok, practice, used, bad, closed or odd; never by color
    alone."""

    kind: str
    icon: str
    word: LazyString


OUTCOMES: dict[str, Look] = {
    "admitted": Look("ok", "check", _l("Go in")),
    "practice": Look("practice", "warning", _l("Practice ticket")),
    "already_used": Look("used", "undo", _l("Already used")),
    "refused": Look("bad", "close", _l("Not valid")),
    "closed": Look("closed", "lock", _l("Closed")),
    "unknown": Look("odd", "help", _l("Not a ticket of ours")),
    "unchecked": Look("odd", "no-signal", _l("Not checked")),
}
NUMBERS = {
    pb.ADMISSION_OUTCOME_ADMITTED: "admitted",
    pb.ADMISSION_OUTCOME_PRACTICE: "practice",
    pb.ADMISSION_OUTCOME_ALREADY_USED: "already_used",
    pb.ADMISSION_OUTCOME_REFUSED: "refused",
    pb.ADMISSION_OUTCOME_UNKNOWN: "unknown",
}
REASONS: dict[str, LazyString] = {
    "practice": _l("Practice: nobody paid for it. Do not let in at a real gate."),
    "already_used": _l("The party went in before."),
    "other_gate": _l("This ticket is for another site."),
    "not_yet": _l("It is for a later day."),
    "expired": _l("Its day is over."),
    "unresolved": _l("Its payment is not settled yet. Ask the ticket counter."),
    "not_paid": _l("It was never paid."),
    "canceled": _l("Its sale was canceled."),
    "refunded": _l("Its money went back."),
    "withdrawn": _l("It was taken back by the staff."),
    "bad_signature": _l("It was not issued here: the signature is wrong."),
    "unknown_key": _l("It was issued elsewhere, or with a key that is no longer valid."),
    "not_a_ticket": _l("This code is no ticket. Ask for the code on the ticket."),
    "too_long": _l(
        "This is longer than the code of any ticket. Type the eleven letters under the square code."
    ),
    "card_number_typed": _l(
        "This is the number of a card. Type the eleven letters under the square code."
    ),
    "unreadable": _l("The code is damaged. Type the letters under it."),
    "unknown_ticket": _l("No ticket has this code. Ask the ticket counter."),
    "duplicate": _l("Used at two gates that were cut off from each other."),
    "gate_closed": _l("Let nobody in. The ticket is not used up and holds when it opens again."),
    "typed_offline": _l("A typed code needs the network. Scan the square code instead."),
    "no_setup": _l("This device was never online at this gate. Connect once, then scan."),
}
BACK: dict[int, LazyString] = {
    pb.TICKET_BACK_OUTCOME_DONE: _l("given back"),
    pb.TICKET_BACK_OUTCOME_UNKNOWN: _l("being asked"),
    pb.TICKET_BACK_OUTCOME_DECLINED: _l("refused by the provider: choose cash"),
    pb.TICKET_BACK_OUTCOME_SKIPPED: _l("left as it is"),
}
# Where most guests of a Japanese sight come from; one tap each, the rest under "other". Short
# names of our own: the full ones of some places do not fit a button.
ORIGINS: dict[str, LazyString] = {
    "JP": _l("Japan"), "KR": _l("Korea"), "TW": _l("Taiwan"), "CN": _l("China"),
    "HK": _l("Hong Kong"), "TH": _l("Thailand"), "US": _l("USA"), "ZZ": _l("Other"),
}  # fmt: skip


def reason(word: str) -> str:
    """Returns the sentence for a reason, or the word itself."""
    return str(REASONS.get(word, word))
