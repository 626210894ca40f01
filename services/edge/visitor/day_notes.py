"""Day notes as visitors' pages show them: never one whose day is over, whoever kept the answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from meguri.multilingual.v1 import multilingual_service_pb2 as pb

TIME = "%Y-%m-%dT%H:%M:%SZ"  # as the phone's script reads it


@dataclass(frozen=True)
class Shown:
    """A note on a page. place: its name, "" where that goes without saying. until: for scripts."""

    text: pb.LocalizedText
    place: str
    as_of: datetime
    until: str


def shown(
    notes: Iterable[pb.ServedDayNote],
    name_of: Callable[[str], str] = lambda _: "",
    now: datetime | None = None,
) -> list[Shown]:
    """Returns what is shown now. name_of: the name of a place by its id, "" for not to be said."""
    at = now or datetime.now(UTC)
    return [
        Shown(
            each.text, name_of(each.place_id) if each.place_id else "",
            each.as_of_time.ToDatetime(tzinfo=UTC), _until(each).strftime(TIME),
        )
        for each in notes
        if at < _until(each)
    ]  # fmt: skip


def as_json(notes: Iterable[pb.ServedDayNote], text: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Returns notes for programs. text: writes a localized text."""
    now = datetime.now(UTC)
    return [
        {
            "note_id": each.note_id,
            "place_id": each.place_id or None,
            **text(each.text),
            "as_of_time": each.as_of_time.ToDatetime(tzinfo=UTC).isoformat(),
            "until_time": _until(each).isoformat(),
        }
        for each in notes
        if now < _until(each)
    ]


def _until(note: pb.ServedDayNote) -> datetime:
    return note.until_time.ToDatetime(tzinfo=UTC)
