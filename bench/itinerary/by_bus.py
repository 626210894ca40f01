"""Days by bus as callers ask for them: places at the stops of a published feed, through gRPC."""

from datetime import timedelta
from random import Random

from bench.itinerary import areas, buses
from bench.itinerary.areas import MadeArea
from kit.ids import new_id
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2 as tt
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.itinerary.domain.bus import Node

DEADLINE_S = 30.0
DATES = 3  # people plan for today and the days after it


def area(feed: str, count: int) -> MadeArea:
    """Returns an area whose places lie at transit stops of a feed; the station is the busiest."""
    nodes = buses.make(feed, count, (count, count)).nodes
    made = areas.pleasant(feed, count)
    places = [_place(areas.STATION, nodes[-1])]
    places += [_place(f"p{number}", node) for number, node in enumerate(nodes[:-2])]
    return MadeArea(f"bus{feed}", places, made.pois)


def _place(place_id: str, node: Node) -> directory.Place:
    if node.location is None:
        raise ValueError("a node of the bench has a point")
    return directory.Place(
        place_id=place_id, kind=directory.PLACE_KIND_POI, names={"ja": place_id},
        latitude=node.location.point.latitude, longitude=node.location.point.longitude,
        coordinate_quality=directory.COORDINATE_QUALITY_SOURCE,
    )  # fmt: skip


def load(stub: TimetableServiceStub, feed: str) -> None:
    """Takes in the feed. Errors: grpc.RpcError, OSError."""
    stub.ImportFeed(
        tt.ImportFeedRequest(
            request_id=new_id(), timetable_id=feed,
            archive=(buses.FOLDER / buses.FEEDS[feed][0]).read_bytes(),
        ),
        timeout=DEADLINE_S,
    )  # fmt: skip


def wishes(feed: str, number: int) -> pb.TripRequest:
    """Returns a day by bus from the station and back, on one of three dates; every number another
    one."""
    random = Random(number)
    day = buses.FEEDS[feed][1] + timedelta(days=random.randrange(DATES))
    start = random.choice([480, 540, 540, 570, 600])
    return pb.TripRequest(
        visit_date=day.isoformat(),
        start=pb.Location(place_id=areas.STATION),
        start_minute=start, end_minute=start + random.choice([360, 420, 480, 540]),
        mode=pb.TRAVEL_MODE_BUS, party=pb.Party(adult_count=random.randrange(1, 5)),
        interests=random.sample(pb.Interest.values()[1:], random.randrange(3)), seed=number,
    )  # fmt: skip
