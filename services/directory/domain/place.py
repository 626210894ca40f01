"""Places and their closures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from math import isfinite

from kit.pure.errors import InvalidFields, Refusal
from kit.pure.event import Event
from services.directory.domain.area import are_short

PLACE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}(/[a-z0-9][a-z0-9-]{0,60}){0,2}")
REASONS = frozenset({"flood", "rockfall", "maintenance", "event", "staff", "weather", "other"})
MAX_PLACES = 2_000
MAX_POI_PLACES = 500
MAX_NOTE = 500
MAX_PIN_ERROR_M = 20_000


class PlaceKind(IntEnum):
    """What a place is; numbers as in the contract."""

    SITE = 1
    GATE = 2
    STOP = 3
    POI = 4
    SHOP = 5
    TRANSIT_STOP = 6
    OCCASION = 7


class CoordinateQuality(IntEnum):
    """How well a coordinate is known; numbers as in the contract."""

    NONE = 0
    SOURCE = 1
    ADJACENT = 2
    TOWN_CENTROID = 3
    ESTIMATE = 4
    SAME_AS_PARENT = 5


class ClosureOver(Refusal):
    """The closure has been ended already."""


@dataclass(frozen=True)
class Place:
    """Anything with a point, or a part of one.

    latitude, longitude: WGS 84 degrees, without meaning where coordinate_quality is NONE.
    error_m: possible error of an estimate, 0 when unknown.
    """

    place_id: str
    kind: PlaceKind
    parent_place_id: str
    names: Mapping[str, str]
    kana: str
    latitude: float
    longitude: float
    coordinate_quality: CoordinateQuality
    error_m: int
    version: int = 0


@dataclass(frozen=True)
class StaffNames:
    """What staff named at a place: languages, and whether its reading. name_time: the last time."""

    name_time: datetime
    locales: frozenset[str]
    kana: bool


@dataclass(frozen=True)
class NamesKept:
    """A place of a file whose names staff gave and which keeps them. index: in it, from 0."""

    index: int
    place_id: str
    name_time: datetime
    names: Mapping[str, str]
    kana: str


@dataclass(frozen=True)
class Closure:
    """A time during which a place and everything below it is shut. Times aware, UTC."""

    closure_id: str
    place_id: str
    reason: str
    note: str
    from_time: datetime
    until_time: datetime | None
    reopened_time: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True)
class PlaceRecorded(Event):
    """A place was recorded or changed."""

    place: Place


@dataclass(frozen=True, kw_only=True)
class PlaceClosed(Event):
    """A place is shut, with the places below it."""

    closure: Closure
    affected_place_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlaceReopened(Event):
    """A closure was ended."""

    closure: Closure
    affected_place_ids: tuple[str, ...]


def check_poi_places(places: Sequence[Place]) -> None:
    """Checks new places of POIs: a published point or none. Errors: InvalidFields."""
    if not 0 < len(places) <= MAX_POI_PLACES:
        raise InvalidFields([("places", f"give 1 to {MAX_POI_PLACES} places")])
    known = (CoordinateQuality.NONE, CoordinateQuality.SOURCE)
    bad = [
        (f"places[{index}]", "its point is neither published nor unknown")
        for index, place in enumerate(places)
        if place.coordinate_quality not in known
    ]
    if bad:
        raise InvalidFields(bad[:20])
    check_places(places, frozenset())


def check_places(places: Sequence[Place], known_ids: frozenset[str]) -> None:
    """Checks a batch; a parent may be known already or come in the same batch.

    Errors: InvalidFields naming every place that cannot be used, at most 20.
    """
    if not 0 < len(places) <= MAX_PLACES:
        raise InvalidFields([("places", f"give 1 to {MAX_PLACES} places")])
    ids = known_ids | {place.place_id for place in places}
    bad = [
        (f"places[{index}]", sentence)
        for index, place in enumerate(places)
        if (sentence := _fault(place, ids))
    ]
    if bad:
        raise InvalidFields(bad[:20])


def renamed(place: Place, names: Mapping[str, str], kana: str | None) -> Place:
    """Returns the place of a stop or POI with new names beside those it keeps. Errors:
    InvalidFields."""
    if place.kind not in (PlaceKind.STOP, PlaceKind.POI):
        raise InvalidFields([("place_id", "it is more than a stop: its name is not the stop's")])
    told = {locale: name.strip() for locale, name in names.items()}
    if not told or not all(told.values()):
        raise InvalidFields([("names", "give at least one, and none that is empty")])
    reading = place.kana if kana is None else kana.strip()
    return replace(place, names={**place.names, **told}, kana=reading)


def keep_staff_names(place: Place, before: Place, named: StaffNames) -> Place:
    """Returns a place of a file with the names that staff gave it since, and all else as the file
    says."""
    kept = {tag: name for tag, name in before.names.items() if tag in named.locales}
    kana = before.kana if named.kana else place.kana
    return replace(place, names={**place.names, **kept}, kana=kana)


def pinned(
    places: Mapping[str, Place], place_id: str, latitude: float, longitude: float,
    quality: CoordinateQuality, error_m: int,
) -> list[Place]:  # fmt: skip
    """Returns a place where it is said to be, and after it those below that took over its point.

    quality: SOURCE for a published point, ESTIMATE with its possible error. Errors: InvalidFields.
    """
    bad: list[tuple[str, str]] = []
    if not (isfinite(latitude) and isfinite(longitude)):
        bad.append(("latitude", "it is no number"))
    if quality not in (CoordinateQuality.SOURCE, CoordinateQuality.ESTIMATE):
        bad.append(("coordinate_quality", "use SOURCE or ESTIMATE"))
    least = 1 if quality is CoordinateQuality.ESTIMATE else 0
    if not least <= error_m <= MAX_PIN_ERROR_M * least:
        bad.append(("error_m", f"1 to {MAX_PIN_ERROR_M} for an estimate, else 0"))
    if bad:
        raise InvalidFields(bad)
    at = replace(places[place_id], latitude=latitude, longitude=longitude)
    found = [replace(at, coordinate_quality=quality, error_m=error_m)]
    parents = {place_id}
    for _ in range(4):  # ids have at most three levels
        taken = [
            each for each in places.values()
            if each.parent_place_id in parents
            and each.coordinate_quality is CoordinateQuality.SAME_AS_PARENT
        ]  # fmt: skip
        parents = {each.place_id for each in taken}
        found += [
            replace(each, latitude=latitude, longitude=longitude, error_m=error_m) for each in taken
        ]
    return found


def _fault(place: Place, ids: frozenset[str]) -> str:
    if not PLACE_ID.fullmatch(place.place_id):
        return f"{place.place_id[:80]!r} is no place id"
    if place.parent_place_id and place.parent_place_id not in ids:
        return f"its parent {place.parent_place_id!r} is not known"
    if place.parent_place_id == place.place_id:
        return "it cannot be its own parent"
    located = place.coordinate_quality is not CoordinateQuality.NONE
    if located and not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
        return "its coordinate is not on earth"
    return _name_fault(place)


def _name_fault(place: Place) -> str:
    if not place.names.get("ja", "").strip():
        return "it needs a name in Japanese"
    if not are_short(place.names) or len(place.kana) > 200:
        return "its names are too long: use at most 40 languages and 200 characters each"
    return ""


def check_closure(reason: str, note: str, from_time: datetime, until_time: datetime | None) -> None:
    """Errors: InvalidFields."""
    bad: list[tuple[str, str]] = []
    if reason not in REASONS:
        bad.append(("reason", f"use one of {', '.join(sorted(REASONS))}"))
    if len(note) > MAX_NOTE:
        bad.append(("note", f"use at most {MAX_NOTE} characters"))
    if until_time is not None and until_time <= from_time:
        bad.append(("until_time", "it must be later than the beginning"))
    if bad:
        raise InvalidFields(bad)


def below(place_id: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Returns a place and every place below it, sorted. parents: place id to parent id or ""."""
    found = {place_id}
    for _ in range(4):  # ids have at most three levels, so four rounds reach everything
        found |= {child for child, parent in parents.items() if parent in found}
    return tuple(sorted(found))
