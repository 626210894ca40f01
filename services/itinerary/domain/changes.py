"""What became of a kept day: the difference of two plans, in the words of the page."""

from dataclasses import replace

from services.itinerary.domain.plan import (
    ChangeCause,
    DayPlan,
    Effect,
    LatestChange,
    NamedPoi,
    PlannedVisit,
    RideEffect,
)


def noted(
    before: DayPlan,
    after: DayPlan,
    cause: ChangeCause,
    closures: tuple[Effect, ...] = (),
    rides: tuple[RideEffect, ...] = (),
    late_minutes: int = 0,
) -> DayPlan:
    """Returns the later plan with a note of what is new, gone or moved in it."""
    old = {visit.poi_id: visit for visit in before.visits}
    new = {visit.poi_id: visit for visit in after.visits}
    change = LatestChange(
        cause=cause,
        added=tuple(_named(visit) for poi_id, visit in new.items() if poi_id not in old),
        dropped=tuple(_named(visit) for poi_id, visit in old.items() if poi_id not in new),
        moved=tuple(
            _named(visit) for poi_id, visit in new.items()
            if poi_id in old and old[poi_id].start_minute != visit.start_minute
        ),
        closures=closures,
        rides=rides,
        late_minutes=late_minutes,
    )  # fmt: skip
    return replace(after, latest_change=change)


def _named(visit: PlannedVisit) -> NamedPoi:
    return NamedPoi(visit.poi_id, visit.names)
