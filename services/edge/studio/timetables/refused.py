"""What a service refuses is said on the page, with what was typed still there."""

import re
from typing import Any

import grpc
from flask_babel import lazy_gettext as _l

from kit.client import problem_of
from services.edge.clients import new_request_id
from services.edge.errors import AWAY, field_text, sentence
from services.edge.pages import notify

SAID = frozenset({
    grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.ABORTED, grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.NOT_FOUND, grpc.StatusCode.OUT_OF_RANGE,
})  # fmt: skip
FIELDS_SAID = 8
# What the page itself does not find, by the reason at the end of what itinerary says.
FAULTS: dict[str, Any] = {
    "TOO_MANY_RUNS": _l("More runs than a line can have."),
    "TOO_MANY_STOPS": _l("More stops than a line can have."),
    "TOO_MANY_FARES": _l("More fares than a line can have."),
    "TOO_MANY_DATES": _l("Too many dates."),
    "TEXT_TOO_LONG": _l("A name is too long."),
    "BAD_FARE": _l("A fare is too high."),
    "STOP_DIFFERS": _l("A stop of this line is called otherwise on another line."),
    "TOO_MANY_WALKS": _l("Too many walks."),
    "TOO_MANY_TAXIS": _l("Too many taxis: keep the 20 that come."),
}
_REASON = re.compile(r"\s*\[([A-Z_]+)\]\.?$")


def told(error: grpc.RpcError) -> None:
    """Tells what was refused and why at the top of the page being made.

    Errors: the error itself where what was typed has nothing to do with it.
    """
    if error.code() not in SAID | AWAY:
        raise error
    found = problem_of(error)
    reason = "service_unavailable" if error.code() in AWAY else found.reason.lower()
    text = str(sentence(reason) or sentence("invalid_fields"))
    more = [_fault(why) for _name, why in found.fields[:FIELDS_SAID]]
    notify("bad", " ".join(dict.fromkeys(each for each in (text, *more) if each)))


def next_id(error: grpc.RpcError, request_id: str) -> str:
    """Returns the request id of the next try: the same, for a second tap is one change; another one
    where a lost answer made the first try count, and the form says something else by now."""
    reused = problem_of(error).reason == "REQUEST_ID_REUSED"
    return new_request_id() if reused else request_id


def has(error: grpc.RpcError, reason: str) -> bool:
    """Tells whether a field was refused for a reason that itinerary says at the end."""
    return any(why.rstrip(".").endswith(f"[{reason}]") for _name, why in problem_of(error).fields)


def _fault(why: str) -> str:
    said = _REASON.search(why)
    if said and said[1] in FAULTS:
        return str(FAULTS[said[1]])
    return field_text(_REASON.sub("", why))
