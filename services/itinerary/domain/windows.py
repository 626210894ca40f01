"""From an opening calendar to the minutes at which a visit may begin on one day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from services.itinerary.domain.calendar import Span, without
from services.itinerary.domain.place import Closure
from services.itinerary.domain.poi import LAST_ENTRY, Category, Poi, parse_opening
from services.itinerary.domain.why import WhyOut

# Nobody would say that fireworks are closed.
CLOSED_WHY = {Category.OCCASION: WhyOut.NOT_HELD_THAT_DAY}
NOT_THAT_DAY = frozenset({WhyOut.CLOSED_THAT_DAY, *CLOSED_WHY.values()})


@dataclass(frozen=True)
class OpenSpan:
    """Open minutes of a day with the latest entry, all from local midnight."""

    open_minute: int
    close_minute: int
    last_entry_minute: int


@dataclass(frozen=True)
class DayAccess:
    """When a POI can be visited on one day.

    spans: opening minutes left after closures. windows: earliest and latest start of a visit of the
    stay asked for, in order. why: why there is none. closures: those that touch the day.
    """

    spans: tuple[OpenSpan, ...]
    windows: tuple[tuple[int, int], ...]
    why: WhyOut | None
    closures: tuple[Closure, ...]

    @property
    def closure_reason(self) -> str:
        """Reason code of the first closure that touches the day, "" for none."""
        return self.closures[0].reason if self.closures else ""


def day_access(
    poi: Poi, day: date, stay_minutes: int, closures: Sequence[Closure], zone: str
) -> DayAccess:
    """Returns when a visit of stay_minutes may begin on a day. zone: IANA name of the area."""
    if not poi.opening:
        return DayAccess((), (), WhyOut.HOURS_UNKNOWN, ())
    regular = _regular(poi.opening, day)
    touching = tuple(
        closure
        for closure in closures
        if closure.hits(poi.poi_id, poi.place_id) and _cuts(closure, regular, day, zone)
    )
    holes = tuple(closure.span(day, zone) for closure in touching)
    spans = []
    for span in regular:
        last = _last_entry(poi.last_entry, span)
        spans += [
            OpenSpan(left.open_minute, left.close_minute, min(last, left.close_minute))
            for left in without((span,), holes)
            if left.open_minute <= last
        ]
    windows = tuple(
        (span.open_minute, min(span.last_entry_minute, span.close_minute - stay_minutes))
        for span in spans
        if span.open_minute <= min(span.last_entry_minute, span.close_minute - stay_minutes)
    )
    why = None
    if not windows:
        why = _why_none(poi, bool(regular), bool(touching))
    return DayAccess(tuple(spans), windows, why, touching)


@lru_cache(maxsize=8192)
def _regular(opening: str, day: date) -> Sequence[Span]:
    """Returns when one of these hours is open on a day; many ask for the days to come."""
    return parse_opening(opening).on(day).spans


def _why_none(poi: Poi, regular: bool, touching: bool) -> WhyOut:  # noqa: FBT001 - facts, one table
    if not regular:
        return CLOSED_WHY.get(poi.category, WhyOut.CLOSED_THAT_DAY)
    return WhyOut.CLOSURE if touching else WhyOut.CLOSED_AT_THAT_TIME


def _last_entry(text: str, span: Span) -> int:
    found = LAST_ENTRY.fullmatch(text)
    if not found:
        return span.close_minute
    if found[3]:
        return span.close_minute - int(found[3])
    return int(found[1]) * 60 + int(found[2])


def _cuts(closure: Closure, regular: Sequence[Span], day: date, zone: str) -> bool:
    hole = closure.span(day, zone)
    return any(
        hole.open_minute < span.close_minute and span.open_minute < hole.close_minute
        for span in regular
    )


def pinned(access: DayAccess, minute: int) -> DayAccess:
    """Returns when a visit may begin that has to begin at a minute: then, or never."""
    open_then = any(earliest <= minute <= latest for earliest, latest in access.windows)
    if open_then:
        return replace(access, windows=((minute, minute),))
    return replace(access, windows=(), why=WhyOut.CLOSED_AT_THAT_TIME)
