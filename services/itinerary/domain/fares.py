"""What rides cost a party, as far as anybody has recorded it.

A fare that is recorded for an adult says nothing of a child's: operators round the half of it in
their own ways. Whoever is below school age rides free with an adult.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from services.itinerary.domain.trip import Party


class Ride(Protocol):
    """A ride with the fares of one person in yen; None where they are not known."""

    @property
    def fare_yen(self) -> int | None:
        """Of one adult; so pay also those at junior high school."""

    @property
    def child_fare_yen(self) -> int | None:
        """Of one child at primary school."""


@dataclass(frozen=True)
class Fares:
    """The known fares of a party in yen, and whether a fare of somebody is not known."""

    yen: int = 0
    unknown: bool = False


def fares_of(rides: Iterable[Ride], party: Party) -> Fares:
    """Returns what some rides cost a party."""
    yen, unknown = 0, False
    for ride in rides:
        for count, fare in (
            (party.adults + party.junior_high, ride.fare_yen),
            (party.children, ride.child_fare_yen),
        ):
            yen += count * (fare or 0)
            unknown = unknown or (count > 0 and fare is None)
    return Fares(yen, unknown)
