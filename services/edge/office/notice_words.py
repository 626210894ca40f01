"""Words for notices to registers: what they tell, how they fare, what went wrong."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from meguri.payments.v1 import register_service_pb2 as pb

# What an address can subscribe to, in the order of the form.
TYPES: dict["pb.NoticeType.ValueType", LazyString] = {
    pb.NOTICE_TYPE_CAPTURED: _l("A sale was paid"),
    pb.NOTICE_TYPE_VOIDED: _l("A sale was canceled"),
    pb.NOTICE_TYPE_REFUNDED: _l("Money went back"),
}
NAMES = {**TYPES, pb.NOTICE_TYPE_TEST: _l("Test")}
STATES: dict["pb.NoticeState.ValueType", tuple[str, LazyString]] = {
    pb.NOTICE_STATE_WAITING: ("info", _l("Is tried again")),
    pb.NOTICE_STATE_DELIVERED: ("ok", _l("Arrived")),
    pb.NOTICE_STATE_DEAD: ("bad", _l("Did not arrive")),
}
ADDRESSES: dict["pb.NoticeAddressState.ValueType", tuple[str, LazyString]] = {
    pb.NOTICE_ADDRESS_STATE_QUIET: ("info", _l("Nothing sent yet")),
    pb.NOTICE_ADDRESS_STATE_HEALTHY: ("ok", _l("Hears us")),
    pb.NOTICE_ADDRESS_STATE_FAILING: ("warn", _l("Does not answer well")),
    pb.NOTICE_ADDRESS_STATE_OFF: ("bad", _l("Switched off")),
}
OFF: dict[str, LazyString] = {
    "owner": _l("Somebody here switched it off."),
    "gone": _l("The register asked us to stop (410). Switch it on when it listens again."),
    "failing": _l("Nothing got through for three days. Repair it, send a test, then switch it on."),
}
FAULTS: dict[str, LazyString] = {
    "refused": _l("The register answered with an error. Ask whoever looks after it."),
    "too_slow": _l("No answer within 15 seconds."),
    "unreachable": _l("Nobody answers at this address. Is the register on, and the address right?"),
    "certificate": _l("Its certificate is not valid, so nothing was sent."),
    "address_forbidden": _l(
        "The address lies inside a private network. The operator can allow it."
    ),
    "address_off": _l("The address was switched off."),
}


def kind(number: "pb.NoticeType.ValueType") -> str:
    """Returns what a notice tells."""
    return str(NAMES[number])


def state(number: "pb.NoticeState.ValueType") -> tuple[str, str]:
    """Returns the badge and the word for where a notice stands."""
    badge, word = STATES[number]
    return badge, str(word)


def address_state(number: "pb.NoticeAddressState.ValueType") -> tuple[str, str]:
    """Returns the badge and the word for how an address fares."""
    badge, word = ADDRESSES[number]
    return badge, str(word)


def off_reason(word: str) -> str:
    """Returns why an address is off, and what to do."""
    return str(OFF.get(word, ""))


def fault(word: str) -> str:
    """Returns what went wrong with the last try, "" for nothing."""
    return str(FAULTS.get(word, word))
