"""Whether a municipal list is another town's: by where its rows lie, and what town they name."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge.studio.timetables.points import distance_m

_TOWN = re.compile(r"[^\s・,、/]+?[市区町村]")


@dataclass(frozen=True)
class Elsewhere:
    """What was seen. far: rows that lie farther than FAR_KM from every place of the area, of those
    with a point; nearest_km: the least of theirs. towns: what rows name, the most frequent first;
    others: rows whose town the name of the area has not, of the named ones."""

    far: int
    points: int
    nearest_km: int
    towns: Sequence[tuple[str, int]]
    others: int
    named: int
    area_name: str
    FAR_KM = 60

    @property
    def is_far(self) -> bool:
        """Tells whether most rows with a point lie far away."""
        return self.far * 2 > self.points

    @property
    def is_other_town(self) -> bool:
        """Tells whether most rows that name a town name another one."""
        return self.others * 2 > self.named

    @property
    def doubtful(self) -> bool:
        """Tells whether somebody should look twice before taking rows in."""
        return self.is_far or self.is_other_town


def seen(
    rows: Sequence[pb.SightRow], places: Sequence[directory_pb.Place], area_name: str
) -> Elsewhere:
    """Looks at the usable rows of a list. area_name: in Japanese; where it names no town, what
    towns the rows name tells nothing."""
    usable = [row for row in rows if row.HasField("record")]
    there = {
        (round(each.latitude, 2), round(each.longitude, 2))
        for each in places
        if each.coordinate_quality != directory_pb.COORDINATE_QUALITY_UNSPECIFIED
    }
    points = [(row.point.latitude, row.point.longitude) for row in usable if row.HasField("point")]
    # An area without any place yet has nothing that a row could be far from.
    away_km = [min(distance_m(each, one) for one in there) / 1000 for each in points if there]
    far = [each for each in away_km if each > Elsewhere.FAR_KM]
    towns = Counter(row.town for row in usable if row.town)
    own = _TOWN.findall(area_name)
    others = sum(
        count for town, count in towns.items() if own and not any(each in town for each in own)
    )
    return Elsewhere(
        len(far), len(away_km), round(min(far, default=0)), towns.most_common(), others,
        towns.total(), area_name,
    )  # fmt: skip
