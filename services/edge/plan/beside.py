"""Where a day stands among the days of its sojourn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb


@dataclass(frozen=True)
class DayTab:
    """One of the days. here: the page is about it."""

    itinerary_id: str
    label: str
    here: bool


@dataclass(frozen=True)
class Beside:
    """All days, and which one the page is about: number from 1 on."""

    sojourn_id: str
    number: int
    tabs: Sequence[DayTab]


def of(itinerary: pb.Itinerary) -> Beside | None:
    """Returns the days that a day belongs to; None for a day by itself."""
    together = itinerary.together
    if not together.sojourn_id:
        return None
    ids = [day.itinerary_id for day in together.days]
    here = itinerary.itinerary_id
    return Beside(
        together.sojourn_id,
        ids.index(here) + 1 if here in ids else 0,
        [
            DayTab(day.itinerary_id, short(day.visit_date), day.itinerary_id == here)
            for day in together.days
        ],
    )


def why_out(left: pb.LeftOut) -> str:
    """Returns why a place is not in a day that left it to another one."""
    if left.other_date:
        return str(_("You see it on another day: %(day)s.", day=short(left.other_date)))
    return str(_("It was for another of your days, and none has it now."))


def short(text: str) -> str:
    """Returns a date as people write it in a line: Sat, Nov 21. text: YYYY-MM-DD."""
    return str(format_skeleton("MMMEd", date.fromisoformat(text), locale=get_locale()))
