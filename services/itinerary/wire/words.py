"""Enums, times, texts and points on the wire."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.domain.paths import Paths, Slope, Steps, Wheelchair
from services.itinerary.domain.place import KnownPoint
from services.itinerary.domain.poi import Interest, PoiTexts
from services.itinerary.domain.windows import OpenSpan

Value = TypeVar("Value", bound=StrEnum)


class _Names(Protocol):
    def Name(self, number: Any, /) -> str: ...


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Encodes an aware moment; None stays unset."""
    if moment is None:
        return None
    encoded = Timestamp()
    encoded.FromDatetime(moment.astimezone(UTC))
    return encoded


@lru_cache(maxsize=512)
def number(names: Any, prefix: str, value: StrEnum | None) -> Any:
    """Returns the number of a domain value in a generated enum; None is UNSPECIFIED."""
    return names.Value(f"{prefix}_{value.name if value else 'UNSPECIFIED'}")


def value_of(kind: type[Value], names: _Names, prefix: str, code: int) -> Value | None:
    """Returns the domain value of a number; None for UNSPECIFIED and for numbers we do not know."""
    try:
        return kind(names.Name(code).removeprefix(f"{prefix}_").lower())
    except ValueError:
        return None


def interests_of(codes: Iterable[int]) -> tuple[Interest, ...]:
    """Decodes interests, each once; unknown ones are left aside."""
    found = (value_of(Interest, pb.Interest, "INTEREST", code) for code in codes)
    return tuple(dict.fromkeys(interest for interest in found if interest is not None))


def interest_numbers(interests: Iterable[Interest]) -> list[Any]:
    """Encodes interests."""
    return [number(pb.Interest, "INTEREST", interest) for interest in interests]


def paths_of(message: pb.Paths) -> Paths:
    """Decodes what is known of paths; what a later version knows is not known here."""
    return Paths(
        value_of(Wheelchair, pb.Wheelchair, "WHEELCHAIR", message.wheelchair) or Wheelchair.UNKNOWN,
        value_of(Steps, pb.Steps, "STEPS", message.steps) or Steps.UNKNOWN,
        value_of(Slope, pb.Slope, "SLOPE", message.slope) or Slope.UNKNOWN,
    )


def paths_message(paths: Paths) -> pb.Paths | None:
    """Encodes what is known of paths; None where nothing is."""
    if paths == Paths():
        return None
    named = {
        "wheelchair": (pb.Wheelchair, "WHEELCHAIR", paths.wheelchair),
        "steps": (pb.Steps, "STEPS", paths.steps),
        "slope": (pb.Slope, "SLOPE", paths.slope),
    }
    return pb.Paths(
        **{
            field: number(names, prefix, None if value.name == "UNKNOWN" else value)
            for field, (names, prefix, value) in named.items()
        }
    )


def texts_message(texts: PoiTexts) -> pb.PoiTexts:
    """Encodes texts by locale."""
    return pb.PoiTexts(
        summary=dict(texts.summary),
        fee_note=dict(texts.fee_note),
        access_note=dict(texts.access_note),
        payment_note=dict(texts.payment_note),
        closed_note=dict(texts.closed_note),
    )


def span_messages(spans: Iterable[OpenSpan]) -> list[pb.MinuteSpan]:
    """Encodes opening spans of a day."""
    return [
        pb.MinuteSpan(
            open_minute=span.open_minute,
            close_minute=span.close_minute,
            last_entry_minute=span.last_entry_minute,
        )
        for span in spans
    ]


def known_point(location: KnownPoint | None) -> pb.KnownPoint:
    """Encodes a point with how well it is known; None is an empty message."""
    if location is None:
        return pb.KnownPoint()
    return pb.KnownPoint(
        point=pb.Point(latitude=location.point.latitude, longitude=location.point.longitude),
        quality=number(pb.PointQuality, "POINT_QUALITY", location.quality),
        error_m=location.allowance_m,
    )
