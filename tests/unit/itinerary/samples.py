"""A small made-up area, and random wishes for a day in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from services.itinerary.domain.crowd import SLOTS, Crowd, Level
from services.itinerary.domain.heights import with_heights
from services.itinerary.domain.paths import Ease, Paths, Slope, Steps, Wheelchair
from services.itinerary.domain.place import Closure, KnownPoint, Place, Point, PointQuality
from services.itinerary.domain.poi import (
    Category,
    Fees,
    Interest,
    Poi,
    PoiStatus,
    PoiTexts,
)
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.spot import Promotion, SpotSettings
from services.itinerary.domain.trip import Location, LunchWish, Pace, Party, TravelMode, TripRequest
from services.itinerary.domain.walking import WalkingWish

ZONE = "Asia/Tokyo"
NORTH, EAST = 34.23, 131.30

_BASE = Poi(
    poi_id="cave", place_id="cave", category=Category.CAVE, interests=(Interest.CAVE,),
    status=PoiStatus.OPEN, opening="09:00-17:00", last_entry="", stay_min_minutes=30,
    stay_max_minutes=60, score=50, hidden_spot=False, group="", fees=Fees(0, 0, 0),
    texts=PoiTexts(summary={"ja": "洞"}), phone="", estimated_fields=(), source="made up",
)  # fmt: skip


def poi(name: str, **more: Any) -> Poi:
    return replace(_BASE, **{"poi_id": name, "place_id": name} | more)


def place(
    place_id: str, km_north: float = 0, km_east: float = 0,
    quality: PointQuality | None = PointQuality.SOURCE, error_m: int = 0,
) -> Place:  # fmt: skip
    point = Point(NORTH + km_north / 111.2, EAST + km_east / 91.9)
    location = KnownPoint(point, quality, error_m) if quality else None
    return Place(place_id, {"ja": place_id}, location, 1)


def catalog(
    pois: Sequence[Poi], places: Sequence[Place], closures: Sequence[Closure] = ()
) -> Catalog:
    return Catalog(
        ZONE, {p.poi_id: p for p in pois}, {p.place_id: p for p in places}, list(closures)
    )


def trip(**more: Any) -> TripRequest:
    """A Saturday in November by car from the station."""
    values: dict[str, Any] = {
        "visit_date": "2026-11-21", "start": Location("station"), "end": Location("station"),
        "start_minute": 540, "end_minute": 1020, "mode": TravelMode.CAR,
    }  # fmt: skip
    return TripRequest(**values | more)


def random_crowd(random: Random, pois: Sequence[str]) -> Crowd:
    """Capacities, recommendations, people and sensors, of some places and at some times."""
    promoted = Promotion(random.randrange(1, 21), "2026-01-01", "2026-12-31", {"ja": "花"})
    return Crowd(
        {
            poi_id: SpotSettings(
                random.choice([None, 10, 20, 40]), random.choice([None, None, promoted])
            )
            for poi_id in pois
            if random.random() < 0.7
        },
        {poi_id: random.choices(range(60), k=SLOTS) for poi_id in pois if random.random() < 0.5},
        {poi_id: random.choice(list(Level)) for poi_id in pois if random.random() < 0.2},
        random.randrange(400, 1000),
    )


OPENINGS = (
    "24/7", "09:00-17:00", "09:00-17:00; Mo off (PH: next day)", "10:00-12:00,13:00-16:00",
    "Mar-Nov 08:30-18:30; Dec-Feb 08:30-17:30", "Jul-Sep 10:00-16:00", "Sa,Su,PH 11:00-14:00",
    "09:00-17:00; Tu[3] off; Dec 28-Jan 04 off", "18:00-02:00", "",
)  # fmt: skip


def random_catalog(random: Random, count: int = 14) -> Catalog:
    """An area with all kinds of POIs, coordinates and closures."""
    pois, places = [], [place("station")]
    for number in range(count):
        poi_id = f"p{number}"
        shortest = random.randrange(5, 90)
        pois.append(
            poi(
                poi_id,
                category=random.choice(list(Category)),
                interests=tuple(random.sample(list(Interest), random.randrange(3))),
                status=random.choice(list(PoiStatus)),
                opening=random.choice(OPENINGS),
                last_entry=random.choice(["", "", "16:30", "-45min"]),
                stay_min_minutes=shortest,
                stay_max_minutes=shortest + random.randrange(60),
                score=random.randrange(0, 101),
                hidden_spot=random.random() < 0.2,
                group=random.choice(["", "", "", "cave"]),
                fees=Fees(random.choice([0, 300, 1300, None]), 0, random.choice([0, None])),
                paths=Paths(
                    random.choice([*Wheelchair]), random.choice([*Steps]), random.choice([*Slope])
                ),
            )
        )
        if random.random() < 0.95:
            quality = random.choice([*PointQuality, PointQuality.SOURCE, None])
            places.append(
                place(poi_id, random.uniform(-12, 12), random.uniform(-12, 12), quality,
                      random.choice([0, 500, 1000]))
            )  # fmt: skip
    return catalog(pois, places, [_random_closure(random, count) for _ in range(3)])


def with_cycles(random: Random, known: Catalog) -> Catalog:
    """The same area with a few POIs that rent cycles and some whose height is known."""
    rents = {random.choice(list(known.pois)) for _ in range(random.choice([0, 1, 2, 3]))}
    pois = {
        each.poi_id: replace(
            each, cycle_rental=each.poi_id in rents,
            elevation_m=random.randrange(0, 500) if random.random() < 0.6 else None,
        )
        for each in known.pois.values()
    }  # fmt: skip
    return replace(known, pois=pois, places=with_heights(known.places, pois.values()))


def _random_closure(random: Random, count: int) -> Closure:
    begin = datetime(2026, 11, 20, 15, 0, tzinfo=UTC) + timedelta(
        minutes=random.randrange(-2000, 1400)
    )
    until = begin + timedelta(minutes=random.randrange(1, 900)) if random.random() < 0.7 else None
    shut = frozenset({f"p{random.randrange(count)}"})
    return Closure(f"c{random.randrange(10**6)}", shut, "flood", begin, until)


def random_trip(random: Random, known: Catalog) -> TripRequest:
    """Wishes of a careless party: many contradict each other or the world. None is by cycle: days
    by cycle have tests of their own."""
    ids = list(known.pois)
    point = Point(NORTH + random.uniform(-0.2, 0.2), EAST + random.uniform(-0.2, 0.2))
    ends = [Location("station"), Location(point=point), Location(random.choice(list(known.places)))]
    return trip(
        visit_date=random.choice(["2026-11-21", "2026-11-23", "2026-12-31", "2027-02-28"]),
        start=random.choice(ends),
        end=random.choice(ends),
        start_minute=random.randrange(0, 1440),
        end_minute=random.randrange(0, 1801),
        mode=random.choice([TravelMode.CAR, TravelMode.FOOT, TravelMode.BUS]),
        party=Party(random.randrange(1, 5), random.randrange(2), random.randrange(3)),
        interests=tuple(random.sample(list(Interest), random.randrange(3))),
        must_poi_ids=tuple(random.sample(ids, random.choice([0, 0, 1, 2, 4, 8]))),
        never_poi_ids=tuple(random.sample(ids, random.choice([0, 0, 1, 5]))),
        budget_yen=random.choice([None, None, 0, 1000, 5000]),
        pace=random.choice(list(Pace)),
        seed=random.randrange(100),
        lunch=random.choice([None, LunchWish(), LunchWish(720, 760), LunchWish(0, 30)]),
        walking=random.choice(
            [WalkingWish(), WalkingWish(), WalkingWish(15, 60), WalkingWish(None, 10)]
        ),
        ease=random.choice([Ease.ANY, Ease.ANY, Ease.ANY, Ease.GENTLE, Ease.WHEELCHAIR]),
    )
