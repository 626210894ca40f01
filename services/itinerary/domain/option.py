"""POIs of a day asked for: those that can be visited by themselves, and why the others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.itinerary.domain.place import KnownPoint, Place
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.problem import UNREACHABLE, Candidate, Problem
from services.itinerary.domain.trip import TravelMode
from services.itinerary.domain.why import WhyOut
from services.itinerary.domain.windows import DayAccess


@dataclass(frozen=True)
class Option:
    """A POI that can be visited by itself on the day asked for."""

    poi: Poi
    place: Place
    location: KnownPoint
    access: DayAccess
    candidate: Candidate
    score: int
    fee_unknown: bool


def candidates_of(options: Sequence[Option]) -> list[tuple[Candidate, KnownPoint]]:
    """Returns what the search needs to know of options."""
    return [(option.candidate, option.location) for option in options]


@dataclass(frozen=True)
class Rejection:
    """A POI that cannot. missing_minutes: 0 when not known."""

    poi: Poi
    why: WhyOut
    closure_reason: str = ""
    missing_minutes: int = 0
    same_as_poi_id: str = ""


def why_unreachable(alone: Problem, option: Option, mode: TravelMode) -> Rejection:
    """Returns why a day with nothing but a POI does not work. alone: that day."""
    to, back = alone.travel[1][0], alone.travel[0][2]
    if max(to, back) >= UNREACHABLE:
        cycle = mode is TravelMode.CYCLE
        return Rejection(option.poi, WhyOut.TOO_FAR_BY_CYCLE if cycle else WhyOut.TOO_FAR_ON_FOOT)
    candidate = option.candidate
    begins = [
        max(alone.start_minute + to, earliest)
        for earliest, latest in candidate.windows
        if alone.start_minute + to <= latest
    ]
    closure = option.access.closure_reason
    if not begins or candidate.windows[0][0] + candidate.stay > alone.end_minute:
        why = WhyOut.CLOSURE if closure else WhyOut.CLOSED_AT_THAT_TIME
        return Rejection(option.poi, why, closure)
    missing = min(begins) + candidate.stay + back - alone.end_minute
    return Rejection(option.poi, WhyOut.NOT_ENOUGH_TIME, missing_minutes=missing)
