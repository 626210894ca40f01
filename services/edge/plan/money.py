"""What a day costs a party: admission and fares, as far as known, beside its budget."""

from dataclasses import dataclass

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb


@dataclass(frozen=True)
class Money:
    """Amounts in yen, in words. fares: "" for a day without rides. budget: a sentence, "" for none.
    unknown: what is not counted, "" where all is known."""

    fees: str
    fares: str
    budget: str
    unknown: str


def of(itinerary: pb.Itinerary) -> Money:
    """Returns what a day costs."""
    rides = any(leg.rides for leg in itinerary.legs)
    fees, fares = itinerary.total_fee_amount_yen, itinerary.total_fare_amount_yen
    fee_unknown = any(visit.fee_unknown for visit in itinerary.visits)
    return Money(
        fees=_at_least(fees, unknown=fee_unknown),
        fares=_fares(fares, unknown=itinerary.fare_unknown) if rides else "",
        budget=_budget(itinerary.trip, fees, fares if rides else None),
        unknown=_unknown(fees=fee_unknown, fares=rides and itinerary.fare_unknown),
    )


def _at_least(yen: int, *, unknown: bool) -> str:
    return f"{_yen(yen)} +" if unknown else _yen(yen)


def _fares(yen: int, *, unknown: bool) -> str:
    return str(_("not known")) if unknown and not yen else _at_least(yen, unknown=unknown)


def _budget(trip: pb.TripRequest, fees: int, fares: int | None) -> str:
    if not trip.HasField("budget_amount_yen"):
        return ""
    budget = _yen(trip.budget_amount_yen)
    if fares is None:
        return str(_("Budget %(budget)s: entrance fees %(fees)s.", budget=budget, fees=_yen(fees)))
    return str(
        _("Budget %(budget)s: entrance fees %(fees)s and fares %(fares)s, %(sum)s together.",
          budget=budget, fees=_yen(fees), fares=_yen(fares), sum=_yen(fees + fares))
    )  # fmt: skip


def _unknown(*, fees: bool, fares: bool) -> str:
    if fees and fares:
        return str(_("+ Some entrance fees and fares are not known and not counted."))
    if fares:
        return str(_("+ Some fares are not known and not counted."))
    return str(_("+ Some entrance fees are not known and not counted.")) if fees else ""


def _yen(amount: int) -> str:
    return f"¥{amount:,}"
