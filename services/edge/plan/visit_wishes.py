"""What a party has changed of single visits, on its way through the form of a whole day.

A form that opens with the wishes of a kept day has an entry for each: POI, stay and begin. Whoever
takes the tick off it lets it go.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.listed import listed
from services.edge.plan import words
from services.edge.plan.minutes import LAST_MINUTE, clock_face
from services.edge.plan.texts import Told
from services.edge.whole import read_whole

LEAST_STAY, MOST_STAY, MOST_WISHES, MOST_LESS = 5, 600, 50, 1_000
WISH, LESS, SEED = "wish", "less", "seed"

Form = MultiDict[str, str]


@dataclass(frozen=True)
class VisitWish:
    """One wish in words. value: of its entry."""

    value: str
    name: Told
    text: str


def entries_of(trip: pb.TripRequest) -> Iterator[tuple[str, str]]:
    """Gives the entries of a form for what a trip has besides the wishes of the form."""
    for wish in trip.visit_wishes:
        begin = str(wish.start_minute) if wish.HasField("start_minute") else ""
        yield WISH, f"{wish.poi_id}|{wish.stay_minutes}|{begin}"
    for poi_id in trip.less_poi_ids:
        yield LESS, poi_id
    if trip.seed:
        yield SEED, str(trip.seed)


def read(form: Form, trip: pb.TripRequest, errors: dict[str, str]) -> None:
    """Reads these entries into a trip."""
    found = {}
    for text in form.getlist(WISH):
        wish = _wish(text)
        if wish is None:
            errors[WISH] = _("Choose from the list.")
        else:
            found[wish.poi_id] = wish
    if len(found) > MOST_WISHES or len(form.getlist(LESS)) > MOST_LESS:
        errors[WISH] = _("Choose from the list.")
        return
    trip.visit_wishes.extend(found.values())
    trip.less_poi_ids.extend(dict.fromkeys(form.getlist(LESS)))
    trip.seed = read_whole(form.get(SEED, "")) or 0


def _wish(text: str) -> pb.VisitWish | None:
    poi_id, _bar, times = text.partition("|")
    stay_text, bar, begin_text = times.partition("|")
    stay, begin = read_whole(stay_text), read_whole(begin_text)
    if not poi_id or not bar or stay is None or (begin_text and begin is None):
        return None
    if (stay and not LEAST_STAY <= stay <= MOST_STAY) or (begin or 0) > LAST_MINUTE:
        return None
    return pb.VisitWish(poi_id=poi_id, stay_minutes=stay, start_minute=begin)


def shown(form: Form, names: dict[str, Told], locale: str) -> list[VisitWish]:
    """Returns the wishes of a form in words. names: of POIs by id."""
    found = []
    for text in form.getlist(WISH):
        wish = _wish(text)
        if wish is None:
            continue
        parts = []
        if wish.stay_minutes:
            parts.append(_("stay %(time)s", time=words.duration(wish.stay_minutes)))
        if wish.HasField("start_minute"):
            parts.append(_("begin at %(clock)s", clock=clock_face(wish.start_minute)))
        name = names.get(wish.poi_id, Told(wish.poi_id, locale, fallback=False))
        found.append(VisitWish(text, name, listed(parts, locale)))
    return found
