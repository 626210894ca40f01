"""Closing a place, wherever it is done: one form (templates/closing/form.html), read in one way.

Two wings offer it, operation and the studio's page of today, and both only say who may.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.midnight import next_midnight
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.closing import closable
from services.edge.closures import REASONS
from services.edge.directory import shut_of
from services.edge.errors import form_request_id
from services.edge.parts import area, locale, parts

MOST_NOTE_CHARACTERS = 500
ENDED_SHOWN = 20
UNTIL: dict[str, Any] = {
    "unknown": _l("until further notice"),
    "1h": _l("for one hour"),
    "3h": _l("for three hours"),
    "today": _l("until the end of today"),
    "time": _l("until a time"),
}

# Without an address of its own: it lends its templates.
blueprint = Blueprint("closing", __name__, template_folder="templates")


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to close. until: UTC, None for until further notice."""

    place_id: str
    reason: str
    note: str
    until: datetime | None


def read(form: Any) -> tuple[Wanted, dict[str, str]]:
    """Reads the form; also what is wrong with it, by field. Nothing is guessed."""
    until, wrong = _until(form)
    place_id, reason = form.get("place_id", ""), form.get("reason", "")
    if not place_id:
        wrong["place_id"] = _("Choose a place.")
    if reason not in REASONS:
        wrong["reason"] = _("Choose a reason.")
    note = form.get("note", "").strip()[:MOST_NOTE_CHARACTERS]
    return Wanted(place_id, reason, note, until), wrong


def close(wanted: Wanted) -> str:
    """Closes a place and returns the closure's id. Errors: grpc.RpcError."""
    call = pb.ClosePlaceRequest(
        request_id=form_request_id(), place_id=wanted.place_id, reason=wanted.reason,
        note=wanted.note,
    )  # fmt: skip
    if wanted.until is not None:
        call.until_time.CopyFrom(stamp(wanted.until))
    closure = stub(DirectoryServiceStub).ClosePlace(call).closure
    parts().closures.forget(area().area)
    return str(closure.closure_id)


def reopen(closure_id: str) -> None:
    """Ends a closure: the undo. Errors: grpc.RpcError."""
    stub(DirectoryServiceStub).ReopenPlace(
        pb.ReopenPlaceRequest(request_id=form_request_id(), closure_id=closure_id)
    )
    parts().closures.forget(area().area)


def given(
    places: Any, just_closed: str = "", wrong: dict[str, str] | None = None, form: Any = None
) -> dict[str, Any]:
    """Returns what the template needs: the choices, what was typed, what is closed now and was.

    Errors: grpc.RpcError.
    """
    asked = pb.ListClosuresRequest(include_ended=True)
    found = stub(DirectoryServiceStub).ListClosures(asked).closures
    names = {place.place_id: name_of(place) for place in places}
    now = datetime.now(UTC)
    rows = [_row(closure, names, now) for closure in found]
    return {
        "reasons": REASONS,
        "until_choices": UNTIL,
        "groups": [
            (label, [(place.place_id, name_of(place), place.kana) for place in found])
            for label, found in closable.groups(places)
        ],
        "in_force": [row for row in rows if row["in_force"]],
        "ended": [row for row in rows if not row["in_force"]][:ENDED_SHOWN],
        "just_closed": just_closed,
        "wrong": wrong or {},
        "given": form or {},
        "new_request_id": new_request_id,
    }


def said_closed(shown: dict[str, Any]) -> str:
    """Returns the sentence about what was closed just now, "" where nothing was."""
    for row in shown["in_force"]:
        if row["closure_id"] == shown["just_closed"]:
            place = row["place"]
            return str(_("%(place)s is closed now. Guide pages and day plans say so.", place=place))
    return ""


def name_of(place: pb.Place) -> str:
    """Returns a place's name in the reader's language, else in Japanese, else its id."""
    return place.names.get(locale()) or place.names.get("ja") or place.place_id


def stamp(at: datetime) -> Timestamp:
    """Encodes an aware moment."""
    made = Timestamp()
    made.FromDatetime(at.astimezone(UTC))
    return made


def _row(closure: pb.Closure, names: dict[str, str], now: datetime) -> dict[str, Any]:
    shut = shut_of(closure)
    reopened = (
        closure.reopened_time.ToDatetime(tzinfo=UTC) if closure.HasField("reopened_time") else None
    )
    return {
        "closure_id": shut.closure_id,
        "place": names.get(shut.place_id, shut.place_id),
        "reason": shut.reason,
        "note": shut.note,
        "since": shut.since,
        "until": shut.until,
        "ended": reopened or shut.until,
        "in_force": reopened is None and not shut.is_over(now),
    }


def _until(form: Any) -> tuple[datetime | None, dict[str, str]]:
    """Reads until when a place is closed, in the area's own time."""
    now, choice = datetime.now(UTC), form.get("until", "")
    if choice not in UNTIL:  # neither a long nor a short closure is a safe guess
        return None, {"until": _("Choose how long.")}
    if choice in ("1h", "3h"):
        return now + timedelta(hours=int(choice[0])), {}
    if choice == "today":
        return next_midnight(now, area().time_zone), {}
    if choice == "unknown":
        return None, {}
    return _until_time(form, now)


def _until_time(form: Any, now: datetime) -> tuple[datetime | None, dict[str, str]]:
    zone = ZoneInfo(area().time_zone)
    try:
        until = datetime.fromisoformat(form.get("until_time", "")).replace(tzinfo=zone)
    except ValueError:
        return None, {"until_time": _("Give a day and a time.")}
    if until <= now:
        return None, {"until_time": _("This time is over already.")}
    return until, {}
