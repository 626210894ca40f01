"""Made-up areas as services are told of them, and wishes for a day in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb

NORTH, EAST = 34.23, 131.30
KM_NORTH, KM_EAST = 111.2, 91.9  # kilometers a degree, there
STATION = "station"
OPENINGS = (
    "24/7", "09:00-17:00", "09:00-17:00; Mo off (PH: next day)", "10:00-12:00,13:00-16:00",
    "Mar-Nov 08:30-18:30; Dec-Feb 08:30-17:30", "Jul-Sep 10:00-16:00", "Sa,Su,PH 11:00-14:00",
    "09:00-17:00; Tu[3] off; Dec 28-Jan 04 off", "18:00-02:00", "",
)  # fmt: skip
VISITS = (
    pb.POI_CATEGORY_CAVE, pb.POI_CATEGORY_VIEWPOINT, pb.POI_CATEGORY_NATURE,
    pb.POI_CATEGORY_MUSEUM, pb.POI_CATEGORY_HERITAGE, pb.POI_CATEGORY_FOOD,
)  # fmt: skip
QUALITIES = (
    directory.COORDINATE_QUALITY_SOURCE, directory.COORDINATE_QUALITY_SOURCE,
    directory.COORDINATE_QUALITY_ADJACENT, directory.COORDINATE_QUALITY_TOWN_CENTROID,
    directory.COORDINATE_QUALITY_ESTIMATE,
)  # fmt: skip


@dataclass(frozen=True)
class MadeArea:
    """An area: its places, its POIs, and where a day may start."""

    name: str
    places: Sequence[directory.Place]
    pois: Sequence[pb.PoiRecord]


def pleasant(name: str, count: int) -> MadeArea:
    """Returns an area of open places with good points, as a well-kept one is."""
    random = Random(count)
    places = [place(STATION, 0, 0)]
    pois = []
    for number in range(count):
        poi_id = f"p{number}"
        spread = 4 if random.random() < 0.4 else 16
        places.append(place(poi_id, random.gauss(0, spread), random.gauss(0, spread)))
        pois.append(_poi(random, poi_id, random.choice(OPENINGS[1:5]), random.choice(VISITS),
                         pb.POI_STATUS_OPEN))  # fmt: skip
    return MadeArea(name, places, pois)


def careless(name: str, seed: int, count: int, places: int) -> MadeArea:
    """Returns an area with all kinds of POIs, some without a point. places: how many have one."""
    random = Random(seed)
    known = [place(STATION, 0, 0)]
    pois = []
    for number in range(count):
        poi_id = f"p{number}"
        category = random.choice(pb.PoiCategory.values()[1:])
        status = random.choice(pb.PoiStatus.values()[1:])
        pois.append(_poi(random, poi_id, random.choice(OPENINGS), category, status))
        if number < places and random.random() < 0.95:
            known.append(
                place(poi_id, random.uniform(-12, 12), random.uniform(-12, 12),
                      random.choice(QUALITIES), random.choice([0, 500, 1000]))
            )  # fmt: skip
    return MadeArea(name, known, pois)


def place(
    place_id: str, km_north: float, km_east: float,
    quality: directory.CoordinateQuality.ValueType = directory.COORDINATE_QUALITY_SOURCE,
    error_m: int = 0,
) -> directory.Place:  # fmt: skip
    """Returns a place so many kilometers from the station."""
    return directory.Place(
        place_id=place_id, kind=directory.PLACE_KIND_POI, names={"ja": place_id},
        latitude=NORTH + km_north / KM_NORTH, longitude=EAST + km_east / KM_EAST,
        coordinate_quality=quality, error_m=error_m,
    )  # fmt: skip


def _poi(
    random: Random,
    poi_id: str,
    opening: str,
    category: pb.PoiCategory.ValueType,
    status: pb.PoiStatus.ValueType,
) -> pb.PoiRecord:
    shortest = random.randrange(5, 90)
    paths = Random(poi_id)  # a die of its own: what is measured on such areas stays the same
    record = pb.PoiRecord(
        poi_id=poi_id, place_id=poi_id, category=category, status=status, opening=opening,
        interests=random.sample(pb.Interest.values()[1:], random.randrange(3)),
        last_entry=random.choice(["", "", "16:30", "-45min"]),
        stay_min_minutes=shortest, stay_max_minutes=shortest + random.randrange(60),
        score=random.randrange(101), hidden_spot=random.random() < 0.2,
        group=random.choice(["", "", "", "", "", "cave"]), source="made up",
    )  # fmt: skip
    record.paths.wheelchair = paths.choice(pb.Wheelchair.values())
    record.paths.steps = paths.choice(pb.Steps.values())
    record.paths.slope = paths.choice(pb.Slope.values())
    for field in ("adult_amount_yen", "child_amount_yen"):
        if random.random() < 0.7:
            setattr(record.fees, field, random.choice([0, 300, 1300]))
    return record


def wishes(number: int, year: int = 2026) -> pb.TripRequest:
    """Returns a day by car that somebody may well ask for; every number another one."""
    random = Random(number)
    start = random.choice([480, 540, 540, 570, 600])
    return pb.TripRequest(
        visit_date=f"{year}-{random.randrange(4, 12):02}-{random.randrange(1, 29):02}",
        start=point(random.uniform(-6, 6), random.uniform(-6, 6)),
        start_minute=start, end_minute=start + random.choice([360, 420, 480, 540]),
        mode=pb.TRAVEL_MODE_CAR, party=pb.Party(adult_count=random.randrange(1, 5)),
        interests=random.sample(pb.Interest.values()[1:], random.randrange(3)), seed=number,
    )  # fmt: skip


def point(km_north: float, km_east: float) -> pb.Location:
    """Returns a point of the party's own, so many kilometers from the station."""
    return pb.Location(
        point=pb.Point(latitude=NORTH + km_north / KM_NORTH, longitude=EAST + km_east / KM_EAST)
    )
