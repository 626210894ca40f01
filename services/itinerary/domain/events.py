"""What this service says happened."""

from dataclasses import dataclass

from kit.pure.event import Event
from services.itinerary.domain.kept_poi import PoiState
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.spot import SpotSettings
from services.itinerary.domain.transit.kept import Facts, TimetableKind


@dataclass(frozen=True, kw_only=True)
class PoiPublished(Event):
    """A POI that visitors see was recorded or changed, or is retired. Aggregate: the POI."""

    poi: Poi
    state: PoiState = PoiState.LISTED


@dataclass(frozen=True, kw_only=True)
class ItineraryPlanned(Event):
    """A day was planned. Aggregate: the itinerary. sojourn_id: "" for a day by itself."""

    plan: DayPlan
    sojourn_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ItineraryRepaired(Event):
    """A kept day was planned again around closures or rides. Aggregate: the itinerary."""

    closure_ids: tuple[str, ...]
    timetable_ids: tuple[str, ...]
    added_poi_ids: tuple[str, ...]
    dropped_poi_ids: tuple[str, ...]
    plan: DayPlan


@dataclass(frozen=True, kw_only=True)
class ItineraryChanged(Event):
    """Wishes of a kept day were changed, or a change was taken back. Aggregate: the itinerary."""

    plan: DayPlan


@dataclass(frozen=True, kw_only=True)
class TimetableChanged(Event):
    """A line or feed was recorded, changed or deleted. Aggregate: the timetable. facts: None where
    it was deleted. riding: how many kept days of that date and later ride it."""

    kind: TimetableKind
    facts: Facts | None
    riding: int


@dataclass(frozen=True, kw_only=True)
class RunsDelayed(Event):
    """An operator tells something else of its runs as they go than before. Said only where kept
    days of today ride them. Aggregate: what is told of one feed; version: milliseconds.

    runs: of which anything is told. stale: nothing has been told for too long to be used. riding:
    kept days of today that ride the feed.
    """

    timetable_id: str
    runs: int
    canceled: int
    alerts: int
    stale: bool
    riding: int


@dataclass(frozen=True, kw_only=True)
class WaysChanged(Event):
    """Known walks or taxis of the area changed. Aggregate: always "ways"."""

    walk_count: int
    taxi_count: int


@dataclass(frozen=True, kw_only=True)
class SpotSettingsChanged(Event):
    """How the area steers visitors to or around a POI was changed. Aggregate: the POI."""

    settings: SpotSettings
