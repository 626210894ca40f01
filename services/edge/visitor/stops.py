"""Reading the guide for visitors, from the shelf where the guide does not answer."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import grpc

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import stub
from services.edge.errors import is_away
from services.edge.parts import area, locale, parts
from services.edge.shelf import Kept

GUIDE_DEADLINE_S = 1.2
MANY_DEADLINE_S = 5.0
CODE_LENGTH_AT_MOST = 16
CODE_LENGTH = 5
TYPED_AT_MOST = 40  # the guide reads no further, so both see one code in one text
# Crockford base32: letters that are easily misread mean the digit they look like.
MISREAD = str.maketrans("ILO", "110")

T = TypeVar("T")
A = TypeVar("A", pb.StopContent, pb.ListStopsResponse)


@dataclass(frozen=True)
class Read(Generic[T]):
    """An answer. as_of: None when it is fresh, else when the guide last said so (UTC)."""

    value: T
    as_of: datetime | None


def clean_code(typed: str) -> str:
    """Returns a stop code as printed, from what somebody typed."""
    plain = unicodedata.normalize("NFKC", typed[:TYPED_AT_MOST]).upper()
    letters = "".join(letter for letter in plain if letter.isalnum() and letter.isascii())
    return letters.translate(MISREAD)[:CODE_LENGTH_AT_MOST]


def may_be_code(typed: str) -> bool:
    """Tells whether what was typed into the search has the length and letters of a stop code."""
    return len(clean_code(typed)) == CODE_LENGTH == sum(map(str.isalnum, typed))


def read_stop(code: str) -> Read[pb.StopContent]:
    """Reads a stop in the visitor's language. Errors: grpc.RpcError when it cannot be had."""
    request = pb.ReadStopRequest(stop_code=code, chosen_locale=locale())
    return _read(
        ("stop", area().area, clean_code(code), locale()),
        lambda: stub(GuideServiceStub, deadline_s=GUIDE_DEADLINE_S).ReadStop(request).stop,
    )


def read_stops(rows: Sequence[pb.StopSummary]) -> list[pb.StopContent]:
    """Reads all these stops in the visitor's language; the guide is asked once for what the shelf
    has no longer, and not once for each. Errors: grpc.RpcError when one cannot be had."""
    shelf, name, of_locale = parts().shelf, area().area, locale()
    turn, now = parts().ready.turn(name), datetime.now(UTC)
    kept = {row.stop_code: shelf.get(("stop", name, row.stop_code, of_locale)) for row in rows}
    told = {code: each for code, each in kept.items() if each and not shelf.is_leftover(name, each)}
    known = {code: each.value for code, each in told.items() if _is_so(each, turn)}
    missing = [code for code in kept if code not in known]
    if len(missing) > 1:
        request = pb.ListStopContentsRequest(locale=of_locale, stop_codes=missing)
        try:
            found = stub(GuideServiceStub, deadline_s=MANY_DEADLINE_S).ListStopContents(request)
        except grpc.RpcError as error:
            if not is_away(error):
                raise
            known = {code: each.value for code, each in told.items()}
            found = pb.ListStopContentsResponse()
        for stop in found.stops:
            shelf.put(("stop", name, stop.stop_code, of_locale), stop, now, turn)
            known[stop.stop_code] = stop
    return [known.get(row.stop_code) or read_stop(row.stop_code).value for row in rows]


def _is_so(kept: Kept, turn: int) -> bool:
    """Tells whether the guide would say the same: nothing changed since it was asked or checked."""
    shelf, name = parts().shelf, area().area
    fits = not shelf.is_leftover(name, kept)
    fits = fits and (kept.turn == turn or shelf.is_current(name, kept, turn))
    return fits and not _is_over(kept.value)


def list_stops(chosen: str = "") -> Read[pb.ListStopsResponse]:
    """Reads all stops, in the visitor's language or another one. Errors: grpc.RpcError."""
    wanted = chosen or locale()
    request = pb.ListStopsRequest(chosen_locale=wanted)
    key = ("stops", area().area, wanted)

    def ask() -> pb.ListStopsResponse:
        return stub(GuideServiceStub, deadline_s=GUIDE_DEADLINE_S).ListStops(request)

    kept = parts().shelf.get(key)
    if kept is not None and _is_so(kept, parts().ready.turn(area().area)):
        return Read(kept.value, None)
    # Every page needs the list: after a change many ask for it in the same moment.
    with parts().shelf.one_at_a_time(key):
        return _read(key, ask)


def _read(key: tuple[str, ...], ask: Callable[[], A]) -> Read[A]:
    """Takes an answer from the shelf where that is current or all there is, else asks for it."""
    shelf, name = parts().shelf, area().area
    turn = parts().ready.turn(name)
    kept = shelf.get(key)
    if kept is not None and shelf.is_leftover(name, kept):
        kept = None
    if kept is not None and _is_so(kept, turn):
        return Read(kept.value, None)
    if kept is not None and name in shelf.away:
        return Read(kept.value, kept.at)
    try:
        found = ask()
    except grpc.RpcError as error:
        if kept is not None and error.code() is grpc.StatusCode.NOT_FOUND:
            shelf.forget_stop(name, key[2], turn)
        if kept is None or not is_away(error):
            raise
        return Read(kept.value, kept.at)
    shelf.put(key, found, datetime.now(UTC), turn)
    return Read(found, None)


def retired(code: str) -> pb.RetiredStop | None:
    """Returns what an old sign's code leads to, None for a code that never was or still is one."""
    try:
        known = list_stops().value.retired
    except grpc.RpcError:
        return None
    return next((each for each in known if each.stop_code == clean_code(code)), None)


def ends(answer: pb.StopContent | pb.ListStopsResponse) -> datetime | None:
    """Returns when an answer changes by itself, as a closure begins or ends; None for never."""
    if not answer.HasField("fresh_until_time"):
        return None
    return answer.fresh_until_time.ToDatetime(tzinfo=UTC)


def near_codes(code: str, stops: Sequence[pb.StopSummary]) -> list[pb.StopSummary]:
    """Returns up to three stops whose code differs from a mistyped one by one letter or a swap."""
    typed = clean_code(code)
    return [stop for stop in stops if _one_slip(typed, stop.stop_code)][:3]


def _is_over(answer: pb.StopContent | pb.ListStopsResponse) -> bool:
    """Tells whether a closure began or ended since the guide said this."""
    until = ends(answer)
    return until is not None and until <= datetime.now(UTC)


def _one_slip(typed: str, right: str) -> bool:
    if len(typed) == len(right):
        wrong = [i for i, (a, b) in enumerate(zip(typed, right, strict=True)) if a != b]
        swapped = (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and typed[wrong[0]] == right[wrong[1]]
            and typed[wrong[1]] == right[wrong[0]]
        )
        return len(wrong) == 1 or swapped
    short, long = sorted((typed, right), key=len)
    return len(long) - len(short) == 1 and any(
        long[:i] + long[i + 1 :] == short for i in range(len(long))
    )
