"""Opening hours of a day as a page shows them."""

from collections.abc import Sequence

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.listed import listed
from services.edge.parts import locale


def hours(spans: Sequence[pb.MinuteSpan]) -> str:
    """Returns opening hours of a day in digits; "" for open all day."""
    if any(span.close_minute - span.open_minute >= 1440 for span in spans):
        return ""
    return listed((f"{_digits(s.open_minute)}–{_digits(s.close_minute)}" for s in spans), locale())


def _digits(minute: int) -> str:
    return f"{minute // 60 % 24}:{minute % 60:02}"
