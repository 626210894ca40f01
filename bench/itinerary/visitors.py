"""A thousand made-up visitors of Mine on one day: parties, what they like, when they come.

Nobody was asked: the shares below are a guess of the project's own, so that the ratios of a run
say more than its counts. Equal days and seeds give equal visitors.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import TypeVar

from meguri.itinerary.v1 import itinerary_service_pb2 as pb

Value = TypeVar("Value")

PEOPLE = 1000
# Adults, at junior high school, at primary school, below; and how often such a party comes.
PARTIES = (
    ((1, 0, 0, 0), 12), ((2, 0, 0, 0), 38), ((2, 0, 1, 0), 10), ((2, 0, 2, 0), 12),
    ((2, 1, 1, 0), 6), ((2, 0, 0, 1), 6), ((4, 0, 0, 0), 10), ((4, 0, 2, 0), 4), ((6, 0, 0, 0), 2),
)  # fmt: skip
STARTS = (("parking-city", 50), ("bus-center", 20), ("michinoeki-ofuku", 15),
          ("michinoeki-mito", 10), ("karstar", 5))  # fmt: skip
# Half hours after 08:00 at which a party sets off; most come in the morning.
SETTING_OFF = (4, 8, 14, 18, 16, 12, 8, 6, 5, 4, 3, 2)
HOURS = ((4, 20), (5, 20), (6, 30), (7, 20), (8, 10))
INTERESTS = (
    (pb.INTEREST_CAVE, 30), (pb.INTEREST_NATURE, 22), (pb.INTEREST_VIEW, 22),
    (pb.INTEREST_HISTORY, 14), (pb.INTEREST_SCIENCE, 10), (pb.INTEREST_FOOD, 20),
    (pb.INTEREST_BATH, 10), (pb.INTEREST_ANIMALS, 12), (pb.INTEREST_SHOPPING, 10),
    (pb.INTEREST_ACTIVITY, 14), (pb.INTEREST_ART, 5),
)  # fmt: skip
HOW_MANY = ((0, 25), (1, 30), (2, 30), (3, 15))
PACES = ((pb.PACE_QUICK, 20), (pb.PACE_NORMAL, 60), (pb.PACE_UNHURRIED, 20))


def of_day(day: date, seed: int = 0) -> list[pb.TripRequest]:
    """Returns the wishes of so many parties that PEOPLE come, in the order in which they plan: who
    sets off early plans early, more or less."""
    random = Random(f"{day} {seed}")
    trips = list(_trips(random, day))
    # Some plan the evening before, some on the spot.
    return sorted(trips, key=lambda trip: trip.start_minute + random.gauss(0, 90))


def size(trip: pb.TripRequest) -> int:
    """Returns how many people a party has."""
    party = trip.party
    return (
        party.adult_count + party.junior_high_count + party.child_count + party.infant_count
    )  # fmt: skip


def _trips(random: Random, day: date) -> Iterator[pb.TripRequest]:
    people = 0
    while people < PEOPLE:
        counts = _one(random, PARTIES)
        start = 480 + 30 * random.choices(range(len(SETTING_OFF)), SETTING_OFF)[0]
        liked = {_one(random, INTERESTS) for _ in range(_one(random, HOW_MANY))}
        yield pb.TripRequest(
            visit_date=day.isoformat(),
            start=pb.Location(place_id=_one(random, STARTS)),
            start_minute=start,
            end_minute=min(start + 60 * _one(random, HOURS), 18 * 60 + 30),
            mode=pb.TRAVEL_MODE_CAR,
            party=pb.Party(
                adult_count=counts[0], junior_high_count=counts[1], child_count=counts[2],
                infant_count=counts[3],
            ),
            interests=sorted(liked),
            pace=_one(random, PACES),
            seed=random.randrange(1000),
        )  # fmt: skip
        people += sum(counts)


def _one(random: Random, weighted: Sequence[tuple[Value, int]]) -> Value:
    values, weights = zip(*weighted, strict=True)
    found: Value = random.choices(values, weights)[0]
    return found
