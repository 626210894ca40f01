"""Days by cycle: in a form, in JSON, on the page; where cycles are rented, by when to be back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge import phones
from services.edge.listed import labeled
from services.edge.parts import locale as reader
from services.edge.plan import words
from services.edge.plan.clock import Clock
from services.edge.plan.minutes import clock_face
from services.edge.plan.open_hours import hours
from services.edge.plan.shown import Renting, Trouble
from services.edge.plan.texts import Told, native, told

# Conflicts that are told here.
TOLD = frozenset({
    pb.CONFLICT_KIND_WHEELCHAIR_BY_CYCLE, pb.CONFLICT_KIND_CYCLE_RENTAL_CLOSED,
})  # fmt: skip
FAR_M = 500  # from the start that was chosen to the rental place
WORTH_TELLING_M = 20  # of a climb
_ICONS: Mapping[int, str] = {pb.TRAVEL_MODE_CAR: "car", pb.TRAVEL_MODE_CYCLE: "cycle"}


@dataclass(frozen=True)
class Offer:
    """A place that rents cycles, as a form tells of it."""

    name: Told
    phone: str


def offers(pois: Sequence[pb.Poi], locale: str) -> list[Offer]:
    """Returns who rents cycles. Until when it is open is told with a day, which has a date."""
    return [
        Offer(told(poi.names, locale, poi.record.poi_id), poi.record.phone)
        for poi in pois
        if poi.record.cycle_rental and poi.location.HasField("point")
    ]


def how(mode: int) -> str:
    """Returns how a party moves on a leg without a ride."""
    return str(words.MODES[pb.TRAVEL_MODE_FOOT if mode == pb.TRAVEL_MODE_BUS else mode])


def icon_of(mode: int) -> str:
    """Returns the icon of a leg without a ride."""
    return _ICONS.get(mode, "walk")


def climb_of(leg: pb.Leg) -> str:
    """Returns by how much a leg leads up, in words; "" where it is not worth telling."""
    if not leg.HasField("climb_m") or leg.climb_m < WORTH_TELLING_M:
        return ""
    return str(_("%(meters)s m up", meters=leg.climb_m))


def renting(it: pb.Itinerary, at: Clock, locale: str) -> Renting | None:
    """Returns what is known of where the cycles of a day are from; None of other days."""
    if it.trip.mode != pb.TRAVEL_MODE_CYCLE or it.trip.own_cycle:
        return None
    hills_unknown = any(
        leg.travel_minutes and not (leg.HasField("climb_m") or leg.on_road_network)
        for leg in it.legs
    )
    if not it.HasField("rental"):
        refused = any(c.kind == pb.CONFLICT_KIND_CYCLE_RENTAL_CLOSED for c in it.conflicts)
        return None if refused else Renting(hills_unknown=hills_unknown)
    rental = it.rental
    chosen = {it.trip.start.place_id, it.trip.end.place_id}
    name = told(rental.names, locale, rental.place_id)
    return Renting(
        name=name,
        native=native(rental.names, name),
        hours=hours(rental.open_spans),
        hours_known=bool(rental.open_spans),
        back=at.of(rental.back_by_time) if rental.HasField("back_by_time") else "",
        phone=rental.phone,
        summary=told(rental.texts.summary, locale),
        unsure="opening" in rental.estimated_fields or not rental.open_spans,
        moved=chosen != {rental.place_id},
        far=words.distance(rental.from_start_m) if rental.from_start_m >= FAR_M else "",
        children=bool(it.trip.party.child_count or it.trip.party.infant_count),
        hills_unknown=hills_unknown,
    )


def as_json(it: pb.Itinerary, named: Any, time: Callable[[Any], str]) -> dict[str, Any] | None:
    """Returns where the cycles of a day are from as JSON has it; None of other days."""
    if not it.HasField("rental"):
        return None
    rental = it.rental
    return {
        "poi_id": rental.poi_id,
        "place_id": rental.place_id,
        **named(rental.names, rental.place_id),
        "open": [
            {"from": clock_face(span.open_minute), "until": clock_face(span.close_minute)}
            for span in rental.open_spans
        ],
        "back_by_time": time(rental.back_by_time) if rental.HasField("back_by_time") else None,
        "phone": rental.phone or None,
        "from_start_m": rental.from_start_m,
        "estimated_fields": list(rental.estimated_fields),
    }


def trouble(it: pb.Itinerary, conflict: pb.Conflict, names: str) -> Trouble | None:
    """Returns what to say of a conflict of a day by cycle; None of other conflicts."""
    if conflict.kind not in TOLD:
        return None
    if conflict.kind == pb.CONFLICT_KIND_WHEELCHAIR_BY_CYCLE:
        return Trouble(
            _("A wheelchair and a day by cycle do not go together, as far as we know."),
            _("Go by car or by bus. If you have a cycle that suits you, ask at each place how one "
              "gets in."),
        )  # fmt: skip
    why = words.why_out(conflict.why_out, 0, conflict.closure_reason)
    if it.HasField("rental"):
        phone = phones.shown(it.rental.phone, reader())
        call = _("Call %(phone)s and ask where to leave it.", phone=phone) if phone else ""
        return Trouble(_("You cannot bring the cycle back to %(names)s in time.", names=names),
                       f"{why} {call}".strip())  # fmt: skip
    then = _("This day is for a cycle of your own. For a rented one choose another day or other "
             "times.")  # fmt: skip
    return Trouble(_("No cycle can be rented for this day at %(names)s.", names=names),
                   f"{why} {then}")  # fmt: skip


def back_text(rented: Renting) -> str:
    """Returns by when the cycle has to be back, for a calendar or a map; "" where nobody knows."""
    return str(_("Bring the cycle back by %(clock)s", clock=rented.back)) if rented.back else ""


def facts(rented: Renting) -> Iterator[str]:
    """Gives what else is known of where the cycles are from, line by line."""
    if rented.hours:
        yield f"{labeled(_('Open that day'), reader())} {rented.hours}"
    if rented.unsure:
        yield str(unsure_text(rented))
    if rented.phone:
        yield f"{labeled(_('Phone'), reader())} {phones.shown(rented.phone, reader())}"


def unsure_text(rented: Renting) -> str:
    """Returns why to ask before one relies on the hours."""
    if not rented.hours_known:
        return str(_("We do not know its hours. Ask by when the cycle must be back."))
    return str(_("Its hours come from weak sources and may have changed. Ask before you go."))
