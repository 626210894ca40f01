"""How high places lie: what the staff has recorded of POIs, given to the points of their places."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.itinerary.domain.place import KnownPoint, Place
from services.itinerary.domain.poi import Poi


def with_heights(places: Mapping[str, Place], pois: Iterable[Poi]) -> Mapping[str, Place]:
    """Returns places whose points know their height as far as a POI there has one. Of several POIs
    at a place the one named like it counts, else the first by id."""
    known = sorted(
        (poi for poi in pois if poi.elevation_m is not None),
        key=lambda poi: (poi.poi_id != poi.place_id, poi.poi_id),
    )
    heights: dict[str, int | None] = {}
    for poi in known:
        heights.setdefault(poi.place_id, poi.elevation_m)
    if not heights:
        return places
    return {
        place_id: replace(place, location=replace(place.location, height_m=heights[place_id]))
        if place_id in heights and place.location
        else place
        for place_id, place in places.items()
    }


def climb_m(one: KnownPoint | None, other: KnownPoint | None) -> int | None:
    """Returns how much higher the other point lies, negative for lower; None where not known."""
    if one is None or other is None or one.height_m is None or other.height_m is None:
        return None
    return other.height_m - one.height_m
