"""What the staff are told of a closure that reaches the place where they work: a gate, a counter.

Of the same closures as visitors' pages, and as quick: an event forgets them, and the next page,
scan or sale asks directory.
"""

from datetime import datetime
from typing import Any

from flask_babel import format_time
from flask_babel import gettext as _

from services.edge.closures import REASONS, Shut
from services.edge.parts import area, locale, parts
from services.edge.until import until_words

REASON = "gate_closed"  # of an answer that let nobody in, or sold nothing, for a closure


def now(place_id: str) -> dict[str, Any] | None:
    """Returns the closure that shuts a place just now, as said() writes it; None where none."""
    shut = parts().closures.shutting(area().area, place_id)
    return said(shut) if shut else None


def all_of(place_id: str) -> dict[str, Any]:
    """Returns what a device needs to tell by itself, for as long as it has no network, whether the
    place is shut: closures in force and announced ones, what ends last first, and of when they are.
    """
    found = parts().closures.reaching(area().area, place_id)
    return {"closures": [said(shut) for shut in found], "closures_as_of": as_of()}


def as_of() -> str:
    """Returns when directory last said what is closed, in words."""
    at = parts().closures.of(area().area).at
    return str(_("as of %(time)s", time=format_time(at, "short")))


def said(shut: Shut) -> dict[str, Any]:
    """Returns a closure in words of the reader's language, and its times for a program."""
    reason = str(REASONS.get(shut.reason, REASONS["other"]))
    return {
        "closure_id": shut.closure_id,
        "place_id": shut.place_id,
        "reason": shut.reason,
        "since": _stamp(shut.since),
        "until": _stamp(shut.until),
        "title": str(_("%(place)s is closed", place=shut.name(locale()))),
        "text": f"{reason} · {until_words(shut.until)}",
        "note": shut.note,
    }


def _stamp(at: datetime | None) -> str:
    return at.isoformat().replace("+00:00", "Z") if at else ""
