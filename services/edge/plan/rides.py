"""Legs by bus as a page needs them: what to catch where, how sure the times are, what if missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge import phones
from services.edge.listed import listed
from services.edge.parts import locale as reader
from services.edge.plan import words
from services.edge.plan.clock import Clock
from services.edge.plan.texts import Told, native, told


@dataclass(frozen=True)
class RideLine:
    """One ride, with the walk that leads to it ("" for none). now: when it leaves now, where that
    is not as planned. native_operator, native_stops: in Japanese, for a driver to read; "" where
    they are shown so."""

    walk_clock: str
    walk: str
    clock: str
    arrive: str
    line: Told
    headsign: str
    on: Told
    off: Told
    facts: str
    sure: bool
    basis: str
    asked: str
    phone: str
    following: str
    operator: Told
    native_operator: str
    native_stops: str
    now: str = ""


@dataclass(frozen=True)
class TaxiLine:
    """A taxi to call. price: "" where it is not known. native: its name in Japanese, "" where that
    is shown."""

    name: Told
    phone: str
    price: str
    native: str = ""


@dataclass(frozen=True)
class MissedRide:
    """What is left when the last ride is missed."""

    spare: str
    following: str
    taxis: Sequence[TaxiLine]
    far: str


def lines_of(
    leg: pb.Leg, clock: Clock, locale: str, now: Mapping[int, str] | None = None
) -> list[RideLine]:
    """Returns the rides of a leg by bus; none where it is walked. now: when some of them leave now,
    by their number."""
    return [
        replace(_line(ride, leg, number, clock, locale), now=(now or {}).get(number, ""))
        for number, ride in enumerate(leg.rides)
    ]


def _line(ride: pb.Ride, leg: pb.Leg, number: int, clock: Clock, locale: str) -> RideLine:
    minutes = (ride.arrive_time.seconds - ride.depart_time.seconds) // 60
    fare = _fare(ride)
    asked = ""
    if ride.call_ahead:
        asked = _("This ride must be booked by telephone.")
    elif ride.ask_driver:
        asked = _("Wave to the driver, and say where you want to get off.")
    before = leg.depart_time if number == 0 else leg.rides[number - 1].arrive_time
    on, off = told(ride.from_names, locale), told(ride.to_names, locale)
    ends = native(ride.from_names, on), native(ride.to_names, off)
    named = operator_of(ride, locale)
    return RideLine(
        walk_clock=clock.of(before) if ride.walk_minutes else "",
        walk=listed((_("On foot"), words.duration(ride.walk_minutes)), locale)
        if ride.walk_minutes
        else "",
        clock=clock.of(ride.depart_time),
        arrive=clock.of(ride.arrive_time),
        line=told(ride.line_names, locale),
        headsign=ride.headsign,
        on=on,
        off=off,
        facts=listed([words.duration(minutes), fare], locale),
        sure=ride.basis == pb.TIME_BASIS_CONFIRMED,
        basis=basis(ride),
        asked=str(asked),
        phone=ride.phone,
        following=clock.of(ride.next_depart_time) if ride.HasField("next_depart_time") else "",
        operator=named,
        native_operator=native({"ja": ride.operator}, named),
        native_stops=" → ".join(ends) if all(ends) else "",
    )


def operator_of(ride: pb.Ride, locale: str) -> Told:
    """Returns who runs a ride, in the reader's language where that is known."""
    return told({**ride.operator_names, "ja": ride.operator}, locale)


def _fare(ride: pb.Ride) -> str:
    """Returns what a ride costs one adult and, where that is known, one child."""
    if not ride.HasField("fare_amount_yen"):
        return str(_("fare not known"))
    adult = f"¥{ride.fare_amount_yen:,}"
    if not ride.HasField("child_fare_amount_yen"):
        return adult
    child = f"¥{ride.child_fare_amount_yen:,}"
    return str(_("%(adult)s (child %(child)s)", adult=adult, child=child))


def basis(ride: pb.Ride) -> str:
    """Returns what the times of a ride rest on, in a sentence."""
    if ride.basis == pb.TIME_BASIS_CONFIRMED:
        if not ride.as_of:
            return str(_("From the timetable of the operator."))
        return str(_("Confirmed with the operator on %(date)s.", date=_date(ride.as_of)))
    if ride.basis == pb.TIME_BASIS_RECORDED:
        return str(
            _("This time was recorded in %(date)s. Call before you go.",
              date=_date(ride.as_of))
        )  # fmt: skip
    return str(_("This time is a guess from how often the line runs. Call before you go."))


def _date(text: str) -> str:
    """Returns a year, a month or a day in the reader's words; as it is where it is none of them."""
    parts = text.split("-")
    if len(parts) == 1:
        return text
    try:
        day = date(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) > 2 else 1)
    except ValueError:
        return text
    return str(format_date(day, "long" if len(parts) > 2 else "MMMM y"))


def missed_of(itinerary: pb.Itinerary, clock: Clock, locale: str) -> MissedRide | None:
    """Returns what is left when the last ride is missed; None for a day that does not end so."""
    if not itinerary.HasField("plan_b"):
        return None
    plan = itinerary.plan_b
    following = ""
    if plan.HasField("next_depart_time"):
        leave, arrive = clock.of(plan.next_depart_time), clock.of(plan.next_arrive_time)
        following = _("The next one leaves at %(leave)s; you are there at %(arrive)s.",
                      leave=leave, arrive=arrive)  # fmt: skip
    return MissedRide(
        spare=words.duration(max(0, plan.slack_minutes)),
        following=str(following),
        taxis=[_taxi(offer, locale) for offer in plan.taxis],
        far=words.distance(plan.taxi_distance_m) if plan.taxi_distance_m else "",
    )


def _taxi(offer: pb.TaxiOffer, locale: str) -> TaxiLine:
    price = ""
    if offer.estimated_amount_yen:
        rounded = (offer.estimated_amount_yen + 50) // 100 * 100
        price = _("about %(yen)s by distance", yen=f"¥{rounded:,}")
    name = told(offer.names, locale)
    return TaxiLine(name, offer.phone, str(price), native(offer.names, name))


def ride_title(ride: RideLine) -> str:
    """Returns a ride in a line: its line and its stops, each once where the line is named so."""
    way = f"{ride.on.text} → {ride.off.text}"
    return way if ride.line.text == way else f"{ride.line.text}: {way}"


def ride_texts(rides: Sequence[RideLine]) -> Iterator[str]:
    """Gives rides line by line, for calendars and maps."""
    for ride in rides:
        if ride.walk:
            yield f"{ride.walk_clock} {ride.walk}"
        way = f"{ride.on.text} → {ride.off.text}"
        line = "" if ride.line.text == way else f" ({ride.line.text})"
        yield f"{ride.clock} {way} {ride.arrive}{line}"
        doubt = "" if ride.sure else f"{_('Not confirmed')}:"
        phone = phones.shown(ride.phone, reader())
        who = listed(filter(None, [ride.operator.text, ride.native_operator]), reader())
        yield " ".join(part for part in (doubt, ride.basis, ride.asked, who, phone) if part)
