"""Pins of a day plan on the sketch map."""

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.sketch import Pin


def pin_of(location: pb.KnownPoint, label: str, title: str, kind: str) -> Pin | None:
    """Returns a pin for a known point; None where nobody has recorded one."""
    if not location.HasField("point"):
        return None
    return Pin(
        label, title, location.point.latitude, location.point.longitude,
        location.quality != pb.POINT_QUALITY_SOURCE, kind,
    )  # fmt: skip
